import { Command, CommanderError } from "commander";
import { exitCodeOf, exitCodes, UserError } from "../scripts/messages/user-error";
import { addRestore } from "./restore";
import { addRun } from "./run";
import { addServe } from "./serve";
import { addStage } from "./stage";

const program = new Command("retrain")
  .description("Retrains an Amazon Lex V2 bot from the utterances that it missed.")
  .exitOverride()
  .showSuggestionAfterError();

for (const addCommand of [addRun, addServe, addStage, addRestore]) {
  addCommand(program);
}

async function main(): Promise<void> {
  // The SDK warns of Node 20's age, which is not news to a person who retrains a bot.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  try {
    await program.parseAsync();
  } catch (error) {
    // Commander has printed its own sentence, or the help that was asked for.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
    } else if (error instanceof UserError) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = exitCodeOf(error);
    } else {
      throw error;
    }
  }
}

void main();
