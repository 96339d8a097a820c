import { statSync } from "node:fs";
import type { Command } from "commander";
import { backupArchive } from "../scripts/artifacts/archives";
import { counted, printable } from "../scripts/messages/printable";
import { messageOf, UsageError, UserError } from "../scripts/messages/user-error";
import { readTable } from "../scripts/reading/table";
import { Eraser, isLegible } from "./erasure";
import { answersYes } from "./restore";
import { filesBelow, objectsUnder, type StoredFile } from "./stored-files";

export function addErase(program: Command): void {
  program
    .command("erase")
    .description(
      "Take an utterance out of the files of runs, and out of a bucket. Shows what holds it, and asks.",
    )
    .option("--utterance <text>", "the utterance to erase")
    .option("--list <csv>", "a CSV of the utterances to erase, instead of one")
    .option("--runs <folder>", "where the runs' files are kept", "runs")
    .option("--bucket <uri>", "also this bucket, such as s3://bucket; older versions of its objects too")
    .option("--yes", "do not ask")
    .action(erase);
}

interface EraseOptions {
  utterance?: string;
  list?: string;
  runs: string;
  bucket?: string;
  yes?: true;
}

async function erase(options: EraseOptions): Promise<void> {
  const eraser = await eraserOf(options);
  const hasRuns = statSync(options.runs, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!hasRuns && options.bucket === undefined) {
    throw new UsageError(`${options.runs} is not a folder: name the one that keeps the runs with --runs.`);
  }
  const say = (line: string) => {
    process.stdout.write(`${line.split("\n").map(printable).join("\n")}\n`);
  };
  if (!hasRuns) {
    say(`${options.runs} is not a folder on this machine, so only the bucket is looked into.`);
  }
  await eraseFrom({
    eraser,
    files: [
      ...(hasRuns ? filesBelow(options.runs) : []),
      ...(options.bucket === undefined ? [] : await objectsUnder(options.bucket)),
    ],
    say,
    confirm: async (text) => {
      say(text);
      return options.yes ?? (await answersYes("Go on? (yes/no) ", process.stdin, process.stdout));
    },
  });
}

/** @throws UsageError when the options do not say which utterances */
async function eraserOf({ utterance, list }: Pick<EraseOptions, "utterance" | "list">): Promise<Eraser> {
  if ((utterance === undefined) === (list === undefined)) {
    throw new UsageError("Name either one --utterance, or a CSV of them with --list.");
  }
  const eraser = new Eraser(utterance === undefined ? await utterancesIn(list ?? "") : [utterance]);
  if (eraser.size === 0) {
    throw new UsageError("There is no utterance to erase: it is empty.");
  }
  return eraser;
}

async function utterancesIn(path: string): Promise<string[]> {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError(`${path} is not a file: name a CSV of utterances with --list.`);
  }
  const utterances: string[] = [];
  try {
    for await (const row of (await readTable({ path, name: path })).rows) {
      utterances.push(row.utterance);
    }
  } catch (error) {
    throw error instanceof UserError ? new UsageError(error.message, { cause: error }) : error;
  }
  return utterances;
}

export interface Erasing {
  readonly eraser: Eraser;
  readonly files: readonly StoredFile[];
  /** Asked with what will change, before anything does. */
  readonly confirm: (text: string) => Promise<boolean>;
  readonly say: (line: string) => void;
}

interface Found {
  readonly file: StoredFile;
  readonly intents: readonly string[];
}

/**
 * Erases utterances from files, and says what else may hold them. The second time it finds nothing.
 *
 * @throws UserError when a file could not be looked into or changed; the others are erased all the same
 */
export async function eraseFrom({ eraser, files, confirm, say }: Erasing): Promise<void> {
  const problems: string[] = [];
  const found: Found[] = [];
  const legible = files.filter(({ path }) => isLegible(path));
  for (const file of legible) {
    try {
      const erasure = await eraser.erase(file.path, await file.read());
      if (erasure) {
        found.push({ file, intents: erasure.intents });
      }
    } catch (error) {
      problems.push(`${file.name}: ${messageOf(error)}`);
    }
  }
  if (found.length === 0) {
    say(`None of ${counted(legible.length, "file")} holds it.`);
  } else if (await confirm(planOf(found))) {
    for (const { file } of found) {
      await eraseIn(file, eraser).catch((error: unknown) => {
        problems.push(`${file.name}: ${messageOf(error)}`);
      });
    }
    say("Done.");
  } else {
    say("Nothing was changed.");
  }
  say(
    elsewhere(
      new Set(found.flatMap(({ intents }) => intents)),
      files.filter((file) => !legible.includes(file)),
    ),
  );
  if (problems.length > 0) {
    throw new UserError(
      ["Not looked into or not changed, so these may still hold it:", ...problems].join("\n"),
    );
  }
}

/** Reads the file once more: while a person thinks, a run may write it. */
async function eraseIn(file: StoredFile, eraser: Eraser): Promise<void> {
  const erasure = await eraser.erase(file.path, await file.read());
  if (erasure) {
    await file.replace(erasure.content);
  }
}

function planOf(found: readonly Found[]): string {
  const [current, old] = [found.filter(({ file }) => !file.isOld), found.filter(({ file }) => file.isOld)];
  const backups = current.filter(({ file }) => isBackup(file));
  return [
    ...section("It is taken out of:", current),
    ...section("These older versions are deleted:", old),
    ...section("Backups are among them. Whoever restores one gets the bot without it:", backups),
  ].join("\n");
}

function section(title: string, found: readonly Found[]): string[] {
  return found.length === 0 ? [] : [title, ...found.map(({ file }) => `  ${file.name}`)];
}

function isBackup({ path }: StoredFile): boolean {
  return path.replaceAll("\\", "/").endsWith(backupArchive.fileName);
}

function elsewhere(intents: ReadonlySet<string>, [unknown, ...others]: readonly StoredFile[]): string {
  const named =
    intents.size === 0 ? "its intents" : `${[...intents].join(", ")}, which had it in the files of a run`;
  return [
    "What this command cannot reach, and may hold it too:",
    `  the bot's DRAFT: look at ${named}, in the Lex console; then build`,
    "  the bot's versions: they cannot be changed. Publish a new one and delete those that held it",
    "  the conversation logs and the utterance statistics of Lex",
    "  logs of jobs and e-mails of alerts from before messages named lines instead of phrases",
    "  other copies: files of misses, the golden set, other machines",
    ...(unknown
      ? [`  ${counted(1 + others.length, "file")} of a kind that is not read, such as ${unknown.name}`]
      : []),
  ].join("\n");
}
