import { Command } from "commander";
import { addErase } from "./erase";
import { addRestore } from "./restore";
import { addRun } from "./run";
import { runProgram } from "./run-program";
import { addServe } from "./serve";
import { addStage } from "./stage";

export const program = new Command("retrain")
  .description("Retrains an Amazon Lex V2 bot from the utterances that it missed.")
  .exitOverride()
  .showSuggestionAfterError();

for (const addCommand of [addRun, addServe, addStage, addRestore, addErase]) {
  addCommand(program);
}

// The SDK warns of Node 20's age, which is not news to a person who retrains a bot.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";

if (require.main === module) {
  // What people said to the bot is for the owner of the files alone.
  process.umask(0o077);
  void runProgram(program);
}
