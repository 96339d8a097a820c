import { once } from "node:events";
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
      return options.yes ?? (await answersYes("Go on? (yes/no) ", process.stdin, process.stdout));
    },
  });
}

/**
 * Asks on a terminal. Whoever closes it, as with Ctrl+D, has not said yes.
 *
 * @throws UsageError when there is no terminal
 */
export async function answersYes(
  question: string,
  input: Input,
  output: NodeJS.WritableStream,
): Promise<boolean> {
  if (!input.isTTY) {
    throw new UsageError("There is nobody to ask: add --yes to go on.");
  }
  const terminal = createInterface({ input, output });
  // The terminal is not told to a process that reads its keys: so it ends itself, as it would have.
  terminal.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const closed = once(terminal, "close").then(() => "no");
  try {
    return /^(y|yes|s|sí|si)$/i.test((await Promise.race([terminal.question(question), closed])).trim());
  } finally {
    terminal.close();
  }
}

type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };
