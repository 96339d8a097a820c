import { UserError } from "../messages/user-error";
import type { Stage } from "../stage/stage";
import { inputFiles } from "./input-files";
import type { SourceFile } from "./source-file";

const endings = [".csv", ".tsv", ".txt", ".jsonl"];

/** The files of input `data` that are read, and the names of those that are ignored, each sorted by path. */
export interface Inbox {
  readonly files: readonly SourceFile[];
  readonly ignored: readonly string[];
}

/**
 * Finds the files of misses: those with the ending of one or, where the job's input is one object, that object alone, whatever its ending.
 * Throws a UserError if there is none.
 */
export async function inboxOf(stage: Stage): Promise<Inbox> {
  const { all, named } = await inputFiles(stage, "data");
  const files = named ? [named] : all.filter((file) => isMisses(file.name));
  if (files.length === 0) {
    throw new UserError(
      `There is no file of missed utterances to read: none of the ${all.length} files of the input ends in ${endings.join(", ")} or one of these and .gz.`,
    );
  }
  return { files, ignored: all.filter((file) => !files.includes(file)).map((file) => file.name) };
}

function isMisses(name: string): boolean {
  const unzipped = name.toLowerCase().replace(/\.gz$/, "");
  return endings.some((ending) => unzipped.endsWith(ending));
}
