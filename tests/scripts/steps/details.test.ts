import { expect } from "chai";
import { startLocalS3, type LocalS3 } from "../../../local/s3";
import { UserError } from "../../../scripts/messages/user-error";
import { stageIn } from "../../../scripts/stage/stage";
import { runStage } from "../../../scripts/steps/step";
import { filesIn, temporaryFolder, writeFiles } from "../../support/folder";
import { refusalOf } from "../../support/refusal";

describe("the details of a stage's failure", () => {
  const folder = temporaryFolder();
  let s3: LocalS3;

  beforeEach(async () => {
    writeFiles(folder("data"), { here: "" });
    s3 = await startLocalS3({ data: folder("data") });
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
    });
  });
  afterEach(async () => {
    delete process.env["AWS_ENDPOINT_URL_S3"];
    await s3.close();
  });

  function failing(runUri: string): Promise<string> {
    const step = {
      ...stageIn({ PROCESSING_ROOT: folder("container"), RUN_URI: runUri }),
      say: () => undefined,
    };
    const reason = new UserError("The build failed.", { details: 'The utterance "hola" is there twice.' });
    return refusalOf(runStage("import", () => Promise.reject(reason), step));
  }

  it("lie in a file of the run, and the message says where", async () => {
    expect(await failing("s3://data/runs/a")).to.equal(
      "The build failed. More is in import/details.txt of this run.",
    );
    expect(filesIn(folder("data"))).to.deep.equal({
      here: "",
      "runs/a/import/details.txt": 'The build failed. The utterance "hola" is there twice.\n',
    });
  });

  it("are in no message, also where that file cannot be written", async () => {
    expect(await failing("s3://other/runs/a")).to.equal("The build failed.");
  });
});
