import type { PipelineDefinition, Step, Value } from "./definition-schema";

/** What a `Get` names. */
export type Reference =
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "execution"; readonly name: string }
  | { readonly kind: "output"; readonly step: string; readonly output: string };

/** Variables of an execution that SageMaker knows (`ExecutionVariables` of its Python SDK). */
export const executionVariables: ReadonlySet<string> = new Set([
  "StartDateTime",
  "CurrentDateTime",
  "PipelineName",
  "PipelineArn",
  "PipelineExecutionId",
  "PipelineExecutionArn",
]);

/** The reference that a `Get`'s text is, or undefined where it is none that this project uses. */
export function parseReference(get: string): Reference | undefined {
  const [, scope, name] = /^(Parameters|Execution)\.([^.]+)$/.exec(get) ?? [];
  if (scope !== undefined && name !== undefined)
    return { kind: scope === "Parameters" ? "parameter" : "execution", name };
  const [, step, output] =
    /^Steps\.([^.]+)\.ProcessingOutputConfig\.Outputs\['([^']+)'\]\.S3Output\.S3Uri$/.exec(get) ?? [];
  return step !== undefined && output !== undefined ? { kind: "output", step, output } : undefined;
}

/** The texts of all `Get`s anywhere in a part of a definition. */
export function getsIn(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  if ("Get" in node && typeof node.Get === "string") return [node.Get];
  return Object.values(node).flatMap(getsIn);
}

/** The names of the steps that must end before this one starts: those it names and those whose outputs it reads. */
export function dependenciesOf(step: Step): string[] {
  const read = getsIn(step.Arguments).flatMap((get) => {
    const reference = parseReference(get);
    return reference?.kind === "output" ? [reference.step] : [];
  });
  return [...new Set([...(step.DependsOn ?? []), ...read])];
}

/** The steps in an order in which each comes after those it depends on, and the names of those left over because they wait in a circle. */
export function inOrder(steps: PipelineDefinition["Steps"]): { ordered: Step[]; circular: string[] } {
  const ordered: Step[] = [];
  let waiting = [...steps];
  const names = new Set(steps.map((step) => step.Name));
  for (;;) {
    const done = new Set(ordered.map((step) => step.Name));
    const ready = waiting.filter((step) =>
      dependenciesOf(step).every((name) => done.has(name) || !names.has(name)),
    );
    if (ready.length === 0) return { ordered, circular: waiting.map((step) => step.Name) };
    ordered.push(...ready);
    waiting = waiting.filter((step) => !ready.includes(step));
  }
}

/** The text that a value becomes. `lookUp` gives what a `Get` stands for. */
export function resolve(value: Value, lookUp: (get: string) => string): string {
  if (typeof value === "string") return value;
  if ("Get" in value) return lookUp(value.Get);
  const { On, Values } = value["Std:Join"];
  return Values.map((part) => resolve(part, lookUp)).join(On);
}
