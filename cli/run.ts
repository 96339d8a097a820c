import { resolve } from "node:path";
import type { Command } from "commander";
import { givenFile, givenInput } from "../local/given-files";
import { parseFaults } from "../local/lex/faults";
import type { LocalBot } from "../local/lex/load-bot";
import { retrainLocally, type LocalRetraining, type Outcome } from "../local/retraining";
import { notAllowed } from "../pipeline/setting-types";
import { parseSetting, requirementOf, settings, type UnlabelledMode } from "../pipeline/settings";
import { exitCodes, UsageError } from "../scripts/messages/user-error";
import { interruption } from "./interruption";
import { botHelp, botOption, faultOption } from "./options";
import { say, sayJson } from "./output";
import { outcomeObject, outcomeText, Progress } from "./screen";

const samples = resolve(__dirname, "..", "samples", "es_ES");
const sampleBot = resolve(samples, "bot");

export function addRun(program: Command): void {
  program
    .command("run")
    .description(
      "Retrain a bot on this machine, with no AWS account. Without options: the Spanish sample bot.",
    )
    .option("--input <path>", "CSV of missed utterances, or a folder of them", resolve(samples, "misses.csv"))
    .option("--bot <path>", botHelp, sampleBot)
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
      settings.unlabelledUtterances.default,
    )
    .option("--json", "print the summary as one JSON object, on the last line")
    .addOption(faultOption())
    .action(run);
}

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

async function run(options: RunOptions, command: Command): Promise<void> {
  const request = requestOf(options, command);
  const stop = interruption();
  const progress = new Progress(options.json ? process.stderr : process.stdout, stop);
  const outcome = await retrainLocally({
    ...request,
    signal: stop,
    onEvent: (event) => {
      progress.show(event);
    },
  });
  show(outcome, options);
  if (outcome.execution.status === "Stopped") {
    stop.throwIfAborted();
  }
  process.exitCode = outcome.execution.status === "Succeeded" ? exitCodes.success : exitCodes.failure;
}

/** @throws UsageError when the options do not go together, or a file that they name cannot be used */
function requestOf(options: RunOptions, command: Command): Omit<LocalRetraining, "signal" | "onEvent"> {
  const isSample = resolve(options.bot) === sampleBot;
  const isOwnInput = command.getOptionValueSource("input") !== "default";
  if (options.poison && (!isSample || isOwnInput)) {
    throw new UsageError(
      "--poison goes with the sample bot and its own misses: leave out --bot and --input.",
    );
  }
  if (!isSample && !isOwnInput) {
    throw new UsageError("--bot needs --input: name the CSV of what this bot missed.");
  }
  const golden = options.golden ?? (isSample ? resolve(samples, "golden.csv") : undefined);
  const bot = botOption(options.bot);
  return {
    input: givenInput(options.poison ? resolve(samples, "poison.csv") : options.input),
    bot,
    golden: golden === undefined ? undefined : givenFile(golden, "name the CSV of the golden set"),
    localeId: localeOf(bot, options.locale),
    out: options.out,
    unlabelled: options.unlabelled,
    faults: parseFaults(options.fault),
  };
}

function show(outcome: Outcome, { json }: RunOptions): void {
  if (json) {
    sayJson(outcomeObject(outcome));
  } else if (outcome.execution.status !== "Stopped") {
    say(outcomeText(outcome));
  }
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
  throw new UsageError(
    `${wanted === undefined ? "The bot has several locales" : `The bot has no locale ${wanted}`}: use --locale ${ids.join(" or ")}.`,
  );
}

function unlabelledMode(text: string): UnlabelledMode {
  const mode = parseSetting("unlabelledUtterances", text);
  if (mode === notAllowed) {
    throw new UsageError(`--unlabelled is ${text}; ${requirementOf("unlabelledUtterances", text)}`);
  }
  return mode;
}
