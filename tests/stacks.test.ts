import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { fakeAws } from "../local/engine/fake-aws";
import { golden, goldenFile, graph, runStack } from "../local/engine/graph";
import { loadProject, loadStackConfig, stackNames } from "../local/engine/project";
import { runProgram, type Run } from "../local/engine/run-program";

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
