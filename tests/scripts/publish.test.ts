import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync } from "node:fs";
import { expect } from "chai";
import type { FaultSettings } from "../../local/lex/faults";
import { startLocalS3, type LocalS3 } from "../../local/s3";
import { bundleSteps } from "../../pipeline/bundle";
import { settingDefaults, variableOf } from "../../pipeline/settings";
import { publishWithin } from "../../scripts/publish";
import { stageIn, type Stage } from "../../scripts/stage/stage";
import { prepare } from "../../scripts/steps/prepare";
import { publishBy } from "../../scripts/steps/publish";
import { AliasedBot } from "../support/aliased-bot";
import { temporaryFolder, writeFiles } from "../support/folder";
import { refusalOf } from "../support/refusal";
import { sdkEnvironment } from "../support/stages";

const { phrase, intent } = AliasedBot.recovered;

/** What becomes of the alias, whatever Lex does: on the new version, or as it was, with the bot as it was. */
describe("publishing a retraining", () => {
  const folder = temporaryFolder();
  let bot: AliasedBot;
  let s3: LocalS3;

  beforeEach(async () => {
    s3 = await startLocalS3({ data: folder("data") });
    process.env["AWS_ENDPOINT_URL_S3"] = s3.url;
  });
  afterEach(async () => {
    delete process.env["AWS_ENDPOINT_URL_S3"];
    await Promise.all([bot.close(), s3.close()]);
  });

  async function start(...options: Parameters<typeof AliasedBot.start>): Promise<void> {
    bot = await AliasedBot.start(...options);
  }

  function environment(settings: Record<string, string> = {}): Record<string, string> {
    cpSync(folder("run"), folder("publish", "input"), { recursive: true });
    return {
      PROCESSING_ROOT: folder("publish"),
      BOT_ID: AliasedBot.id,
      BOT_LOCALE_ID: "es_ES",
      BOT_ALIAS_ID: bot.aliasId,
      EXECUTION_ID: "abc123",
      RUN_URI: "s3://data/runs/abc123",
      BOT_URI: "s3://data/bots/bot",
      BUILD_TIMEOUT_MINUTES: "5",
      KEEP_VERSIONS: "3",
      ...settings,
    };
  }

  /** Leaves the bot and the bucket as Retrain does for Publish. */
  async function retrain(recovered?: Parameters<AliasedBot["retrain"]>[1]): Promise<void> {
    await bot.retrain(folder("run"), recovered);
    cpSync(folder("run"), folder("data", "runs", "abc123"), { recursive: true });
    writeFiles(folder("data"), {
      "bots/bot/journal.json": JSON.stringify({ ...entry, change: { kind: "build" } }),
    });
  }

  const entry = {
    execution: "abc123",
    runUri: "s3://data/runs/abc123",
    botId: AliasedBot.id,
    localeId: "es_ES",
    written: "2026-01-01T00:00:00.000Z",
  };
  const journal = (): unknown =>
    JSON.parse(readFileSync(folder("data", "bots", "bot", "journal.json"), "utf8"));

  function stepFor(settings: Record<string, string>): Stage {
    return {
      ...stageIn(environment(settings)),
      say: (line) => bot.lines.push(line),
      sleep: (time, end) => (end ? stageIn({}).sleep(time, end) : Promise.resolve()),
    };
  }

  async function publish(settings: Record<string, string> = {}, propagationTime = 20_000): Promise<void> {
    await publishBy((stage) => publishWithin(stage, propagationTime), stepFor(settings));
  }

  function published(): unknown {
    return JSON.parse(readFileSync(folder("publish", "output", "publish", "report", "publish.json"), "utf8"));
  }

  async function versions(): Promise<string[]> {
    return (await bot.versions().list()).map(({ number }) => number);
  }

  it("makes a version, points the alias to it and asks a recovered phrase through it", async () => {
    await start();
    await retrain();
    expect(await bot.ask(phrase)).to.equal("FallbackIntent");
    await publish();
    expect(await bot.ask(phrase)).to.equal(intent);
    expect(bot.lines).to.include(
      `publish: Asking a recovered phrase through the alias until ${intent} answers.`,
    );
    expect(bot.lines.filter((line) => line.includes(phrase))).to.deep.equal([]);
    expect(published()).to.deep.equal({
      botAliasId: bot.aliasId,
      localeId: "es_ES",
      version: "2",
      replacedVersion: "1",
      prunedVersions: [],
      smoke: { phrase, intent },
    });
    expect((await bot.versions().list())[1]).to.deep.equal({
      number: "2",
      description: "lex-retraining abc123, replaces version 1",
      isUsable: true,
    });
  });

  it("takes no version that another execution made", async () => {
    await start();
    await retrain();
    await bot.versions().create({
      description: "lex-retraining another, replaces version 1",
      locales: new Map([["es_ES", "DRAFT"]]),
    });
    await publish();
    expect(published()).to.include({ version: "3", replacedVersion: "1" });
  });

  it("takes no version that Lex could not make for an attempt that was killed", async () => {
    await start();
    await retrain();
    bot.lex.inject({ "version-fails": 1 });
    const description = "lex-retraining abc123, replaces version 1";
    await refusalOf(bot.versions().create({ description, locales: new Map([["es_ES", "DRAFT"]]) }));
    await publish();
    expect(published()).to.include({ version: "3", replacedVersion: "1" });
  });

  it("changes nothing of the alias but its version", async () => {
    await start();
    await retrain();
    await publish();
    expect(await bot.aliasSettings()).to.deep.equal({
      botAliasName: "live",
      botVersion: "2",
      botAliasStatus: "Available",
      ...AliasedBot.settings,
    });
  });

  it("leaves the other locale as the alias has it, whatever its DRAFT holds", async () => {
    await start();
    await bot.edit(bot.withUtterance("PayFine", "settle my debt", "en_US"), "en_US");
    await retrain();
    await publish();
    expect(await bot.ask("pay the fine", "en_US")).to.equal("PayFine");
    expect(await bot.ask("settle my debt", "en_US")).to.equal("FallbackIntent");
  });

  it("asks again until the alias answers by its new version, each time in a session of its own", async () => {
    const sessions: string[] = [];
    let propagate: () => void = () => expect.fail("The alias was asked before it was pointed.");
    const propagation = 86_400_000;
    await start({
      delays: { propagation },
      clock: {
        now: () => Date.now(),
        after: (milliseconds, action) => {
          if (milliseconds === propagation) {
            propagate = action;
          } else {
            setTimeout(action, milliseconds);
          }
        },
      },
      onRequest: ({ operation, path }) => {
        if (operation !== "RecognizeText") {
          return;
        }
        sessions.push(/sessions\/([^/]+)/.exec(path)?.[1] ?? "");
        if (sessions.length === 2) {
          propagate();
        }
      },
    });
    await retrain();
    await publish();
    expect(sessions).to.have.length(3);
    expect(new Set(sessions).size).to.equal(3);
    for (const session of sessions) {
      expect(session).to.match(/^lex-retraining-smoke-test-[0-9a-f-]{36}$/);
    }
    expect(bot.lines.filter((line) => line.startsWith("publish: Not yet"))).to.deep.equal([
      "publish: Not yet: FallbackIntent answers.",
      "publish: Not yet: FallbackIntent answers.",
    ]);
  });

  describe("that goes wrong", () => {
    /** Everything is as before, but for a version that nobody uses. */
    async function expectPutBack(before: Buffer, settings: object): Promise<void> {
      expect(bot.lex.localeZip(AliasedBot.id, "es_ES").equals(before)).to.equal(true);
      expect(bot.lex.localeStatus(AliasedBot.id, "es_ES")).to.equal("Built");
      expect(await bot.aliasSettings()).to.deep.equal(settings);
      expect(await bot.ask(phrase)).to.equal("FallbackIntent");
      expect(journal()).to.include({ execution: "abc123", change: null });
    }

    const isBack = "The bot is as it was before this run, and built\\.$";
    const failures: readonly [string, FaultSettings, string, string[]][] = [
      [
        "the version fails",
        { "version-fails": 1 },
        "^Lex could not make version 2\\. More is in publish/details\\.txt of this run\\. ",
        ["CreateBotVersion"],
      ],
      [
        "the alias fails",
        { "alias-fails": 1 },
        "^Lex could not point alias .* to version 2\\. ",
        ["CreateBotVersion", "UpdateBotAlias", "UpdateBotAlias"],
      ],
    ];
    for (const [when, faults, message, changes] of failures) {
      it(`puts the alias and the bot back byte for byte when ${when}`, async () => {
        await start();
        const before = bot.lex.localeZip(AliasedBot.id, "es_ES");
        const settings = await bot.aliasSettings();
        await retrain();
        bot.lex.inject(faults);
        expect(await refusalOf(publish())).to.match(new RegExp(message + isBack));
        expect(
          bot.requests.filter((name) => /BotVersion$|UpdateBotAlias/.test(name) && !/^D/.test(name)),
        ).to.deep.equal(changes);
        await expectPutBack(before, settings);
      });
    }

    it("puts the alias and the bot back byte for byte when the alias never answers as it should", async () => {
      await start();
      const before = bot.lex.localeZip(AliasedBot.id, "es_ES");
      const settings = await bot.aliasSettings();
      await retrain([{ phrase: "no lo sé", intent }]);
      expect(await refusalOf(publish({}, 0))).to.match(
        new RegExp(
          `^Waited in vain for the alias to answer a recovered phrase with ${intent}, for 0 minutes\\. ${isBack}`,
        ),
      );
      await expectPutBack(before, settings);
      expect(await versions()).to.deep.equal(["1", "2"]);
    });

    it("names both reasons when the alias cannot be pointed back", async () => {
      await start();
      await retrain();
      bot.lex.inject({ "alias-fails": 4 });
      expect(await refusalOf(publish())).to.match(
        new RegExp(
          "^Lex could not point alias \\w+ to version 2\\. Putting the bot back failed too: The alias was not pointed back: " +
            "Lex could not point alias \\w+ to version 1\\. The bot is as it was before this run, and built\\. The next run tries again\\.",
        ),
      );
    });

    const disabled = { botAliasLocaleSettings: { es_ES: { enabled: false }, en_US: { enabled: true } } };
    it("makes no version for an alias that does not have the locale enabled", async () => {
      await start({}, disabled);
      const before = bot.lex.localeZip(AliasedBot.id, "es_ES");
      await retrain();
      expect(await refusalOf(publish())).to.match(
        new RegExp(
          "^Locale es_ES is not enabled on the alias live \\(\\w+\\), so nobody would get what is published\\. " +
            `In the Lex console open the alias, choose the language and enable it; then start again\\. ${isBack}`,
        ),
      );
      expect(await versions()).to.deep.equal(["1"]);
      expect(bot.lex.localeZip(AliasedBot.id, "es_ES").equals(before)).to.equal(true);
    });

    it("makes no version for an alias that has none itself", async () => {
      await start();
      await retrain();
      expect(await refusalOf(publish({ BOT_ALIAS_ID: "TSTALIASID" }))).to.match(
        /^The alias TestBotAlias \(TSTALIASID\) has no numbered version to go on from: /,
      );
      expect(await versions()).to.deep.equal(["1"]);
    });

    it("makes no version of a DRAFT that somebody has changed, keeps their change and takes out its own", async () => {
      await start();
      await retrain();
      await bot.edit(bot.withUtterance("PagarMulta", "debo dinero"));
      expect(await refusalOf(publish())).to.match(
        /^The DRAFT of es_ES is not what this run built and evaluated, so it is not published\. The bot is as it was before this run, but for what somebody has edited since, and built\.$/,
      );
      expect(await versions()).to.deep.equal(["1"]);
      const { intents } = bot.live();
      expect(intents.get("PagarMulta")?.sampleUtterances).to.deep.equal(["pagar la multa", "debo dinero"]);
      expect(intents.get("RenovarPrestamo")?.sampleUtterances).to.deep.equal(["quiero renovar mi préstamo"]);
      expect(bot.lex.localeStatus(AliasedBot.id, "es_ES")).to.equal("Built");
    });

    it("never points the alias to a version that holds what somebody edited right before it was made", async () => {
      await start();
      const settings = await bot.aliasSettings();
      await retrain();
      bot.lex.inject({ "draft-changed-in-version": 1 });
      expect(await refusalOf(publish())).to.match(
        /^Somebody edited the DRAFT of es_ES right before version 2 was made of it, so that version is not published\. .*The bot is as it was before this run, but for what somebody has edited since, and built\.$/,
      );
      expect(bot.requests).to.include("CreateBotVersion").and.not.include("UpdateBotAlias");
      expect(await bot.aliasSettings()).to.deep.equal(settings);
    });

    it("publishes nothing that the evaluation does not show to help", async () => {
      await start();
      await retrain([]);
      expect(await refusalOf(publish())).to.match(
        /^The evaluation names no phrase that the retraining recovers/,
      );
      expect(await versions()).to.deep.equal(["1"]);
    });

    it("stays undone when the same execution tries again", async () => {
      await start();
      const before = bot.lex.localeZip(AliasedBot.id, "es_ES");
      const settings = await bot.aliasSettings();
      await retrain();
      bot.lex.inject({ "alias-fails": 1 });
      await refusalOf(publish());
      expect(await refusalOf(publish())).to.match(
        /^The retraining of this run was put back meanwhile\. Start the run again\.$/,
      );
      await expectPutBack(before, settings);
    });
  });

  describe("by a process that is killed", () => {
    let script = "";
    before(async () => {
      script = (await bundleSteps()).publish.path;
    });

    let unchanged: Buffer;

    /**
     * The process that publishes is killed when Lex has carried out the last of these requests, each counted
     * from the one before it.
     */
    async function publishUntil(requests: readonly string[], faults: FaultSettings = {}): Promise<void> {
      let child: ChildProcess | undefined;
      const awaited = [...requests];
      await start({
        onRequest: ({ operation }) => {
          if (!child || operation !== awaited[0]) {
            return;
          }
          awaited.shift();
          if (awaited.length > 0) {
            return;
          }
          child.kill("SIGKILL");
          throw new Error("Nobody is left to answer.");
        },
      });
      unchanged = bot.lex.localeZip(AliasedBot.id, "es_ES");
      await retrain();
      bot.lex.inject(faults);
      child = spawn(process.execPath, [script], {
        env: { ...sdkEnvironment(bot.lex.url), ...environment(), AWS_ENDPOINT_URL_S3: s3.url },
        stdio: "ignore",
      });
      expect(await once(child, "exit")).to.deep.equal([null, "SIGKILL"]);
      child = undefined;
    }

    for (const requests of [
      ["CreateBotVersion"],
      ["CreateBotVersion", "DescribeBotVersion"],
      ["CreateBotVersion", "DescribeBotAlias"],
      ["UpdateBotAlias"],
      ["UpdateBotAlias", "DescribeBotAlias"],
      ["RecognizeText"],
    ]) {
      it(`ends in one version when it is run again, killed at ${requests.join(", ")}`, async () => {
        await publishUntil(requests);
        await publish();
        expect(await versions()).to.deep.equal(["1", "2"]);
        expect(await bot.aliasSettings()).to.deep.include({ botVersion: "2", botAliasStatus: "Available" });
        expect(await bot.ask(phrase)).to.equal(intent);
        expect(published()).to.include({ version: "2", replacedVersion: "1" });
      });
    }

    for (const [requests, faults] of [
      [["CreateBotVersion"], {}],
      [["UpdateBotAlias"], {}],
      [["RecognizeText"], {}],
      [["StartImport"], { "alias-fails": 1 }],
      [["BuildBotLocale"], { "alias-fails": 1 }],
    ] as const) {
      it(`ends as before when another run comes next, killed at ${requests.join(", ")}`, async () => {
        await publishUntil(requests, faults);
        writeFiles(folder("data"), { "bots/bot/lease.json": JSON.stringify({ ...lease, released: true }) });
        writeFiles(folder("next"), { "input/data/misses.csv": "utterance\nhay wifi\n" });
        const root = {
          PROCESSING_ROOT: folder("next"),
          EXECUTION_ID: "next",
          RUN_URI: "s3://data/runs/next",
        };
        await prepare(stepFor({ ...everySetting, ...root }));
        expect(bot.lex.localeZip(AliasedBot.id, "es_ES").equals(unchanged)).to.equal(true);
        expect(bot.lex.localeStatus(AliasedBot.id, "es_ES")).to.equal("Built");
        expect(await bot.aliasSettings()).to.deep.include({ botVersion: "1", botAliasStatus: "Available" });
        expect(journal()).to.include({ execution: "abc123", change: null });
      });
    }
  });
});

const lease = {
  holder: "abc123",
  acquired: "2026-01-01T00:00:00.000Z",
  renewed: "2026-01-01T00:00:00.000Z",
};

/** The settings at their defaults, as Prepare is told them. */
const everySetting = Object.fromEntries(
  Object.entries(settingDefaults)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [variableOf(name), String(value)]),
);
