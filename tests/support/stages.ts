import { cpSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { UpdateBotAliasCommand } from "@aws-sdk/client-lex-models-v2";
import { stageMains } from "../../cli/stage";
import { readsSetting, rowOf, settingDefaults, settingNames, variableOf } from "../../pipeline/settings";
import {
  stageNames,
  steps,
  type ExecutionVariable,
  type StageName,
  type StepName,
} from "../../pipeline/stages";
import { summaryFile } from "../../scripts/artifacts/summary";
import { lexModels } from "../../scripts/lex/calls";
import { UserError } from "../../scripts/messages/user-error";
import { stageIn, type Stage } from "../../scripts/stage/stage";
import { prepare } from "../../scripts/steps/prepare";
import { publish } from "../../scripts/steps/publish";
import { retrain } from "../../scripts/steps/retrain";
import type { StepMain } from "../../scripts/steps/step";

/** What every run is told, unless its test says otherwise. */
const defaults: Readonly<Record<string, string>> = {
  EXECUTION_ID: "execution1",
  RUN_URI: "s3://data/runs/execution1",
  BOT_URI: "s3://data/bots/bot",
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

/**
 * Runs stages and steps in this process, one after the other, all in one container: the folder. On AWS a step
 * finds the outputs of earlier steps among its inputs, which `Stage` makes no difference of.
 */
export class StageRun {
  readonly lines: string[] = [];
  /** Nobody waits here, unless something ends the waiting. */
  sleep: Stage["sleep"] = (time, end) => (end ? stageIn({}).sleep(time, end) : Promise.resolve());

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
    this.bringFiles(misses, golden);
    for (const stage of stageNames.slice(0, stageNames.indexOf(last) + 1)) {
      await this.one(stage);
    }
  }

  async one(name: StageName): Promise<void> {
    await stageMains[name](this.stage(this.environmentOf(name)));
  }

  /** Runs a step. Its lease, its journal and its files need a local S3 in AWS_ENDPOINT_URL_S3. */
  async step(name: StepName, main: StepMain = stepMains[name]): Promise<string | undefined> {
    return main(this.stage(this.environmentOfStep(name)));
  }

  /**
   * Runs an execution on a file of misses and a golden set, as the pipeline does: without a publication.
   *
   * @throws UserError when it fails, with the gate's message when that refuses
   */
  async execution(misses: string, golden?: string): Promise<void> {
    this.bringFiles(misses, golden);
    await this.step("prepare");
    if (summaryFile.read(this.stage(this.environmentOfStep("prepare"))).outcome === "changes") {
      const refusal = await this.step("retrain");
      if (refusal !== undefined) {
        throw new UserError(refusal);
      }
    }
  }

  bringFiles(misses: string, golden?: string): void {
    for (const [input, file] of Object.entries({ data: misses, ...(golden && { golden }) })) {
      mkdirSync(this.root("input", input), { recursive: true });
      cpSync(file, this.root("input", input, basename(file)));
    }
  }

  /** The environment that a stage needs: only what it says that it reads. */
  environmentOf(name: StageName): Record<string, string> {
    const read = settingNames.filter((setting) => rowOf(setting).stages?.includes(name)).map(variableOf);
    return this.environment([...read, ...executionVariables]);
  }

  /** The environment that SageMaker would give a step. */
  environmentOfStep(name: StepName): Record<string, string> {
    const read = settingNames.filter((setting) => readsSetting(name, setting)).map(variableOf);
    return this.environment([...read, ...steps[name].variables]);
  }

  root(...path: string[]): string {
    return join(this.folder, ...path);
  }

  private environment(variables: readonly string[]): Record<string, string> {
    const told = Object.entries({ ...defaults, ...this.settings });
    return {
      ...sdkEnvironment(this.lexUrl),
      ...Object.fromEntries(told.filter(([variable]) => variables.includes(variable))),
      PROCESSING_ROOT: this.root(),
    };
  }

  private stage(environment: Record<string, string>): Stage {
    return { ...stageIn(environment), say: (line) => this.lines.push(line), sleep: this.sleep };
  }
}

const executionVariables: readonly ExecutionVariable[] = ["EXECUTION_ID", "RUN_URI", "BOT_URI"];

const stepMains: Readonly<Record<StepName, StepMain>> = { prepare, retrain, publish };
