import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Rejection, Utterance } from "./artifacts/utterance";
import { counted } from "./messages/printable";
import { inboxOf } from "./reading/inbox";
import type { Table } from "./reading/row";
import type { SourceFile } from "./reading/source-file";
import { readTable } from "./reading/table";
import { runStage, type Stage, type StageMain } from "./stage/stage";
import { UtteranceCollection } from "./utterances/collection";

/**
 * The first stage: reads the files of missed utterances in `input/data` and writes each distinct utterance once, those that no bot can
 * take along with the reason, to `output/utterances/utterances.jsonl`, and what was read to `output/report/preprocess.json`.
 */
export const preprocess: StageMain = async (stage) => {
  const { files, ignored } = await inboxOf(stage);
  const collection = new UtteranceCollection();
  const filesRead: FileReport[] = [];
  for (const file of files) {
    filesRead.push(await collect(file, collection, stage));
  }

  await writeUtterances(collection, join(stage.output("utterances"), "utterances.jsonl"));
  const report = reportOf(filesRead, ignored, collection);
  await writeFile(join(stage.output("report"), "preprocess.json"), JSON.stringify(report, null, 2));
  for (const line of summaryOf(report)) {
    stage.say(line);
  }
};

/** What `preprocess.json` holds. */
export interface PreprocessReport {
  readonly files: readonly FileReport[];
  /** Files of the input that are no misses, by their names. */
  readonly ignored: readonly string[];
  readonly rows: number;
  /** Distinct utterances. */
  readonly utterances: number;
  /** Those of them that no bot can take, by the reason. */
  readonly rejected: Partial<Record<Rejection, number>>;
  /** Those of the others for which no row names an intent. */
  readonly unlabelled: number;
}

interface FileReport extends Omit<Table, "rows"> {
  readonly file: string;
  readonly rows: number;
}

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

async function writeUtterances(collection: UtteranceCollection, path: string): Promise<void> {
  await pipeline(Readable.from(jsonLines(collection.utterances())), createWriteStream(path));
}

function* jsonLines(utterances: Iterable<Utterance>): Generator<string> {
  for (const utterance of utterances) {
    yield `${JSON.stringify(utterance)}\n`;
  }
}

function reportOf(
  files: readonly FileReport[],
  ignored: readonly string[],
  collection: UtteranceCollection,
): PreprocessReport {
  const rejected: Partial<Record<Rejection, number>> = {};
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

function summaryOf({ ignored, rows, utterances, rejected, unlabelled }: PreprocessReport): string[] {
  const unusable = Object.values(rejected).reduce((sum, count) => sum + count, 0);
  const shown = ignored.slice(0, 20).join(", ");
  const hidden = ignored.length > 20 ? ` and ${ignored.length - 20} more` : "";
  return [
    ...(ignored.length > 0 ? [`Not read: ${shown}${hidden}`] : []),
    `${counted(utterances, "distinct utterance")} in ${counted(rows, "row")}: ` +
      `${unusable.toLocaleString("en")} cannot be used, ${unlabelled.toLocaleString("en")} without an intent.`,
  ];
}

if (require.main === module) {
  void runStage(preprocess);
}
