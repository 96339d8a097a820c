import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { program } from "../../cli/retrain";
import { utterancesFile } from "../../scripts/artifacts/utterances";
import { temporaryFolder } from "../support/folder";
import { refusalOf } from "../support/refusal";
import { Command } from "./command";

describe("npm run retrain -- stage", () => {
  const folder = temporaryFolder();

  it("runs a stage on the folders below its root", async () => {
    mkdirSync(folder("input", "data"), { recursive: true });
    copyFileSync(
      join(resolve(__dirname, "..", "..", "samples"), "en_US", "misses.csv"),
      folder("input", "data", "misses.csv"),
    );
    const { code, stdout, stderr } = await new Command(["stage", "preprocess", "--root", folder()]).ended;
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
    expect(stdout).to.match(/distinct utterances in \d+ rows/);
    expect(existsSync(folder("output", utterancesFile.runPath))).to.equal(true);
  });

  it("refuses a stage or a root that does not exist", async () => {
    const refused = (...args: string[]) =>
      refusalOf(program.parseAsync(["stage", ...args], { from: "user" }));
    expect(await refused("nope", "--root", folder())).to.match(/^There is no stage nope; the stages are /);
    expect(await refused("preprocess", "--root", folder("wrong"))).to.equal(
      `${folder("wrong")} is not a folder: name one that exists.`,
    );
  });
});
