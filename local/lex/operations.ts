import { z } from "zod";
import { testAliasId } from "../../pipeline/settings";
import { aliasConversations, maxTextLength, testAliasConversations } from "../../scripts/lex/quotas";
import { aliasOperations, answeringLocale } from "./aliases";
import { startBuild } from "./builds";
import { injectDrift } from "./drift";
import { LexError, invalid, notFound } from "./errors";
import { startBotExport, startLocaleExport } from "./exports";
import { startImport } from "./imports";
import type { Call, Operation } from "./operation";
import { pageOf, pageRequest } from "./pages";
import { reply } from "./replies";
import type { State } from "./state";
import { versionOperations } from "./versions";
import {
  botDescription,
  botSummary,
  exportDescription,
  exportSummary,
  importDescription,
  importSummary,
  intentDescription,
  intentIdentifier,
  intentSummary,
  localeDescription,
  localeSummary,
  seconds,
} from "./views";

const localePath = "/bots/{botId}/botversions/{botVersion}/botlocales/{localeId}";

export const operations: readonly Operation[] = [
  { name: "CreateExport", method: "PUT", path: "/exports", status: 202, answer: createExport },
  { name: "DescribeExport", method: "GET", path: "/exports/{exportId}", status: 200, answer: describeExport },
  { name: "DeleteExport", method: "DELETE", path: "/exports/{exportId}", status: 202, answer: deleteExport },
  { name: "CreateUploadUrl", method: "POST", path: "/createuploadurl", status: 200, answer: createUploadUrl },
  { name: "StartImport", method: "PUT", path: "/imports", status: 202, answer: beginImport },
  { name: "DescribeImport", method: "GET", path: "/imports/{importId}", status: 200, answer: describeImport },
  { name: "ListBots", method: "POST", path: "/bots", status: 200, answer: listBots },
  { name: "DescribeBot", method: "GET", path: "/bots/{botId}", status: 200, answer: describeBot },
  {
    name: "ListBotLocales",
    method: "POST",
    path: "/bots/{botId}/botversions/{botVersion}/botlocales",
    status: 200,
    answer: listBotLocales,
  },
  { name: "DescribeBotLocale", method: "GET", path: localePath, status: 200, answer: describeBotLocale },
  { name: "BuildBotLocale", method: "POST", path: localePath, status: 202, answer: buildBotLocale },
  { name: "ListIntents", method: "POST", path: `${localePath}/intents`, status: 200, answer: listIntents },
  {
    name: "DescribeIntent",
    method: "GET",
    path: `${localePath}/intents/{intentId}`,
    status: 200,
    answer: describeIntent,
  },
  ...versionOperations,
  ...aliasOperations,
  {
    name: "RecognizeText",
    method: "POST",
    path: "/bots/{botId}/botAliases/{botAliasId}/botLocales/{localeId}/sessions/{sessionId}/text",
    status: 200,
    answer: recognizeText,
  },
];

const exportRequest = z.strictObject({
  fileFormat: z.literal("LexJson"),
  resourceSpecification: z.union([
    z.strictObject({ botExportSpecification: z.strictObject({ botId: z.string(), botVersion: z.string() }) }),
    z.strictObject({
      botLocaleExportSpecification: z.strictObject({
        botId: z.string(),
        botVersion: z.string(),
        localeId: z.string(),
      }),
    }),
  ]),
});

function createExport({ state, parse }: Call) {
  const { resourceSpecification: specification } = parse(exportRequest);
  if ("botExportSpecification" in specification) {
    const { botId, botVersion } = specification.botExportSpecification;
    const locales = [...state.locales(botId, botVersion).values()];
    for (const { status } of locales) {
      expectNoImport(status);
    }
    return exportSummary(startBotExport(state, specification, state.bot(botId), botVersion, locales));
  }
  const { botId, botVersion, localeId } = specification.botLocaleExportSpecification;
  const locale = state.locale(botId, botVersion, localeId);
  expectNoImport(locale.status);
  return exportSummary(startLocaleExport(state, specification, state.bot(botId), botVersion, locale));
}

