import { mkdirSync } from "node:fs";
import { expect } from "chai";
import { execute, type ExecutionEvent, type ExecutionRequest } from "../../local/runner";
import { pipelineDefinition } from "../../pipeline/definition";
import { folderOf, outputsOf, stepNames, type StepName } from "../../pipeline/stages";
import { UserError } from "../../scripts/messages/user-error";
import { filesIn, temporaryFolder, writeFiles } from "../support/folder";
import { definitionArgs } from "../support/pipeline";

/** Writes what it was given into each of its outputs. */
const echo = (step: StepName, extra = "") => `
  const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
  const root = process.env.PROCESSING_ROOT;
  const { BOT_ID, BUILD_TIMEOUT_MINUTES, SECRET, HOME } = process.env;
  for (const output of ${JSON.stringify(outputsOf(step).map(folderOf))}) {
    const files = readdirSync(root + "/input", { recursive: true }).filter((name) => !/^(node|code)/.test(name) && /\\./.test(name)).sort();
    writeFileSync(root + "/output/" + output + "/seen.json", JSON.stringify({ files, BOT_ID, BUILD_TIMEOUT_MINUTES, SECRET, HOME }));
  }
  const decide = (file, decision) => writeFileSync(root + "/output/" + file, JSON.stringify(decision));
  const leave = (message) => writeFileSync(root + "/message", message);
  console.log("working"); ${extra}`;

const adds = 'decide("package/report/summary.json", { outcome: "changes" });';
const passes = 'decide("evaluate/evaluation/evaluation.json", { gate: "passed" });';

describe("local runner", () => {
  const folder = temporaryFolder();
  let events: ExecutionEvent[] = [];

  function request(
    scripts: Partial<Record<StepName, string>>,
    change: Partial<ExecutionRequest> = {},
  ): ExecutionRequest {
    events = [];
    const byDefault = {
      prepare: echo("prepare", adds),
      retrain: echo("retrain", passes),
      publish: echo("publish"),
    };
    for (const [step, script] of Object.entries({ ...byDefault, ...scripts })) {
      writeFiles(folder("data"), { [scriptUri(step).slice("s3://data/".length)]: script });
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

  it("runs the steps one after the other on each other's outputs", async () => {
    const { id, ...execution } = await execute(request({}));
    expect(execution).to.deep.equal({ status: "Succeeded", failureReason: undefined });
    expect(id).to.match(/^[a-z0-9]{12}$/);
    const seen = (files: string[]) =>
      JSON.stringify({
        files,
        BOT_ID: "ABCDEFGHIJ",
        BUILD_TIMEOUT_MINUTES: "30",
        SECRET: "from the machine",
      });
    const prepared = seen(["data/misses.csv", "golden/golden.csv"]);
    const changes = ["package/backup/seen.json", "package/package/seen.json"];
    const retrained = seen(["baseline/answers/seen.json", ...changes]);
    expect(filesIn(folder("data", "runs", id))).to.deep.equal({
      "baseline/answers/seen.json": prepared,
      "evaluate/evaluation/evaluation.json": '{"gate":"passed"}',
      "evaluate/evaluation/seen.json": retrained,
      "evaluate/report/seen.json": retrained,
      "import/report/seen.json": retrained,
      "package/backup/seen.json": prepared,
      "package/package/seen.json": prepared,
      "package/report/seen.json": prepared,
      "package/report/summary.json": '{"outcome":"changes"}',
      "preprocess/report/seen.json": prepared,
      "publish/report/seen.json": seen([
        "evaluate/evaluation/evaluation.json",
        "evaluate/evaluation/seen.json",
        ...changes,
      ]),
    });
    expect(stepsRun()).to.deep.equal(["Prepare", "Retrain", "Publish"]);
  });

  it("ends after the first step when a condition says so, and runs nothing that needs what did not run", async () => {
    const nothing = 'decide("package/report/summary.json", { outcome: "unchanged" });';
    const { status } = await execute(request({ prepare: echo("prepare", nothing) }));
    expect(status).to.equal("Succeeded");
    expect(stepsRun()).to.deep.equal(["Prepare"]);
  });

  it("fails with the message that the branch gives, here that of a job which ended well", async () => {
    const refused = 'decide("evaluate/evaluation/evaluation.json", { gate: "refused" }); leave("Refused.");';
    const { status, failureReason } = await execute(request({ retrain: echo("retrain", refused) }));
    expect({ status, failureReason }).to.deep.equal({ status: "Failed", failureReason: "Refused." });
    expect(stepsRun()).to.deep.equal(["Prepare", "Retrain"]);
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

  it("stops at the first failure with the step's own message, and keeps what it wrote", async () => {
    const fails = echo("prepare", 'leave("Somebody changed the bot."); process.exit(1);');
    const { id, ...execution } = await execute(request({ prepare: fails }));
    expect(execution).to.deep.equal({ status: "Failed", failureReason: "Somebody changed the bot." });
    expect(Object.keys(filesIn(folder("data", "runs", id)))).to.include("package/backup/seen.json");
    expect(events.at(-1)).to.include({
      kind: "ended",
      step: "Prepare",
      failure: "Somebody changed the bot.",
    });
    expect(stepsRun()).to.deep.equal(["Prepare"]);
  });

  it("says how a step ended that left no message", async () => {
    expect((await execute(request({ prepare: "process.exit(3)" }))).failureReason).to.equal(
      "Prepare ended with 3.",
    );
    expect(
      (await execute(request({ prepare: 'process.kill(process.pid, "SIGKILL")' }))).failureReason,
    ).to.equal("Prepare ended with SIGKILL.");
  });

  it("ends the step that runs when it is stopped", async () => {
    const stop = new AbortController();
    const onEvent = (event: ExecutionEvent) => {
      if (event.kind === "line") {
        stop.abort();
      }
    };
    const forever = 'console.log("waiting"); setInterval(() => {}, 1000);';
    const execution = await execute(request({ prepare: forever }, { signal: stop.signal, onEvent }));
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

function scriptUri(name: string): string {
  const step = stepNames.find((known) => known === name);
  return step === undefined ? "" : definitionArgs.scriptUris[step];
}
