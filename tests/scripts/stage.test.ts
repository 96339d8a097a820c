import { expect } from "chai";
import fc from "fast-check";
import { UserError } from "../../scripts/messages/user-error";
import { executionVariable, neededSettingOf, publishFollows, settingOf } from "../../scripts/stage/settings";
import { exitMessage, exitMessageOf, stageIn, type Stage } from "../../scripts/stage/stage";
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
      expect(exitMessage(new UserError(`aa${"ñ".repeat(1_000)}`))).to.equal(`aa${"ñ".repeat(509)}…`);
    });

    it("is cut within its first parts, and never at its end", () => {
      const end = "The bot's last good state is here.";
      const message = exitMessageOf(["a".repeat(2_000), "short", "ñ".repeat(2_000), end]);
      expect(message).to.match(/^a+… short ñ+… The bot's last good state is here\.$/);
      expect(Buffer.byteLength(message)).to.be.within(1_022, 1_024);
      expect(exitMessageOf(["One\nline.", end])).to.equal(`One line. ${end}`);
    });
  });

  describe("settings", () => {
    const stage = (environment: Stage["environment"]) => stageIn(environment);

    it("have the type of their row", () => {
      const told = stage({
        BOT_ID: "ABCDEFGHIJ",
        KEEP_VERSIONS: "90",
        EVALUATE_WITH_CODE_HOOK: "true",
        UNLABELLED_UTTERANCES: "companion",
      });
      expect(settingOf(told, "botId")).to.equal("ABCDEFGHIJ");
      expect(settingOf(told, "keepVersions")).to.equal(90);
      expect(settingOf(told, "evaluateWithCodeHook")).to.equal(true);
      expect(settingOf(told, "unlabelledUtterances")).to.equal("companion");
    });

    it("must be there, unless they may be left out", () => {
      for (const environment of [{}, { BOT_ID: "", BOT_ALIAS_ID: "" }]) {
        expect(() => settingOf(stage(environment), "botId")).to.throw(
          UserError,
          "The environment variable BOT_ID is not set, and this stage needs it.",
        );
        expect(settingOf(stage(environment), "botAliasId")).to.equal(undefined);
        expect(() => neededSettingOf(stage(environment), "botAliasId")).to.throw(
          UserError,
          "The environment variable BOT_ALIAS_ID is not set, and this stage needs it.",
        );
      }
      expect(neededSettingOf(stage({ BOT_ALIAS_ID: "KLMNOPQRST" }), "botAliasId")).to.equal("KLMNOPQRST");
    });

    it("must be in the bounds of their row", () => {
      for (const value of ["0", "91", "1.5", "-1", "x", " ", "1e1"]) {
        expect(() => settingOf(stage({ KEEP_VERSIONS: value }), "keepVersions")).to.throw(
          UserError,
          `KEEP_VERSIONS is "${value}": it must be a whole number from 1 to 90.`,
        );
      }
      expect(() => settingOf(stage({ UNLABELLED_UTTERANCES: "assign" }), "unlabelledUtterances")).to.throw(
        UserError,
        'UNLABELLED_UTTERANCES is "assign": it must be review or companion. Assigning the likeliest intent comes in a later version.',
      );
    });
  });

  it("is told of its execution", () => {
    expect(executionVariable(stageIn({ EXECUTION_ID: "abc" }), "EXECUTION_ID")).to.equal("abc");
    expect(publishFollows(stageIn({ PUBLISHES: "true" }))).to.equal(true);
    expect(publishFollows(stageIn({ PUBLISHES: "false" }))).to.equal(false);
    expect(() => publishFollows(stageIn({ PUBLISHES: "no" }))).to.throw(
      UserError,
      'PUBLISHES is "no": it must be true or false.',
    );
    expect(() => executionVariable(stageIn({}), "BOT_URI")).to.throw(
      UserError,
      "The environment variable BOT_URI is not set, and this stage needs it.",
    );
  });
});
