import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { startLocalS3, type LocalS3 } from "../../../local/s3";
import { summaryFile } from "../../../scripts/artifacts/summary";
import { stageIn, type Stage } from "../../../scripts/stage/stage";
import { runStage } from "../../../scripts/steps/step";
import { temporaryFolder } from "../../support/folder";
import { sdkEnvironment } from "../../support/stages";

describe("a stage of a step", () => {
  const folder = temporaryFolder();
  let s3: LocalS3;
  let lines: string[];

  beforeEach(async () => {
    lines = [];
    s3 = await startLocalS3({ data: folder("data") });
    Object.assign(process.env, sdkEnvironment(""), { AWS_ENDPOINT_URL_S3: s3.url });
  });
  afterEach(async () => {
    delete process.env["AWS_ENDPOINT_URL_S3"];
    await s3.close();
  });

  function step(sleep: Stage["sleep"] = stageIn({}).sleep): Stage {
    mkdirSync(folder("container"), { recursive: true });
    const environment = { PROCESSING_ROOT: folder("container"), RUN_URI: "s3://data/runs/a" };
    return { ...stageIn(environment), say: (line) => lines.push(line), sleep };
  }

  const inBucket = folder.bind(undefined, "data", "runs", "a", "package", "report", "summary.json");

  function write(stage: Stage): Promise<void> {
    writeFileSync(summaryFile.outputPath(stage), "{}");
    stage.say("Written.");
    return Promise.resolve();
  }

  it("speaks under its name, and what it wrote is in the bucket when it has ended", async () => {
    await runStage("package", write, step());
    expect(lines).to.deep.equal(["package: Written."]);
    expect(readFileSync(inBucket(), "utf8")).to.equal("{}");
  });

  it("leaves what it wrote in the bucket also when it fails, with its own reason", async () => {
    const failing = async (stage: Stage) => {
      await write(stage);
      throw new Error("It fails.");
    };
    const reason = await runStage("package", failing, step()).catch((error: unknown) => error);
    expect(reason).to.be.instanceOf(Error).with.property("message", "It fails.");
    expect(existsSync(inBucket())).to.equal(true);
  });

  it("repeats its last line every ten seconds, until it says another or ends", async () => {
    let awake: (() => void) | undefined;
    const tenSeconds = async (stage: Stage) => {
      awake?.();
      await stageIn({}).sleep(0);
      return stage;
    };
    const sleep: Stage["sleep"] = (time, end) =>
      new Promise((done) => {
        expect(time).to.equal(10_000);
        awake = done;
        end?.addEventListener("abort", () => {
          done();
        });
      });
    const slow = async (stage: Stage) => {
      await tenSeconds(stage);
      stage.say("Building.");
      await tenSeconds(stage);
      await tenSeconds(stage);
    };
    await runStage("import", slow, step(sleep));
    expect(lines).to.deep.equal([
      "import: Begun. (10 s ago)",
      "import: Building.",
      "import: Building. (10 s ago)",
      "import: Building. (20 s ago)",
    ]);
  });
});
