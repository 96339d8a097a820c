import { z } from "zod";
import { processingRoot } from "./stages";

/**
 * The parts of a pipeline definition, version 2020-12-01, that this project uses, with the limits of each
 * field.
 *
 * AWS's own JSON Schema refuses definitions that its SDK makes and its documentation shows, so this project
 * has its own. Sources: AWS's schema, the SageMaker API Reference (CreatePipeline, CreateProcessingJob),
 * PutTargets of EventBridge for parameter names, and the SageMaker Python SDK.
 */

/** Text, or an expression that SageMaker replaces with text when the step starts. */
export type Value = string | { Get: string } | { "Std:Join": { On: string; Values: Value[] } };
const value: z.ZodType<Value> = z.lazy(() =>
  z.union([
    z.string(),
    z.strictObject({ Get: z.string() }),
    z.strictObject({ "Std:Join": z.strictObject({ On: z.string(), Values: z.array(value) }) }),
  ]),
);

const parameter = z.strictObject({
  // EventBridge does not accept an underscore in a name, and SageMaker's schema accepts up to 64 characters.
  Name: z
    .string()
    .regex(/^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/)
    .max(64),
  Type: z.enum(["String", "Integer"]),
  DefaultValue: z.union([z.string().max(1_024), z.int()]),
  EnumValues: z.array(z.string()).min(1).optional(),
});

const stepName = z.string().regex(/^[A-Za-z0-9\-_]{1,64}$/);

/** An item of an entrypoint or of its arguments: up to 256 characters in one line. */
const argument = z.string().max(256).regex(/^.*$/);

const s3Uri = value.refine(
  (uri) => typeof uri !== "string" || (uri.length <= 1_024 && /^s3:\/\/[^/]+\/?.*$/.test(uri)),
  "must be s3://bucket/key, at most 1,024 characters",
);

const variable = value.refine(
  (text) => typeof text !== "string" || text.length <= 256,
  "must be at most 256 characters",
);

const localPath = z.string().max(256).startsWith(`${processingRoot}/`);

const processingInput = z.strictObject({
  InputName: z.string().min(1),
  S3Input: z.strictObject({
    S3Uri: s3Uri,
    LocalPath: localPath,
    S3DataType: z.literal("S3Prefix"),
    S3InputMode: z.literal("File"),
    S3DataDistributionType: z.literal("FullyReplicated"),
  }),
});

const processingOutput = z.strictObject({
  OutputName: z.string().min(1),
  S3Output: z.strictObject({ S3Uri: s3Uri, LocalPath: localPath, S3UploadMode: z.literal("EndOfJob") }),
});

const retryPolicy = z.strictObject({
  ExceptionType: z
    .array(
      z.enum([
        "Step.SERVICE_FAULT",
        "Step.THROTTLING",
        "SageMaker.JOB_INTERNAL_ERROR",
        "SageMaker.CAPACITY_ERROR",
        "SageMaker.RESOURCE_LIMIT",
      ]),
    )
    .min(1),
  IntervalSeconds: z.int().min(1).max(43_200),
  BackoffRate: z.number().min(1),
  MaxAttempts: z.int().min(1).max(20),
});

const processingStep = z.strictObject({
  Name: stepName,
  Type: z.literal("Processing"),
  DependsOn: z.array(stepName).optional(),
  Arguments: z.strictObject({
    RoleArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/)
      .max(2_048),
    ProcessingResources: z.strictObject({
      ClusterConfig: z.strictObject({
        InstanceType: z.string().startsWith("ml."),
        InstanceCount: z.int().min(1).max(100),
        VolumeSizeInGB: z.int().min(1).max(16_384),
      }),
    }),
    AppSpecification: z.strictObject({
      ImageUri: z.string().min(1).max(255),
      ContainerEntrypoint: z.array(argument).min(1).max(100),
      ContainerArguments: z.array(argument).min(1).max(100),
    }),
    Environment: z
      .record(
        z
          .string()
          .max(256)
          .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/),
        variable,
      )
      .refine((environment) => Object.keys(environment).length <= 100, "at most 100 variables"),
    ProcessingInputs: z.array(processingInput).max(10),
    ProcessingOutputConfig: z.strictObject({ Outputs: z.array(processingOutput).max(10) }),
    StoppingCondition: z.strictObject({ MaxRuntimeInSeconds: z.int().min(1).max(777_600) }),
  }),
  RetryPolicies: z.array(retryPolicy).optional(),
  PropertyFiles: z
    .array(
      z.strictObject({
        PropertyFileName: stepName,
        OutputName: z.string().min(1),
        FilePath: z.string().min(1),
      }),
    )
    .optional(),
});

/** A value that an earlier step wrote into one of its property files. `Path` is a key of the file's JSON. */
const jsonGet = z.strictObject({
  "Std:JsonGet": z.strictObject({
    PropertyFile: z.strictObject({ Get: z.string() }),
    Path: z.string().min(1),
  }),
});

/** Ends the execution as Failed; the message becomes its failure reason. */
const failStep = z.strictObject({
  Name: stepName,
  Type: z.literal("Fail"),
  DependsOn: z.array(stepName).optional(),
  Arguments: z.strictObject({ ErrorMessage: value }),
});

/** A branch may not hold another Condition step (SageMaker Developer Guide, Condition step, Limitations). */
const branch = z.array(z.discriminatedUnion("Type", [processingStep, failStep]));

const conditionStep = z.strictObject({
  Name: stepName,
  Type: z.literal("Condition"),
  DependsOn: z.array(stepName).optional(),
  Arguments: z.strictObject({
    Conditions: z
      .array(z.strictObject({ Type: z.literal("Equals"), LeftValue: jsonGet, RightValue: z.string() }))
      .min(1),
    IfSteps: branch,
    ElseSteps: branch,
  }),
});

export const definitionSchema = z.strictObject({
  Version: z.literal("2020-12-01"),
  Metadata: z.record(z.string(), z.string().max(1_024)),
  Parameters: z.array(parameter).max(200),
  Steps: z.array(z.discriminatedUnion("Type", [processingStep, conditionStep, failStep])).min(1),
});

export type PipelineDefinition = z.infer<typeof definitionSchema>;
export type Parameter = PipelineDefinition["Parameters"][number];
export type Step = PipelineDefinition["Steps"][number];
export type ProcessingStep = z.infer<typeof processingStep>;
export type BranchStep = z.infer<typeof branch>[number];
export type FailStep = z.infer<typeof failStep>;
export type ConditionStep = z.infer<typeof conditionStep>;
export type ProcessingInput = z.infer<typeof processingInput>;
export type ProcessingOutput = z.infer<typeof processingOutput>;
