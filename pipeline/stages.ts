/**
 * The contract of the stages: what each reads, writes and is told.
 *
 * The definition builder turns it into Processing steps, the stage scripts find their folders and settings by it, and the Pulumi
 * components bundle one script a stage. Nothing here knows of Pulumi or of a file system.
 */

/** Where SageMaker mounts the inputs and outputs of a processing job. */
export const processingRoot = "/opt/ml/processing";

/** A file `scripts/<stage>.ts` each. */
export const stageNames = ["preprocess", "package", "import"] as const;
export type StageName = (typeof stageNames)[number];

/** A record with something for every stage. */
export function eachStage<T>(make: (stage: StageName) => T): Readonly<Record<StageName, T>> {
  return Object.fromEntries(stageNames.map((stage) => [stage, make(stage)])) as Record<StageName, T>;
}

/** What to do with an utterance that no row gives an intent. */
export const unlabelledModes = ["review", "companion"] as const;
/** What to tell those who ask for the mode that the design names and that is not there yet. */
export const assignIsPlanned =
  "Taking the best suggestion by itself (assign) follows in a later version: use review until then.";
export type UnlabelledMode = (typeof unlabelledModes)[number];

/** EventBridge allows no underscore in the name of a parameter. */
export const parameterNames = [
  "InputBucket",
  "InputKey",
  "OutputDataUri",
  "BotId",
  "BotLocaleId",
  "UnlabelledUtterances",
  "BuildTimeoutMinutes",
] as const;
export type ParameterName = (typeof parameterNames)[number];

/** The pipeline's parameters. */
export const parameters: Readonly<Record<ParameterName, ParameterContract>> = {
  InputBucket: { type: "String", description: "Bucket of the CSV of missed utterances." },
  InputKey: { type: "String", description: "Key of one file, or a prefix of several." },
  OutputDataUri: {
    type: "String",
    description: "S3 URI without a slash at its end; a run writes under <it>/<execution id>/.",
  },
  BotId: { type: "String", description: "Lex V2 bot id, ten capital letters and digits." },
  BotLocaleId: { type: "String", description: "Locale to retrain, such as es_ES." },
  UnlabelledUtterances: {
    type: "String",
    description: "What to do with utterances without an intent.",
    values: unlabelledModes,
  },
  BuildTimeoutMinutes: {
    type: "Integer",
    description: "How long a build of the locale may take, in minutes.",
  },
};

interface ParameterContract {
  readonly type: "String" | "Integer";
  readonly description: string;
  readonly values?: readonly string[];
}

interface StageContract {
  /** Name of the step; also the folder of its outputs under the run's. */
  readonly step: string;
  /** Each processing input: the S3 object or prefix that the parameters name, or an output of an earlier stage. */
  readonly inputs: Readonly<Record<string, "data" | { readonly stage: StageName; readonly output: string }>>;
  readonly outputs: readonly string[];
  /** Environment variable to parameter. All stages also get AWS_REGION. */
  readonly environment: Readonly<Record<string, ParameterName>>;
  /** After this SageMaker stops the job. */
  readonly maxRuntimeInSeconds: number;
}

const hour = 3600;

export const stages: Readonly<Record<StageName, StageContract>> = {
  preprocess: {
    step: "Preprocess",
    inputs: { data: "data" },
    outputs: ["utterances", "report"],
    environment: {},
    maxRuntimeInSeconds: hour,
  },
  package: {
    step: "Package",
    inputs: { utterances: { stage: "preprocess", output: "utterances" } },
    outputs: ["backup", "package", "report"],
    environment: {
      BOT_ID: "BotId",
      BOT_LOCALE_ID: "BotLocaleId",
      UNLABELLED_UTTERANCES: "UnlabelledUtterances",
    },
    maxRuntimeInSeconds: hour,
  },
  import: {
    step: "Import",
    inputs: {
      package: { stage: "package", output: "package" },
      backup: { stage: "package", output: "backup" },
    },
    outputs: ["report"],
    environment: {
      BOT_ID: "BotId",
      BOT_LOCALE_ID: "BotLocaleId",
      BUILD_TIMEOUT_MINUTES: "BuildTimeoutMinutes",
    },
    // Two builds, one to retrain and one to restore, each with its own deadline, and the imports around them.
    maxRuntimeInSeconds: 6 * hour,
  },
};
