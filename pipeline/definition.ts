import type {
  ConditionStep,
  PipelineDefinition,
  ProcessingInput,
  ProcessingOutput,
  ProcessingStep,
  Value,
} from "./definition-schema";
import { getsIn } from "./expressions";
import { parameterNameOf, parametersOf, type Places } from "./parameters";
import { readsSetting, rowOf, settingNames, variableOf, type StageSettings } from "./settings";
import {
  folderOf,
  gate,
  inputsOf,
  outcome,
  outputsOf,
  processingRoot,
  stepOf,
  steps,
  type ExecutionVariable,
  type InputSource,
  type StageOutput,
  type StepName,
} from "./stages";

/** Everything that can differ between two deployments of the pipeline. */
export interface PipelineDefinitionArgs {
  readonly settings: StageSettings;
  readonly places: Places;
  readonly region: string;
  /** The role that the jobs run as. */
  readonly roleArn: string;
  readonly imageUri: string;
  /** S3 URI of a Node.js binary for 64-bit Linux. Undefined when the image has its own `node`. */
  readonly nodeUri: string | undefined;
  /**
   * S3 URI without a slash at its end. Each bot has a folder below it for what outlives a run, such as its
   * lease. It is no parameter: an execution with another would not see what the others do.
   */
  readonly botsUri: string;
  /** S3 URI of each step's bundled script. */
  readonly scriptUris: Readonly<Record<StepName, string>>;
  readonly instanceType: string;
  readonly volumeSizeInGb: number;
}

/**
 * The retraining pipeline: a Processing step for each step of the contract. An execution ends after Prepare
 * when there is nothing to add, and goes on after Retrain by what the gate says.
 */
export function pipelineDefinition(args: PipelineDefinitionArgs): PipelineDefinition {
  return {
    Version: "2020-12-01",
    Metadata: {},
    Parameters: parametersOf(args.settings, args.places),
    Steps: [
      processingStep("prepare", args, outcome),
      conditionStep("AnythingToAdd", outcome, outcome.changes, {
        IfSteps: [processingStep("retrain", args, gate)],
        ElseSteps: [],
      }),
      conditionStep("Gate", gate, gate.passed, {
        IfSteps: publishes(args) ? [processingStep("publish", args)] : [],
        // The job says in its exit message why the retraining is refused, and that the bot is as it was.
        ElseSteps: [
          {
            Name: "Refused",
            Type: "Fail",
            Arguments: { ErrorMessage: { Get: `Steps.${steps.retrain.name}.ExitMessage` } },
          },
        ],
      }),
    ],
  };
}

/** A key in a JSON file of an output, by which the pipeline goes. */
interface Decision {
  readonly output: StageOutput;
  readonly file: string;
  readonly key: string;
}

function conditionStep(
  name: string,
  { output, key }: Decision,
  value: string,
  branches: Pick<ConditionStep["Arguments"], "IfSteps" | "ElseSteps">,
): ConditionStep {
  const file = { Get: `Steps.${steps[stepOf(output.stage)].name}.PropertyFiles.${decisionFile}` };
  return {
    Name: name,
    Type: "Condition",
    Arguments: {
      Conditions: [
        {
          Type: "Equals",
          LeftValue: { "Std:JsonGet": { PropertyFile: file, Path: key } },
          RightValue: value,
        },
      ],
      ...branches,
    },
  };
}

/** The property file of a step that decides how the execution goes on. */
const decisionFile = "Decision";

function publishes({ settings }: PipelineDefinitionArgs): boolean {
  return settings.botAliasId !== undefined;
}

/**
 * The step of the pipeline, without the inputs and variables that need a parameter that the pipeline lacks.
 */
