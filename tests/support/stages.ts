import { cpSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { UpdateBotAliasCommand } from "@aws-sdk/client-lex-models-v2";
import { stageMains } from "../../cli/stage";
import { rowOf, settingDefaults, settingNames, variableOf } from "../../pipeline/settings";
import { stageNames, stages, type StageName } from "../../pipeline/stages";
import { lexModels } from "../../scripts/lex/calls";
import { stageIn } from "../../scripts/stage/stage";

/** What every run is told, unless its test says otherwise. */
const defaults: Readonly<Record<string, string>> = {
  EXECUTION_ID: "execution1",
  PUBLISHES: "false",
  ...Object.fromEntries(
    Object.entries(settingDefaults)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [variableOf(name), String(value)]),
  ),
};

/** From now on, every new client in this process talks to a local Lex. */
export function pointSdkTo(lexUrl: string): void {
  Object.assign(process.env, sdkEnvironment(lexUrl));
}

/** The environment that makes an SDK talk to a local Lex. */
export function sdkEnvironment(lexUrl: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_LEX_MODELS_V2: lexUrl,
    AWS_ENDPOINT_URL_LEX_RUNTIME_V2: lexUrl,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  };
}

/** Lets the test alias of a bot in that local Lex run a Lambda function for es_ES. */
export async function setCodeHook(botId: string, lambdaARN: string): Promise<void> {
  await lexModels().send(
    new UpdateBotAliasCommand({
      botId,
      botAliasId: "TSTALIASID",
      botAliasName: "TestBotAlias",
      botVersion: "DRAFT",
      botAliasLocaleSettings: {
        es_ES: {
          enabled: true,
          codeHookSpecification: { lambdaCodeHook: { lambdaARN, codeHookInterfaceVersion: "1.0" } },
        },
      },
    }),
  );
}

/** Runs stages in this process, one after the other, each in its own folder under `folder`. */
export class StageRun {
  readonly lines: string[] = [];
  sleep = stageIn({}).sleep;

  constructor(
    private readonly folder: string,
    private readonly lexUrl: string,
    private readonly settings: Readonly<Record<string, string>>,
  ) {
    pointSdkTo(lexUrl);
  }

  /**
   * Runs the stages up to `last`, with it, on a file of misses and a golden set. Rejects when a stage fails.
   */
  async all(misses: string, last: StageName = "import", golden?: string): Promise<void> {
    this.put("preprocess", "data", misses);
    if (golden !== undefined) {
      this.put("baseline", "golden", golden);
    }
    for (const stage of stageNames.slice(0, stageNames.indexOf(last) + 1)) {
      await this.one(stage);
    }
  }

  async one(name: StageName): Promise<void> {
    this.bringInputs(name);
    await stageMains[name]({
      ...stageIn(this.environmentOf(name)),
      say: (line) => this.lines.push(line),
      sleep: this.sleep,
    });
  }

  /** Gives a stage the outputs of earlier stages that it reads. */
  bringInputs(name: StageName): void {
    for (const [input, source] of Object.entries(stages[name].inputs)) {
      if (typeof source === "object") {
        cpSync(this.root(source.stage, "output", source.output), this.root(name, "input", input), {
          recursive: true,
        });
      }
    }
  }

  /** The environment that SageMaker would give the stage: only what the stage says that it reads. */
  environmentOf(name: StageName): Record<string, string> {
    const read = settingNames.filter((setting) => rowOf(setting).stages?.includes(name)).map(variableOf);
    const variables: readonly string[] = [...read, ...stages[name].variables];
    const told = Object.entries({ ...defaults, ...this.settings });
    return {
      ...sdkEnvironment(this.lexUrl),
      ...Object.fromEntries(told.filter(([variable]) => variables.includes(variable))),
      PROCESSING_ROOT: this.root(name),
    };
  }

  private put(stage: StageName, input: string, file: string): void {
    mkdirSync(this.root(stage, "input", input), { recursive: true });
    cpSync(file, this.root(stage, "input", input, basename(file)));
  }

  root(stage: StageName, ...path: string[]): string {
    return join(this.folder, stage, ...path);
  }
}
