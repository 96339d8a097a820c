import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { stringify } from "yaml";
import { fakeAws, nameLimits } from "../local/engine/fake-aws";
import { autonaming, golden, goldenFile, graph, runConfig, runStack } from "../local/engine/graph";
import { loadProject, loadStackConfig, parseStackConfig, stackNames } from "../local/engine/project";
import { runProgram, type Run } from "../local/engine/run-program";
import { settingNames } from "../pipeline/settings";
import { refusalOf } from "./support/refusal";

const directory = join(__dirname, "..");

describe("the stacks of this project", () => {
  it("are dev and prod, and those that a user adds", () => {
    expect(stackNames(directory)).to.include.members(["dev", "prod"]);
  });

  for (const stack of ["dev", "prod"]) {
    describe(stack, () => {
      let run: Run;
      before(async () => {
        run = await runStack(directory, stack);
      });

      it("deploys what its golden graph says (npm run graph:accept accepts a change)", () => {
        expect(golden(run)).to.equal(readFileSync(goldenFile(directory, stack), "utf8"));
      });

      it("sets only keys that Pulumi.yaml declares", () => {
        const project = loadProject(directory);
        const declared = Object.keys(project.config).map((key) => `${project.name}:${key}`);
        const set = Object.keys(loadStackConfig(project, stack).values);
        expect(
          set.filter((key) => key.startsWith(`${project.name}:`) && !declared.includes(key)),
        ).to.deep.equal([]);
      });

      it("has a component for the parent of every resource", () => {
        const orphans = run.resources.filter(({ custom, parent }) => custom && parent === undefined);
        expect(orphans.map(({ urn }) => urn)).to.deep.equal([]);
      });

      it("does not have an unknown value or an Output that was turned into text", () => {
        const text = graph(run, { withoutContent: true });
        expect(text).not.to.include("[unknown]");
        expect(text).not.to.include("Calling [toString]");
      });

      it("previews the same resources before any of them exists", async () => {
        const project = loadProject(directory);
        const { resources } = await runProgram({
          project,
          stack,
          config: loadStackConfig(project, stack),
          cloud: { ...fakeAws("eu-west-1"), compute: () => ({}) },
        });
        expect(resources.map(({ urn }) => urn).sort()).to.deep.equal(
          run.resources.map(({ urn }) => urn).sort(),
        );
      });
    });
  }

  describe("with every option and the longest name", () => {
    const longest = "an-environment-of-23-le";
    /** A bucket of one's own contradicts some of them, and an image of one's own needs no Node.js. */
    const options = {
      botId: "ABCDEFGHIJ",
      botLocaleId: "es_ES",
      inputPrefix: "lex/misses/",
      outputPrefix: "lex/runs/",
      runRetentionDays: 30,
      kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd",
      accessLogBucketName: "our-access-logs",
      unlabelledUtterances: "companion",
      buildTimeoutMinutes: 30,
      goldenSetKey: "golden/golden.csv",
      evaluationAliasId: "EVALUATE00",
      evaluateWithCodeHook: true,
      evaluationConcurrency: 5,
      maxRegressions: 1,
      maxLeakage: 1,
      botAliasId: "KLMNOPQRST",
      keepVersions: 10,
      instanceType: "ml.m5.large",
      volumeSizeInGb: 20,
      startOnUpload: true,
      schedule: "rate(7 days)",
      notificationEmail: "bot-team@example.com",
      protectData: true,
      attachSageMakerFullAccess: true,
      permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/limit",
    };
    const regions = { "aws:region": "eu-west-1", "aws-native:region": "eu-west-1" };
    const stackFile = (changes: object = {}) => stringify({ config: { ...options, ...changes, ...regions } });
    const runNamed = (stack: string, changes: object = {}) => {
      const project = loadProject(directory);
      return runConfig(project, stack, parseStackConfig(project, stack, stackFile(changes)));
    };
    let run: Run;
    before(async () => {
      run = await runNamed(longest);
    });

    it("are all of them", () => {
      const left = settingNames.filter((name) => !Object.keys(options).includes(name));
      expect(left).to.deep.equal(["existingBucketName", "imageUri"]);
    });

    it("have names that AWS takes, and no name is left that could be longer", () => {
      const project = loadProject(directory);
      const nameOf = autonaming(project.name, longest, parseStackConfig(project, longest, stackFile()));
      const room = run.resources.flatMap(({ type, name }) => {
        const limit = nameLimits[type];
        const full = type.endsWith(":Pipeline") ? `lex-retraining-${longest}` : nameOf(name);
        return limit === undefined ? [] : [[limit - full.length, name] as const];
      });
      expect(room.length).to.equal(15);
      expect(room.filter(([left]) => left < 0)).to.deep.equal([]);
      expect(room.filter(([left]) => left === 0).map(([, name]) => name)).to.deep.equal(["alerts-execution"]);
    });

    it("have no name of their own where AWS has no limit for it", () => {
      const nameless = run.resources
        .filter(({ custom, type }) => custom && nameLimits[type] === undefined)
        .map(({ type }) => type.split(":").at(-1));
      expect([...new Set(nameless)].sort()).to.deep.equal([
        "BucketLifecycleConfiguration",
        "BucketLogging",
        "BucketNotification",
        "BucketObjectv2",
        "BucketOwnershipControls",
        "BucketPolicy",
        "BucketPublicAccessBlock",
        "BucketServerSideEncryptionConfiguration",
        "BucketVersioning",
        "EventTarget",
        "RolePolicyAttachment",
        "TopicSubscription",
      ]);
    });

    it("are refused with a name that is one letter longer", async () => {
      expect(await refusalOf(runNamed(`${longest}s`))).to.equal(
        `The configuration of the stack ${longest}s has a problem:
- The stack is named ${longest}s: its name must have up to 23 small letters, digits and single hyphens.
    pulumi stack rename dev`,
      );
    });

    it("use an image of the stack's own region where none is given", () => {
      const images = run.resources.flatMap(({ inputs }) => inputs["imageUri"] ?? []);
      expect([...new Set(images)]).to.deep.equal([
        "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
      ]);
    });

    it("start nothing by themselves where that is turned off", async () => {
      const { resources } = await runNamed(longest, { startOnUpload: false, schedule: "" });
      const without = run.resources.filter(({ urn }) => !resources.some((resource) => resource.urn === urn));
      expect(without.map(({ name }) => name).sort()).to.deep.equal([
        "schedule",
        "schedule",
        "schedule-policy",
        "schedule-role",
        "upload",
        "upload-policy",
        "upload-role",
        "upload-rule",
        "upload-target",
      ]);
    });

    it("do not need a bucket of their own", async () => {
      const { resources } = await runNamed(longest, {
        existingBucketName: "ours",
        accessLogBucketName: "",
        protectData: false,
      });
      const ofTheBucket = resources.filter(({ custom, type }) => custom && type.startsWith("aws:s3/"));
      expect(ofTheBucket.map(({ name }) => name).sort()).to.deep.equal([
        "data-note",
        "stages-node",
        "stages-prepare",
        "stages-publish",
        "stages-retrain",
      ]);
    });
  });

  describe("when a stage's script changes", () => {
    let project = "";
    let unchanged: ReadonlyMap<string, string>;

    before(async () => {
      project = mkdtempSync(join(tmpdir(), "lex-retraining-test-"));
      for (const path of [
        "components",
        "pipeline",
        "scripts",
        "index.ts",
        "package.json",
        "tsconfig.json",
        "tsconfig.pulumi.json",
        "Pulumi.yaml",
        "Pulumi.dev.yaml",
      ]) {
        cpSync(join(directory, path), join(project, path), { recursive: true });
      }
      symlinkSync(join(directory, "node_modules"), join(project, "node_modules"), "junction");
      unchanged = await resourcesOf(project);
    });
    after(() => {
      rmSync(project, { recursive: true, force: true });
    });

    it("do not change when the scripts do not", async () => {
      expect(await resourcesOf(project)).to.deep.equal(unchanged);
    });

    it("upload the script of its step and update the pipeline, and nothing else", async () => {
      const script = join(project, "scripts", "package.ts");
      writeFileSync(script, readFileSync(script, "utf8").replace("Nothing to add", "Nothing to adD"));
      const after = await resourcesOf(project);
      const changed = [...after]
        .filter(([urn, resource]) => unchanged.get(urn) !== resource)
        .map(([urn]) => urn.split("::").at(-1));
      expect([...after.keys()]).to.deep.equal([...unchanged.keys()]);
      expect(changed.sort()).to.deep.equal(["retraining-pipeline", "stages-prepare"]);
    });

    /** What a deployment compares: every resource that is not a component, by its URN. */
    async function resourcesOf(folderOfProject: string): Promise<Map<string, string>> {
      const { resources } = await runStack(folderOfProject, "dev");
      return new Map(
        resources.filter(({ custom }) => custom).map((resource) => [resource.urn, JSON.stringify(resource)]),
      );
    }
  });
});
