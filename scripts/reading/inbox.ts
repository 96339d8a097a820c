import { inboxNote } from "../../pipeline/inbox-note";
import { UserError } from "../messages/user-error";
import type { Stage } from "../stage/stage";
import { inputFiles } from "./input-files";
import type { SourceFile } from "./source-file";

const endings = [".csv", ".tsv", ".txt", ".jsonl"];

/** The files of input `data` to read, and the names of the ignored ones. Both are sorted by path. */
export interface Inbox {
  readonly files: readonly SourceFile[];
  readonly ignored: readonly string[];
}

/**
 * Finds the files of misses by their endings. When the job's input names one object, only that object counts,
 * with any ending. There is none when only the stack's own note is there: nobody has dropped anything.
 *
 * @throws UserError when there are files, and none of misses
 */
export async function inboxOf(stage: Stage): Promise<Inbox> {
  const { all: found, named } = await inputFiles(stage, "data");
  const all = found.filter(({ name }) => name !== inboxNote.name);
  const nobodyDroppedAny = all.length === 0 && found.length > 0;
  const files = named ? [named] : all.filter((file) => isMisses(file.name));
  if (files.length === 0 && !nobodyDroppedAny) {
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
