import { z } from "zod";
import { maxBotVersions } from "../../scripts/lex/quotas";
import { injectDrift } from "./drift";
import { LexError, invalid, notFound } from "./errors";
import type { Call, Operation } from "./operation";
import { pageOf, pageRequest } from "./pages";
import { type Bot, BotLocale, type BotVersion, type State } from "./state";
import { seconds, versionDescription, versionSummary } from "./views";

const path = "/bots/{botId}/botversions";

export const versionOperations: readonly Operation[] = [
  { name: "CreateBotVersion", method: "PUT", path, status: 202, answer: createBotVersion },
  { name: "ListBotVersions", method: "POST", path, status: 200, answer: listBotVersions },
  {
    name: "DescribeBotVersion",
    method: "GET",
    path: `${path}/{botVersion}`,
    status: 200,
    answer: describeBotVersion,
  },
  {
    name: "DeleteBotVersion",
    method: "DELETE",
    path: `${path}/{botVersion}`,
    status: 202,
    answer: deleteBotVersion,
  },
];

const versionRequest = z.strictObject({
  description: z.string().max(2_000).optional(),
  botVersionLocaleSpecification: z
    .record(z.string(), z.strictObject({ sourceBotVersion: z.string() }))
    .refine((locales) => Object.keys(locales).length > 0, "at least one locale is needed"),
});

/** A version has only the listed locales. At first it does not exist, then it is Creating, then Available. */
function createBotVersion({ state, param, parse }: Call) {
  const bot = state.bot(param("botId"));
  const { description, botVersionLocaleSpecification } = parse(versionRequest);
  if (bot.versions.size >= maxBotVersions) {
    throw new LexError(
      "ServiceQuotaExceededException",
      `The bot ${bot.id} has ${maxBotVersions} versions already.`,
    );
  }
  injectDrift(state, "draft-changed-in-version", bot.locales.values());
  const created = state.clock.now();
  const locales = Object.entries(botVersionLocaleSpecification).map(
    ([localeId, { sourceBotVersion }]) =>
      [localeId, snapshot(state, bot, sourceBotVersion, localeId)] as const,
  );
  const number = `${++bot.lastVersion}`;
  const version: BotVersion = {
    number,
    description,
    locales: new Map(locales),
    created,
    status: "Creating",
    failureReasons: [],
  };
  const half = state.delays.version / 2;
  state.clock.after(half, () => {
    bot.versions.set(number, version);
    state.clock.after(half, () => {
      if (state.faults.strikes("version-fails")) {
        version.status = "Failed";
        version.failureReasons = ["The version failed because a fault was injected (version-fails)."];
      } else {
        version.status = "Available";
      }
    });
  });
  return {
    botId: bot.id,
    botVersion: number,
    description,
    botVersionLocaleSpecification,
    botStatus: "Creating",
    creationDateTime: seconds(created),
  };
}

function snapshot(state: State, bot: Bot, version: string, localeId: string): BotLocale {
  const source =
    version === "DRAFT" ? bot.locales.get(localeId) : bot.versions.get(version)?.locales.get(localeId);
  if (source?.status !== "Built") {
    throw new LexError(
      "PreconditionFailedException",
      `The locale ${localeId} of version ${version} ${source ? `is ${source.status}` : "does not exist"}, and must be Built.`,
    );
  }
  const copy = new BotLocale(source.content, state.clock.now());
  copy.status = "Built";
  copy.recognizer = source.recognizer;
  copy.lastBuildSubmitted = source.lastBuildSubmitted;
  return copy;
}

/** The DRAFT comes first, then the versions in the order of their creation. */
function listBotVersions({ state, param, parse }: Call) {
  const bot = state.bot(param("botId"));
  const { items, nextToken } = pageOf([undefined, ...bot.versions.values()], parse(pageRequest));
  return {
    botId: bot.id,
    botVersionSummaries: items.map((version) => versionSummary(bot, version)),
    nextToken,
  };
}

function describeBotVersion({ state, param }: Call) {
  const bot = state.bot(param("botId"));
  return versionDescription(bot, versionOf(bot, param("botVersion")));
}

function deleteBotVersion({ state, param, query }: Call) {
  const bot = state.bot(param("botId"));
  const { number, status } = versionOf(bot, param("botVersion"));
  if (status === "Creating") {
    throw new LexError("ConflictException", `The version ${number} is being created.`);
  }
  const user = [...bot.aliases.values()].find(({ settings }) => settings.botVersion === number);
  if (user && query.get("skipResourceInUseCheck") !== "true") {
    throw new LexError(
      "PreconditionFailedException",
      `The version ${number} is in use by the alias ${user.settings.botAliasName}.`,
    );
  }
  bot.versions.delete(number);
  return { botId: bot.id, botVersion: number, botStatus: "Deleting" };
}

function versionOf(bot: Bot, number: string): BotVersion {
  if (!/^[0-9]{1,5}$/.test(number)) {
    throw invalid(`${number} is not the number of a version.`);
  }
  const version = bot.versions.get(number);
  if (!version) {
    throw notFound(`The version ${number} of the bot ${bot.id}`);
  }
  return version;
}
