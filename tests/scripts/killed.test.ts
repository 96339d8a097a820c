import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { expect } from "chai";
import { z } from "zod";
import { botOf } from "../../local/lex/load-bot";
import { startLocalLex, type LocalLex } from "../../local/lex/server";
import { startLocalS3, type LocalS3 } from "../../local/s3";
import { bundleSteps, type Bundle } from "../../pipeline/bundle";
import type { StepName } from "../../pipeline/stages";
import { readArchive } from "../../scripts/lex/archive";
import { onlyLocaleOf } from "../../scripts/lex/locale";
import { testArchive } from "../support/bots";
import { temporaryFolder, writeFiles } from "../support/folder";
import { StageRun } from "../support/stages";

const bot = botOf(
  testArchive({
    RenovarPrestamo: { utterances: ["quiero renovar mi préstamo"] },
    PagarMulta: { utterances: ["pagar la multa"] },
  }),
);

/** What stands under SageMaker's mercy: a job's process may end at any moment. */
describe("a step that is killed", () => {
  const folder = temporaryFolder();
  let lex: LocalLex;
  let s3: LocalS3;
  let onRequest: (request: string) => void;
  let former: Buffer;

  let scripts: Readonly<Record<StepName, Bundle>>;
  before(async () => {
    scripts = await bundleSteps();
  });

  beforeEach(async () => {
    onRequest = () => undefined;
    s3 = await startLocalS3(
      { data: folder("data") },
      {
        onRequest: ({ method, key }) => {
          onRequest(`${method} ${basename(key)}`);
        },
      },
    );
    process.env["AWS_ENDPOINT_URL_S3"] = s3.url;
    lex = await startLocalLex({
      bots: [bot],
      delays: { export: 0, import: 0, build: 0 },
      onRequest: ({ operation }) => {
        onRequest(operation);
      },
    });
    former = live();
    writeFiles(folder(), {
      "misses.csv": "Frase;Intención\ndame una prórroga;RenovarPrestamo\n",
      "unlabelled.csv": "Frase\nhay wifi\n",
      "poison.csv": "Frase;Intención\nquiero renovar mi préstamo ya;PagarMulta\n",
      "golden.csv": "utterance,intent\nquiero renovar mi préstamo ya mismo,RenovarPrestamo\n",
    });
  });
  afterEach(async () => {
    delete process.env["AWS_ENDPOINT_URL_S3"];
    await Promise.all([lex.close(), s3.close()]);
  });

  const live = () => lex.localeZip(bot.id, "es_ES");

  function runOf(execution: string): StageRun {
    return new StageRun(folder(execution), lex.url, {
      BOT_ID: bot.id,
      BOT_LOCALE_ID: "es_ES",
      EXECUTION_ID: execution,
      RUN_URI: `s3://data/runs/${execution}`,
    });
  }

  /**
   * Runs a step in a process of its own. It dies when Lex or S3 has carried out the last of these requests,
   * which come one after the other.
   */
  async function killed(run: StageRun, step: StepName, requests: readonly string[]): Promise<void> {
    const running: { child?: ChildProcess } = {};
    const awaited = [...requests];
    onRequest = (request) => {
      if (request !== awaited[0]) {
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
    running.child = spawn(process.execPath, [scripts[step].path], {
      env: { ...run.environmentOfStep(step), AWS_ENDPOINT_URL_S3: s3.url },
      stdio: "ignore",
    });
    expect(await once(running.child, "exit")).to.deep.equal([null, "SIGKILL"]);
  }

  /** The lease of a killed execution is free after 45 minutes. */
  function freeLease(): void {
    const file = folder("data", "bots", "bot", "lease.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"released":false', '"released":true'));
  }

  const journal = () =>
    journalSchema.parse(JSON.parse(readFileSync(folder("data", "bots", "bot", "journal.json"), "utf8")));

  function expectAsBefore(): void {
    expect(live().equals(former)).to.equal(true);
    expect(lex.localeStatus(bot.id, "es_ES")).to.equal("Built");
    expect(journal()).to.include({ execution: "killed", change: null });
  }

  /** From the first word about the change to the last. */
  const moments = [
    ["PUT journal.json"],
    ["StartImport"],
    ["StartImport", "DescribeImport"],
    ["StartImport", "CreateExport", "Download"],
    ["StartImport", "PUT journal.json"],
    ["BuildBotLocale"],
    ["BuildBotLocale", "DescribeBotLocale"],
    ["RecognizeText"],
    ["PUT evaluation.json"],
  ];
  for (const requests of moments) {
    it(`is undone by the next run, whose file adds nothing, when it was killed at ${requests.join(", ")}`, async () => {
      const run = runOf("killed");
      run.bringFiles(folder("misses.csv"));
      await run.step("prepare");
      await killed(run, "retrain", requests);
      freeLease();
      await runOf("next").execution(folder("unlabelled.csv"));
      expectAsBefore();
    });
  }

  for (const requests of [["StartImport"], ["BuildBotLocale"], ["RecognizeText"]]) {
    it(`retrains the bot when it is run again, killed at ${requests.join(", ")}`, async () => {
      const run = runOf("killed");
      run.bringFiles(folder("misses.csv"));
      await run.step("prepare");
      await killed(run, "retrain", requests);
      expect(await run.step("retrain")).to.equal(undefined);
      const { intents } = onlyLocaleOf(readArchive(live(), "live"));
      expect(intents.get("RenovarPrestamo")?.sampleUtterances).to.deep.equal([
        "quiero renovar mi préstamo",
        "dame una prórroga",
      ]);
      expect(lex.localeStatus(bot.id, "es_ES")).to.equal("Built");
      expect(journal()).to.include({ execution: "killed", change: null });
    });
  }

  for (const requests of [
    ["RecognizeText", "StartImport"],
    ["RecognizeText", "StartImport", "DescribeImport"],
    ["RecognizeText", "StartImport", "BuildBotLocale"],
    ["RecognizeText", "StartImport", "PUT journal.json"],
  ]) {
    it(`is undone by the next run when it was killed in its rollback, at ${requests.join(", ")}`, async () => {
      const run = runOf("killed");
      run.bringFiles(folder("poison.csv"), folder("golden.csv"));
      await run.step("prepare");
      await killed(run, "retrain", requests);
      freeLease();
      await runOf("next").execution(folder("unlabelled.csv"));
      expectAsBefore();
    });
  }
});

const journalSchema = z.object({ execution: z.string(), change: z.unknown() });
