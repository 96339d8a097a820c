import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { z } from "zod";
import { shortened } from "../messages/printable";
import type { Stage } from "../stage/stage";
import type { SourceFile } from "./source-file";

/** The files of a processing input. */
export interface InputFiles {
  /** Sorted by path. */
  readonly all: readonly SourceFile[];
  /**
   * The file that the input's S3 URI names, if it names one. SageMaker also downloads every other key with
   * the same beginning, such as `misses.csv.bak` along with `misses.csv`.
   */
  readonly named: SourceFile | undefined;
}

/** Finds the files of a processing input. There are none when the pipeline does not have this input. */
export async function inputFiles(stage: Stage, inputName: string): Promise<InputFiles> {
  const folder = stage.input(inputName);
  const all = await filesBelow(folder);
  const object = await objectName(stage.jobConfigFile, inputName);
  return { all, named: all.find((file) => relative(folder, file.path) === object) };
}

async function filesBelow(folder: string): Promise<SourceFile[]> {
  if (!existsSync(folder)) {
    return [];
  }
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path, name: shortened(relative(folder, path).split(sep).join("/")) }));
}

const jobConfigSchema = z.object({
  ProcessingInputs: z.array(
    z.object({ InputName: z.string(), S3Input: z.object({ S3Uri: z.string() }).optional() }),
  ),
});

/**
 * The last part of the key that the input comes from. It is empty when the key is a folder, which ends with
 * "/".
 */
async function objectName(jobConfigFile: string, inputName: string): Promise<string | undefined> {
  if (!existsSync(jobConfigFile)) {
    return undefined;
  }
  const jobConfig = jobConfigSchema.parse(JSON.parse(await readFile(jobConfigFile, "utf8")));
  const input = jobConfig.ProcessingInputs.find(({ InputName }) => InputName === inputName);
  return input?.S3Input?.S3Uri.split("/").pop();
}