function expectNoImport(status: string): void {
  if (status === "Importing") {
    throw new LexError("ConflictException", "An import is under way: wait until it has ended.");
  }
}

function describeExport({ state, transfers, origin, param }: Call) {
  const asked = exportOf(state, param("exportId"));
  return exportDescription(asked, transfers.downloadUrl(origin, asked.id, asked.fileName));
}

function deleteExport({ state, param }: Call) {
  const { id } = exportOf(state, param("exportId"));
  state.exports.delete(id);
  return { exportId: id, exportStatus: "Deleting" };
}

function exportOf(state: State, id: string) {
  const asked = state.exports.get(id);
  if (!asked) {
    throw notFound(`The export ${id}`);
  }
  return asked;
}

/** How long an upload waits for its import, in milliseconds. */
const unusedUpload = 60 * 60_000;

function createUploadUrl({ state, transfers, origin }: Call) {
  const id = state.newIdentifier();
  state.imports.set(id, { id, upload: undefined, started: undefined });
  state.clock.after(unusedUpload, () => {
    if (!state.imports.get(id)?.started) {
      state.imports.delete(id);
    }
  });
  injectDrift(
    state,
    "draft-changed",
    [...state.bots.values()].flatMap(({ locales }) => [...locales.values()]),
  );
  return { importId: id, uploadUrl: transfers.uploadUrl(origin, id) };
}

const importRequest = z.strictObject({
  importId: z.string(),
  mergeStrategy: z.enum(["Overwrite", "FailOnConflict", "Append"]),
  resourceSpecification: z.strictObject({
    botLocaleImportSpecification: z.strictObject({
      botId: z.string(),
      botVersion: z.literal("DRAFT"),
      localeId: z.string(),
    }),
  }),
});

function beginImport({ state, parse }: Call) {
  const { importId, mergeStrategy, resourceSpecification } = parse(importRequest);
  const { botId, localeId } = resourceSpecification.botLocaleImportSpecification;
  const asked = state.imports.get(importId);
  if (!asked) {
    throw notFound(`The import ${importId}`);
  }
  if (asked.started) {
    throw invalid(`The import ${importId} was started already: make a new upload URL.`);
  }
  const bot = state.bot(botId);
  expectNoConflict(state);
  bot.locales.get(localeId)?.expectIdle();
  const isArriving = [...state.imports.values()].some(
    ({ started }) =>
      started?.status === "InProgress" && started.botId === botId && started.localeId === localeId,
  );
  if (isArriving) {
    throw new LexError("ConflictException", `An import into ${localeId} is under way.`);
  }
  return importSummary(importId, startImport(state, asked, bot, { localeId, mergeStrategy }));
}

function describeImport({ state, param }: Call) {
  const asked = state.imports.get(param("importId"));
  if (!asked?.started) {
    throw notFound(`The import ${param("importId")}`);
  }
  return importDescription(asked.id, asked.started);
}

function listBots({ state, parse }: Call) {
  const { items, nextToken } = pageOf(state.bots.values(), parse(pageRequest));
  return { botSummaries: items.map(botSummary), nextToken };
}

function describeBot({ state, param }: Call) {
  return botDescription(state.bot(param("botId")));
}

function listBotLocales({ state, param, parse }: Call) {
  const [botId, botVersion] = [param("botId"), param("botVersion")];
  const { items, nextToken } = pageOf(state.locales(botId, botVersion).values(), parse(pageRequest));
  return { botId, botVersion, botLocaleSummaries: items.map(localeSummary), nextToken };
}

function describeBotLocale(call: Call) {
  return { ...localeIdentity(call), ...localeDescription(localeOf(call)) };
}

