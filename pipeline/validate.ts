import {
  definitionSchema,
  type BranchStep,
  type Parameter,
  type PipelineDefinition,
  type ProcessingStep,
  type Step,
  type Value,
} from "./definition-schema";
import {
  branchSteps,
  sageMakerVariables,
  getsIn,
  inOrder,
  parseReference,
  processingSteps,
  resolve,
} from "./expressions";

/** SageMaker accepts 1 MiB, but its SDK sends a definition inline only below 100 KiB. */
export const maxDefinitionLength = 100 * 1024;

/** One sentence for each problem that SageMaker would refuse, or that would make an execution fail. */
export function definitionProblems(definition: unknown): string[] {
  const parsed = definitionSchema.safeParse(definition);
  if (!parsed.success) {
    return parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  }
  return [
    ...lengthProblems(parsed.data),
    ...parameterProblems(parsed.data.Parameters),
    ...referenceProblems(parsed.data),
    ...orderProblems(parsed.data.Steps),
    ...processingSteps(parsed.data.Steps).flatMap((step) => stepProblems(step, parsed.data.Parameters)),
    ...outputProblems(parsed.data),
  ];
}

function lengthProblems(definition: PipelineDefinition): string[] {
  const fits = JSON.stringify(definition).length < maxDefinitionLength;
  return fits ? [] : [`The definition must have fewer than ${maxDefinitionLength} characters.`];
}

function parameterProblems(parameters: readonly Parameter[]): string[] {
  return [
    ...duplicates(parameters.map(({ Name }) => Name)).map((name) => `Parameters: ${name} is defined twice.`),
    ...parameters.flatMap(({ Name, Type, DefaultValue, EnumValues }) => [
      ...(typeof DefaultValue === (Type === "String" ? "string" : "number")
        ? []
        : [`Parameters: the default of ${Name} is not of type ${Type}.`]),
      // SageMaker refuses to start an execution with an empty value.
      ...(DefaultValue === "" ? [`Parameters: the default of ${Name} is empty.`] : []),
      ...(EnumValues && !EnumValues.includes(String(DefaultValue))
        ? [`Parameters: the default of ${Name} is not one of its EnumValues.`]
        : []),
    ]),
  ];
}

function referenceProblems({ Parameters, Steps }: PipelineDefinition): string[] {
  const parameters = new Set(Parameters.map(({ Name }) => Name));
  const steps = new Map(processingSteps(Steps).map((step) => [step.Name, step]));
  const problem = (get: string): string | undefined => {
    const reference = parseReference(get);
    switch (reference?.kind) {
      case undefined:
        return `${get} is not a reference that this project knows`;
      case "parameter":
        return parameters.has(reference.name) ? undefined : `${get} names a parameter that is not defined`;
      case "execution":
        return sageMakerVariables.has(reference.name)
          ? undefined
          : `${get} is not a variable of an execution`;
      case "exitMessage":
        return steps.has(reference.step) ? undefined : `${get} names a step that is not defined`;
      case "propertyFile": {
        const step = steps.get(reference.step);
        if (!step) {
          return `${get} names a step that is not defined`;
        }
        const files = step.PropertyFiles ?? [];
        return files.some(({ PropertyFileName }) => PropertyFileName === reference.file)
          ? undefined
          : `${get} names a property file that the step does not have`;
      }
      case "output": {
        const outputs = steps.get(reference.step)?.Arguments.ProcessingOutputConfig.Outputs;
        if (!outputs) {
          return `${get} names a step that is not defined`;
        }
        return outputs.some(({ OutputName }) => OutputName === reference.output)
          ? undefined
          : `${get} names an output that the step does not have`;
      }
    }
  };
  return Steps.flatMap((step) =>
    getsIn(step).flatMap((get) => {
      const found = problem(get);
      return found === undefined ? [] : [`${step.Name}: ${found}.`];
    }),
  );
}

function orderProblems(steps: readonly Step[]): string[] {
  const all = steps.flatMap((step): (Step | BranchStep)[] => [step, ...branchSteps(step)]);
  const names = new Set(all.map(({ Name }) => Name));
  const circles = [steps, ...steps.flatMap(branchesOf)].map((level) => inOrder(level).circular);
  return [
    ...duplicates(all.map(({ Name }) => Name)).map((name) => `Steps: ${name} is defined twice.`),
    ...all.flatMap(({ Name, DependsOn = [] }) =>
      DependsOn.filter((name) => !names.has(name)).map(
        (name) => `${Name}: DependsOn names ${name}, which is not defined.`,
      ),
    ),
    ...circles
      .filter(({ length }) => length > 0)
      .map((circle) => `Steps: ${circle.join(", ")} wait for each other.`),
  ];
}

function branchesOf(step: Step): BranchStep[][] {
  return step.Type === "Condition" ? [step.Arguments.IfSteps, step.Arguments.ElseSteps] : [];
}

function stepProblems(step: ProcessingStep, parameters: readonly Parameter[]): string[] {
  const { Environment, ProcessingInputs, ProcessingOutputConfig } = step.Arguments;
  const types = new Map(parameters.map(({ Name, Type }) => [`Parameters.${Name}`, Type]));
  const variables = Object.entries(Environment);
  const outputs = ProcessingOutputConfig.Outputs.map(({ OutputName }) => OutputName);
  return [
    ...(step.PropertyFiles ?? [])
      .filter(({ OutputName }) => !outputs.includes(OutputName))
      .map(
        ({ PropertyFileName }) =>
          `${step.Name}: the property file ${PropertyFileName} is in an output that the step does not have.`,
      ),
    ...duplicates(ProcessingInputs.map(({ InputName }) => InputName)).map(
      (name) => `${step.Name}: two inputs are named ${name}.`,
    ),
    ...duplicates(ProcessingInputs.map(({ S3Input }) => S3Input.LocalPath)).map(
      (path) => `${step.Name}: two inputs have the path ${path}.`,
    ),
    ...duplicates(outputs).map((name) => `${step.Name}: two outputs are named ${name}.`),
    ...variables
      .filter(
        ([, value]) => typeof value === "object" && "Get" in value && types.get(value.Get) === "Integer",
      )
      .map(([variable]) => `${step.Name}: ${variable} is an Integer; join it to make it text.`),
    ...variables
      .filter(([, value]) => withDefaults(value, parameters).length > 256)
      .map(
        ([variable]) =>
          `${step.Name}: ${variable} is longer than 256 characters with the parameters' defaults.`,
      ),
  ];
}

/**
 * A processing input reads every key that starts with its URI, so an output's URI must not start with
 * another's.
 */
function outputProblems({ Steps, Parameters }: PipelineDefinition): string[] {
  const uris = processingSteps(Steps).flatMap((step) =>
    step.Arguments.ProcessingOutputConfig.Outputs.map(({ OutputName, S3Output }) => ({
      name: `${step.Name}.${OutputName}`,
      uri: withDefaults(S3Output.S3Uri, Parameters),
    })),
  );
  return uris.flatMap((one, index) =>
    uris
      .filter(
        (other, position) =>
          position !== index && other.uri.startsWith(one.uri) && (other.uri !== one.uri || index < position),
      )
      .map((other) => `${one.name} and ${other.name} share a prefix: ${one.uri} would read both.`),
  );
}

function withDefaults(value: Value, parameters: readonly Parameter[]): string {
  return resolve(value, (get) => {
    const parameter = parameters.find(({ Name }) => get === `Parameters.${Name}`);
    return parameter ? String(parameter.DefaultValue) : `<${get}>`;
  });
}

function duplicates(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
