import { expect } from "chai";
import { pipelineDefinition } from "../../pipeline/definition";
import type { ConditionStep, PipelineDefinition, ProcessingStep } from "../../pipeline/definition-schema";
import { processingSteps } from "../../pipeline/expressions";
import { definitionProblems } from "../../pipeline/validate";
import { definitionArgs } from "../support/pipeline";

describe("definition problems", () => {
  const cases: readonly [string, (definition: PipelineDefinition) => void, string[]][] = [
    [
      "a version that does not exist",
      (d) => Object.assign(d, { Version: "2021-01-01" }),
      ['Version: Invalid input: expected "2020-12-01"'],
    ],
    ["no step", (d) => (d.Steps = []), ["Steps: Too small: expected array to have >=1 items"]],
    [
      "a property that this project does not use",
      (d) => Object.assign(step(d, 0), { CacheConfig: {} }),
      ['Steps.0: Unrecognized key: "CacheConfig"'],
    ],
    [
      "an environment value over 256 characters",
      (d) => (step(d, 1).Arguments.Environment["BOT_ID"] = "x".repeat(257)),
      ["Steps.1.Arguments.IfSteps.0.Arguments.Environment.BOT_ID: must be at most 256 characters"],
    ],
    [
      "a default that makes an environment value too long",
      (d) => (parameter(d, "EvaluationAliasId").DefaultValue = "x".repeat(257)),
      [
        "Prepare: EVALUATION_ALIAS_ID is longer than 256 characters with the parameters' defaults.",
        "Retrain: EVALUATION_ALIAS_ID is longer than 256 characters with the parameters' defaults.",
      ],
    ],
    [
      "101 variables",
      (d) =>
        Object.assign(
          step(d, 0).Arguments.Environment,
          Object.fromEntries(times(100, (n) => [`V${n}`, "x"])),
        ),
      ["Steps.0.Arguments.Environment: at most 100 variables"],
    ],
    [
      "an argument over 256 characters",
      (d) => (step(d, 0).Arguments.AppSpecification.ContainerArguments = ["x".repeat(257)]),
      [
        "Steps.0.Arguments.AppSpecification.ContainerArguments.0: Too big: expected string to have <=256 characters",
      ],
    ],
    [
      "an argument of two lines",
      (d) => (step(d, 0).Arguments.AppSpecification.ContainerArguments = ["a\nb"]),
      ["Steps.0.Arguments.AppSpecification.ContainerArguments.0: Invalid string: must match pattern /^.*$/"],
    ],
    [
      "no arguments, which must be left out then",
      (d) => (step(d, 0).Arguments.AppSpecification.ContainerArguments = []),
      ["Steps.0.Arguments.AppSpecification.ContainerArguments: Too small: expected array to have >=1 items"],
    ],
    [
      "11 inputs",
      (d) => addInputs(step(d, 0), 7),
      ["Steps.0.Arguments.ProcessingInputs: Too big: expected array to have <=10 items"],
    ],
    [
      "11 outputs",
      (d) => addOutputs(step(d, 0), 6),
      ["Steps.0.Arguments.ProcessingOutputConfig.Outputs: Too big: expected array to have <=10 items"],
    ],
    [
      "an input outside /opt/ml/processing",
      (d) => (input(d, 0, 0).LocalPath = "/tmp/x"),
      [
        'Steps.0.Arguments.ProcessingInputs.0.S3Input.LocalPath: Invalid string: must start with "/opt/ml/processing/"',
      ],
    ],
    [
      "a URI that is not of S3",
      (d) => (input(d, 0, 0).S3Uri = "https://example.com"),
      [
        "Steps.0.Arguments.ProcessingInputs.0.S3Input.S3Uri: must be s3://bucket/key, at most 1,024 characters",
      ],
    ],
    [
      "a parameter's name with an underscore, which EventBridge refuses",
      (d) => (parameter(d, "BotId").Name = "Bot_Id"),
      ["Parameters.3.Name: Invalid string: must match pattern /^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/"],
    ],
    [
      "a parameter twice",
      (d) => d.Parameters.push(parameter(d, "BotId")),
      ["Parameters: BotId is defined twice."],
    ],
    [
      "a default of another type",
      (d) => (parameter(d, "BuildTimeoutMinutes").DefaultValue = "30"),
      ["Parameters: the default of BuildTimeoutMinutes is not of type Integer."],
    ],
    [
      "an empty default",
      (d) => (parameter(d, "InputKey").DefaultValue = ""),
      ["Parameters: the default of InputKey is empty."],
    ],
    [
      "a default that is not one of the values",
      (d) => (parameter(d, "UnlabelledUtterances").DefaultValue = "guess"),
      ["Parameters: the default of UnlabelledUtterances is not one of its EnumValues."],
    ],
    [
      "a parameter that is not defined",
      (d) => (step(d, 0).Arguments.Environment["X"] = { Get: "Parameters.Nope" }),
      ["Prepare: Parameters.Nope names a parameter that is not defined."],
    ],
    [
      "a variable that an execution does not have",
      (d) => (step(d, 0).Arguments.Environment["X"] = { Get: "Execution.Id" }),
      ["Prepare: Execution.Id is not a variable of an execution."],
    ],
    [
      "a reference that does not exist",
      (d) => (step(d, 0).Arguments.Environment["X"] = { Get: "Nope" }),
      ["Prepare: Nope is not a reference that this project knows."],
    ],
    [
      "an output that the step does not have",
      (d) => (input(d, 1, 2).S3Uri = outputOf("Prepare", "nope")),
      [
        "AnythingToAdd: Steps.Prepare.ProcessingOutputConfig.Outputs['nope'].S3Output.S3Uri names an output that the step does not have.",
      ],
    ],
    [
      "an output of a step that is not defined",
      (d) => (input(d, 1, 2).S3Uri = outputOf("Nope", "x")),
      [
        "AnythingToAdd: Steps.Nope.ProcessingOutputConfig.Outputs['x'].S3Output.S3Uri names a step that is not defined.",
      ],
    ],
    [
      "an Integer that is not joined",
      (d) => (step(d, 2).Arguments.Environment["X"] = { Get: "Parameters.BuildTimeoutMinutes" }),
      ["Publish: X is an Integer; join it to make it text."],
    ],
    [
      "a step twice, also where one of them is in a branch",
      (d) => gate(d).Arguments.IfSteps.push(...gate(d).Arguments.ElseSteps),
      ["Steps: Refused is defined twice."],
    ],
    [
      "a Condition step in a branch, which SageMaker does not take",
      (d) => Object.assign(gate(d).Arguments, { IfSteps: [structuredClone(gate(d))] }),
      ["Steps.2.Arguments.IfSteps.0.Type: Invalid discriminator value. Expected 'Processing' | 'Fail'"],
    ],
    [
      "the exit message of a step that is not defined",
      (d) => Object.assign(step(d, 0).Arguments.Environment, { X: { Get: "Steps.Nope.ExitMessage" } }),
      ["Prepare: Steps.Nope.ExitMessage names a step that is not defined."],
    ],
    [
      "a property file that the step does not have",
      (d) => (step(d, 1).PropertyFiles = []),
      ["Gate: Steps.Retrain.PropertyFiles.Decision names a property file that the step does not have."],
    ],
    [
      "a property file in an output that the step does not have",
      (d) =>
        (step(d, 1).PropertyFiles = [
          { PropertyFileName: "Decision", OutputName: "nope", FilePath: "x.json" },
        ]),
      ["Retrain: the property file Decision is in an output that the step does not have."],
    ],
    [
      "a branch whose steps wait for each other",
      (d) => gate(d).Arguments.ElseSteps.forEach((branch) => (branch.DependsOn = ["Refused"])),
      ["Steps: Refused wait for each other."],
    ],
    [
      "a dependency that is not defined",
      (d) => (step(d, 0).DependsOn = ["Nope"]),
      ["Prepare: DependsOn names Nope, which is not defined."],
    ],
    [
      "steps that wait for each other",
      (d) => (step(d, 0).DependsOn = ["Retrain"]),
      ["Steps: Prepare, AnythingToAdd, Gate wait for each other."],
    ],
    [
      "two inputs at one place",
      (d) => (input(d, 0, 2).LocalPath = input(d, 0, 1).LocalPath),
      ["Prepare: two inputs have the path /opt/ml/processing/input/code."],
    ],
    [
      "an output's prefix that starts another's",
      (d) => (output(d, 0, 1).S3Uri = output(d, 0, 0).S3Uri),
      [
        "Prepare.preprocess-report and Prepare.package-backup share a prefix: s3://data/runs/<Execution.PipelineExecutionId>/preprocess/report would read both.",
      ],
    ],
    [
      "more than 100 KiB",
      (d) => Object.assign(d.Metadata, Object.fromEntries(times(120, (n) => [`key${n}`, "x".repeat(900)]))),
      ["The definition must have fewer than 102400 characters."],
    ],
  ];

  for (const [what, change, problems] of cases) {
    it(`name ${what}`, () => {
      const definition = structuredClone(pipelineDefinition(definitionArgs));
      change(definition);
      expect(definitionProblems(definition)).to.deep.equal(problems);
    });
  }

  it("are none with values of just 256 characters", () => {
    const definition = structuredClone(pipelineDefinition(definitionArgs));
    const longest = "x".repeat(256);
    step(definition, 1).Arguments.Environment["BOT_ID"] = longest;
    parameter(definition, "EvaluationAliasId").DefaultValue = longest;
    step(definition, 0).Arguments.AppSpecification.ContainerArguments = [longest];
    expect(definitionProblems(definition)).to.deep.equal([]);
  });

  it("are none with one character less than 100 KiB, and one with just as many", () => {
    const definition = structuredClone(pipelineDefinition(definitionArgs));
    const length = () => JSON.stringify(definition).length;
    const full = "x".repeat(900);
    for (let n = 0; length() < 102_400 - 1_000; n++) {
      definition.Metadata[`key${n}`] = full;
    }
    definition.Metadata["rest"] = "";
    definition.Metadata["rest"] = "x".repeat(102_399 - length());
    expect(length()).to.equal(102_399);
    expect(definitionProblems(definition)).to.deep.equal([]);

    definition.Metadata["rest"] += "x";
    expect(definitionProblems(definition)).to.deep.equal([
      "The definition must have fewer than 102400 characters.",
    ]);
  });

  it("name every problem at once", () => {
    const definition = structuredClone(pipelineDefinition(definitionArgs));
    step(definition, 0).DependsOn = ["Nope"];
    parameter(definition, "InputKey").DefaultValue = "";
    step(definition, 0).Arguments.Environment["X"] = { Get: "Nope" };
    expect(definitionProblems(definition)).to.have.length(3);
  });
});

