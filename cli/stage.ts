import { resolve } from "node:path";
import type { Command } from "commander";
import { stageNames, type StageName } from "../pipeline/stages";
import { baseline } from "../scripts/baseline";
import { evaluate } from "../scripts/evaluate";
import { importStage } from "../scripts/import";
import { UsageError, UserError } from "../scripts/messages/user-error";
import { packageStage } from "../scripts/package";
import { preprocess } from "../scripts/preprocess";
import { publish } from "../scripts/publish";
import { runAsProcess, type StageMain } from "../scripts/stage/stage";
import { folderOption } from "./options";

/** What each stage does, for those that run one within their own process. */
export const stageMains: Readonly<Record<StageName, StageMain>> = {
  preprocess,
  package: packageStage,
  baseline,
  import: importStage,
  evaluate,
  publish,
};

export function addStage(program: Command): void {
  program
    .command("stage")
    .description(
      "Run one stage alone, against the Lex that the environment of the AWS SDK names. Nothing rolls back what it does.",
    )
    .argument("<name>", `one of ${stageNames.join(", ")}`, stageName)
    .requiredOption(
      "--root <folder>",
      "folder with input/<name>/ and output/<name>/, as /opt/ml/processing",
      folderOption,
    )
    .action(stage);
}

async function stage(name: StageName, options: { root: string }): Promise<void> {
  process.env["PROCESSING_ROOT"] = resolve(options.root);
  await runAsProcess(async (container) => {
    try {
      await stageMains[name](container);
    } catch (error) {
      throw error instanceof UserError ? new UserError(error.inFull, { cause: error }) : error;
    }
    return undefined;
  });
}

function stageName(text: string): StageName {
  const name = stageNames.find((known) => known === text);
  if (name === undefined) {
    throw new UsageError(`There is no stage ${text}; the stages are ${stageNames.join(", ")}.`);
  }
  return name;
}
