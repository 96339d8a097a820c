import { expect } from "chai";
import { pipelineDefinition } from "../../pipeline/definition";
import type { PipelineDefinition } from "../../pipeline/definition-schema";
import { inOrder, processingSteps } from "../../pipeline/expressions";
import { processingRoot, type StepName } from "../../pipeline/stages";
import { definitionProblems } from "../../pipeline/validate";
import { definitionArgs } from "../support/pipeline";

const definition = pipelineDefinition(definitionArgs);
const steps = processingSteps(definition.Steps);

describe("pipeline definition", () => {
  it("does not have a problem that SageMaker would refuse", () => {
    expect(definitionProblems(definition)).to.deep.equal([]);
  });

  it("is the same JSON for the same definitionArgs", () => {
    expect(JSON.stringify(pipelineDefinition(definitionArgs))).to.equal(JSON.stringify(definition));
  });

  it("starts without an argument: every parameter has a default", () => {
    expect(
      definition.Parameters.map(({ Name, Type, DefaultValue }) => [Name, Type, DefaultValue]),
    ).to.deep.equal([
      ["InputBucket", "String", "inbox"],
      ["InputKey", "String", "inbox/"],
      ["OutputDataUri", "String", "s3://data/runs"],
      ["BotId", "String", "ABCDEFGHIJ"],
      ["BotLocaleId", "String", "es_ES"],
      ["UnlabelledUtterances", "String", "review"],
      ["BuildTimeoutMinutes", "Integer", 30],
      ["GoldenSetUri", "String", "s3://data/golden.csv"],
      ["EvaluationAliasId", "String", "TSTALIASID"],
      ["EvaluateWithCodeHook", "String", "false"],
      ["EvaluationConcurrency", "Integer", 10],
      ["MaxRegressions", "Integer", 0],
      ["MaxLeakage", "Integer", 0],
      ["BotAliasId", "String", "ZYXWVUTSRQ"],
      ["KeepVersions", "Integer", 20],
    ]);
  });

  it("passes each step's outputs on to the next", () => {
    const inputs = steps.map(({ Name, Arguments }) => [
      Name,
      Object.fromEntries(
        Arguments.ProcessingInputs.map(({ InputName, S3Input }) => [InputName, S3Input.S3Uri]),
      ),
    ]);
    const uri = (key: string) => ({
      "Std:Join": { On: "/", Values: ["s3:/", get("InputBucket"), get(key)] },
    });
    const output = (step: string, name: string) => ({
      Get: `Steps.${step}.ProcessingOutputConfig.Outputs['${name}'].S3Output.S3Uri`,
    });
    const given = (step: StepName) => ({
      node: definitionArgs.nodeUri,
      code: definitionArgs.scriptUris[step],
    });
    const changes = {
      "package-package": output("Prepare", "package-package"),
      "package-backup": output("Prepare", "package-backup"),
    };
    expect(Object.fromEntries(inputs)).to.deep.equal({
      Prepare: { ...given("prepare"), data: uri("InputKey"), golden: get("GoldenSetUri") },
      Retrain: { ...given("retrain"), ...changes, "baseline-answers": output("Prepare", "baseline-answers") },
      Publish: {
        ...given("publish"),
        ...changes,
        "evaluate-evaluation": output("Retrain", "evaluate-evaluation"),
      },
    });
    expect(steps[1]?.Arguments.ProcessingInputs.at(-1)?.S3Input.LocalPath).to.equal(
      `${processingRoot}/input/baseline/answers`,
    );
  });

  it("ends after Prepare when nothing is to be added, and goes on after Retrain by what the gate says", () => {
    expect(inOrder(definition.Steps).ordered.map(({ Name }) => Name)).to.deep.equal([
      "Prepare",
      "AnythingToAdd",
      "Gate",
    ]);
    const condition = (step: string, Path: string, RightValue: string) => [
      {
        Type: "Equals",
        LeftValue: { "Std:JsonGet": { PropertyFile: { Get: `Steps.${step}.PropertyFiles.Decision` }, Path } },
        RightValue,
      },
    ];
    expect(conditionsOf(definition)).to.deep.equal({
      AnythingToAdd: [condition("Prepare", "outcome", "changes"), ["Retrain"], []],
      Gate: [condition("Retrain", "gate", "passed"), ["Publish"], ["Refused"]],
    });
    expect(steps.map(({ PropertyFiles }) => PropertyFiles)).to.deep.equal([
      [{ PropertyFileName: "Decision", OutputName: "package-report", FilePath: "summary.json" }],
      [{ PropertyFileName: "Decision", OutputName: "evaluate-evaluation", FilePath: "evaluation.json" }],
      undefined,
    ]);
  });

  it("fails with what the job says that refused the retraining", () => {
    const gate = definition.Steps.find(({ Name }) => Name === "Gate");
    expect(gate?.Type === "Condition" && gate.Arguments.ElseSteps).to.deep.equal([
      { Name: "Refused", Type: "Fail", Arguments: { ErrorMessage: { Get: "Steps.Retrain.ExitMessage" } } },
    ]);
  });

  it("publishes nothing where no alias is named, and asks no golden set where there is none", () => {
    const { botAliasId, ...settings } = definitionArgs.settings;
    expect(botAliasId).to.equal("ZYXWVUTSRQ");
    const places = { ...definitionArgs.places, GoldenSetUri: undefined };
    const smallest = pipelineDefinition({ ...definitionArgs, settings, places });
    expect(definitionProblems(smallest)).to.deep.equal([]);
    expect(conditionsOf(smallest)["Gate"]?.slice(1)).to.deep.equal([[], ["Refused"]]);
    expect(JSON.stringify(smallest)).to.not.match(/GoldenSetUri|BotAliasId/);
  });

  it("writes under the execution's id, so that no run reads another's files", () => {
    const [prepare] = steps;
    const outputs = prepare?.Arguments.ProcessingOutputConfig.Outputs;
    expect(outputs?.map(({ OutputName }) => OutputName)).to.deep.equal([
      "preprocess-report",
      "package-backup",
      "package-package",
      "package-report",
      "baseline-answers",
    ]);
    expect(outputs?.[1]).to.deep.equal({
      OutputName: "package-backup",
      S3Output: {
        S3Uri: {
          "Std:Join": {
            On: "/",
            Values: [
              { Get: "Parameters.OutputDataUri" },
              { Get: "Execution.PipelineExecutionId" },
              "package",
              "backup",
            ],
          },
        },
        LocalPath: `${processingRoot}/output/package/backup`,
        S3UploadMode: "EndOfJob",
      },
    });
  });

  it("tells Prepare every setting, so that a wrong one is found at once, and the others what they need", () => {
    const variables = steps.map(({ Name, Arguments }) => [Name, Object.keys(Arguments.Environment)]);
    const bot = ["AWS_REGION", "BOT_ID", "BOT_LOCALE_ID"];
    const run = ["EXECUTION_ID", "RUN_URI", "BOT_URI"];
    const evaluation = ["EVALUATION_ALIAS_ID", "EVALUATE_WITH_CODE_HOOK", "EVALUATION_CONCURRENCY"];
    const gate = ["MAX_REGRESSIONS", "MAX_LEAKAGE"];
    const build = "BUILD_TIMEOUT_MINUTES";
    expect(Object.fromEntries(variables)).to.deep.equal({
      Prepare: [
        ...bot,
        "UNLABELLED_UTTERANCES",
        build,
        ...evaluation,
        ...gate,
        "BOT_ALIAS_ID",
        "KEEP_VERSIONS",
        ...run,
      ],
      Retrain: [...bot, build, ...evaluation, ...gate, "KEEP_VERSIONS", ...run, "PUBLISHES"],
      Publish: [...bot, build, "BOT_ALIAS_ID", "KEEP_VERSIONS", ...run],
    });
    expect(steps.find(({ Name }) => Name === "Publish")?.Arguments.Environment).to.deep.equal({
      AWS_REGION: "eu-west-1",
      BOT_ID: get("BotId"),
      BOT_LOCALE_ID: get("BotLocaleId"),
      BUILD_TIMEOUT_MINUTES: { "Std:Join": { On: "", Values: [get("BuildTimeoutMinutes")] } },
      BOT_ALIAS_ID: get("BotAliasId"),
      KEEP_VERSIONS: { "Std:Join": { On: "", Values: [get("KeepVersions")] } },
      EXECUTION_ID: { Get: "Execution.PipelineExecutionId" },
      RUN_URI: {
        "Std:Join": { On: "/", Values: [get("OutputDataUri"), { Get: "Execution.PipelineExecutionId" }] },
      },
      BOT_URI: { "Std:Join": { On: "/", Values: ["s3://data/bots", get("BotId")] } },
    });
  });

  it("installs the Node that came as an input, or uses the one of the user's image", () => {
    const specification = (nodeUri: string | undefined) =>
      processingSteps(pipelineDefinition({ ...definitionArgs, nodeUri }).Steps)[0]?.Arguments
        .AppSpecification;
    expect(specification(definitionArgs.nodeUri)).to.deep.equal({
      ImageUri: definitionArgs.imageUri,
      ContainerEntrypoint: [
        "/bin/sh",
        "-c",
        'install -m 755 /opt/ml/processing/input/node/node /tmp/node && exec /tmp/node "$@"',
        "node",
      ],
      ContainerArguments: ["/opt/ml/processing/input/code/prepare.cjs"],
    });
    expect(specification(undefined)?.ContainerEntrypoint).to.deep.equal(["node"]);
  });
});

function get(parameter: string) {
  return { Get: `Parameters.${parameter}` };
}

/** By the name of each Condition step: its conditions, and the names of the steps of its branches. */
function conditionsOf({ Steps }: PipelineDefinition): Record<string, readonly unknown[]> {
  return Object.fromEntries(
    Steps.flatMap((step) => {
      if (step.Type !== "Condition") {
        return [];
      }
      const { Conditions, IfSteps, ElseSteps } = step.Arguments;
      return [
        [step.Name, [Conditions, ...[IfSteps, ElseSteps].map((branch) => branch.map(({ Name }) => Name))]],
      ];
    }),
  );
}
