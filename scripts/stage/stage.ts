import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { processingRoot } from "../../pipeline/stages";
import { fitting } from "../messages/fitting";
import { printable } from "../messages/printable";
import { exitCodes, UserError } from "../messages/user-error";

/** The parts of its container that a stage uses. */
export interface Stage {
  /** The folder of a processing input. */
  readonly input: (name: string) => string;
  /** The folder of a processing output. Creates it if it does not exist. */
  readonly output: (name: string) => string;
  /** The folder of an earlier stage's output, whether it ran in this container or in another. */
  readonly handedOn: (name: string) => string;
  /** The job's request as SageMaker resolved it (`processingjobconfig.json`). The file may be missing. */
  readonly jobConfigFile: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Prints a line of progress. */
  readonly say: (line: string) => void;
  /** Waits, but not longer than until the signal `end`. */
  readonly sleep: (milliseconds: number, end?: AbortSignal) => Promise<void>;
  /**
   * Call this right before each request that changes the bot. The step of the stage makes sure that no other
   * execution took over the bot, and writes down what comes, so that it can be rolled back after a kill.
   */
  readonly announce: (change: Change) => Promise<void>;
}

/** What a stage is about to do to the bot. */
export type Change =
  /** It imports an archive, of which Lex may take none, all or part. */
  | { readonly kind: "import"; readonly importId: string }
  /** It builds what the import brought, which was compared. */
  | { readonly kind: "build" }
  /** It points the alias that people talk to to a new version. */
  | { readonly kind: "publish"; readonly botAliasId: string };

export type StageMain = (stage: Stage) => Promise<void>;

/** SageMaker shows the first 1,024 bytes of a file as the job's exit message. */
const exitMessageBytes = 1_024;

/**
 * The stage whose folders are in `PROCESSING_ROOT`. On AWS that is `/opt/ml/processing`, and the job's
 * configuration and exit message are in other folders of `/opt/ml`. Any other root also holds these two
 * files.
 */
export function stageIn(environment: Stage["environment"]): Stage & { readonly exitMessageFile: string } {
  const root = environment["PROCESSING_ROOT"] ?? processingRoot;
  const isCustom = root !== processingRoot;
  const input = (name: string) => join(root, "input", name);
  return {
    input,
    output: (name) => {
      const folder = join(root, "output", name);
      mkdirSync(folder, { recursive: true });
      return folder;
    },
    handedOn: (name) => {
      const own = join(root, "output", name);
      return existsSync(own) ? own : input(name);
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
    announce: () => Promise.resolve(),
  };
}

/**
 * Runs a stage or a step as a process. What it returns becomes the job's exit message. A failure exits with 1
 * and one line for people in the log and the exit message.
 */
export async function runAsProcess(main: (stage: Stage) => Promise<string | undefined>): Promise<void> {
  const { exitMessageFile, ...stage } = stageIn(process.env);
  const leave = (message: string) => {
    mkdirSync(dirname(exitMessageFile), { recursive: true });
    writeFileSync(exitMessageFile, message);
  };
  try {
    const message = await main(stage);
    if (message !== undefined) {
      leave(exitMessage(new UserError(message)));
    }
  } catch (error) {
    const message = exitMessage(error);
    process.stderr.write(`${message}\n`);
    if (!(error instanceof UserError) && error instanceof Error) {
      process.stderr.write(`${error.stack ?? ""}\n`);
    }
    process.exitCode = exitCodes.failure;
    leave(message);
  }
}

/** One line of valid UTF-8 that fits SageMaker's exit message. */
export function exitMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const sentence = error instanceof UserError ? message : `Unexpected failure: ${message}`;
  return exitMessageOf([sentence]);
}

/** The same of several parts, of which the last is never cut. It is what a person must know. */
export function exitMessageOf(parts: readonly string[]): string {
  return fitting(
    parts.map((part) => printable(part.replace(/\s+/g, " ").trim())),
    exitMessageBytes,
  );
}
