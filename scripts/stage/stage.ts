import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { processingRoot } from "../../pipeline/stages";
import { printable } from "../messages/printable";
import { exitCodes, UserError } from "../messages/user-error";

/** The parts of its container that a stage uses. */
export interface Stage {
  /** The folder of a processing input. */
  readonly input: (name: string) => string;
  /** The folder of a processing output. Creates it if it does not exist. */
  readonly output: (name: string) => string;
  /** The job's request as SageMaker resolved it (`processingjobconfig.json`). The file may be missing. */
  readonly jobConfigFile: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Prints a line of progress. */
  readonly say: (line: string) => void;
  /** Waits, but not longer than until the signal `end`. */
  readonly sleep: (milliseconds: number, end?: AbortSignal) => Promise<void>;
}

export type StageMain = (stage: Stage) => Promise<void>;

/** SageMaker shows the first 1,024 bytes of this file as the job's exit message. */
const exitMessageBytes = 1_024;

/**
 * The stage whose folders are in `PROCESSING_ROOT`. On AWS that is `/opt/ml/processing`, and the job's
 * configuration and exit message are in other folders of `/opt/ml`. Any other root also holds these two
 * files.
 */
export function stageIn(environment: Stage["environment"]): Stage & { readonly exitMessageFile: string } {
  const root = environment["PROCESSING_ROOT"] ?? processingRoot;
  const isCustom = root !== processingRoot;
  return {
    input: (name) => join(root, "input", name),
    output: (name) => {
      const folder = join(root, "output", name);
      mkdirSync(folder, { recursive: true });
      return folder;
    },
    jobConfigFile: isCustom
      ? join(root, "processingjobconfig.json")
      : "/opt/ml/config/processingjobconfig.json",
    exitMessageFile: isCustom ? join(root, "message") : "/opt/ml/output/message",
    environment,
    say: (line) => {
      process.stdout.write(`${line}\n`);
    },
    sleep: (milliseconds, end) =>
      setTimeout(milliseconds, undefined, end && { signal: end }).catch(() => undefined),
  };
}

/**
 * Runs a stage as a process. A failure exits with 1 and one line for people in the log and the exit message
 * file.
 */
export async function runStage(main: StageMain): Promise<void> {
  const stage = stageIn(process.env);
  try {
    await main(stage);
  } catch (error) {
    const message = exitMessage(error);
    process.stderr.write(`${message}\n`);
    if (!(error instanceof UserError) && error instanceof Error) {
      process.stderr.write(`${error.stack ?? ""}\n`);
    }
    mkdirSync(dirname(stage.exitMessageFile), { recursive: true });
    writeFileSync(stage.exitMessageFile, message);
    process.exitCode = exitCodes.failure;
  }
}

/** One line of valid UTF-8 that fits SageMaker's exit message. */
export function exitMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const sentence = error instanceof UserError ? message : `Unexpected failure: ${message}`;
  const line = printable(sentence.replace(/\s+/g, " ").trim());
  const bytes = Buffer.from(line).subarray(0, exitMessageBytes);
  // Half a character at the limit would be invalid UTF-8, and the job would fail for that reason instead.
  return bytes.toString().replace(/\uFFFD$/u, "");
}
