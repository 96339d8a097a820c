import type { Command } from "commander";
import { parseFaults } from "../local/lex/faults";
import { startLocalLex, type LocalLex, type LocalLexOptions } from "../local/lex/server";
import { isSystemError, reasonOf } from "../local/system-error";
import { UsageError } from "../scripts/messages/user-error";
import { botHelp, botOption, faultOption } from "./options";
import { sayJson } from "./output";

export function addServe(program: Command): void {
  program
    .command("serve")
    .description(
      "Keep a local Lex running that holds a bot, for AWS's SDKs and CLI. Prints its URL and bot id as one line of JSON.",
    )
    .requiredOption("--bot <path>", botHelp)
    .option("--port <number>", "port on 127.0.0.1; 0 takes any that is free", port, 0)
    .addOption(faultOption())
    .action(serve);
}

async function serve(options: { bot: string; port: number; fault: string[] }): Promise<void> {
  const bot = botOption(options.bot);
  const lex = await start({ bots: [bot], port: options.port, faults: parseFaults(options.fault) });
  sayJson({ url: lex.url, botId: bot.id, locales: bot.locales.map(({ id }) => id) });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => void lex.close());
  }
}

/** @throws UsageError when another process has the port, or this user may not take it */
async function start(options: LocalLexOptions & { port: number }): Promise<LocalLex> {
  try {
    return await startLocalLex(options);
  } catch (error) {
    throw isSystemError(error)
      ? new UsageError(
          `Port ${options.port} cannot be taken: ${reasonOf(error)}. Name another with --port; 0 takes any that is free.`,
          { cause: error },
        )
      : error;
  }
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535) {
    throw new UsageError(`--port is ${text}; it must be a number from 0 to 65535.`);
  }
  return number;
}
