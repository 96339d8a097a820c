import type { BranchStep, ProcessingStep, Step, Value } from "./definition-schema";

/** What a `Get` refers to. */
export type Reference =
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "execution"; readonly name: string }
  | { readonly kind: "output"; readonly step: string; readonly output: string }
  | { readonly kind: "propertyFile"; readonly step: string; readonly file: string }
  /** The text that a job left in its exit message, as DescribeProcessingJob gives it. */
  | { readonly kind: "exitMessage"; readonly step: string };

/** Variables of an execution that SageMaker knows (`ExecutionVariables` of its Python SDK). */
export const sageMakerVariables: ReadonlySet<string> = new Set([
  "StartDateTime",
  "CurrentDateTime",
  "PipelineName",
  "PipelineArn",
  "PipelineExecutionId",
  "PipelineExecutionArn",
]);

/** The reference in a `Get`'s text. Undefined when it is not one that this project uses. */
export function parseReference(get: string): Reference | undefined {
  const [, namespace, name] = /^(Parameters|Execution)\.([^.]+)$/.exec(get) ?? [];
  if (namespace !== undefined && name !== undefined) {
    return { kind: namespace === "Parameters" ? "parameter" : "execution", name };
  }
  const [, step, output] =
    /^Steps\.([^.]+)\.ProcessingOutputConfig\.Outputs\['([^']+)'\]\.S3Output\.S3Uri$/.exec(get) ?? [];
  if (step !== undefined && output !== undefined) {
    return { kind: "output", step, output };
  }
  const [, writer, file] = /^Steps\.([^.]+)\.PropertyFiles\.([^.]+)$/.exec(get) ?? [];
  if (writer !== undefined && file !== undefined) {
    return { kind: "propertyFile", step: writer, file };
  }
  const [, job] = /^Steps\.([^.]+)\.ExitMessage$/.exec(get) ?? [];
  return job === undefined ? undefined : { kind: "exitMessage", step: job };
}

/** The texts of all `Get`s anywhere in a part of a definition. */
export function getsIn(node: unknown): string[] {
  if (typeof node !== "object" || node === null) {
    return [];
  }
  if ("Get" in node && typeof node.Get === "string") {
    return [node.Get];
  }
  return Object.values(node).flatMap(getsIn);
}

/** The Processing steps of a definition, also those in a branch. */
export function processingSteps(steps: readonly Step[]): ProcessingStep[] {
  return steps.flatMap((step) => [step, ...branchSteps(step)]).filter((step) => step.Type === "Processing");
}

/** The steps in both branches of a Condition step. Other steps have none. */
export function branchSteps(step: Step): BranchStep[] {
  return step.Type === "Condition" ? [...step.Arguments.IfSteps, ...step.Arguments.ElseSteps] : [];
}

/** The steps that must end before this one: it or its branches name them in DependsOn or read from them. */
export function dependenciesOf(step: Step): string[] {
  const branches = branchSteps(step);
  const read = getsIn(step.Arguments).flatMap((get) => {
    const reference = parseReference(get);
    return reference && "step" in reference ? [reference.step] : [];
  });
  const named = [step, ...branches].flatMap(({ DependsOn = [] }) => DependsOn);
  const within = new Set(branches.map(({ Name }) => Name));
  return [...new Set([...named, ...read])].filter((name) => !within.has(name));
}

/**
 * The steps, each after those that it depends on, and the names of the steps that wait for each other. A step
 * in a branch of a Condition step ends with the Condition step.
 */
export function inOrder<S extends Step>(steps: readonly S[]): { ordered: S[]; circular: string[] } {
  const ordered: S[] = [];
  let waiting = [...steps];
  const namesOf = (some: readonly S[]) =>
    new Set(some.flatMap((step) => [step, ...branchSteps(step)].map(({ Name }) => Name)));
  const names = namesOf(steps);
  for (;;) {
    const done = namesOf(ordered);
    const ready = waiting.filter((step) =>
      dependenciesOf(step).every((name) => done.has(name) || !names.has(name)),
    );
    if (ready.length === 0) {
      return { ordered, circular: waiting.map((step) => step.Name) };
    }
    ordered.push(...ready);
    waiting = waiting.filter((step) => !ready.includes(step));
  }
}

/** The text that a value becomes. `lookUp` gives the text of a `Get`. */
export function resolve(value: Value, lookUp: (get: string) => string): string {
  if (typeof value === "string") {
    return value;
  }
  if ("Get" in value) {
    return lookUp(value.Get);
  }
  const { On, Values } = value["Std:Join"];
  return Values.map((part) => resolve(part, lookUp)).join(On);
}
