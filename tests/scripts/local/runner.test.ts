import { mkdirSync } from "node:fs";
import { expect } from "chai";
import { pipelineDefinition } from "../../../pipeline/definition";
import { execute, type ExecutionEvent, type ExecutionRequest } from "../../../scripts/local/runner";
import { UserError } from "../../../scripts/user-error";
import { filesIn, temporaryFolder, writeFiles } from "../../support/folder";
import { settings } from "../../support/pipeline";

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
    scripts: { preprocess?: string; package?: string; import?: string },
    change: Partial<ExecutionRequest> = {},
  ): ExecutionRequest {
    events = [];
    writeFiles(folder("data"), {
      "runtime/0123456789abcdef/node": "",
      "code/0000000000000001/preprocess.cjs": scripts.preprocess ?? echo(["utterances", "report"]),
      "code/0000000000000002/package.cjs": scripts.package ?? echo(["backup", "package", "report"]),
      "code/0000000000000003/import.cjs": scripts.import ?? echo(["report"]),
    });
    writeFiles(folder("inbox"), { "inbox/misses.csv": "utterance\nhola" });
    mkdirSync(folder("work"), { recursive: true });
    return {
      definition: pipelineDefinition(settings),
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
    expect(filesIn(folder("data", "runs", id))).to.deep.equal({
      "import/report/seen.json": seen(["backup/seen.json", "package/seen.json"], {
        ...bot,
        BUILD_TIMEOUT_MINUTES: "30",
      }),
      "package/backup/seen.json": seen(["utterances/seen.json"], bot),
      "package/package/seen.json": seen(["utterances/seen.json"], bot),
      "package/report/seen.json": seen(["utterances/seen.json"], bot),
      "preprocess/report/seen.json": seen(["data/misses.csv"]),
      "preprocess/utterances/seen.json": seen(["data/misses.csv"]),
    });
    expect(events.map((event) => `${event.step} ${event.kind}`)).to.deep.equal(
      ["Preprocess", "Package", "Import"].flatMap((step) =>
        ["started", "line", "ended"].map((kind) => `${step} ${kind}`),
      ),
    );
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
      if (event.kind === "line") stop.abort();
    };
    const forever = 'console.log("waiting"); setInterval(() => {}, 1000);';
    const execution = await execute(request({ preprocess: forever }, { signal: stop.signal, onEvent }));
    expect(execution.status).to.equal("Stopped");
  });

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
