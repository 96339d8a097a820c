import type { Command } from "commander";
import { parseFaults } from "../local/lex/faults";
import { startLocalLex } from "../local/lex/server";
import { UsageError } from "../scripts/messages/user-error";
import { botHelp, botOption, faultOption } from "./options";

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
  const lex = await startLocalLex({ bots: [bot], port: options.port, faults: parseFaults(options.fault) });
  process.stdout.write(
    `${JSON.stringify({ url: lex.url, botId: bot.id, locales: bot.locales.map(({ id }) => id) })}\n`,
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void lex.close());
  }
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535) {
    throw new UsageError(`--port is ${text}; it must be a number from 0 to 65535.`);
  }
  return number;
}
