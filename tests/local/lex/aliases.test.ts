import {
  type BotAliasLocaleSettings,
  CreateBotAliasCommand,
  DescribeBotAliasCommand,
  ListBotAliasesCommand,
  UpdateBotAliasCommand,
  type UpdateBotAliasCommandInput,
} from "@aws-sdk/client-lex-models-v2";
import { expect } from "chai";
import { LexFixture, refusal } from "./lex-fixture";
import { intent, localeExport, utterances } from "./library-bot";

const botId = LexFixture.botId;
const locales: Record<string, BotAliasLocaleSettings> = {
  es_ES: {
    enabled: true,
    codeHookSpecification: {
      lambdaCodeHook: {
        lambdaARN: "arn:aws:lambda:eu-west-1:000000000000:function:hook",
        codeHookInterfaceVersion: "1.0",
      },
    },
  },
};

describe("the local Lex's aliases", () => {
  let fixture: LexFixture;
  const open = async (options: Parameters<typeof LexFixture.open>[0] = {}) =>
    (fixture = await LexFixture.open(options));
  afterEach(() => fixture.close());

  const describeAlias = async (botAliasId: string) => {
    const { $metadata, ...alias } = await fixture.client.send(
      new DescribeBotAliasCommand({ botId, botAliasId }),
    );
    expect($metadata.httpStatusCode).to.equal(200);
    return alias;
  };
  const update = (settings: Omit<UpdateBotAliasCommandInput, "botId">) =>
    fixture.client.send(new UpdateBotAliasCommand({ botId, ...settings }));
  const firstIntent = async (text: string, botAliasId: string) =>
    (await fixture.ask(text, { botAliasId })).interpretations?.[0]?.intent?.name;

  it("are the test alias on the DRAFT and those that were made", async () => {
    await open();
    await fixture.version({ es_ES: "DRAFT" });
    const id = await fixture.alias({ botAliasName: "live", botVersion: "1" });
    const { botAliasSummaries } = await fixture.client.send(new ListBotAliasesCommand({ botId }));
    const time = new Date("2026-01-01T00:00:00Z");
    expect(botAliasSummaries).to.deep.equal([
      {
        botAliasId: "TSTALIASID",
        botAliasName: "TestBotAlias",
        botVersion: "DRAFT",
        botAliasStatus: "Available",
        creationDateTime: time,
        lastUpdatedDateTime: time,
      },
      {
        botAliasId: id,
        botAliasName: "live",
        botVersion: "1",
        botAliasStatus: "Available",
        creationDateTime: new Date("2026-01-01T00:00:00.010Z"),
        lastUpdatedDateTime: new Date("2026-01-01T00:00:00.010Z"),
      },
    ]);
    expect(await refusal(describeAlias("AAAAAAAAAA"))).to.equal(
      "404 ResourceNotFoundException: The alias AAAAAAAAAA of the bot BIBLIOTECA does not exist.",
    );
  });

  it("give back all that they were given, and lose what an update does not send", async () => {
    await open();
    await fixture.version({ es_ES: "DRAFT" });
    const settings = {
      botAliasName: "live",
      description: "for customers",
      botVersion: "1",
      botAliasLocaleSettings: locales,
      conversationLogSettings: {
        textLogSettings: [
          {
            enabled: true,
            destination: { cloudWatch: { cloudWatchLogGroupArn: "arn:aws:logs:x", logPrefix: "lex" } },
          },
        ],
      },
      sentimentAnalysisSettings: { detectSentiment: true },
    };
    const created = await fixture.client.send(
      new CreateBotAliasCommand({ botId, ...settings, tags: { owner: "library" } }),
    );
    expect([created.$metadata.httpStatusCode, created.botAliasStatus]).to.deep.equal([202, "Creating"]);
    expect(created.tags).to.deep.equal({ owner: "library" });
    fixture.clock.advance(10);
    const { botAliasId = "" } = created;
    const described = await describeAlias(botAliasId);
    expect(described).to.deep.equal({
      ...settings,
      botId,
      botAliasId,
      botAliasStatus: "Available",
      creationDateTime: new Date("2026-01-01T00:00:00.010Z"),
      lastUpdatedDateTime: new Date("2026-01-01T00:00:00.010Z"),
    });

    const updated = await update({ botAliasId, botAliasName: "live", botVersion: "1" });
    expect([updated.$metadata.httpStatusCode, updated.botAliasStatus]).to.deep.equal([202, "Creating"]);
    fixture.clock.advance(10);
    expect(await describeAlias(botAliasId)).to.deep.equal({
      botId,
      botAliasId,
      botAliasName: "live",
      botVersion: "1",
      botAliasStatus: "Available",
      creationDateTime: new Date("2026-01-01T00:00:00.010Z"),
      lastUpdatedDateTime: new Date("2026-01-01T00:00:00.020Z"),
    });
  });

  it("answer by their version's build, and by the former one for a while after an update", async () => {
    await open({ delays: { propagation: 60_000 } });
    await fixture.version({ es_ES: "DRAFT" });
    const botAliasId = await fixture.alias({
      botAliasName: "live",
      botVersion: "1",
      botAliasLocaleSettings: locales,
    });
    const path = "Biblioteca/BotLocales/es_ES/Intents/Otro/Intent.json";
    const otro = intent("Otro", { sampleUtterances: utterances("quiero un carnet") });
    await fixture.import(localeExport(undefined, { [path]: otro }));
    await fixture.build();
    await fixture.version({ es_ES: "DRAFT" });

    expect(await firstIntent("quiero un carnet", "TSTALIASID")).to.equal("Otro");
    expect(await firstIntent("quiero un carnet", botAliasId)).not.to.equal("Otro");
    await update({ botAliasId, botAliasName: "live", botVersion: "2", botAliasLocaleSettings: locales });
    fixture.clock.advance(60_009);
    const { botVersion, botAliasStatus } = await describeAlias(botAliasId);
    expect([botVersion, botAliasStatus]).to.deep.equal(["2", "Available"]);
    expect(await firstIntent("quiero un carnet", botAliasId)).not.to.equal("Otro");
    fixture.clock.advance(1);
    expect(await firstIntent("quiero un carnet", botAliasId)).to.equal("Otro");
    expect(await firstIntent("a qué hora abre la biblioteca", botAliasId)).to.equal("Horario");
  });

  it("answer only for locales that are enabled on them, and only from a version", async () => {
    await open();
    await fixture.version({ es_ES: "DRAFT" });
    const disabled = await fixture.alias({
      botAliasName: "disabled",
      botVersion: "1",
      botAliasLocaleSettings: { es_ES: { enabled: false } },
    });
    const bare = await fixture.alias({ botAliasName: "bare", botVersion: "1" });
    for (const botAliasId of [disabled, bare]) {
      expect(await refusal(fixture.ask("hola", { botAliasId }))).to.equal(
        `400 ValidationException: The locale es_ES is not enabled on the alias ${botAliasId}.`,
      );
    }
    const versionless = await fixture.alias({ botAliasName: "versionless", botAliasLocaleSettings: locales });
    expect(await refusal(fixture.ask("hola", { botAliasId: versionless }))).to.equal(
      `400 ValidationException: The alias ${versionless} points to no version.`,
    );
  });

  it("hold fifty conversations at once", async () => {
    const served: number[] = [];
    await open({
      delays: { recognize: 5 },
      onRequest: ({ operation, status }) => {
        if (operation !== "RecognizeText") {
          return;
        }
        served.push(status);
        if (status === 429) {
          fixture.clock.advance(5);
        }
      },
    });
    await fixture.version({ es_ES: "DRAFT" });
    const botAliasId = await fixture.alias({
      botAliasName: "live",
      botVersion: "1",
      botAliasLocaleSettings: locales,
    });
    await Promise.all(Array.from({ length: 51 }, () => refusal(fixture.ask("hola", { botAliasId }))));
    expect(served).to.deep.equal([429, ...Array.from({ length: 50 }, () => 200)]);
  });

  it("are refused empty maps, versions that are not Available, the DRAFT, a name that is taken and haste", async () => {
    await open();
    await fixture.version({ es_ES: "DRAFT" });
    const botAliasId = await fixture.alias({ botAliasName: "live", botVersion: "1" });
    const refused = (changes: object) =>
      refusal(update({ botAliasId, botAliasName: "live", botVersion: "1", ...changes }));
    expect(await refused({ botAliasLocaleSettings: {} })).to.match(
      /^400 ValidationException: .*botAliasLocaleSettings: an empty map is not allowed/,
    );
    expect(await refused({ conversationLogSettings: { textLogSettings: [] } })).to.match(
      /^400 ValidationException: .*conversationLogSettings\.textLogSettings: Too small/,
    );
    expect(await refused({ botVersion: "2" })).to.equal(
      "412 PreconditionFailedException: The version 2 is not there, or not Available.",
    );
    const onlyTheTestAlias =
      "400 ValidationException: The alias TSTALIASID, and no other, points to the version DRAFT.";
    expect(await refused({ botVersion: "DRAFT" })).to.equal(onlyTheTestAlias);
    expect(await refused({ botAliasId: "TSTALIASID" })).to.equal(onlyTheTestAlias);
    expect(await refused({ botAliasName: "TestBotAlias" })).to.equal(
      "412 PreconditionFailedException: The alias TSTALIASID has the name TestBotAlias already.",
    );
    expect(await refused({})).to.equal("no refusal");
    expect(await refused({})).to.equal(
      `409 ConflictException: The alias ${botAliasId} is Creating: wait until that has ended.`,
    );
  });

  it("can be made to fail, and then are what they were", async () => {
    await open({ faults: { "alias-fails": 1 } });
    await fixture.version({ es_ES: "DRAFT" });
    await fixture.version({ es_ES: "DRAFT" });
    const botAliasId = await fixture.alias({ botAliasName: "live", botVersion: "1" });
    await update({ botAliasId, botAliasName: "live", botVersion: "2" });
    fixture.clock.advance(10);
    const failed = await describeAlias(botAliasId);
    expect([failed.botAliasStatus, failed.botVersion]).to.deep.equal(["Failed", "1"]);
    await update({ botAliasId, botAliasName: "live", botVersion: "2" });
    fixture.clock.advance(10);
    const mended = await describeAlias(botAliasId);
    expect([mended.botAliasStatus, mended.botVersion]).to.deep.equal(["Available", "2"]);
  });
});
