import { spawnSync } from "node:child_process";
import { existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Interrupted } from "../../cli/interruption";
import { refuseLostOptions } from "../../cli/lost-options";
import { program } from "../../cli/retrain";
import { endingOf } from "../../cli/run-program";
import { UsageError, UserError } from "../../scripts/messages/user-error";

describe("how a command ends", () => {
  it("is one sentence and an exit code", () => {
    const ends: readonly [unknown, string, number][] = [
      [new UserError("Lex refused."), "Lex refused.", 1],
      [new UsageError("--port is x."), "--port is x.", 2],
      [new Interrupted("SIGTERM"), "Stopped. Your export of the bot is as it was.", 143],
      [
        Object.assign(new Error("ENOSPC: …"), { code: "ENOSPC", errno: -28, dest: "runs/a" }),
        "runs/a: no space left on device (ENOSPC). Free some space and start again.",
        1,
      ],
    ];
    for (const [error, sentence, code] of ends) {
      expect(endingOf(error)).to.deep.equal({ sentences: [sentence], code });
    }
  });

  it("names the cause of a failure that hides it", () => {
    const failed = new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:1") });
    const { sentences, code } = endingOf(failed);
    expect(sentences[0]).to.equal("Unexpected failure: fetch failed: connect ECONNREFUSED 127.0.0.1:1");
    expect(code).to.equal(1);
  });

  it("is a failure when what it prints cannot be written", function () {
    if (!existsSync("/dev/full")) {
      this.skip();
    }
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx", join(__dirname, "../../cli/retrain.ts"), "--help"],
      { stdio: ["ignore", openSync("/dev/full", "w"), "pipe"], encoding: "utf8" },
    );
    expect(stderr).to.equal("The output could not be written: no space left on device (ENOSPC).\n");
    expect(status).to.equal(1);
  });
});

describe("options that npm kept to itself", () => {
  const sentence = (environment: NodeJS.ProcessEnv) => {
    try {
      refuseLostOptions(program, environment);
    } catch (error) {
      return error instanceof UsageError ? error.message : error;
    }
    return "nothing";
  };

  it("are named, with the way to write them", () => {
    expect(
      sentence({ npm_lifecycle_event: "start", npm_config_bot: "my.zip", npm_config_input: "true" }),
    ).to.equal(
      "npm took --input and --bot for itself: put -- before the options, as in npm start -- --input … --bot …",
    );
    expect(sentence({ npm_lifecycle_event: "retrain", npm_config_port: "8080" })).to.equal(
      "npm took --port for itself: put -- before the options, as in npm run retrain -- --port …",
    );
  });

  it("are not mistaken for those of npm", () => {
    expect(sentence({ npm_config_json: "true", npm_config_yes: "true", npm_config_cache: "x" })).to.equal(
      "nothing",
    );
  });
});
