import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command, Option } from "commander";
import { definition, golden, goldenFile, graph, runStack } from "../local/engine/graph";
import { stackNames } from "../local/engine/project";
import { runProgram } from "./run-program";

const project = join(__dirname, "..");
const stacks = stackNames(project);
const stack = new Option("--stack <name>", "which stack").choices(stacks).makeOptionMandatory();

const program = new Command("npm run")
  .description("What a stack would deploy, without the Pulumi CLI and without AWS.")
  .exitOverride();

program
  .command("graph")
  .description("prints the resources of a stack and its outputs as canonical JSON")
  .addOption(stack)
  .option("--without-content", "put a mark in the place of content hashes and of assets' text", false)
  .action(async (options: { stack: string; withoutContent: boolean }) => {
    process.stdout.write(graph(await runStack(project, options.stack), options));
  });

program
  .command("definition")
  .description("prints the pipeline definition of a stack")
  .addOption(stack)
  .action(async (options: { stack: string }) => {
    process.stdout.write(definition(await runStack(project, options.stack)));
  });

program
  .command("graph:accept")
  .description("takes the graphs as they are now for the golden ones that the tests compare with")
  .action(async () => {
    for (const name of stacks) {
      const file = goldenFile(project, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, golden(await runStack(project, name)));
      process.stdout.write(`Wrote ${file}\n`);
    }
  });

void runProgram(program);
