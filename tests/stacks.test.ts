import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { aws } from "./engine/aws";
import { golden, goldenFile, graph, runStack } from "./engine/graph";
import { runProgram, type Run } from "./engine/run-program";
import { loadProject, loadStackConfig, stackNames } from "./pulumi-project";

const directory = join(__dirname, "..");

describe("the stacks of this project", () => {
  it("are dev and prod", () => {
    expect(stackNames(directory)).to.deep.equal(["dev", "prod"]);
  });

  for (const stack of ["dev", "prod"]) {
    describe(stack, () => {
      let run: Run;
      before(async () => {
        run = await runStack(directory, stack);
      });

      it("deploys what its golden graph says (npm run graph:accept takes a wanted change)", () => {
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

      it("holds neither an unknown value nor an Output that was turned into text", () => {
        const text = graph(run, { withoutContent: true });
        expect(text).not.to.include("[unknown]");
        expect(text).not.to.include("Calling [toString]");
      });

      it("previews the same resources while none of them exists", async () => {
        const project = loadProject(directory);
        const { resources } = await runProgram({
          project,
          stack,
          config: loadStackConfig(project, stack),
          cloud: { ...aws("eu-west-1"), compute: () => ({}) },
        });
        expect(resources.map(({ urn }) => urn).sort()).to.deep.equal(
          run.resources.map(({ urn }) => urn).sort(),
        );
      });
    });
  }
});
