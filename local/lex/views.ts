import { posix } from "node:path";
import { z } from "zod";
import type { Intent, Locale } from "../../scripts/lex/locale";
import { takesSampleUtterances } from "../../scripts/lex/sample-utterances";
import { identifierOr } from "./identifiers";
import type { Bot, BotAlias, BotLocale, BotVersion, Export, Import } from "./state";

/**
 * The answers of the API about the local Lex. A member without a value is `undefined`, and JSON leaves it
 * out.
 */

/** A time, in milliseconds since 1970, as the API writes it: in seconds. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1000;
}

const serviceLinkedRole =
  "arn:aws:iam::000000000000:role/aws-service-role/lexv2.amazonaws.com/AWSServiceRoleForLexV2Bots_LOCALLEX";

export function botSummary(bot: Bot) {
  return {
    botId: bot.id,
    botName: bot.name,
    description: bot.description,
    botStatus: "Available",
    botType: "Bot",
    latestBotVersion: bot.lastVersion > 0 ? `${bot.lastVersion}` : undefined,
    lastUpdatedDateTime: seconds(bot.created),
  };
}

export function botDescription(bot: Bot) {
  return {
    ...botSummary(bot),
    latestBotVersion: undefined,
    roleArn: bot.roleArn ?? serviceLinkedRole,
    dataPrivacy: { childDirected: bot.childDirected },
    idleSessionTTLInSeconds: bot.idleSessionTTLInSeconds,
    creationDateTime: seconds(bot.created),
  };
}

/** @param version undefined for the DRAFT */
export function versionSummary(bot: Bot, version: BotVersion | undefined) {
  return {
    botName: bot.name,
    botVersion: version?.number ?? "DRAFT",
    description: version ? version.description : bot.description,
    botStatus: version?.status ?? "Available",
    creationDateTime: seconds(version?.created ?? bot.created),
  };
}

export function versionDescription(bot: Bot, version: BotVersion) {
  return {
    ...versionSummary(bot, version),
    botId: bot.id,
    roleArn: bot.roleArn ?? serviceLinkedRole,
    dataPrivacy: { childDirected: bot.childDirected },
    idleSessionTTLInSeconds: bot.idleSessionTTLInSeconds,
    failureReasons: unlessEmpty(version.failureReasons),
    botType: "Bot",
  };
}

export function aliasSummary({ id, settings, status, created, lastUpdated }: BotAlias) {
  const { botAliasName, botVersion, description } = settings;
  return {
    botAliasId: id,
    botAliasName,
    description,
    botVersion,
    botAliasStatus: status,
    creationDateTime: seconds(created),
    lastUpdatedDateTime: seconds(lastUpdated),
  };
}

export function aliasDescription(bot: Bot, alias: BotAlias) {
  return { ...alias.settings, ...aliasSummary(alias), botId: bot.id };
}

const localeFile = z.looseObject({
  name: z.string().nullish(),
  description: z.string().nullish(),
  voiceSettings: z.looseObject({ voiceId: z.string() }).nullish(),
});

export function localeSummary({ content, status, lastUpdated, lastBuildSubmitted }: BotLocale) {
  const { name, description } = localeFile.parse(content.archive.json("BotLocale.json"));
  return {
    localeId: content.id,
    localeName: name ?? undefined,
    description: description ?? undefined,
    botLocaleStatus: status,
    lastUpdatedDateTime: seconds(lastUpdated),
    lastBuildSubmittedDateTime: lastBuildSubmitted === undefined ? undefined : seconds(lastBuildSubmitted),
  };
}

export function localeDescription(locale: BotLocale) {
  const { content, failureReasons, created } = locale;
  const { voiceSettings } = localeFile.parse(content.archive.json("BotLocale.json"));
  return {
    ...localeSummary(locale),
    nluIntentConfidenceThreshold: content.nluConfidenceThreshold,
    voiceSettings: voiceSettings ?? undefined,
    intentsCount: content.intents.size,
    slotTypesCount: content.slotTypes.size,
    failureReasons: unlessEmpty(failureReasons),
    creationDateTime: seconds(created),
  };
}

export function intentSummary(locale: BotLocale, intent: Intent) {
  return {
    intentId: intentIdentifier(locale.content, intent),
    intentName: intent.name,
    parentIntentSignature: intent.parentIntentSignature,
    inputContexts: unlessEmpty(intent.inputContexts.map((name) => ({ name }))),
    lastUpdatedDateTime: seconds(locale.lastUpdated),
  };
}

/** Everything that Intent.json holds, under the names that the API has for it. */
export function intentDescription(locale: BotLocale, intent: Intent) {
  const { archive } = locale.content;
  const file = apiShape(archive.json(intent.path));
  const slotPriorities = intent.slotPriorities.map((slotName, index) => ({
    priority: index + 1,
    slotId: identifierIn(locale.content, intent.slots.get(slotName)?.path, `${intent.name} ${slotName}`),
  }));
  return {
    ...z.record(z.string(), z.unknown()).parse(file),
    ...intentSummary(locale, intent),
    name: undefined,
    identifier: undefined,
    sampleUtterances: takesSampleUtterances(intent)
      ? intent.sampleUtterances.map((utterance) => ({ utterance }))
      : undefined,
    slotPriorities,
    creationDateTime: seconds(locale.created),
  };
}

export function intentIdentifier(locale: Locale, intent: Intent): string {
  return identifierIn(locale, intent.path, intent.name);
}

export function exportSummary({ id, specification, status, created }: Export) {
  return {
    exportId: id,
    resourceSpecification: specification,
    fileFormat: "LexJson",
    exportStatus: status,
    creationDateTime: seconds(created),
  };
}

export function exportDescription(asked: Export, downloadUrl: string) {
  return {
    ...exportSummary(asked),
    failureReasons: unlessEmpty(asked.failureReasons),
    downloadUrl: asked.status === "Completed" ? downloadUrl : undefined,
    lastUpdatedDateTime: seconds(asked.lastUpdated),
  };
}

export function importSummary(id: string, started: NonNullable<Import["started"]>) {
  const { botId, localeId } = started;
  return {
    importId: id,
    resourceSpecification: { botLocaleImportSpecification: { botId, botVersion: "DRAFT", localeId } },
    mergeStrategy: started.mergeStrategy,
    importStatus: started.status,
    creationDateTime: seconds(started.created),
  };
}

export function importDescription(id: string, started: NonNullable<Import["started"]>) {
  return {
    ...importSummary(id, started),
    importedResourceId: started.localeId,
    importedResourceName: started.localeId,
    failureReasons: unlessEmpty(started.failureReasons),
    lastUpdatedDateTime: seconds(started.lastUpdated),
  };
}

/** Members that have another name in the API than in the files. */
const apiNames = new Map([
  ["messageGroupsList", "messageGroups"],
  ["isActive", "active"],
]);

function apiShape(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(apiShape);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [apiNames.get(name) ?? name, apiShape(member)]));
}

const identifiedFile = z.looseObject({ identifier: z.string().nullish() });

function identifierIn(locale: Locale, path: string | undefined, seed: string): string {
  const file = path === undefined ? {} : identifiedFile.parse(locale.archive.json(path));
  return identifierOr(`${locale.id} ${posix.dirname(path ?? "")} ${seed}`, file.identifier);
}

function unlessEmpty<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length > 0 ? items : undefined;
}
