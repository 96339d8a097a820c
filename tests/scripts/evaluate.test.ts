import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { loadBot } from "../../local/lex/load-bot";
import { startLocalLex, type LocalLex } from "../../local/lex/server";
import { startLocalS3, type LocalS3 } from "../../local/s3";
import { answersFile } from "../../scripts/artifacts/answers";
import { evaluationFile, type Evaluation } from "../../scripts/artifacts/evaluation";
import { lexModels } from "../../scripts/lex/calls";
import { DraftLocale } from "../../scripts/lex/draft-locale";
import { UserError } from "../../scripts/messages/user-error";
import { temporaryFolder, writeFiles } from "../support/folder";
import { StageRun, pointSdkTo, setCodeHook } from "../support/stages";

const samples = join(__dirname, "../../samples/es_ES");
const bot = loadBot(join(samples, "bot"));
const golden = join(samples, "golden.csv");
const misses = join(samples, "misses.csv");
const lambda = "arn:aws:lambda:eu-west-1:111122223333:function:library";
const poison = join(samples, "poison.csv");

describe("evaluating a retraining", () => {
  const folder = temporaryFolder();
  let lex: LocalLex;
  let s3: LocalS3;
  let requests: string[];
  let before: Buffer;

  beforeEach(async () => {
    requests = [];
    s3 = await startLocalS3({ data: folder("data") });
    process.env["AWS_ENDPOINT_URL_S3"] = s3.url;
    lex = await startLocalLex({
      bots: [bot],
      delays: { export: 0, import: 0, build: 0, recognize: 0 },
      onRequest: ({ operation }) => requests.push(operation),
    });
    pointSdkTo(lex.url);
    before = live();
  });
  afterEach(async () => {
    delete process.env["AWS_ENDPOINT_URL_S3"];
    await Promise.all([lex.close(), s3.close()]);
  });

  const live = () => lex.localeZip(bot.id, "es_ES");
  const run = (name = "run", settings: Record<string, string> = {}) =>
    new StageRun(folder(name), lex.url, { BOT_ID: bot.id, BOT_LOCALE_ID: "es_ES", ...settings });

  function evaluationOf(stages: StageRun): Evaluation {
    const file = stages.root("output", "evaluate", "evaluation", "evaluation.json");
    return evaluationFile.parse(readFileSync(file, "utf8"));
  }

  function reportOf(stages: StageRun): string {
    return readFileSync(stages.root("output", "evaluate", "report", "report.html"), "utf8");
  }

  function answersOf(stages: StageRun) {
    const path = stages.root("output", "baseline", "answers", "answers.json");
    return { path, answers: answersFile.parse(readFileSync(path, "utf8")) };
  }

  async function expectRefused(running: Promise<unknown>, message: RegExp): Promise<void> {
    const refused: unknown = await running.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).to.be.instanceOf(UserError);
    if (refused instanceof UserError) {
      expect(refused.message).to.match(message);
    }
  }

  function expectAsBefore(): void {
    expect(live().equals(before)).to.equal(true);
    expect(lex.localeStatus(bot.id, "es_ES")).to.equal("Built");
  }

  it("passes one that recovers misses and breaks nothing", async () => {
    const stages = run();
    await stages.all(misses, "evaluate", golden);
    const { recovered, ...evaluation } = evaluationOf(stages);
    const message =
      "Passed: 17 of 17 added utterances recovered. Right of 21 golden phrases: 21 before, 21 now. " +
      "Right of 5 out-of-scope phrases: 5 before, 5 now.";
    expect(evaluation).to.deep.equal({
      gate: "passed",
      summary: message,
      message,
      goldenFile: "golden.csv",
      leftOut: 1,
      sets: {
        golden: { asked: 21, before: 21, after: 21 },
        added: { asked: 17, before: 0, after: 17 },
        outOfScope: { asked: 5, before: 5, after: 5 },
      },
      flips: [],
      executionErrors: [],
      answeredByBedrock: { before: 0, after: 0 },
    });
    expect(recovered).to.have.length(17);
    expect(recovered).to.deep.include({ phrase: "cuándo echáis el cierre", intent: "ConsultarHorario" });
    expect(stages.lines.at(-1)).to.equal(message);
    expect(reportOf(stages)).to.include("The retraining is kept");
  });

  it("refuses poison, names what flipped and the line that did it, and leaves the rollback to its step", async () => {
    const stages = run();
    await stages.all(poison, "evaluate", golden);
    const { gate, message, flips, recovered } = evaluationOf(stages);
    expect(gate).to.equal("refused");
    expect(message).to.equal(
      "Refused: 2 golden phrases turned from right to wrong (maxRegressions is 0). " +
        "An intent answers 1 more out-of-scope phrase than before (maxLeakage is 0). " +
        "A phrase for ConsultarHorario (golden.csv, line 2) now goes to PagarMulta, near what poison.csv, line 3, added. " +
        "A phrase for ReservarSala (golden.csv, line 9) now goes to BuscarLibro, near what poison.csv, line 4, added. " +
        "A phrase for FallbackIntent (golden.csv, line 23) now goes to ConsultarHorario, near what poison.csv, line 5, added.",
    );
    expect(flips.map(({ set, row }) => [set, row?.line])).to.deep.equal([
      ["golden", 2],
      ["golden", 9],
      ["outOfScope", 23],
    ]);
    expect(recovered).to.have.length(4);
    expect(reportOf(stages)).to.include("poison.csv, line 3");
    expect(live().equals(before)).to.equal(false);

    expect(lex.localeStatus(bot.id, "es_ES")).to.equal("Built");
  });

  it("is rolled back by its step when it refuses, which ends well and says so", async () => {
    const stages = run();
    stages.bringFiles(poison, golden);
    await stages.step("prepare");
    expect(await stages.step("retrain")).to.match(
      /^Refused: 2 golden .*poison\.csv, line 5, added\. The bot is as it was before this run, and built\.$/,
    );
    expect(evaluationOf(stages).gate).to.equal("refused");
    expectAsBefore();
  });

  it("lets pass what the limits allow", async () => {
    const stages = run("run", { MAX_REGRESSIONS: "2", MAX_LEAKAGE: "1" });
    await stages.all(poison, "evaluate", golden);
    expect(evaluationOf(stages).gate).to.equal("passed");
  });

  it("takes a sample of the bot's own utterances where there is no golden set", async () => {
    const stages = run();
    await stages.all(misses, "evaluate");
    const { goldenFile, sets } = evaluationOf(stages);
    expect([goldenFile, sets]).to.deep.equal([
      null,
      {
        golden: { asked: 40, before: 40, after: 40 },
        added: { asked: 17, before: 0, after: 17 },
        outOfScope: { asked: 0, before: 0, after: 0 },
      },
    ]);
  });

  it("counts the misses that a companion takes as recovered", async () => {
    const stages = run("run", { UNLABELLED_UTTERANCES: "companion" });
    await stages.all(misses, "evaluate", golden);
    expect(evaluationOf(stages).recovered).to.deep.include({
      phrase: "hay wifi",
      intent: "FallbackIntentCompanion",
    });
  });

  it("asks the same again when it is run again", async () => {
    const stages = run();
    await stages.all(misses, "evaluate", golden);
    const first = evaluationOf(stages);
    await stages.one("evaluate");
    expect(evaluationOf(stages)).to.deep.equal(first);
  });

  describe("before the bot is changed", () => {
    it("fails for a golden set that is wrong", async () => {
      writeFiles(folder(), { "golden.csv": "utterance,intent\nhola,Saludar\n" });
      await expectRefused(
        run().all(misses, "baseline", folder("golden.csv")),
        /^golden\.csv, line 2: The bot has no intent of that name in es_ES\./,
      );
      expectAsBefore();
    });

    it("fails for a locale that is not built, also where nothing is to be added", async () => {
      const editor = new DraftLocale(lexModels(), bot.id, "es_ES", () => undefined);
      await editor.import(await editor.upload((await editor.export()).zip));
      writeFiles(folder(), { "unlabelled.csv": "utterance\nhay wifi\n" });
      await expectRefused(
        run().all(folder("unlabelled.csv"), "package"),
        /^Locale es_ES is NotBuilt, so nothing shows what it answers now\. Build it in the Lex console and start the run again\.$/,
      );
    });

    it("fails for an alias that runs a Lambda function, and asks nothing", async () => {
      await setCodeHook(bot.id, lambda);
      await expectRefused(
        run().all(misses, "baseline", golden),
        /^Alias TSTALIASID runs the Lambda function arn:.*:function:library for es_ES/,
      );
      expect(requests).not.to.include("RecognizeText");
    });
  });

  describe("once the bot is changed", () => {
    const asItWas = "The bot is as it was before this run, and built\\.$";

    it("puts it back when it may not be asked", async () => {
      const stages = run();
      stages.bringFiles(misses, golden);
      await stages.step("prepare");
      await setCodeHook(bot.id, lambda);
      await expectRefused(
        stages.step("retrain"),
        new RegExp(`^Alias TSTALIASID runs the Lambda function .* ${asItWas}`),
      );
      expectAsBefore();
    });

    it("puts it back when too many phrases fail", async () => {
      const stages = run();
      stages.bringFiles(misses, golden);
      await stages.step("prepare");
      const { path, answers } = answersOf(stages);
      const phrases = answers.phrases.map((phrase) => ({ ...phrase, text: "a".repeat(1_025) }));
      writeFileSync(path, JSON.stringify({ ...answers, phrases }));
      await expectRefused(
        stages.step("retrain"),
        new RegExp(`^The bot cannot be judged: 4 of the first 4 phrases failed .* ${asItWas}`),
      );
      expectAsBefore();
    });

    it("puts it back when it fails for whatever reason", async () => {
      const stages = run();
      stages.bringFiles(misses, golden);
      await stages.step("prepare");
      writeFileSync(answersOf(stages).path, "{");
      await expectRefused(stages.step("retrain"), new RegExp(`JSON.* ${asItWas}`));
      expectAsBefore();
    });
  });
});
