import { statSync } from "node:fs";
import { Option } from "commander";
import { describeFaults } from "../local/lex/faults";
import { loadBot, type LocalBot } from "../local/lex/load-bot";
import { UsageError, UserError } from "../scripts/messages/user-error";

/** What several commands say of `--bot`. */
export const botHelp = "export of the bot or of one locale, from Lex: a ZIP or its unpacked folder";

export function faultOption(): Option {
  const description = `what goes wrong in the local Lex; again for another:\n${describeFaults().join("\n")}`;
  return new Option("--fault <name>", description)
    .argParser((value: string, before: string[]) => [...before, value])
    .default([], "none");
}

/** @throws UsageError when the path does not lead to an export of a bot */
export function botOption(path: string): LocalBot {
  try {
    return loadBot(path);
  } catch (error) {
    throw error instanceof UserError ? new UsageError(error.message, { cause: error }) : error;
  }
}

/** @throws UsageError when the path does not lead to a folder */
export function folderOption(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`${path} is not a folder: name one that exists.`);
  }
  return path;
}
