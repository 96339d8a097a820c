import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import { botOf } from "../../local/lex/load-bot";
import { startLocalLex, type LocalLex } from "../../local/lex/server";
import { bundleStages, type Bundle } from "../../pipeline/bundle";
import type { StageName } from "../../pipeline/stages";
import { readArchive } from "../../scripts/lex/archive";
import { onlyLocaleOf, type Locale } from "../../scripts/lex/locale";
import { testArchive } from "../support/bots";
import { temporaryFolder, writeFiles } from "../support/folder";
import { StageRun } from "../support/stages";

const bot = botOf(
  testArchive({
    RenovarPrestamo: { utterances: ["quiero renovar mi préstamo"] },
    PagarMulta: { utterances: ["pagar la multa"] },
  }),
);

/** What stands under SageMaker's mercy: a job's process may end at any moment, and the step is run again. */
describe("a stage that is killed and run again", () => {
  const folder = temporaryFolder();
  let lex: LocalLex;
  let onRequest: (operation: string) => void;

  let scripts: Readonly<Record<StageName, Bundle>>;
  before(async () => {
    scripts = await bundleStages();
  });

  beforeEach(async () => {
    onRequest = () => undefined;
    lex = await startLocalLex({
      bots: [bot],
      delays: { export: 0, import: 0, build: 0 },
      onRequest: ({ operation }) => {
        onRequest(operation);
      },
    });
    writeFiles(folder(), {
      "misses.csv": "Frase;Intención\ndame una prórroga;RenovarPrestamo\n",
    });
  });
  afterEach(() => lex.close());

  function run(): StageRun {
    return new StageRun(folder("run"), lex.url, { BOT_ID: bot.id, BOT_LOCALE_ID: "es_ES" });
  }

  /**
   * Runs a stage in a process of its own, which dies when Lex has carried out the last of these requests,
   * each counted from the one before it.
   */
  async function killed(stages: StageRun, stage: StageName, requests: readonly string[]): Promise<void> {
    const running: { child?: ChildProcess } = {};
    const awaited = [...requests];
    onRequest = (operation) => {
      if (operation !== awaited[0]) {
        return;
      }
      awaited.shift();
      if (awaited.length > 0) {
        return;
      }
      onRequest = () => undefined;
      running.child?.kill("SIGKILL");
      throw new Error("Nobody is left to answer.");
    };
    running.child = spawn(process.execPath, [scripts[stage].path], {
      env: stages.environmentOf(stage),
      stdio: "ignore",
    });
    expect(await once(running.child, "exit")).to.deep.equal([null, "SIGKILL"]);
  }

  function live(): Locale {
    return onlyLocaleOf(readArchive(lex.localeZip(bot.id, "es_ES"), "live"));
  }

  for (const requests of [
    ["CreateExport"],
    ["CreateUploadUrl"],
    ["Upload"],
    ["StartImport"],
    ["StartImport", "DescribeImport"],
    ["StartImport", "CreateExport", "Download"],
    ["BuildBotLocale"],
    ["BuildBotLocale", "DescribeBotLocale"],
  ]) {
    it(`retrains the bot, import killed at ${requests.join(", ")}`, async () => {
      const stages = run();
      await stages.all(folder("misses.csv"), "baseline");
      stages.bringInputs("import");
      await killed(stages, "import", requests);
      await stages.one("import");
      expect(live().intents.get("RenovarPrestamo")?.sampleUtterances).to.deep.equal([
        "quiero renovar mi préstamo",
        "dame una prórroga",
      ]);
      expect(lex.localeStatus(bot.id, "es_ES")).to.equal("Built");
    });
  }

  for (const requests of [["DescribeBotAlias"], ["RecognizeText"]]) {
    it(`judges the bot all the same, evaluate killed at ${requests.join(", ")}`, async () => {
      const stages = run();
      await stages.all(folder("misses.csv"), "import");
      stages.bringInputs("evaluate");
      await killed(stages, "evaluate", requests);
      await stages.one("evaluate");
      expect(stages.lines.at(-1)).to.match(/^Passed: 1 of 1 added utterance recovered\./);
    });
  }

  for (const requests of [["StartImport"], ["StartImport", "DescribeImport"], ["BuildBotLocale"]]) {
    it(`puts the bot back byte for byte, restore killed at ${requests.join(", ")}`, async () => {
      const before = lex.localeZip(bot.id, "es_ES");
      const stages = run();
      await stages.all(folder("misses.csv"), "evaluate");
      stages.bringInputs("restore");
      await killed(stages, "restore", requests);
      const message = await stages.one("restore").catch(String);
      expect(message).to.match(/The bot is as it was before this run, and built\.$/);
      expect(lex.localeZip(bot.id, "es_ES").equals(before)).to.equal(true);
      expect(lex.localeStatus(bot.id, "es_ES")).to.equal("Built");
    });
  }
});
