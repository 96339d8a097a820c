import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { Command, CommanderError, Option } from "commander";
import { describeFaults, parseFaults } from "../local/lex/faults";
import { loadBot, type LocalBot } from "../local/lex/load-bot";
import { startLocalLex } from "../local/lex/server";
import { retrainLocally } from "../local/retraining";
import { notAllowed } from "../pipeline/setting-types";
import { parseSetting, requirementOf, settings, type UnlabelledMode } from "../pipeline/settings";
import { stageNames } from "../pipeline/stages";
import { UserError } from "../scripts/messages/user-error";
import { runStage } from "../scripts/stage/stage";
import { jsonLine, outcomeText, Progress } from "./screen";
import { stageMains } from "./stage-mains";
import { undoRun } from "./undo";

const samples = resolve(__dirname, "..", "samples", "es_ES");
const sampleBot = resolve(samples, "bot");

const program = new Command("retrain")
  .description("Retrains an Amazon Lex V2 bot from the utterances that it missed.")
  .exitOverride()
  .showSuggestionAfterError();

program
  .command("run")
  .description("Retrain a bot on this machine, with no AWS account. Without options: the Spanish sample bot.")
  .option("--input <path>", "CSV of missed utterances, or a folder of them", resolve(samples, "misses.csv"))
  .option(
    "--bot <path>",
    "export of the bot or of one locale, from Lex: a ZIP or its unpacked folder",
    resolve(samples, "bot"),
  )
  .option("--locale <id>", "locale to retrain, such as es_ES (default: the bot's only one)")
  .option(
    "--golden <path>",
    "CSV of phrases that the bot must get right (default: the sample's for the sample bot)",
  )
  .option("--poison", "the sample bot with utterances that make it worse, to see that they are refused")
  .option("--out <folder>", "where the run's files are kept", "runs")
  .option(
    "--unlabelled <what>",
    `what to do with utterances without an intent: ${settings.unlabelledUtterances.type.allowed}`,
    unlabelledMode,
    "review",
  )
  .option("--json", "print the summary as one JSON object, on the last line")
  .addOption(faultOption())
  .action(run);

program
  .command("serve")
  .description(
    "Keep a local Lex running that holds a bot, for AWS's SDKs and CLI. Prints its URL and bot id as one line of JSON.",
  )
  .requiredOption(
    "--bot <path>",
    "export of the bot or of one locale, from Lex: a ZIP or its unpacked folder",
  )
  .option("--port <number>", "port on 127.0.0.1; 0 takes any that is free", port, 0)
  .addOption(faultOption())
  .action(serve);

program
  .command("stage")
  .description("Run one stage alone, against the Lex that the environment of the AWS SDK names.")
  .argument("<name>", `one of ${stageNames.join(", ")}`, stageName)
  .requiredOption("--root <folder>", "folder with input/<name>/ and output/<name>/, as /opt/ml/processing")
  .action(stage);

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

interface RunOptions {
  input: string;
  bot: string;
  locale?: string;
  golden?: string;
  poison?: true;
  out: string;
  unlabelled: UnlabelledMode;
  json?: true;
  fault: string[];
}

async function run(options: RunOptions): Promise<void> {
  if (options.poison && options.bot !== sampleBot) {
    throw new UserError("--poison goes with the sample bot only: leave out --bot.");
  }
  const bot = loadBot(options.bot);
  const stop = new AbortController();
  process.once("SIGINT", () => {
    stop.abort();
  });
  const progress = new Progress(options.json ? process.stderr : process.stdout);
  const outcome = await retrainLocally({
    input: options.poison ? resolve(samples, "poison.csv") : options.input,
    bot,
    golden: options.golden ?? (options.bot === sampleBot ? resolve(samples, "golden.csv") : undefined),
    localeId: localeOf(bot, options.locale),
    out: options.out,
    unlabelled: options.unlabelled,
    faults: parseFaults(options.fault),
    signal: stop.signal,
    onEvent: (event) => {
      progress.show(event);
    },
  });
  process.stdout.write(options.json ? jsonLine(outcome) : outcomeText(outcome));
  process.exitCode = { Succeeded: 0, Failed: 1, Stopped: 130 }[outcome.execution.status];
}

async function serve(options: { bot: string; port: number; fault: string[] }): Promise<void> {
  const bot = loadBot(options.bot);
  const lex = await startLocalLex({ bots: [bot], port: options.port, faults: parseFaults(options.fault) });
  process.stdout.write(
    `${JSON.stringify({ url: lex.url, botId: bot.id, locales: bot.locales.map(({ id }) => id) })}\n`,
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void lex.close());
  }
}

async function restore(run: string, options: { alias?: true; yes?: true }): Promise<void> {
  if (!existsSync(run)) {
    throw new UserError(`${run} does not exist: name the folder of a run, as under runs/.`);
  }
  const say = (line: string) => {
    process.stdout.write(`${line}\n`);
  };
  const undone = undoRun({
    runFolder: run,
    alias: options.alias ?? false,
    say,
    confirm: async (text) => {
      say(text);
      return options.yes ?? (await answersYes("Go on? (yes/no) "));
    },
  });
  await undone.catch((error: unknown) => {
    if (!(error instanceof UserError)) {
      throw error;
    }
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}

async function answersYes(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new UserError("There is nobody to ask: add --yes to go on.");
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^(y|yes|s|sí|si)$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}

async function stage(name: (typeof stageNames)[number], options: { root: string }): Promise<void> {
  process.env["PROCESSING_ROOT"] = resolve(options.root);
  await runStage(stageMains[name]);
}

function localeOf({ locales }: LocalBot, wanted: string | undefined): string {
  const ids = locales.map(({ id }) => id);
  const [only, ...others] = ids;
  if (wanted === undefined && only !== undefined && others.length === 0) {
    return only;
  }
  if (wanted !== undefined && ids.includes(wanted)) {
    return wanted;
  }
  throw new UserError(
    `${wanted === undefined ? "The bot has several locales" : `The bot has no locale ${wanted}`}: use --locale ${ids.join(" or ")}.`,
  );
}

function faultOption(): Option {
  const description = `what goes wrong in the local Lex; again for another:\n${describeFaults().join("\n")}`;
  return new Option("--fault <name>", description)
    .argParser((value: string, before: string[]) => [...before, value])
    .default([], "none");
}

function unlabelledMode(text: string): UnlabelledMode {
  const mode = parseSetting("unlabelledUtterances", text);
  if (mode === notAllowed) {
    throw new UserError(`--unlabelled is ${text}; ${requirementOf("unlabelledUtterances", text)}`);
  }
  return mode;
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535) {
    throw new UserError(`--port is ${text}; it must be a number from 0 to 65535.`);
  }
  return number;
}

function stageName(text: string): (typeof stageNames)[number] {
  const name = stageNames.find((known) => known === text);
  if (name === undefined) {
    throw new UserError(`There is no stage ${text}; the stages are ${stageNames.join(", ")}.`);
  }
  return name;
}

async function main(): Promise<void> {
  // The SDK warns of Node 20's age, which is no news to a person who retrains a bot.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  try {
    await program.parseAsync();
  } catch (error) {
    // Commander has printed its own sentence, or the help that was asked for.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else if (error instanceof UserError) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 2;
    } else {
      throw error;
    }
  }
}

void main();
