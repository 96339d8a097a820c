import { existsSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { UsageError } from "../scripts/messages/user-error";
import { undoRun } from "./undo";

export function addRestore(program: Command): void {
  program
    .command("restore")
    .description(
      "Undo a run, in the Lex that the environment of the AWS SDK names. Shows what will change, and asks.",
    )
    .argument("<run>", "folder of the run's files, as under runs/; of a run on AWS, a copy of it")
    .option(
      "--alias",
      "point the alias back to the version that the run replaced, instead of putting the DRAFT back",
    )
    .option("--yes", "do not ask")
    .action(restore);
}

async function restore(run: string, options: { alias?: true; yes?: true }): Promise<void> {
  if (!existsSync(run)) {
    throw new UsageError(`${run} does not exist: name the folder of a run, as under runs/.`);
  }
  const say = (line: string) => {
    process.stdout.write(`${line}\n`);
  };
  await undoRun({
    runFolder: run,
    alias: options.alias ?? false,
    say,
    confirm: async (text) => {
      say(text);
      return options.yes ?? (await answersYes("Go on? (yes/no) "));
    },
  });
}

async function answersYes(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new UsageError("There is nobody to ask: add --yes to go on.");
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^(y|yes|s|sí|si)$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}
