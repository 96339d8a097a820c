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

/** Where an input comes from: the files of misses, the golden set, or an output of an earlier stage. */
export type InputSource = "data" | "golden" | { readonly stage: StageName; readonly output: string };

/**
 * What a stage is told of its execution, besides the settings: its id, the object that keeps two executions for one bot apart, and
 * whether a stage follows that publishes.
 */
export type ExecutionVariable = "EXECUTION_ID" | "LEASE_URI" | "PUBLISHES";

interface StageContract {
  /** Name of the step; in lower case, also the folder of its outputs under the run's. */
  readonly step: string;
  /** By the name of the processing input. Without a golden set there is no input for it. */
  readonly inputs: Readonly<Record<string, InputSource>>;
  readonly outputs: readonly string[];
  /** What it is told besides AWS_REGION and the settings that it reads. */
  readonly variables: readonly ExecutionVariable[];
  /** After this SageMaker stops the job. */
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
    // It is the stage that waits for another execution on the same bot.
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
    // What the bot answered before is asked before it is changed: hence the baseline, which this stage only waits for.
    inputs: { package: changes, backup, baseline: { stage: "baseline", output: "answers" } },
    outputs: ["report"],
    variables: lease,
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

/** What the gate reads of an evaluation: the file in evaluate's output `evaluation`, and the value of its key `gate`. */
export const gate = { output: "evaluation", file: "evaluation.json", passed: "passed" } as const;
