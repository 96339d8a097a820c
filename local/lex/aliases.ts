import { z } from "zod";
import { testAliasId } from "../../pipeline/settings";
import { isLexName } from "../../scripts/lex/quotas";
import { LexError, invalid } from "./errors";
import type { Call, Operation } from "./operation";
import { pageOf, pageRequest } from "./pages";
import type { AliasSettings, Bot, BotAlias, BotLocale, State } from "./state";
import { aliasDescription, aliasSummary } from "./views";

const path = "/bots/{botId}/botaliases";

export const aliasOperations: readonly Operation[] = [
  { name: "CreateBotAlias", method: "PUT", path, status: 202, answer: createBotAlias },
  { name: "ListBotAliases", method: "POST", path, status: 200, answer: listBotAliases },
  {
    name: "DescribeBotAlias",
    method: "GET",
    path: `${path}/{botAliasId}`,
    status: 200,
    answer: describeBotAlias,
  },
  {
    name: "UpdateBotAlias",
    method: "PUT",
    path: `${path}/{botAliasId}`,
    status: 202,
    answer: updateBotAlias,
  },
];

/**
 * The locale that an alias answers for now.
 *
 * @throws LexError when the alias points to no version or the locale is not enabled on it. The API Reference
 * does not say which error that is.
 */
export function answeringLocale(state: State, botId: string, alias: BotAlias, localeId: string): BotLocale {
  const { botVersion, botAliasLocaleSettings } = alias.answering ?? {};
  if (botVersion === undefined) {
    throw invalid(`The alias ${alias.id} points to no version.`);
  }
  const locale = state.locale(botId, botVersion, localeId);
  // The test alias answers for every locale of the DRAFT, unless told not to.
  if (!(botAliasLocaleSettings?.[localeId]?.enabled ?? alias.id === testAliasId)) {
    throw invalid(`The locale ${localeId} is not enabled on the alias ${alias.id}.`);
  }
  return locale;
}

const logSettings = z.array(z.looseObject({ enabled: z.boolean() })).min(1);

const settingsRequest = z.strictObject({
  botAliasName: z.string().refine(isLexName),
  description: z.string().max(2_000).optional(),
  botVersion: z.string().optional(),
  botAliasLocaleSettings: z
    .record(z.string(), z.looseObject({ enabled: z.boolean() }))
    .refine((locales) => Object.keys(locales).length > 0, "an empty map is not allowed")
    .optional(),
  conversationLogSettings: z
    .strictObject({ textLogSettings: logSettings.optional(), audioLogSettings: logSettings.optional() })
    .optional(),
  sentimentAnalysisSettings: z.strictObject({ detectSentiment: z.boolean() }).optional(),
});

const creationRequest = settingsRequest.extend({ tags: z.record(z.string(), z.string()).optional() });

function createBotAlias({ state, param, parse }: Call) {
  const bot = state.bot(param("botId"));
  const { tags, ...settings } = parse(creationRequest);
  const id = state.newIdentifier();
  expectPossible(bot, id, settings);
  const created = state.clock.now();
  const alias: BotAlias = {
    id,
    created,
    lastUpdated: created,
    status: "Creating",
    settings,
    answering: undefined,
  };
  bot.aliases.set(id, alias);
  state.clock.after(state.delays.alias, () => {
    alias.status = "Available";
    alias.answering = settings;
  });
  return { ...aliasDescription(bot, alias), tags };
}

function listBotAliases({ state, param, parse }: Call) {
  const bot = state.bot(param("botId"));
  const { items, nextToken } = pageOf(bot.aliases.values(), parse(pageRequest));
  return { botId: bot.id, botAliasSummaries: items.map(aliasSummary), nextToken };
}

function describeBotAlias({ state, param }: Call) {
  const botId = param("botId");
  return aliasDescription(state.bot(botId), state.alias(botId, param("botAliasId")));
}

/**
 * Replaces all of an alias's settings, and clears those that are not sent. The API Reference does not say so,
 * but AWS's own clients send everything back. For a while the alias still answers as before.
 */
function updateBotAlias({ state, param, parse }: Call) {
  const bot = state.bot(param("botId"));
  const alias = state.alias(bot.id, param("botAliasId"));
  const settings = parse(settingsRequest);
  expectPossible(bot, alias.id, settings);
  if (alias.status === "Creating") {
    throw new LexError("ConflictException", `The alias ${alias.id} is Creating: wait until that has ended.`);
  }
  const fails = state.faults.strikes("alias-fails");
  if (!fails) {
    alias.settings = settings;
  }
  alias.status = "Creating";
  state.clock.after(state.delays.alias, () => {
    alias.status = fails ? "Failed" : "Available";
    if (fails) {
      return;
    }
    state.clock.after(state.delays.propagation, () => {
      alias.answering = settings;
    });
  });
  alias.lastUpdated = Math.max(state.clock.now(), alias.lastUpdated + 1);
  return aliasDescription(bot, alias);
}

function expectPossible(bot: Bot, id: string, { botAliasName, botVersion }: AliasSettings): void {
  if ((botVersion === "DRAFT") !== (id === testAliasId)) {
    throw invalid(`The alias ${testAliasId}, and no other, points to the version DRAFT.`);
  }
  const namesake = [...bot.aliases.values()].find(({ settings }) => settings.botAliasName === botAliasName);
  if (namesake && namesake.id !== id) {
    throw new LexError(
      "PreconditionFailedException",
      `The alias ${namesake.id} has the name ${botAliasName} already.`,
    );
  }
  if (
    botVersion !== undefined &&
    botVersion !== "DRAFT" &&
    bot.versions.get(botVersion)?.status !== "Available"
  ) {
    throw new LexError(
      "PreconditionFailedException",
      `The version ${botVersion} is not there, or not Available.`,
    );
  }
}
