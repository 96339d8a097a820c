import type {
  ConditionStep,
  Parameter,
  PipelineDefinition,
  ProcessingInput,
  ProcessingOutput,
  ProcessingStep,
  Value,
} from "./definition-schema";
import {
  gate,
  parameterNames,
  parameters,
  processingRoot,
  stages,
  type InputSource,
  type OptionalParameterName,
  type ParameterName,
  type StageName,
  type VariableSource,
} from "./stages";

/** What differs between two deployments of the pipeline. */
export interface PipelineSettings {
  /** With these an execution needs no argument. One without GoldenSetUri asks the bot's own utterances, without BotAliasId publishes nothing. */
  readonly defaults: Readonly<Record<Exclude<ParameterName, OptionalParameterName>, string | number>> &
    Readonly<Partial<Record<OptionalParameterName, string>>>;
  readonly region: string;
  /** The role that the jobs run as. */
  readonly roleArn: string;
  readonly imageUri: string;
  /** S3 URI of a Node.js binary for linux-x64, or undefined where the image brings `node` itself. */
  readonly nodeUri: string | undefined;
  /** S3 URI of each stage's bundled script. */
  readonly scriptUris: Readonly<Record<StageName, string>>;
  readonly instanceType: string;
  readonly volumeSizeInGb: number;
}

/** The definition of the retraining pipeline: a Processing step for each stage, and the gate that decides between the last two. */
export function pipelineDefinition(settings: PipelineSettings): PipelineDefinition {
  return {
    Version: "2020-12-01",
    Metadata: {},
    Parameters: parameterNames.flatMap((name) => parameterOf(name, settings.defaults[name])),
    Steps: [
      ...(["preprocess", "package", "baseline", "import"] as const).map((stage) =>
        processingStep(stage, settings),
      ),
      { ...processingStep("evaluate", settings), PropertyFiles: [propertyFile] },
      gateStep(settings),
    ],
  };
}

/** Publishes what the evaluation passed, where there is an alias to publish to, and takes back what it did not. */
function gateStep(settings: PipelineSettings): ConditionStep {
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
      IfSteps: publishes(settings) ? [processingStep("publish", settings)] : [],
      ElseSteps: [processingStep("restore", settings)],
    },
  };
}

const propertyFile = { PropertyFileName: "Evaluation", OutputName: gate.output, FilePath: gate.file };

function publishes({ defaults }: PipelineSettings): boolean {
  return defaults.BotAliasId !== undefined;
}

function parameterOf(name: ParameterName, defaultValue: string | number | undefined): Parameter[] {
  if (defaultValue === undefined) {
    return [];
  }
  const { type, values } = parameters[name];
  return [
    { Name: name, Type: type, DefaultValue: defaultValue, ...(values ? { EnumValues: [...values] } : {}) },
  ];
}

function processingStep(stage: StageName, settings: PipelineSettings): ProcessingStep {
  const { step, inputs, outputs, environment, maxRuntimeInSeconds } = stages[stage];
  return {
    Name: step,
    Type: "Processing",
    Arguments: {
      RoleArn: settings.roleArn,
      ProcessingResources: {
        ClusterConfig: {
          InstanceType: settings.instanceType,
          InstanceCount: 1,
          VolumeSizeInGB: settings.volumeSizeInGb,
        },
      },
      AppSpecification: {
        ImageUri: settings.imageUri,
        ContainerEntrypoint: settings.nodeUri === undefined ? ["node"] : installNode,
        ContainerArguments: [`${processingRoot}/input/code/${fileName(settings.scriptUris[stage])}`],
      },
      Environment: {
        AWS_REGION: settings.region,
        ...Object.fromEntries(
          Object.entries(environment)
            .filter(([, source]) => source !== "BotAliasId" || publishes(settings))
            .map(([variable, source]) => [variable, variableText(source)]),
        ),
        // The stage that runs last lets the next execution on.
        ...(stage === "evaluate" ? { PUBLISHES: String(publishes(settings)) } : {}),
      },
      ProcessingInputs: [
        ...(settings.nodeUri === undefined ? [] : [processingInput("node", settings.nodeUri)]),
        processingInput("code", settings.scriptUris[stage]),
        ...Object.entries(inputs)
          .filter(([, source]) => source !== "golden" || settings.defaults.GoldenSetUri !== undefined)
          .map(([name, source]) => processingInput(name, inputUri(source))),
      ],
      ProcessingOutputConfig: { Outputs: outputs.map((name) => processingOutput(step, name)) },
      StoppingCondition: { MaxRuntimeInSeconds: maxRuntimeInSeconds },
    },
    RetryPolicies: [retryForCapacity],
  };
}

/** S3 keeps no exec bit, and `exec` hands the signals of a stopped job to Node. The last item is the shell's `$0`. */
const installNode = [
  "/bin/sh",
  "-c",
  `install -m 755 ${processingRoot}/input/node/node /tmp/node && exec /tmp/node "$@"`,
  "node",
];

/** New accounts often have too low a quota for a job at once; neither says anything about the work itself. */
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

function variableText(source: VariableSource): Value {
  if (source === "executionId") {
    return executionId;
  }
  if (source === "leaseUri") {
    return join("/", parameter("OutputDataUri"), "leases", parameter("BotId"));
  }
  return parameterText(source);
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

/** The execution's id keeps the files of two runs apart, also where one follows the other at once. */
function processingOutput(step: string, name: string): ProcessingOutput {
  return {
    OutputName: name,
    S3Output: {
      S3Uri: join(
        "/",
        parameter("OutputDataUri"),
        { Get: "Execution.PipelineExecutionId" },
        step.toLowerCase(),
        name,
      ),
      LocalPath: `${processingRoot}/output/${name}`,
      S3UploadMode: "EndOfJob",
    },
  };
}

/** A parameter where only text is allowed: one that is not a String must be joined to be text. */
function parameterText(name: ParameterName): Value {
  return parameters[name].type === "String" ? parameter(name) : join("", parameter(name));
}

function parameter(name: ParameterName): Value {
  return { Get: `Parameters.${name}` };
}

function join(on: string, ...values: Value[]): Value {
  return { "Std:Join": { On: on, Values: values } };
}

function fileName(uri: string): string {
  return uri.slice(uri.lastIndexOf("/") + 1);
}