function step(definition: PipelineDefinition, index: number): ProcessingStep {
  return defined(processingSteps(definition.Steps)[index]);
}

function gate(definition: PipelineDefinition): ConditionStep {
  const found = definition.Steps.find(({ Name }) => Name === "Gate");
  if (found?.Type !== "Condition") {
    throw new Error("The definition under test has no Condition step.");
  }
  return found;
}

function input(definition: PipelineDefinition, stepIndex: number, index: number) {
  return defined(step(definition, stepIndex).Arguments.ProcessingInputs[index]).S3Input;
}

function output(definition: PipelineDefinition, stepIndex: number, index: number) {
  return defined(step(definition, stepIndex).Arguments.ProcessingOutputConfig.Outputs[index]).S3Output;
}

function parameter(definition: PipelineDefinition, name: string) {
  return defined(definition.Parameters.find(({ Name }) => Name === name));
}

function outputOf(stepName: string, name: string) {
  return { Get: `Steps.${stepName}.ProcessingOutputConfig.Outputs['${name}'].S3Output.S3Uri` };
}

function addInputs({ Arguments }: ProcessingStep, count: number): void {
  const [first] = Arguments.ProcessingInputs;
  Arguments.ProcessingInputs.push(
    ...times(count, (n) => ({
      InputName: `extra${n}`,
      S3Input: { ...defined(first).S3Input, LocalPath: `/opt/ml/processing/x${n}` },
    })),
  );
}

function addOutputs({ Arguments }: ProcessingStep, count: number): void {
  const [first] = Arguments.ProcessingOutputConfig.Outputs;
  Arguments.ProcessingOutputConfig.Outputs.push(
    ...times(count, (n) => ({
      OutputName: `extra${n}`,
      S3Output: { ...defined(first).S3Output, S3Uri: `s3://x${n}/` },
    })),
  );
}

function times<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => make(n));
}

function defined<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error("The definition under test has no such part.");
  }
  return value;
}
