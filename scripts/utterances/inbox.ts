import { readFile, readdir } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { z } from "zod";
import type { Stage } from "../stage/stage";
import { UserError } from "../user-error";
import { printable } from "./printable";
import type { SourceFile } from "./source-file";

const inputName = "data";
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
  const folder = stage.input(inputName);
  const all = await filesBelow(folder);
  const object = await objectName(stage.jobConfigFile);
  const named = all.filter((file) => relative(folder, file.path) === object);
  const files = named.length > 0 ? named : all.filter((file) => isMisses(file.name));
  if (files.length === 0)
    throw new UserError(
      `There is no file of missed utterances to read: none of the ${all.length} files of the input ends in ${endings.join(", ")} or one of these and .gz.`,
    );
  return { files, ignored: all.filter((file) => !files.includes(file)).map((file) => file.name) };
}

function isMisses(name: string): boolean {
  const unzipped = name.toLowerCase().replace(/\.gz$/, "");
  return endings.some((ending) => unzipped.endsWith(ending));
}

async function filesBelow(folder: string): Promise<SourceFile[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path, name: printable(relative(folder, path).split(sep).join("/")) }));
}

const jobConfigSchema = z.object({
  ProcessingInputs: z.array(
    z.object({ InputName: z.string(), S3Input: z.object({ S3Uri: z.string() }).optional() }),
  ),
});

/**
 * The last part of the key that the input was downloaded from. Where an object is called so, it is the one that was meant: SageMaker
 * downloads every key that begins alike, `misses.csv.bak` along with `misses.csv`. Where none is, or after a "/", the key is a folder's.
 */
async function objectName(jobConfigFile: string): Promise<string | undefined> {
  if (!existsSync(jobConfigFile)) return undefined;
  const jobConfig = jobConfigSchema.parse(JSON.parse(await readFile(jobConfigFile, "utf8")));
  const input = jobConfig.ProcessingInputs.find(({ InputName }) => InputName === inputName);
  return input?.S3Input?.S3Uri.split("/").pop();
}
