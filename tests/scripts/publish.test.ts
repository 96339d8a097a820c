import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { build } from "esbuild";
import type { FaultSettings } from "../../local/lex/faults";
import { publishWithin } from "../../scripts/publish";
import { stageIn } from "../../scripts/stage/stage";
import { AliasedBot, changesOf } from "../support/aliased-bot";
import { temporaryFolder, writeFiles } from "../support/folder";
import { refusalOf } from "../support/refusal";
import { sdkEnvironment } from "../support/stages";

const { phrase, intent } = AliasedBot.recovered;

/** What becomes of the alias, whatever Lex does: on the new version, or as it was, with the bot as it was. */
describe("publishing a retraining", () => {
  const folder = temporaryFolder();
  let bot: AliasedBot;

  afterEach(async () => {
    await bot.close();
  });

  async function start(...options: Parameters<typeof AliasedBot.start>): Promise<void> {
    bot = await AliasedBot.start(...options);
  }

  function environment(settings: Record<string, string> = {}): Record<string, string> {
    for (const [input, output] of [
      ["package", "package/package"],
      ["backup", "package/backup"],
      ["evaluation", "evaluate/evaluation"],
    ] as const) {
      cpSync(folder("run", output), folder("publish", "input", input), { recursive: true });
    }
    return {
      PROCESSING_ROOT: folder("publish"),
      BOT_ID: AliasedBot.id,
      BOT_LOCALE_ID: "es_ES",
      BOT_ALIAS_ID: bot.aliasId,
      EXECUTION_ID: "abc123",
      BUILD_TIMEOUT_MINUTES: "5",
      KEEP_VERSIONS: "3",
      ...settings,
    };
  }

  async function publish(settings: Record<string, string> = {}, propagationTime = 20_000): Promise<void> {
    const stage = stageIn(environment(settings));
    await publishWithin({ ...stage, say: (line) => bot.lines.push(line) }, propagationTime);
  }

  function published(): unknown {
    return JSON.parse(readFileSync(folder("publish", "output", "report", "publish.json"), "utf8"));
  }

  async function versions(): Promise<string[]> {
    return (await bot.versions().list()).map(({ number }) => number);
  }

  it("makes a version, points the alias to it and asks a recovered phrase through it", async () => {
    await start();
    await bot.retrain(folder("run"));
    expect(await bot.ask(phrase)).to.equal("FallbackIntent");
    await publish();
    expect(await bot.ask(phrase)).to.equal(intent);
    expect(published()).to.deep.equal({
      outcome: "published",
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
    });
  });

  it("changes nothing of the alias but its version", async () => {
    await start();
    await bot.retrain(folder("run"));
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
    await bot.retrain(folder("run"));
    await publish();
    expect(await bot.ask("pay the fine", "en_US")).to.equal("PayFine");
    expect(await bot.ask("settle my debt", "en_US")).to.equal("FallbackIntent");
  });

  it("says so and does nothing when the run changed nothing", async () => {
    await start();
    await bot.retrain(folder("run"));
    writeFiles(folder("run"), { "package/package/changes.json": changesOf([]) });
    await publish();
    expect(published()).to.deep.equal({ outcome: "unchanged" });
    expect(bot.lines).to.deep.equal(["Nothing to publish: the alias stays as it is."]);
    expect(bot.requests).to.deep.equal([]);
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
    await bot.retrain(folder("run"));
    await publish();
    expect(sessions).to.have.length(3);
    expect(new Set(sessions).size).to.equal(3);
    for (const session of sessions) {
      expect(session).to.match(/^lex-retraining-smoke-test-[0-9a-f-]{36}$/);
    }
    expect(bot.lines.filter((line) => line.startsWith("Not yet"))).to.deep.equal([
      "Not yet: FallbackIntent answers.",
      "Not yet: FallbackIntent answers.",
    ]);
  });

  describe("that goes wrong", () => {
    /** Everything is as before, but for a version that nobody uses. */
    async function expectPutBack(before: Buffer, settings: object): Promise<void> {
      expect(bot.lex.localeZip(AliasedBot.id, "es_ES").equals(before)).to.equal(true);
      expect(bot.lex.localeStatus(AliasedBot.id, "es_ES")).to.equal("Built");
      expect(await bot.aliasSettings()).to.deep.equal(settings);
      expect(await bot.ask(phrase)).to.equal("FallbackIntent");
    }

    const isBack = "The bot is as it was before this run, and built\\.$";
    const failures: readonly [string, FaultSettings, string, string[]][] = [
      [
        "the version fails",
        { "version-fails": 1 },
        "^Lex could not make version 2: .*",
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
        await bot.retrain(folder("run"));
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
      await bot.retrain(folder("run"), [{ phrase: "no lo sé", intent }]);
      expect(await refusalOf(publish({}, 0))).to.match(
        new RegExp(
          `^Waited in vain for the alias to answer "no lo sé" with ${intent}, for 0 minutes\\. ${isBack}`,
        ),
      );
      await expectPutBack(before, settings);
      expect(await versions()).to.deep.equal(["1", "2"]);
    });

    it("names both reasons when the alias cannot be pointed back", async () => {
      await start();
      await bot.retrain(folder("run"));
      bot.lex.inject({ "alias-fails": 2 });
      expect(await refusalOf(publish())).to.match(
        new RegExp(
          "^Lex could not point alias \\w+ to version 2\\. The alias was not pointed back to version 1: " +
            `Lex could not point alias \\w+ to version 1\\. ${isBack}`,
        ),
      );
    });

    const disabled = { botAliasLocaleSettings: { es_ES: { enabled: false }, en_US: { enabled: true } } };
    it("makes no version for an alias that does not have the locale enabled", async () => {
      await start({}, disabled);
      const before = bot.lex.localeZip(AliasedBot.id, "es_ES");
      await bot.retrain(folder("run"));
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
      await bot.retrain(folder("run"));
      expect(await refusalOf(publish({ BOT_ALIAS_ID: "TSTALIASID" }))).to.match(
        /^The alias TestBotAlias \(TSTALIASID\) has no numbered version to go on from: /,
      );
      expect(await versions()).to.deep.equal(["1"]);
    });

    it("makes no version of a DRAFT that somebody has changed, and keeps their change", async () => {
      await start();
      await bot.retrain(folder("run"));
      await bot.edit(bot.withUtterance("PagarMulta", "debo dinero"));
      const theirs = bot.lex.localeZip(AliasedBot.id, "es_ES");
      expect(await refusalOf(publish())).to.match(
        /^The DRAFT of es_ES is not what this run built and evaluated, so it is not published\. .*Somebody has changed the bot since/,
      );
      expect(await versions()).to.deep.equal(["1"]);
      expect(bot.lex.localeZip(AliasedBot.id, "es_ES").equals(theirs)).to.equal(true);
    });

    it("publishes nothing that the evaluation does not show to help", async () => {
      await start();
      await bot.retrain(folder("run"), []);
      expect(await refusalOf(publish())).to.match(
        /^The evaluation names no phrase that the retraining recovers/,
      );
      expect(await versions()).to.deep.equal(["1"]);
    });

    it("stays undone when the same execution tries again", async () => {
      await start();
      const before = bot.lex.localeZip(AliasedBot.id, "es_ES");
      const settings = await bot.aliasSettings();
      await bot.retrain(folder("run"));
      bot.lex.inject({ "alias-fails": 1 });
      await refusalOf(publish());
      expect(await refusalOf(publish())).to.match(
        new RegExp(
          `^The DRAFT of es_ES is not what this run built and evaluated, so it is not published\\. ${isBack}`,
        ),
      );
      await expectPutBack(before, settings);
    });
  });

  describe("by a process that is killed", () => {
    const scriptFolder = mkdtempSync(join(tmpdir(), "lex-retraining-test-"));
    const script = join(scriptFolder, "publish.cjs");
    before(() =>
      build({
        entryPoints: ["scripts/publish.ts"],
        outfile: script,
        bundle: true,
        platform: "node",
        logLevel: "silent",
      }),
    );
    after(() => {
      rmSync(scriptFolder, { recursive: true });
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
      await bot.retrain(folder("run"));
      bot.lex.inject(faults);
      child = spawn(process.execPath, [script], {
        env: { ...sdkEnvironment(bot.lex.url), ...environment() },
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

    it("ends as before the run when it is run again, killed while it put the bot back", async () => {
      await publishUntil(["StartImport"], { "alias-fails": 1 });
      expect(await refusalOf(publish())).to.match(/The bot is as it was before this run, and built\.$/);
      expect(bot.lex.localeZip(AliasedBot.id, "es_ES").equals(unchanged)).to.equal(true);
      expect(bot.lex.localeStatus(AliasedBot.id, "es_ES")).to.equal("Built");
      expect(await bot.aliasSettings()).to.deep.include({ botVersion: "1", botAliasStatus: "Available" });
    });
  });
});
