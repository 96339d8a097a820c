/**
 * The contract of the stages: what each reads, writes and is told.
 *
 * The definition builder turns it into Processing steps, the stage scripts find their folders and settings by it, and the Pulumi
 * components bundle one script a stage. Nothing here knows of Pulumi or of a file system.
 */

/** Where SageMaker mounts the inputs and outputs of a processing job. */
export const processingRoot = "/opt/ml/processing";

/** A file `scripts/<stage>.ts` each, in the order in which they run; of the last two, one runs. */
export const stageNames = [
  "preprocess",
  "package",
  "baseline",
  "import",
  "evaluate",
  "publish",
  "restore",
] as const;
export type StageName = (typeof stageNames)[number];

/** A record with something for every stage. */
export function eachStage<T>(make: (stage: StageName) => T): Readonly<Record<StageName, T>> {
  return Object.fromEntries(stageNames.map((stage) => [stage, make(stage)])) as Record<StageName, T>;
}

/** What to do with an utterance that no row gives an intent. */
export const unlabelledModes = ["review", "companion"] as const;
export type UnlabelledMode = (typeof unlabelledModes)[number];

/** What to tell those who ask for the mode that the design names and that is not there yet. */
export const assignIsPlanned =
  "Taking the best suggestion by itself (assign) follows in a later version: use review until then.";

/** EventBridge allows no underscore in the name of a parameter. */
export const parameterNames = [
  "InputBucket",
  "InputKey",
  "OutputDataUri",
  "BotId",
  "BotLocaleId",
  "UnlabelledUtterances",
  "BuildTimeoutMinutes",
  "GoldenSetUri",
  "EvaluationAliasId",
  "EvaluateWithCodeHook",
  "EvaluationConcurrency",
  "MaxRegressions",
  "MaxLeakage",
  "BotAliasId",
  "KeepVersions",
] as const;
export type ParameterName = (typeof parameterNames)[number];

/** A pipeline without a golden set or without an alias to publish to has no such parameter. */
export type OptionalParameterName = "GoldenSetUri" | "BotAliasId";

const yesOrNo = ["true", "false"] as const;

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
  GoldenSetUri: { type: "String", description: "S3 URI of the CSV of phrases that the bot must get right." },
  EvaluationAliasId: {
    type: "String",
    description: "Alias that the phrases are asked of; TSTALIASID is the DRAFT's own.",
  },
  EvaluateWithCodeHook: {
    type: "String",
    description: "Whether that alias may run a Lambda function for every phrase that is asked.",
    values: yesOrNo,
  },
  EvaluationConcurrency: {
    type: "Integer",
    description: "How many phrases that alias is asked at once; TSTALIASID takes 2, whatever stands here.",
  },
  MaxRegressions: { type: "Integer", description: "How many golden phrases may turn from right to wrong." },
  MaxLeakage: {
    type: "Integer",
    description: "How many more out-of-scope phrases an intent may answer than before.",
  },
  BotAliasId: { type: "String", description: "Alias that a retraining is published to." },
  KeepVersions: {
    type: "Integer",
    description: "How many of the newest versions of the bot are never deleted.",
  },
};

interface ParameterContract {
  readonly type: "String" | "Integer";
  readonly description: string;
  readonly values?: readonly string[];
}

/** Where an input comes from: the files of misses, the golden set, or an output of an earlier stage. */
export type InputSource = "data" | "golden" | { readonly stage: StageName; readonly output: string };

/** Where a variable's text comes from: a parameter, the execution's id, or the object that keeps two executions for one bot apart. */
export type VariableSource = ParameterName | "executionId" | "leaseUri";

interface StageContract {
  /** Name of the step; in lower case, also the folder of its outputs under the run's. */
  readonly step: string;
  /** By the name of the processing input. Without a golden set there is no input for it. */
  readonly inputs: Readonly<Record<string, InputSource>>;
  readonly outputs: readonly string[];
  /** By environment variable. All stages also get AWS_REGION; a parameter that the pipeline has not is left out. */
  readonly environment: Readonly<Record<string, VariableSource>>;
  /** After this SageMaker stops the job. */
  readonly maxRuntimeInSeconds: number;
}

const hour = 3600;

const bot = { BOT_ID: "BotId", BOT_LOCALE_ID: "BotLocaleId" } as const;
const lease = { EXECUTION_ID: "executionId", LEASE_URI: "leaseUri" } as const;
const build = { BUILD_TIMEOUT_MINUTES: "BuildTimeoutMinutes" } as const;
const evaluation = {
  EVALUATION_ALIAS_ID: "EvaluationAliasId",
  EVALUATE_WITH_CODE_HOOK: "EvaluateWithCodeHook",
  EVALUATION_CONCURRENCY: "EvaluationConcurrency",
  KEEP_VERSIONS: "KeepVersions",
} as const;

const changes = { stage: "package", output: "package" } as const;
const backup = { stage: "package", output: "backup" } as const;

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
    environment: { ...bot, ...lease, UNLABELLED_UTTERANCES: "UnlabelledUtterances" },
    // It is the stage that waits for another execution on the same bot.
    maxRuntimeInSeconds: 4 * hour,
  },
  baseline: {
    step: "Baseline",
    inputs: { package: changes, backup, golden: "golden" },
    outputs: ["answers"],
    // The alias is looked at early: one that nothing can be published to would be found out only hours later.
    environment: { ...bot, ...lease, ...evaluation, BOT_ALIAS_ID: "BotAliasId" },
    maxRuntimeInSeconds: 3 * hour,
  },
  import: {
    step: "Import",
    // What the bot answered before is asked before it is changed: hence the baseline, which this stage only waits for.
    inputs: { package: changes, backup, baseline: { stage: "baseline", output: "answers" } },
    outputs: ["report"],
    environment: { ...bot, ...lease, ...build },
    // Two builds, one to retrain and one to restore, each with its own deadline, and the imports around them.
    maxRuntimeInSeconds: 6 * hour,
  },
  evaluate: {
    step: "Evaluate",
    inputs: {
      package: changes,
      backup,
      baseline: { stage: "baseline", output: "answers" },
      import: { stage: "import", output: "report" },
    },
    outputs: ["evaluation", "report"],
    environment: {
      ...bot,
      ...lease,
      ...build,
      ...evaluation,
      MAX_REGRESSIONS: "MaxRegressions",
      MAX_LEAKAGE: "MaxLeakage",
    },
    maxRuntimeInSeconds: 6 * hour,
  },
  publish: {
    step: "Publish",
    inputs: { package: changes, backup, evaluation: { stage: "evaluate", output: "evaluation" } },
    outputs: ["report"],
    environment: { ...bot, ...lease, ...build, BOT_ALIAS_ID: "BotAliasId", KEEP_VERSIONS: "KeepVersions" },
    maxRuntimeInSeconds: 6 * hour,
  },
  restore: {
    step: "Restore",
    inputs: { package: changes, backup, evaluation: { stage: "evaluate", output: "evaluation" } },
    outputs: ["report"],
    environment: { ...bot, ...lease, ...build },
    maxRuntimeInSeconds: 4 * hour,
  },
};

/** What the gate reads of an evaluation: the file in evaluate's output `evaluation`, and the value of its key `gate`. */
export const gate = { output: "evaluation", file: "evaluation.json", passed: "passed" } as const;
