import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { stageNames, stages, type StageName } from "../../pipeline/stages";
import { importStage } from "../../scripts/import";
import { packageStage } from "../../scripts/package";
import { preprocess } from "../../scripts/preprocess";
import { stageIn, type StageMain } from "../../scripts/stage/stage";

const mains: Readonly<Record<StageName, StageMain>> = {
  preprocess,
  package: packageStage,
  import: importStage,
};

/** Runs stages within this process, one after the other, each in a folder of its own under `folder`. */
export class StageRun {
  readonly lines: string[] = [];
  sleep = stageIn({}).sleep;

  constructor(
    private readonly folder: string,
    lexUrl: string,
    private readonly settings: Readonly<Record<string, string>>,
  ) {
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_LEX_MODELS_V2: lexUrl,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    });
  }

  /** Runs the stages, up to and with `last`, on a file of misses. Rejects as the stage that fails does. */
  async all(misses: string, last: StageName = "import"): Promise<void> {
    mkdirSync(this.root("preprocess", "input", "data"), { recursive: true });
    cpSync(misses, this.root("preprocess", "input", "data", "misses.csv"));
    for (const stage of stageNames.slice(0, stageNames.indexOf(last) + 1)) await this.one(stage);
  }

  async one(name: StageName): Promise<void> {
    for (const [input, source] of Object.entries(stages[name].inputs)) {
      if (source !== "data")
        cpSync(this.root(source.stage, "output", source.output), this.root(name, "input", input), {
          recursive: true,
        });
    }
    const environment = { ...this.settings, PROCESSING_ROOT: this.root(name) };
    await mains[name]({ ...stageIn(environment), say: (line) => this.lines.push(line), sleep: this.sleep });
  }

  root(stage: StageName, ...path: string[]): string {
    return join(this.folder, stage, ...path);
  }
}
