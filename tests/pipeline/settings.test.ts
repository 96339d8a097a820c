import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { z } from "zod";
import { parameterNameOf } from "../../pipeline/parameters";
import { notAllowed } from "../../pipeline/setting-types";
import {
  exampleOf,
  isStageSetting,
  parseSetting,
  rowOf,
  settingDefaults,
  settingNames,
  variableOf,
  type SettingName,
} from "../../pipeline/settings";

const project = join(__dirname, "../..");

describe("the table of settings", () => {
  it("is what Pulumi.yaml declares, key by key", () => {
    const { config } = z
      .object({ config: z.record(z.string(), z.unknown()) })
      .parse(parse(readFileSync(join(project, "Pulumi.yaml"), "utf8")));
    const declared = Object.entries(config).filter(([key]) => !key.includes(":"));
    expect(Object.fromEntries(declared)).to.deep.equal(
      Object.fromEntries(settingNames.map((name) => [name, declarationOf(name)])),
    );
    expect(declared.map(([key]) => key)).to.deep.equal(settingNames);
  });

  it("has a default that is allowed, where it has one, and an example that is", () => {
    for (const name of settingNames) {
      expect(parseSetting(name, exampleOf(name)), name).to.not.equal(notAllowed);
    }
    for (const [name, value] of Object.entries(settingDefaults)) {
      expect(value, name).to.not.equal(notAllowed);
    }
    expect(settingDefaults).to.include({ keepVersions: 20, protectData: false, inputPrefix: "inbox/" });
    expect(settingDefaults.botAliasId).to.equal(undefined);
  });

  it("gives a setting that stages read a parameter and a variable", () => {
    expect(parameterNameOf("keepVersions")).to.equal("KeepVersions");
    expect(variableOf("keepVersions")).to.equal("KEEP_VERSIONS");
    expect(parameterNameOf("goldenSetKey")).to.equal("GoldenSetUri");
    expect(parameterNameOf("volumeSizeInGb")).to.equal(undefined);
  });

  it("has names that appear only in the files that read them", () => {
    const strays = settingNames
      .filter((name) => !namesOfAws.has(name))
      .flatMap((name) => {
        const room = isStageSetting(name) ? /^scripts\// : /^(index\.ts|components\/)/;
        return filesThatSpell(name)
          .filter((file) => !room.test(file) && !otherReaders[name]?.includes(file))
          .map((file) => `${file}: ${name}`);
      });
    expect(strays).to.deep.equal([]);
  });

  it("names stages only where a stage reads the setting", () => {
    for (const name of settingNames.filter(isStageSetting)) {
      expect(
        filesThatSpell(name).some((file) => file.startsWith("scripts/")),
        name,
      ).to.equal(true);
    }
  });

  it("is the only place that the names of parameters and variables come from", () => {
    const strays = settingNames
      .filter((name) => isStageSetting(name) && !namesOfAws.has(name))
      .flatMap((name) => [parameterNameOf(name) ?? "", variableOf(name)])
      .flatMap((text) => filesThatSpell(text).map((file) => `${file}: ${text}`));
    expect(strays).to.deep.equal([]);
  });
});

/** Names that AWS's own APIs use too. In a file, only a person can tell which of the two a name means. */
const namesOfAws: ReadonlySet<string> = new Set([
  "botId",
  "botAliasId",
  "kmsKeyArn",
  "imageUri",
  "instanceType",
  "volumeSizeInGb",
  "schedule",
]);

/**
 * The files besides the stages that read their settings: for permissions, and for an option of a local run.
 */
const otherReaders: Readonly<Partial<Record<SettingName, readonly string[]>>> = {
  botLocaleId: ["components/retraining-pipeline.ts", "local/retraining.ts"],
  unlabelledUtterances: ["cli/run.ts", "local/retraining.ts"],
  evaluationAliasId: [
    "index.ts",
    "components/config.ts",
    "components/execution-policy.ts",
    "components/execution-role.ts",
  ],
  // The pipeline's parameter has its own name, and a message to the owner of the stack uses the key.
  goldenSetKey: ["pipeline/parameters.ts", "scripts/evaluation/golden.ts"],
};

/** How Pulumi.yaml must declare a setting. */
function declarationOf(name: SettingName) {
  const { type, default: value, meaning } = rowOf(name);
  const isBoolean = typeof value === "boolean";
  return {
    type: type.parameterType === "Integer" ? "integer" : isBoolean ? "boolean" : "string",
    ...(value === undefined ? {} : { default: value }),
    description: meaning,
  };
}

/** Files that contain a word, without the tests, documents and stack files. */
function filesThatSpell(word: string): string[] {
  const places = [".", ":!tests", ":!docs", ":!*.md", ":!Pulumi*.yaml", ":!deploy", ":!pipeline/settings.ts"];
  const command = ["grep", "-lw", "--untracked", word, "--", ...places];
  const { status, stdout, stderr } = spawnSync("git", command, { cwd: project, encoding: "utf8" });
  // 1 means that no file contains it.
  expect(status, stderr).to.be.oneOf([0, 1]);
  return stdout.split("\n").filter((line) => line !== "");
}
