import type {
  Parameter,
  PipelineDefinition,
  ProcessingInput,
  ProcessingOutput,
  Step,
  Value,
} from "./definition-schema";
import {
  parameterNames,
  parameters,
  processingRoot,
  stageNames,
  stages,
  type ParameterName,
  type StageName,
} from "./stages";

/** What differs between two deployments of the pipeline. */
export interface PipelineSettings {
  /** With these an execution needs no argument. */
  readonly defaults: Readonly<Record<ParameterName, string | number>>;
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

/** The definition of the retraining pipeline: a Processing step for each stage, in the order of the stages. */
export function pipelineDefinition(settings: PipelineSettings): PipelineDefinition {
  return {
    Version: "2020-12-01",
    Metadata: {},
    Parameters: parameterNames.map((name) => parameterOf(name, settings.defaults[name])),
    Steps: stageNames.map((stage) => processingStep(stage, settings)),
  };
}

function parameterOf(name: ParameterName, defaultValue: string | number): Parameter {
  const { type, values } = parameters[name];
  return {
    Name: name,
    Type: type,
    DefaultValue: defaultValue,
    ...(values === undefined ? {} : { EnumValues: [...values] }),
  };
}

function processingStep(stage: StageName, settings: PipelineSettings): Step {
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
          Object.entries(environment).map(([variable, name]) => [variable, parameterText(name)]),
        ),
      },
      ProcessingInputs: [
        ...(settings.nodeUri === undefined ? [] : [processingInput("node", settings.nodeUri)]),
        processingInput("code", settings.scriptUris[stage]),
        ...Object.entries(inputs).map(([name, source]) =>
          processingInput(name, source === "data" ? inputData : outputOf(source.stage, source.output)),
        ),
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
const retryForCapacity: NonNullable<Step["RetryPolicies"]>[number] = {
  ExceptionType: ["SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT"],
  IntervalSeconds: 60,
  BackoffRate: 2,
  MaxAttempts: 3,
};

const inputData = join("/", "s3:/", parameter("InputBucket"), parameter("InputKey"));

function outputOf(stage: StageName, output: string): Value {
  return { Get: `Steps.${stages[stage].step}.ProcessingOutputConfig.Outputs['${output}'].S3Output.S3Uri` };
}

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
