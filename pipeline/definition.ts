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
import { rowOf, settingNames, variableOf, type StageSettings } from "./settings";
import {
  gate,
  processingRoot,
  stages,
  type ExecutionVariable,
  type InputSource,
  type StageName,
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
  /** S3 URI of each stage's bundled script. */
  readonly scriptUris: Readonly<Record<StageName, string>>;
  readonly instanceType: string;
  readonly volumeSizeInGb: number;
}

/**
 * The retraining pipeline: a Processing step for each stage, and a gate that chooses between the last two.
 */
export function pipelineDefinition(args: PipelineDefinitionArgs): PipelineDefinition {
  return {
    Version: "2020-12-01",
    Metadata: {},
    Parameters: parametersOf(args.settings, args.places),
    Steps: [
      ...(["preprocess", "package", "baseline", "import"] as const).map((stage) =>
        processingStep(stage, args),
      ),
      { ...processingStep("evaluate", args), PropertyFiles: [propertyFile] },
      gateStep(args),
    ],
  };
}

/**
 * Publishes a retraining that passed, if there is an alias to publish to, and rolls back one that did not.
 */
function gateStep(args: PipelineDefinitionArgs): ConditionStep {
  const evaluation = { Get: `Steps.${stages.evaluate.step}.PropertyFiles.${propertyFile.PropertyFileName}` };
  return {
    Name: "Gate",
    Type: "Condition",
    Arguments: {
      Conditions: [
        {
          Type: "Equals",
          LeftValue: { "Std:JsonGet": { PropertyFile: evaluation, Path: "gate" } },
          RightValue: gate.passed,
        },
      ],
      IfSteps: publishes(args) ? [processingStep("publish", args)] : [],
      ElseSteps: [processingStep("restore", args)],
    },
  };
}

const propertyFile = { PropertyFileName: "Evaluation", OutputName: gate.output, FilePath: gate.file };

function publishes({ settings }: PipelineDefinitionArgs): boolean {
  return settings.botAliasId !== undefined;
}

/**
 * The step that runs a stage, without the inputs and variables that need a parameter that the pipeline lacks.
 */
function processingStep(stage: StageName, args: PipelineDefinitionArgs): ProcessingStep {
  const { step, inputs, outputs, variables, maxRuntimeInSeconds } = stages[stage];
  const { nodeUri } = args;
  const scriptUri = args.scriptUris[stage];
  const parameters = parametersOf(args.settings, args.places);
  const isAvailable = ([, value]: [string, Value]) =>
    getsIn(value).every(
      (get) => !get.startsWith("Parameters.") || parameters.some(({ Name }) => get === `Parameters.${Name}`),
    );
  return {
    Name: step,
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
          ...settingVariables(stage),
          ...variables.map((name): [string, Value] => [name, executionVariable(name, args)]),
        ].filter(isAvailable),
      ),
      ProcessingInputs: Object.entries<Value>({
        ...(nodeUri === undefined ? {} : { node: nodeUri }),
        code: scriptUri,
        ...Object.fromEntries(Object.entries(inputs).map(([name, source]) => [name, inputUri(source)])),
      })
        .filter(isAvailable)
        .map(([name, uri]) => processingInput(name, uri)),
      ProcessingOutputConfig: { Outputs: outputs.map((name) => processingOutput(step, name)) },
      StoppingCondition: { MaxRuntimeInSeconds: maxRuntimeInSeconds },
    },
    RetryPolicies: [retryForCapacity],
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
    Get: `Steps.${stages[source.stage].step}.ProcessingOutputConfig.Outputs['${source.output}'].S3Output.S3Uri`,
  };
}

/** The environment variables for the settings that a stage reads. */
function settingVariables(stage: StageName): [string, Value][] {
  return settingNames.flatMap((setting): [string, Value][] => {
    const { stages: readers = [], type } = rowOf(setting);
    const name = parameterNameOf(setting);
    if (name === undefined || !readers.includes(stage)) {
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
    case "LEASE_URI":
      return join("/", parameter("OutputDataUri"), "leases", parameter("BotId"));
    case "PUBLISHES":
      return String(publishes(args));
  }
}

const executionId: Value = { Get: "Execution.PipelineExecutionId" };

function processingInput(name: string, uri: Value): ProcessingInput {
  return {
    InputName: name,
    S3Input: {
      S3Uri: uri,
      LocalPath: `${processingRoot}/input/${name}`,
      S3DataType: "S3Prefix",
      S3InputMode: "File",
      S3DataDistributionType: "FullyReplicated",
    },
  };
}

/** The execution's id in the URI keeps the files of two runs apart. */
function processingOutput(step: string, name: string): ProcessingOutput {
  return {
    OutputName: name,
    S3Output: {
      S3Uri: join("/", parameter("OutputDataUri"), executionId, step.toLowerCase(), name),
      LocalPath: `${processingRoot}/output/${name}`,
      S3UploadMode: "EndOfJob",
    },
  };
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
