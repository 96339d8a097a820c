import { readingFile, type FileReport, type ReadingReport } from "./artifacts/reading";
import { writeUtterances } from "./artifacts/utterances";
import { counted } from "./messages/printable";
import { inboxOf } from "./reading/inbox";
import type { SourceFile } from "./reading/source-file";
import { readTable } from "./reading/table";
import type { Stage, StageMain } from "./stage/stage";
import { UtteranceCollection } from "./utterances/collection";

/**
 * The first stage: reads the files of missed utterances in `input/data`. It writes each distinct utterance
 * once to `output/utterances/utterances.jsonl`, with the reason if no bot can take it, and what it read to
 * `output/report/preprocess.json`.
 */
export const preprocess: StageMain = async (stage) => {
  const { files, ignored } = await inboxOf(stage);
  if (files.length === 0) {
    stage.say("Nobody has dropped a file of missed utterances.");
  }
  const collection = new UtteranceCollection();
  const filesRead: FileReport[] = [];
  for (const file of files) {
    filesRead.push(await collect(file, collection, stage));
  }

  await writeUtterances(stage, collection.utterances());
  const report = reportOf(filesRead, ignored, collection);
  readingFile.write(stage, report);
  for (const line of summaryOf(report)) {
    stage.say(line);
  }
};

const progressEvery = 500_000;

async function collect(file: SourceFile, collection: UtteranceCollection, stage: Stage): Promise<FileReport> {
  const { rows, ...table } = await readTable(file);
  let count = 0;
  for await (const row of rows) {
    collection.add(row, file.name);
    if (++count % progressEvery === 0) {
      stage.say(`${file.name}: ${counted(count, "row")} so far`);
    }
  }
  stage.say(`${file.name}: ${counted(count, "row")}, ${table.encoding}`);
  return { file: file.name, ...table, rows: count };
}

function reportOf(
  files: readonly FileReport[],
  ignored: readonly string[],
  collection: UtteranceCollection,
): ReadingReport {
  const rejected: ReadingReport["rejected"] = {};
  let unlabelled = 0;
  for (const { rejection, labels } of collection.utterances()) {
    if (rejection) {
      rejected[rejection] = (rejected[rejection] ?? 0) + 1;
    } else if (labels.length === 0) {
      unlabelled++;
    }
  }
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  return { files, ignored, rows, utterances: collection.size, rejected, unlabelled };
}

function summaryOf({ ignored, rows, utterances, rejected, unlabelled }: ReadingReport): string[] {
  const unusable = Object.values(rejected).reduce((sum, count) => sum + count, 0);
  const shown = ignored.slice(0, 20).join(", ");
  const hidden = ignored.length > 20 ? ` and ${ignored.length - 20} more` : "";
  return [
    ...(ignored.length > 0 ? [`Not read: ${shown}${hidden}`] : []),
    `${counted(utterances, "distinct utterance")} in ${counted(rows, "row")}: ` +
      `${unusable.toLocaleString("en")} cannot be used, ${unlabelled.toLocaleString("en")} without an intent.`,
  ];
}