function processingStep(step: StepName, args: PipelineDefinitionArgs, decision?: Decision): ProcessingStep {
  const { name: Name, variables, maxRuntimeInSeconds } = steps[step];
  const { nodeUri } = args;
  const scriptUri = args.scriptUris[step];
  const parameters = parametersOf(args.settings, args.places);
  const isAvailable = ([, value]: [string, Value]) =>
    getsIn(value).every(
      (get) => !get.startsWith("Parameters.") || parameters.some(({ Name }) => get === `Parameters.${Name}`),
    );
  return {
    Name,
    Type: "Processing",
    Arguments: {
      RoleArn: args.roleArn,
      ProcessingResources: {
        ClusterConfig: {
          InstanceType: args.instanceType,
          InstanceCount: 1,
          VolumeSizeInGB: args.volumeSizeInGb,
        },
      },
      AppSpecification: {
        ImageUri: args.imageUri,
        ContainerEntrypoint: nodeUri === undefined ? ["node"] : installNode,
        ContainerArguments: [`${processingRoot}/input/code/${fileName(scriptUri)}`],
      },
      Environment: Object.fromEntries(
        [
          ["AWS_REGION", args.region] as [string, Value],
          ...settingVariables(step),
          ...variables.map((name): [string, Value] => [name, executionVariable(name, args)]),
        ].filter(isAvailable),
      ),
      ProcessingInputs: Object.entries<Value>({
        ...(nodeUri === undefined ? {} : { node: nodeUri }),
        code: scriptUri,
        ...Object.fromEntries(inputsOf(step).map((source) => [folderOf(source), inputUri(source)])),
      })
        .filter(isAvailable)
        .map(([name, uri]) => processingInput(name, uri)),
      ProcessingOutputConfig: { Outputs: outputsOf(step).map(processingOutput) },
      StoppingCondition: { MaxRuntimeInSeconds: maxRuntimeInSeconds },
    },
    RetryPolicies: [retryForCapacity],
    ...(decision && {
      PropertyFiles: [
        {
          PropertyFileName: decisionFile,
          OutputName: nameOf(decision.output),
          FilePath: decision.file,
        },
      ],
    }),
  };
}

/**
 * S3 does not keep the exec bit, so `install` sets it. `exec` lets Node get the signals of a stopped job. The
 * last item is the shell's `$0`.
 */
const installNode = [
  "/bin/sh",
  "-c",
  `install -m 755 ${processingRoot}/input/node/node /tmp/node && exec /tmp/node "$@"`,
  "node",
];

/** A new account often has a low quota of jobs. These two errors do not mean that the work itself failed. */
const retryForCapacity: NonNullable<ProcessingStep["RetryPolicies"]>[number] = {
  ExceptionType: ["SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT"],
  IntervalSeconds: 60,
  BackoffRate: 2,
  MaxAttempts: 3,
};

function inputUri(source: InputSource): Value {
  if (source === "data") {
    return join("/", "s3:/", parameter("InputBucket"), parameter("InputKey"));
  }
  if (source === "golden") {
    return parameter("GoldenSetUri");
  }
  return {
    Get: `Steps.${steps[stepOf(source.stage)].name}.ProcessingOutputConfig.Outputs['${nameOf(source)}'].S3Output.S3Uri`,
  };
}

/** The environment variables for the settings that a step reads. */
function settingVariables(step: StepName): [string, Value][] {
  return settingNames.flatMap((setting): [string, Value][] => {
    const { type } = rowOf(setting);
    const name = parameterNameOf(setting);
    if (name === undefined || !readsSetting(step, setting)) {
      return [];
    }
    // A variable must be text, and a join turns an Integer into text.
    const value = type.parameterType === "String" ? parameter(name) : join("", parameter(name));
    return [[variableOf(setting), value]];
  });
}

function executionVariable(name: ExecutionVariable, args: PipelineDefinitionArgs): Value {
  switch (name) {
    case "EXECUTION_ID":
      return executionId;
    case "RUN_URI":
      return runUri;
    case "BOT_URI":
      return join("/", args.botsUri, parameter("BotId"));
    case "PUBLISHES":
      return String(publishes(args));
  }
}

const executionId: Value = { Get: "Execution.PipelineExecutionId" };

/** The execution's id in the URI keeps the files of two runs apart. */
const runUri = join("/", parameter("OutputDataUri"), executionId);

function processingInput(name: string, uri: Value): ProcessingInput {
  return {
    InputName: name.replace("/", "-"),
    S3Input: {
      S3Uri: uri,
      LocalPath: `${processingRoot}/input/${name}`,
      S3DataType: "S3Prefix",
      S3InputMode: "File",
      S3DataDistributionType: "FullyReplicated",
    },
  };
}

function processingOutput(source: StageOutput): ProcessingOutput {
  return {
    OutputName: nameOf(source),
    S3Output: {
      S3Uri: join("/", parameter("OutputDataUri"), executionId, source.stage, source.output),
      LocalPath: `${processingRoot}/output/${folderOf(source)}`,
      S3UploadMode: "EndOfJob",
    },
  };
}

/** The name of a processing input or output, which holds no slash. */
function nameOf(source: InputSource): string {
  return folderOf(source).replace("/", "-");
}

function parameter(name: string): Value {
  return { Get: `Parameters.${name}` };
}

function join(on: string, ...values: Value[]): Value {
  return { "Std:Join": { On: on, Values: values } };
}

function fileName(uri: string): string {
  return uri.slice(uri.lastIndexOf("/") + 1);
}