function buildBotLocale(call: Call) {
  if (call.param("botVersion") !== "DRAFT") {
    throw invalid("Only the version DRAFT can be built.");
  }
  const locale = localeOf(call);
  expectNoConflict(call.state);
  locale.expectIdle();
  startBuild(call.state, locale);
  return {
    ...localeIdentity(call),
    botLocaleStatus: locale.status,
    lastBuildSubmittedDateTime: seconds(locale.lastBuildSubmitted ?? 0),
  };
}

function listIntents(call: Call) {
  const locale = localeOf(call);
  const { items, nextToken } = pageOf(locale.content.intents.values(), call.parse(pageRequest));
  const intentSummaries = items.map((intent) => intentSummary(locale, intent));
  return { ...localeIdentity(call), intentSummaries, nextToken };
}

function describeIntent(call: Call) {
  const locale = localeOf(call);
  const id = call.param("intentId");
  const intent = [...locale.content.intents.values()].find(
    (it) => intentIdentifier(locale.content, it) === id,
  );
  if (!intent) {
    throw notFound(`The intent ${id}`);
  }
  return { ...localeIdentity(call), ...intentDescription(locale, intent) };
}

const recognizeRequest = z.looseObject({
  text: z.string().min(1).max(maxTextLength),
  sessionState: z
    .looseObject({ activeContexts: z.array(z.looseObject({ name: z.string() })).nullish() })
    .nullish(),
});

/** Text conversations that an alias may hold at once: "Quotas" in the Lex V2 Developer Guide. */
const maxConversations = { testAlias: testAliasConversations, others: aliasConversations };

async function recognizeText({ state, param, parse }: Call) {
  const { text, sessionState } = parse(recognizeRequest);
  const [botId, aliasId, sessionId] = [param("botId"), param("botAliasId"), param("sessionId")];
  if (!/^[0-9a-zA-Z._:-]{2,100}$/.test(sessionId)) {
    throw invalid(`${sessionId} is not a session identifier.`);
  }
  const alias = state.alias(botId, aliasId);
  const limit = aliasId === testAliasId ? maxConversations.testAlias : maxConversations.others;
  return inConversation(state, `${botId}/${aliasId}`, limit, () => {
    const { status, recognizer } = answeringLocale(state, botId, alias, param("localeId"));
    if (!recognizer || (status !== "Built" && status !== "ReadyExpressTesting")) {
      throw notBuilt(status);
    }
    const activeContexts = new Set(sessionState?.activeContexts?.map(({ name }) => name));
    const candidates = recognizer.recognize(text, activeContexts, status === "ReadyExpressTesting");
    return reply(recognizer.locale, sessionId, candidates);
  });
}

/**
 * BadGatewayException in the API Reference: "Either the Amazon Lex bot is still building, or one of the
 * dependent services failed".
 */
function notBuilt(status: string): LexError {
  return status === "Building"
    ? new LexError("BadGatewayException", "The bot is still building.")
    : invalid(`The bot locale is ${status}: build it before it can answer.`);
}

async function inConversation<T>(state: State, alias: string, limit: number, answer: () => T): Promise<T> {
  const others = state.conversations.get(alias) ?? 0;
  if (others >= limit) {
    throw new LexError("ThrottlingException", `The alias ${alias} holds ${limit} conversations at most.`);
  }
  state.conversations.set(alias, others + 1);
  try {
    await new Promise<void>((done) => {
      state.clock.after(state.delays.recognize, done);
    });
    return answer();
  } finally {
    state.conversations.set(alias, (state.conversations.get(alias) ?? 1) - 1);
  }
}

function localeOf({ state, param }: Call) {
  return state.locale(param("botId"), param("botVersion"), param("localeId"));
}

function localeIdentity({ param }: Call) {
  return { botId: param("botId"), botVersion: param("botVersion"), localeId: param("localeId") };
}

function expectNoConflict(state: State): void {
  if (state.faults.strikes("conflict")) {
    throw new LexError("ConflictException", "A fault was injected (conflict): wait and try again.");
  }
}
