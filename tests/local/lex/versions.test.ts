import {
  CreateBotVersionCommand,
  CreateExportCommand,
  DeleteBotVersionCommand,
  DescribeBotVersionCommand,
  DescribeExportCommand,
  ListBotLocalesCommand,
  ListBotVersionsCommand,
  ListBotsCommand,
} from "@aws-sdk/client-lex-models-v2";
import { expect } from "chai";
import { LexFixture, refusal } from "./lex-fixture";
import { libraryBot, libraryFiles, localeExport } from "./library-bot";

const botId = LexFixture.botId;

describe("the local Lex's versions", () => {
  let fixture: LexFixture;
  const open = async (options: Parameters<typeof LexFixture.open>[0] = {}) =>
    (fixture = await LexFixture.open({ bots: [twoLocales()], ...options }));
  afterEach(() => fixture.close());

  const describeVersion = (botVersion: string) =>
    fixture.client.send(new DescribeBotVersionCommand({ botId, botVersion }));
  const list = async () => {
    const { botVersionSummaries = [] } = await fixture.client.send(
      new ListBotVersionsCommand({ botId, maxResults: 1000 }),
    );
    return botVersionSummaries.map(({ botVersion }) => botVersion);
  };
  const localesOf = async (botVersion: string) => {
    const { botLocaleSummaries = [] } = await fixture.client.send(
      new ListBotLocalesCommand({ botId, botVersion }),
    );
    return botLocaleSummaries.map(({ localeId, botLocaleStatus }) => [localeId, botLocaleStatus]);
  };

  it("are not to be found at first, then Creating, then Available", async () => {
    await open();
    const created = await fixture.client.send(
      new CreateBotVersionCommand({
        botId,
        description: "retrained",
        botVersionLocaleSpecification: { es_ES: { sourceBotVersion: "DRAFT" } },
      }),
    );
    expect(created.$metadata.httpStatusCode).to.equal(202);
    expect([created.botVersion, created.botStatus]).to.deep.equal(["1", "Creating"]);
    expect(created.botVersionLocaleSpecification).to.deep.equal({ es_ES: { sourceBotVersion: "DRAFT" } });
    expect(await refusal(describeVersion("1"))).to.equal(
      "404 ResourceNotFoundException: The version 1 of the bot BIBLIOTECA does not exist.",
    );
    fixture.clock.advance(5);
    expect((await describeVersion("1")).botStatus).to.equal("Creating");
    fixture.clock.advance(5);
    const { $metadata, ...described } = await describeVersion("1");
    expect($metadata.httpStatusCode).to.equal(200);
    expect(described).to.deep.equal({
      botId,
      botName: "Biblioteca",
      botVersion: "1",
      description: "retrained",
      botStatus: "Available",
      botType: "Bot",
      roleArn:
        "arn:aws:iam::000000000000:role/aws-service-role/lexv2.amazonaws.com/AWSServiceRoleForLexV2Bots_LOCALLEX",
      dataPrivacy: { childDirected: false },
      idleSessionTTLInSeconds: 600,
      creationDateTime: new Date("2026-01-01T00:00:00Z"),
    });
    const { botSummaries } = await fixture.client.send(new ListBotsCommand({}));
    expect(botSummaries?.[0]?.latestBotVersion).to.equal("1");
  });

  it("hold the locales listed and no other, each as its source version has it", async () => {
    await open();
    await fixture.version({ es_ES: "DRAFT", en_US: "DRAFT" });
    await fixture.import(
      localeExport(undefined, { "Biblioteca/BotLocales/es_ES/Intents/Ayuda/Intent.json": undefined }),
    );
    await fixture.build();
    await fixture.version({ es_ES: "DRAFT", en_US: "1" });
    await fixture.version({ es_ES: "1" });
    expect(await localesOf("2")).to.deep.equal([
      ["es_ES", "Built"],
      ["en_US", "Built"],
    ]);
    expect(await localesOf("3")).to.deep.equal([["es_ES", "Built"]]);
    const counts = [];
    for (const botVersion of ["1", "2", "3"]) {
      counts.push((await fixture.describeLocale({ botVersion })).intentsCount);
    }
    expect(counts).to.deep.equal([4, 3, 4]);
  });

  it("can be exported", async () => {
    await open();
    await fixture.version({ es_ES: "DRAFT" });
    const { exportId } = await fixture.client.send(
      new CreateExportCommand({
        fileFormat: "LexJson",
        resourceSpecification: { botLocaleExportSpecification: { ...LexFixture.locale, botVersion: "1" } },
      }),
    );
    fixture.clock.advance(10);
    const { downloadUrl = "" } = await fixture.client.send(new DescribeExportCommand({ exportId }));
    expect(downloadUrl).to.contain(`/Biblioteca-1-es_ES-${exportId ?? ""}-LexJson.zip`);
    expect(Buffer.from(await (await fetch(downloadUrl)).arrayBuffer())).to.deep.equal(
      fixture.lex.localeZip(botId, "es_ES"),
    );
  });

  it("are made of locales that are there and built, and of at least one", async () => {
    await open();
    await fixture.import(localeExport());
    expect(await refusal(fixture.version({ es_ES: "DRAFT" }))).to.equal(
      "412 PreconditionFailedException: The locale es_ES of version DRAFT is NotBuilt, and must be Built.",
    );
    expect(await refusal(fixture.version({ it_IT: "DRAFT" }))).to.equal(
      "412 PreconditionFailedException: The locale it_IT of version DRAFT does not exist, and must be Built.",
    );
    expect(await refusal(fixture.version({ en_US: "9" }))).to.equal(
      "412 PreconditionFailedException: The locale en_US of version 9 does not exist, and must be Built.",
    );
    expect(await refusal(fixture.version({}))).to.match(
      /^400 ValidationException: .*at least one locale is needed/,
    );
    expect(await list()).to.deep.equal(["DRAFT"]);
  });

  it("have numbers that are not used again", async () => {
    await open();
    await fixture.version({ es_ES: "DRAFT" });
    await fixture.version({ es_ES: "DRAFT" });
    const deleted = await fixture.client.send(new DeleteBotVersionCommand({ botId, botVersion: "2" }));
    expect([deleted.$metadata.httpStatusCode, deleted.botStatus]).to.deep.equal([202, "Deleting"]);
    expect(await fixture.version({ es_ES: "DRAFT" })).to.equal("3");
    expect(await list()).to.deep.equal(["DRAFT", "1", "3"]);
    expect(
      await refusal(fixture.client.send(new DeleteBotVersionCommand({ botId, botVersion: "2" }))),
    ).to.equal("404 ResourceNotFoundException: The version 2 of the bot BIBLIOTECA does not exist.");
    expect(
      await refusal(fixture.client.send(new DeleteBotVersionCommand({ botId, botVersion: "DRAFT" }))),
    ).to.equal("400 ValidationException: DRAFT is not the number of a version.");
  });

  it("are a hundred at most", async () => {
    await open();
    for (let version = 0; version < 100; version++) {
      await fixture.version({ es_ES: "DRAFT" });
    }
    expect(await refusal(fixture.version({ es_ES: "DRAFT" }))).to.equal(
      "402 ServiceQuotaExceededException: The bot BIBLIOTECA has 100 versions already.",
    );
    await fixture.client.send(new DeleteBotVersionCommand({ botId, botVersion: "1" }));
    expect(await fixture.version({ es_ES: "DRAFT" })).to.equal("101");
  });

  it("are not deleted while an alias uses them, unless that is skipped", async () => {
    await open();
    await fixture.version({ es_ES: "DRAFT" });
    await fixture.alias({ botAliasName: "live", botVersion: "1" });
    const deletion = (skipResourceInUseCheck: boolean) =>
      refusal(
        fixture.client.send(new DeleteBotVersionCommand({ botId, botVersion: "1", skipResourceInUseCheck })),
      );
    expect(await deletion(false)).to.equal(
      "412 PreconditionFailedException: The version 1 is in use by the alias live.",
    );
    expect(await deletion(true)).to.equal("no refusal");
    expect(await list()).to.deep.equal(["DRAFT"]);
  });

  it("can be made to fail", async () => {
    await open({ faults: { "version-fails": 1 } });
    await fixture.version({ es_ES: "DRAFT" });
    const failed = await describeVersion("1");
    expect([failed.botStatus, failed.failureReasons]).to.deep.equal([
      "Failed",
      ["The version failed because a fault was injected (version-fails)."],
    ]);
    await fixture.version({ es_ES: "DRAFT" });
    expect((await describeVersion("2")).botStatus).to.equal("Available");
  });
});

function twoLocales() {
  const english = Object.entries(libraryFiles())
    .filter(([path]) => path.includes("/es_ES/"))
    .map(([path, content]) => [path.replace("/es_ES/", "/en_US/"), content] as const);
  return libraryBot({
    ...Object.fromEntries(english),
    "Biblioteca/BotLocales/en_US/BotLocale.json": { identifier: "en_US", nluConfidenceThreshold: 0.4 },
  });
}
