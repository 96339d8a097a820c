import { CommanderError, type Command } from "commander";
import { isSystemError, sentenceOf } from "../local/system-error";
import { exitCodeOf, exitCodes, messageOf, UserError } from "../scripts/messages/user-error";
import { Interrupted } from "./interruption";
import { refuseLostOptions } from "./lost-options";
import { complain, watchOutput } from "./output";

/**
 * Runs the command that the process was called with, and ends with its exit code and, on a failure, one
 * sentence.
 */
export async function runProgram(program: Command): Promise<void> {
  watchOutput();
  try {
    refuseLostOptions(program, process.env);
    await program.parseAsync();
  } catch (error) {
    const { sentences, code } = endingOf(error);
    sentences.forEach(complain);
    process.exitCode = code;
  }
}

/** What a command that threw says last, and its exit code. */
export function endingOf(error: unknown): { readonly sentences: readonly string[]; readonly code: number } {
  // Commander has printed its own sentence, or the help that was asked for.
  if (error instanceof CommanderError) {
    return { sentences: [], code: error.exitCode === 0 ? exitCodes.success : exitCodes.usage };
  }
  if (error instanceof UserError) {
    const code = error instanceof Interrupted ? error.exitCode : exitCodeOf(error);
    return { sentences: [error.inFull], code };
  }
  if (isSystemError(error)) {
    return { sentences: [sentenceOf(error)], code: exitCodes.failure };
  }
  const stack = error instanceof Error && error.stack !== undefined ? [error.stack] : [];
  return { sentences: [`Unexpected failure: ${withCauses(error)}`, ...stack], code: exitCodes.failure };
}

/** The message with those of its causes: "fetch failed" alone does not say why. */
function withCauses(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${withCauses(cause)}`;
}
