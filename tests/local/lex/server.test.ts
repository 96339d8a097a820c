import {
  type BotLocaleSummary,
  DescribeBotCommand,
  DescribeIntentCommand,
  ListBotLocalesCommand,
  ListBotsCommand,
  ListIntentsCommand,
  UpdateIntentCommand,
  paginateListIntents,
} from "@aws-sdk/client-lex-models-v2";
import { expect } from "chai";
import { LexFixture, refusal } from "./lex-fixture";
import { intent, libraryBot } from "./library-bot";

describe("the local Lex", () => {
  let fixture: LexFixture;
  const open = async (options: Parameters<typeof LexFixture.open>[0] = {}) =>
    (fixture = await LexFixture.open(options));
  afterEach(() => fixture.close());
  const start = new Date("2026-01-01T00:00:00Z");

  it("lists and describes its bots", async () => {
    await open();
    expect(fixture.lex.botIds).to.deep.equal(["BIBLIOTECA"]);
    const { botSummaries } = await fixture.client.send(new ListBotsCommand({}));
    const summary = {
      botId: "BIBLIOTECA",
      botName: "Biblioteca",
      description: "La biblioteca del barrio",
      botStatus: "Available",
      botType: "Bot",
      lastUpdatedDateTime: start,
    };
    expect(botSummaries).to.deep.equal([summary]);
    const { $metadata, ...bot } = await fixture.client.send(new DescribeBotCommand({ botId: "BIBLIOTECA" }));
    expect($metadata.requestId).to.match(/^[0-9a-f-]{36}$/);
    expect(bot).to.deep.equal({
      ...summary,
      roleArn:
        "arn:aws:iam::000000000000:role/aws-service-role/lexv2.amazonaws.com/AWSServiceRoleForLexV2Bots_LOCALLEX",
      dataPrivacy: { childDirected: false },
      idleSessionTTLInSeconds: 600,
      creationDateTime: start,
    });
  });

  it("lists and describes a bot's locales", async () => {
    const english = { identifier: "en_US", nluConfidenceThreshold: 0.99 };
    await open({ bots: [libraryBot({ "Biblioteca/BotLocales/en_US/BotLocale.json": english })] });
    const { botLocaleSummaries } = await fixture.client.send(
      new ListBotLocalesCommand({ botId: LexFixture.botId, botVersion: "DRAFT" }),
    );
    const spanish: BotLocaleSummary = {
      localeId: "es_ES",
      localeName: "Spanish (Spain)",
      botLocaleStatus: "Built",
      lastUpdatedDateTime: start,
    };
    expect(botLocaleSummaries).to.deep.equal([
      spanish,
      { localeId: "en_US", botLocaleStatus: "NotBuilt", lastUpdatedDateTime: start },
    ]);
    const { $metadata, ...described } = await fixture.describeLocale();
    expect($metadata.httpStatusCode).to.equal(200);
    expect(described).to.deep.equal({
      ...LexFixture.locale,
      ...spanish,
      nluIntentConfidenceThreshold: 0.4,
      voiceSettings: { engine: "neural", voiceId: "Lucia" },
      intentsCount: 4,
      slotTypesCount: 1,
      creationDateTime: start,
    });
  });

  it("lists intents ten a page, or as many as asked for", async () => {
    const root = "Biblioteca/BotLocales/es_ES/Intents/";
    const more = new Map(
      Array.from({ length: 20 }, (_, i) => [`${root}I${i}/Intent.json`, intent(`I${i}`, {})] as const),
    );
    await open({ bots: [libraryBot(Object.fromEntries(more))] });
    const sizes = async (pageSize?: number) => {
      const pages: number[] = [];
      const names: (string | undefined)[] = [];
      const paginator = paginateListIntents(
        pageSize === undefined ? { client: fixture.client } : { client: fixture.client, pageSize },
        { ...LexFixture.locale },
      );
      for await (const { intentSummaries = [] } of paginator) {
        pages.push(intentSummaries.length);
        names.push(...intentSummaries.map(({ intentName }) => intentName));
      }
      expect(new Set(names).size).to.equal(24);
      return pages;
    };
    expect(await sizes()).to.deep.equal([10, 10, 4]);
    expect(await sizes(12)).to.deep.equal([12, 12]);
    const badToken = fixture.client.send(new ListIntentsCommand({ ...LexFixture.locale, nextToken: "abcd" }));
    expect(await refusal(badToken)).to.equal(
      "400 ValidationException: The token for the next page is not one of this API.",
    );
  });

  it("describes an intent under the names that the API has for what the files hold", async () => {
    await open();
    const { intentSummaries = [] } = await fixture.client.send(new ListIntentsCommand(LexFixture.locale));
    expect(
      intentSummaries.map(({ intentName, parentIntentSignature }) => [intentName, parentIntentSignature]),
    ).to.deep.equal([
      ["Horario", undefined],
      ["Renovar", undefined],
      ["Ayuda", "AMAZON.HelpIntent"],
      ["FallbackIntent", "AMAZON.FallbackIntent"],
    ]);
    const describe = async (intentId: string | undefined) => {
      const { $metadata, ...described } = await fixture.client.send(
        new DescribeIntentCommand({ ...LexFixture.locale, intentId }),
      );
      expect($metadata.httpStatusCode).to.equal(200);
      return described;
    };
    expect(await describe("HORARIO001")).to.deep.equal({
      ...LexFixture.locale,
      intentId: "HORARIO001",
      intentName: "Horario",
      sampleUtterances: [
        { utterance: "a qué hora abre la biblioteca" },
        { utterance: "cuál es el horario de los sábados" },
      ],
      intentClosingSetting: {
        active: true,
        closingResponse: {
          allowInterrupt: true,
          messageGroups: [{ message: { plainTextMessage: { value: "Abrimos de 9 a 20 horas." } } }],
        },
      },
      slotPriorities: [],
      creationDateTime: start,
      lastUpdatedDateTime: start,
    });
    expect((await describe("RENOVAR001")).slotPriorities).to.deep.equal([
      { priority: 1, slotId: "TITULO0001" },
    ]);
    const help = await describe(intentSummaries[2]?.intentId);
    expect([help.intentName, help.sampleUtterances]).to.deep.equal(["Ayuda", undefined]);
    expect(await refusal(describe("AAAAAAAAAA"))).to.equal(
      "404 ResourceNotFoundException: The intent AAAAAAAAAA does not exist.",
    );
  });

  it("says which bot, locale or version it does not have", async () => {
    await open();
    expect(await refusal(fixture.client.send(new DescribeBotCommand({ botId: "AAAAAAAAAA" })))).to.equal(
      "404 ResourceNotFoundException: The bot AAAAAAAAAA does not exist.",
    );
    const intents = (changes: object) =>
      refusal(fixture.client.send(new ListIntentsCommand({ ...LexFixture.locale, ...changes })));
    expect(await intents({ botVersion: "7" })).to.equal(
      "404 ResourceNotFoundException: The version 7 of the bot BIBLIOTECA does not exist.",
    );
    expect(await intents({ botVersion: "draft" })).to.equal(
      "400 ValidationException: draft is not a version of a bot.",
    );
    expect(await intents({ sortBy: { attribute: "IntentName", order: "Ascending" } })).to.equal(
      '400 ValidationException: The request is not one that the local Lex takes: : Unrecognized key: "sortBy".',
    );
  });

  it("answers 501 to an operation that it does not serve, and names it", async () => {
    await open();
    const update = new UpdateIntentCommand({
      ...LexFixture.locale,
      intentId: "HORARIO001",
      intentName: "Horario",
    });
    expect(await refusal(fixture.client.send(update))).to.equal(
      "501 NotServedByLocalLexException: The local Lex does not serve " +
        "PUT /bots/BIBLIOTECA/botversions/DRAFT/botlocales/es_ES/intents/HORARIO001.",
    );
  });

  it("refuses a body that is not JSON or larger than any of the API", async () => {
    await open();
    const post = async (body: string): Promise<unknown[]> => {
      const response = await fetch(`${fixture.lex.url}/bots/`, { method: "POST", body });
      const answer: unknown = await response.json();
      return [response.status, answer];
    };
    expect(await post("{")).to.deep.equal([400, { message: "The body of the request is not JSON." }]);
    expect(await post("a".repeat(2 ** 22))).to.deep.equal([
      400,
      { message: "The body of the request is too large." },
    ]);
  });

  it("tells of every request once it was carried out, and leaves it unanswered when that throws", async () => {
    const told: unknown[] = [];
    await open({
      onRequest: (request) => {
        told.push({ ...request, path: request.path.split("/")[1] });
        if (request.operation === "BuildBotLocale") {
          throw new Error("killed");
        }
      },
    });
    await fixture.download();
    const unanswered = await fixture.startBuild().catch((error: unknown) => error);
    expect(unanswered).to.be.an("error");
    expect(fixture.lex.localeStatus(LexFixture.botId, "es_ES")).to.equal("Building");
    expect(told).to.deep.equal([
      { operation: "CreateExport", path: "exports", status: 202 },
      { operation: "DescribeExport", path: "exports", status: 200 },
      { operation: "Download", path: "downloads", status: 200 },
      { operation: "BuildBotLocale", path: "bots", status: 202 },
    ]);
  });

  it("fails to start on a port that is taken", async () => {
    await open();
    const port = Number(new URL(fixture.lex.url).port);
    const second = await LexFixture.open({ port }).catch((error: unknown) => error);
    expect(second).to.have.property("code", "EADDRINUSE");
  });
});
