/**
 * The contract of the stages: the inputs, outputs and variables of each.
 *
 * The definition makes a Processing step of each stage, the scripts find their folders and settings here, and
 * the Pulumi components bundle one script for each stage. This file does not depend on Pulumi or on a file
 * system.
 */

/** Where SageMaker mounts the inputs and outputs of a processing job. */
export const processingRoot = "/opt/ml/processing";

/** In the order in which they run. Each is a file `scripts/<stage>.ts`. Only one of the last two runs. */
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

/** A record with one value for every stage. */
export function eachStage<T>(make: (stage: StageName) => T): Readonly<Record<StageName, T>> {
  return Object.fromEntries(stageNames.map((stage) => [stage, make(stage)])) as Record<StageName, T>;
}

/** Where an input comes from: the files of misses, the golden set, or an output of an earlier stage. */
export type InputSource = "data" | "golden" | { readonly stage: StageName; readonly output: string };

/**
 * What a stage gets to know about its execution, besides the settings: its id, the object that keeps two
 * executions for one bot apart, and whether a publish stage can follow.
 */
export type ExecutionVariable = "EXECUTION_ID" | "LEASE_URI" | "PUBLISHES";

interface StageContract {
  /** Name of the step. In lower case it is also the name of the folder with its outputs. */
  readonly step: string;
  /** By the name of the processing input. Without a golden set, its input is left out. */
  readonly inputs: Readonly<Record<string, InputSource>>;
  readonly outputs: readonly string[];
  /** Its environment variables besides AWS_REGION and the settings that it reads. */
  readonly variables: readonly ExecutionVariable[];
  /** SageMaker stops the job after this time. */
  readonly maxRuntimeInSeconds: number;
}

const hour = 3600;

const lease = ["EXECUTION_ID", "LEASE_URI"] as const;
const changes = { stage: "package", output: "package" } as const;
const backup = { stage: "package", output: "backup" } as const;

export const stages: Readonly<Record<StageName, StageContract>> = {
  preprocess: {
    step: "Preprocess",
    inputs: { data: "data" },
    outputs: ["utterances", "report"],
    variables: [],
    maxRuntimeInSeconds: hour,
  },
  package: {
    step: "Package",
    inputs: { utterances: { stage: "preprocess", output: "utterances" } },
    outputs: ["backup", "package", "report"],
    variables: lease,
    // This stage waits until another execution on the same bot has ended.
    maxRuntimeInSeconds: 4 * hour,
  },
  baseline: {
    step: "Baseline",
    inputs: { package: changes, backup, golden: "golden" },
    outputs: ["answers"],
    variables: lease,
    maxRuntimeInSeconds: 3 * hour,
  },
  import: {
    step: "Import",
    // It does not read the baseline. The input makes it wait, so that the bot answers before it changes.
    inputs: { package: changes, backup, baseline: { stage: "baseline", output: "answers" } },
    outputs: ["report"],
    variables: lease,
    // Time for two imports and two builds: one to retrain and one for a rollback.
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
    variables: [...lease, "PUBLISHES"],
    maxRuntimeInSeconds: 6 * hour,
  },
  publish: {
    step: "Publish",
    inputs: { package: changes, backup, evaluation: { stage: "evaluate", output: "evaluation" } },
    outputs: ["report"],
    variables: lease,
    maxRuntimeInSeconds: 6 * hour,
  },
  restore: {
    step: "Restore",
    inputs: { package: changes, backup, evaluation: { stage: "evaluate", output: "evaluation" } },
    outputs: ["report"],
    variables: lease,
    maxRuntimeInSeconds: 4 * hour,
  },
};

/** The gate reads a file in an output of evaluate, and compares its key `gate` with `passed`. */
export const gate = { output: "evaluation", file: "evaluation.json", passed: "passed" } as const;
