import { mkdirSync } from "node:fs";
import { expect } from "chai";
import { execute, type ExecutionEvent, type ExecutionRequest } from "../../local/runner";
import { pipelineDefinition } from "../../pipeline/definition";
import { stageNames, stages, type StageName } from "../../pipeline/stages";
import { UserError } from "../../scripts/messages/user-error";
import { filesIn, temporaryFolder, writeFiles } from "../support/folder";
import { definitionArgs } from "../support/pipeline";

/** Writes what it was given into each of its outputs. */
const echo = (outputs: readonly string[], extra = "") => `
  const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
  const root = process.env.PROCESSING_ROOT;
  const { BOT_ID, BUILD_TIMEOUT_MINUTES, SECRET, HOME } = process.env;
  for (const output of ${JSON.stringify(outputs)}) {
    const inputs = readdirSync(root + "/input").filter((name) => name !== "node" && name !== "code");
    const files = inputs.flatMap((name) => readdirSync(root + "/input/" + name).map((file) => name + "/" + file));
    writeFileSync(root + "/output/" + output + "/seen.json", JSON.stringify({ files, BOT_ID, BUILD_TIMEOUT_MINUTES, SECRET, HOME }));
  }
  console.log("working"); ${extra}`;

describe("local runner", () => {
  const folder = temporaryFolder();
  let events: ExecutionEvent[] = [];

  function request(
    scripts: Partial<Record<StageName, string>>,
    change: Partial<ExecutionRequest> = {},
  ): ExecutionRequest {
    events = [];
    const evaluation =
      'writeFileSync(root + "/output/evaluation/evaluation.json", JSON.stringify({ gate: "passed" }));';
    for (const stage of stageNames) {
      const script = scripts[stage] ?? echo(stages[stage].outputs, stage === "evaluate" ? evaluation : "");
      writeFiles(folder("data"), { [definitionArgs.scriptUris[stage].slice("s3://data/".length)]: script });
    }
    writeFiles(folder("data"), { "runtime/0123456789abcdef/node": "", "golden.csv": "utterance,intent" });
    writeFiles(folder("inbox"), { "inbox/misses.csv": "utterance\nhola" });
    mkdirSync(folder("work"), { recursive: true });
    return {
      definition: pipelineDefinition(definitionArgs),
      parameters: {},
      buckets: { inbox: folder("inbox"), data: folder("data") },
      workFolder: folder("work"),
      environment: { SECRET: "from the machine" },
      onEvent: (event) => events.push(event),
      ...change,
    };
  }

  it("runs the stages one after the other on each other's outputs", async () => {
    const { id, ...execution } = await execute(request({}));
    expect(execution).to.deep.equal({ status: "Succeeded", failureReason: undefined });
    expect(id).to.match(/^[a-z0-9]{12}$/);
    const seen = (files: string[], rest = {}) =>
      JSON.stringify({ files, ...rest, SECRET: "from the machine" });
    const bot = { BOT_ID: "ABCDEFGHIJ" };
    const building = { ...bot, BUILD_TIMEOUT_MINUTES: "30" };
    const evaluation = ["evaluation/evaluation.json", "evaluation/seen.json"];
    expect(filesIn(folder("data", "runs", id))).to.deep.equal({
      "baseline/answers/seen.json": seen(["backup/seen.json", "golden/golden.csv", "package/seen.json"], bot),
      "evaluate/evaluation/evaluation.json": '{"gate":"passed"}',
      "evaluate/evaluation/seen.json": seen(
        ["backup/seen.json", "baseline/seen.json", "import/seen.json", "package/seen.json"],
        building,
      ),
      "evaluate/report/seen.json": seen(
        ["backup/seen.json", "baseline/seen.json", "import/seen.json", "package/seen.json"],
        building,
      ),
      "import/report/seen.json": seen(
        ["backup/seen.json", "baseline/seen.json", "package/seen.json"],
        building,
      ),
      "package/backup/seen.json": seen(["utterances/seen.json"], bot),
      "package/package/seen.json": seen(["utterances/seen.json"], bot),
      "package/report/seen.json": seen(["utterances/seen.json"], bot),
      "preprocess/report/seen.json": seen(["data/misses.csv"]),
      "preprocess/utterances/seen.json": seen(["data/misses.csv"]),
      "publish/report/seen.json": seen(["backup/seen.json", ...evaluation, "package/seen.json"], building),
    });
    expect(stepsRun()).to.deep.equal(["Preprocess", "Package", "Baseline", "Import", "Evaluate", "Publish"]);
  });

  it("takes the other branch where the condition does not hold", async () => {
    const refused =
      'writeFileSync(root + "/output/evaluation/evaluation.json", JSON.stringify({ gate: "refused" }));';
    const fails = echo(["report"], 'writeFileSync(root + "/message", "Refused."); process.exit(1);');
    const { status, failureReason } = await execute(
      request({ evaluate: echo(["evaluation", "report"], refused), restore: fails }),
    );
    expect({ status, failureReason }).to.deep.equal({ status: "Failed", failureReason: "Refused." });
    expect(stepsRun()).to.deep.equal(["Preprocess", "Package", "Baseline", "Import", "Evaluate", "Restore"]);
  });

  it("takes other values for the parameters", async () => {
    const { id } = await execute(
      request({}, { parameters: { BotId: "KLMNOPQRST", BuildTimeoutMinutes: "5" } }),
    );
    const { BOT_ID, BUILD_TIMEOUT_MINUTES } = JSON.parse(
      filesIn(folder("data", "runs", id))["import/report/seen.json"] ?? "",
    ) as Record<string, string>;
    expect({ BOT_ID, BUILD_TIMEOUT_MINUTES }).to.deep.equal({
      BOT_ID: "KLMNOPQRST",
      BUILD_TIMEOUT_MINUTES: "5",
    });
  });

  it("stops at the first failure with the stage's own message, and keeps what it wrote", async () => {
    const fails = echo(
      ["backup"],
      'writeFileSync(root + "/message", "Somebody changed the bot."); process.exit(1);',
    );
    const { id, ...execution } = await execute(request({ package: fails }));
    expect(execution).to.deep.equal({ status: "Failed", failureReason: "Somebody changed the bot." });
    expect(Object.keys(filesIn(folder("data", "runs", id)))).to.deep.equal([
      "package/backup/seen.json",
      "preprocess/report/seen.json",
      "preprocess/utterances/seen.json",
    ]);
    expect(events.at(-1)).to.include({
      kind: "ended",
      step: "Package",
      failure: "Somebody changed the bot.",
    });
  });

  it("says how a stage ended that left no message", async () => {
    expect((await execute(request({ package: "process.exit(3)" }))).failureReason).to.equal(
      "Package ended with 3.",
    );
    expect(
      (await execute(request({ package: 'process.kill(process.pid, "SIGKILL")' }))).failureReason,
    ).to.equal("Package ended with SIGKILL.");
  });

  it("ends the stage that runs when it is stopped", async () => {
    const stop = new AbortController();
    const onEvent = (event: ExecutionEvent) => {
      if (event.kind === "line") {
        stop.abort();
      }
    };
    const forever = 'console.log("waiting"); setInterval(() => {}, 1000);';
    const execution = await execute(request({ preprocess: forever }, { signal: stop.signal, onEvent }));
    expect(execution.status).to.equal("Stopped");
  });

  /** Of each step that ran, that it started and ended. */
  function stepsRun(): string[] {
    const ended = events.filter(({ kind }) => kind === "ended").map(({ step }) => step);
    expect(events.filter(({ kind }) => kind === "started").map(({ step }) => step)).to.deep.equal(ended);
    return ended;
  }

  const mistakes: readonly [string, Record<string, string>, string][] = [
    ["an unknown parameter", { Nope: "x" }, "Unknown parameter 'Nope'."],
    ["an empty value", { InputKey: "" }, "Parameter 'InputKey' is empty."],
    [
      "text for a number",
      { BuildTimeoutMinutes: "1.5" },
      "Parameter 'BuildTimeoutMinutes' must be a whole number, not '1.5'.",
    ],
    [
      "a value that is none of the parameter's",
      { UnlabelledUtterances: "guess" },
      "Parameter 'UnlabelledUtterances' must be one of review, companion.",
    ],
  ];
  for (const [what, parameters, message] of mistakes) {
    it(`refuses ${what} before anything runs`, async () => {
      const refused = await execute(request({}, { parameters })).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(UserError).with.property("message", message);
      expect(events).to.deep.equal([]);
    });
  }
});
