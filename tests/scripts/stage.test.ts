import { expect } from "chai";
import fc from "fast-check";
import { UserError } from "../../scripts/messages/user-error";
import { choice, positiveNumber, setting, wholeNumber } from "../../scripts/stage/settings";
import { exitMessage, stageIn, type Stage } from "../../scripts/stage/stage";
import { filesIn, temporaryFolder } from "../support/folder";

describe("stage", () => {
  const folder = temporaryFolder();

  it("finds SageMaker's folders where nothing else is said", () => {
    const { input, jobConfigFile, exitMessageFile } = stageIn({});
    expect([input("data"), jobConfigFile, exitMessageFile]).to.deep.equal([
      "/opt/ml/processing/input/data",
      "/opt/ml/config/processingjobconfig.json",
      "/opt/ml/output/message",
    ]);
  });

  it("keeps all that it has in a root of its own", () => {
    const stage = stageIn({ PROCESSING_ROOT: folder() });
    expect([
      stage.input("data"),
      stage.output("report"),
      stage.jobConfigFile,
      stage.exitMessageFile,
    ]).to.deep.equal([
      folder("input", "data"),
      folder("output", "report"),
      folder("processingjobconfig.json"),
      folder("message"),
    ]);
    expect(filesIn(folder())).to.deep.equal({});
  });

  it("sleeps no longer than until the end that it is given", async () => {
    const end = new AbortController();
    const sleeping = stageIn({}).sleep(2 ** 30, end.signal);
    end.abort();
    await sleeping;
    await stageIn({}).sleep(2 ** 30, end.signal);
  });

  describe("exit message", () => {
    it("is the sentence for a user, and says of anything else that it was unexpected", () => {
      expect(exitMessage(new UserError("Line 3 is\nno row."))).to.equal("Line 3 is no row.");
      expect(exitMessage(new TypeError("x is undefined"))).to.equal("Unexpected failure: x is undefined");
      expect(exitMessage("thrown text")).to.equal("Unexpected failure: thrown text");
    });

    it("is valid UTF-8 in one line of at most 1,024 bytes, whatever was said", () => {
      fc.assert(
        fc.property(fc.string({ unit: "binary", maxLength: 2_000 }), (text) => {
          const message = exitMessage(new UserError(text));
          expect(Buffer.byteLength(message)).to.be.at.most(1_024);
          expect(message).to.not.match(/[\p{Cc}\uFFFD]/u);
        }),
      );
      expect(exitMessage(new UserError(`a${"ñ".repeat(1_000)}`))).to.equal(`a${"ñ".repeat(511)}`);
    });
  });

  describe("settings", () => {
    const stage = (environment: Stage["environment"]) => stageIn(environment);

    it("must be there", () => {
      expect(setting(stage({ BOT_ID: "B" }), "BOT_ID")).to.equal("B");
      for (const environment of [{}, { BOT_ID: "" }]) {
        expect(() => setting(stage(environment), "BOT_ID")).to.throw(
          UserError,
          "The environment variable BOT_ID is not set",
        );
      }
    });

    it("must be one of the words that are allowed", () => {
      expect(choice(stage({ MODE: "b" }), "MODE", ["a", "b"])).to.equal("b");
      expect(() => choice(stage({ MODE: "c" }), "MODE", ["a", "b"])).to.throw(
        UserError,
        'MODE is "c"; it must be one of a, b.',
      );
    });

    it("must be a number above 0", () => {
      expect(positiveNumber(stage({ N: "0.5" }), "N")).to.equal(0.5);
      for (const N of ["0", "-1", "x", "Infinity", "NaN"]) {
        expect(() => positiveNumber(stage({ N }), "N")).to.throw(UserError, "N must be a number above 0.");
      }
    });

    it("must be a whole number from 0 up", () => {
      expect(wholeNumber(stage({ N: "0" }), "N")).to.equal(0);
      expect(wholeNumber(stage({ N: "12" }), "N")).to.equal(12);
      for (const N of ["-1", "1.5", "x", " ", "1e3"]) {
        expect(() => wholeNumber(stage({ N }), "N")).to.throw(
          UserError,
          "N must be a whole number from 0 up.",
        );
      }
    });
  });
});
