/**
 * The contract of the stages and of the steps that run them: inputs, outputs and variables.
 *
 * The definition makes a Processing step of each step here, the scripts find their folders and settings here,
 * and the Pulumi components bundle one script for each step. This file does not depend on Pulumi or on a file
 * system.
 */

/** Where SageMaker mounts the inputs and outputs of a processing job. */
export const processingRoot = "/opt/ml/processing";

/** In the order in which they run. Each is a file `scripts/<stage>.ts`. */
export const stageNames = ["preprocess", "package", "baseline", "import", "evaluate", "publish"] as const;
export type StageName = (typeof stageNames)[number];

/** An output of a stage. Its folder is `<stage>/<output>/`, in a container and in the folder of a run. */
export interface StageOutput {
  readonly stage: StageName;
  readonly output: string;
}

/** The files of misses, the golden set, or an output of an earlier stage. */
export type InputSource = "data" | "golden" | StageOutput;

interface StageContract {
  readonly inputs: readonly InputSource[];
  /** The outputs that are kept with the run. What only the next stage reads stays in the container. */
  readonly outputs: readonly string[];
}

const changes: readonly InputSource[] = [
  { stage: "package", output: "package" },
  { stage: "package", output: "backup" },
];

export const stages: Readonly<Record<StageName, StageContract>> = {
  preprocess: { inputs: ["data"], outputs: ["report"] },
  package: { inputs: [], outputs: ["backup", "package", "report"] },
  baseline: { inputs: [...changes, "golden"], outputs: ["answers"] },
  import: { inputs: changes, outputs: ["report"] },
  evaluate: {
    inputs: [...changes, { stage: "baseline", output: "answers" }],
    outputs: ["evaluation", "report"],
  },
  publish: { inputs: [...changes, { stage: "evaluate", output: "evaluation" }], outputs: ["report"] },
};

/** Each is a file `scripts/steps/<step>.ts`, and a container of its own. */
export const stepNames = ["prepare", "retrain", "publish"] as const;
export type StepName = (typeof stepNames)[number];

/** A record with one value for every step. */
export function eachStep<T>(make: (step: StepName) => T): Readonly<Record<StepName, T>> {
  return { prepare: make("prepare"), retrain: make("retrain"), publish: make("publish") };
}

/**
 * What a step gets to know about its execution, besides the settings: its id, the folder of its run, where
 * the bot's lease and journal are, and whether a step that publishes can follow.
 */
export type ExecutionVariable = "EXECUTION_ID" | "RUN_URI" | "BOT_URI" | "PUBLISHES";

interface StepContract {
  /** The name of the step in the pipeline. */
  readonly name: string;
  /** In the order in which the container runs them. */
  readonly stages: readonly StageName[];
  /** Its environment variables besides AWS_REGION and the settings that its stages read. */
  readonly variables: readonly ExecutionVariable[];
  /** SageMaker stops the job after this time. */
  readonly maxRuntimeInSeconds: number;
}

const hour = 3600;
const run = ["EXECUTION_ID", "RUN_URI", "BOT_URI"] as const;

/** The step that changes the bot is the one that rolls it back. */
export const steps: Readonly<Record<StepName, StepContract>> = {
  prepare: {
    name: "Prepare",
    stages: ["preprocess", "package", "baseline"],
    variables: run,
    // This step waits until another execution on the same bot has ended, and rolls back one that was cut off.
    maxRuntimeInSeconds: 12 * hour,
  },
  retrain: {
    name: "Retrain",
    stages: ["import", "evaluate"],
    variables: [...run, "PUBLISHES"],
    // Time for two imports and two builds, one to retrain and one for a rollback, and for all phrases.
    maxRuntimeInSeconds: 12 * hour,
  },
  publish: { name: "Publish", stages: ["publish"], variables: run, maxRuntimeInSeconds: 6 * hour },
};

/** What a step is handed: the inputs of its stages, without what they hand to each other. */
export function inputsOf(step: StepName): InputSource[] {
  const own: readonly StageName[] = steps[step].stages;
  const sources = own.flatMap((stage) => stages[stage].inputs);
  return [...new Map(sources.map((source) => [folderOf(source), source])).values()].filter(
    (source) => typeof source === "string" || !own.includes(source.stage),
  );
}

/** What a step leaves: the outputs of its stages. */
export function outputsOf(step: StepName): StageOutput[] {
  return steps[step].stages.flatMap((stage) => stages[stage].outputs.map((output) => ({ stage, output })));
}

/** The step that runs a stage. */
export function stepOf(stage: StageName): StepName {
  const step = stepNames.find((name) => steps[name].stages.includes(stage));
  if (step === undefined) {
    throw new Error(`No step runs ${stage}.`);
  }
  return step;
}

/** The folder of an input or output below `input/` or `output/` of a container. */
export function folderOf(source: InputSource): string {
  return typeof source === "string" ? source : `${source.stage}/${source.output}`;
}

/** Package says in a key of its summary whether there is anything to add. Without it, the execution ends. */
export const outcome = {
  output: { stage: "package", output: "report" },
  file: "summary.json",
  key: "outcome",
  changes: "changes",
} as const;

/** The gate reads a file in an output of evaluate, and compares its key `gate` with `passed`. */
export const gate = {
  output: { stage: "evaluate", output: "evaluation" },
  file: "evaluation.json",
  key: "gate",
  passed: "passed",
} as const;
