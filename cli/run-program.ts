import { CommanderError, type Command } from "commander";
import { exitCodeOf, exitCodes, UserError } from "../scripts/messages/user-error";

/**
 * Runs the command that the process was called with, and ends with its exit code and, on a failure, one
 * sentence.
 */
export async function runProgram(program: Command): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    // Commander has printed its own sentence, or the help that was asked for.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
    } else if (error instanceof UserError) {
      process.stderr.write(`${error.inFull}\n`);
      process.exitCode = exitCodeOf(error);
    } else {
      throw error;
    }
  }
}
