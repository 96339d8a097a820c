import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";

describe("npm run graph", () => {
  for (const [args, sentence] of [
    [[], /^error: required option '--stack <name>' not specified\n$/],
    [
      ["--stack", "nope"],
      /^error: option '--stack <name>' argument 'nope' is invalid\. Allowed choices are .*\.\n$/,
    ],
  ] as const) {
    it(`ends with code 2 and a sentence when called with ${args.join(" ") || "nothing"}`, () => {
      const command = ["--import", "tsx", join(__dirname, "../../cli/stack.ts"), "graph", ...args];
      const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: "utf8" });
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: "" });
      expect(stderr).to.match(sentence);
    });
  }
});
