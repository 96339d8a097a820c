import { expect } from "chai";
import { pipelineDefinition } from "../../pipeline/definition";
import type { PipelineDefinition } from "../../pipeline/definition-schema";
import { inOrder, processingSteps } from "../../pipeline/expressions";
import { processingRoot, type StageName } from "../../pipeline/stages";
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

  it("passes each stage's outputs on to the next", () => {
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
    const given = (stage: StageName) => ({
      node: definitionArgs.nodeUri,
      code: definitionArgs.scriptUris[stage],
    });
    const changes = { package: output("Package", "package"), backup: output("Package", "backup") };
    const evaluation = output("Evaluate", "evaluation");
    const baseline = output("Baseline", "answers");
    expect(Object.fromEntries(inputs)).to.deep.equal({
      Preprocess: { ...given("preprocess"), data: uri("InputKey") },
      Package: { ...given("package"), utterances: output("Preprocess", "utterances") },
      Baseline: { ...given("baseline"), ...changes, golden: get("GoldenSetUri") },
      Import: { ...given("import"), ...changes, baseline },
      Evaluate: { ...given("evaluate"), ...changes, baseline, import: output("Import", "report") },
      Publish: { ...given("publish"), ...changes, evaluation },
      Restore: { ...given("restore"), ...changes, evaluation },
    });
  });

  it("asks before the import and after it, and publishes or restores by what came of it", () => {
    expect(inOrder(definition.Steps).ordered.map(({ Name }) => Name)).to.deep.equal([
      "Preprocess",
      "Package",
      "Baseline",
      "Import",
      "Evaluate",
      "Gate",
    ]);
    const gate = definition.Steps.at(-1);
    expect(gate?.Arguments).to.deep.include({
      Conditions: [
        {
          Type: "Equals",
          LeftValue: {
            "Std:JsonGet": { PropertyFile: { Get: "Steps.Evaluate.PropertyFiles.Evaluation" }, Path: "gate" },
          },
          RightValue: "passed",
        },
      ],
    });
    expect(branchNames(definition)).to.deep.equal([["Publish"], ["Restore"]]);
  });

  it("publishes nothing where no alias is named, and asks no golden set where there is none", () => {
    const { botAliasId, ...settings } = definitionArgs.settings;
    expect(botAliasId).to.equal("ZYXWVUTSRQ");
    const places = { ...definitionArgs.places, GoldenSetUri: undefined };
    const smallest = pipelineDefinition({ ...definitionArgs, settings, places });
    expect(definitionProblems(smallest)).to.deep.equal([]);
    expect(branchNames(smallest)).to.deep.equal([[], ["Restore"]]);
    expect(JSON.stringify(smallest)).to.not.match(/GoldenSetUri|BotAliasId/);
  });

  it("writes under the execution's id, so that no run reads another's files", () => {
    const [, packageStep] = steps;
    expect(packageStep?.Arguments.ProcessingOutputConfig.Outputs[0]).to.deep.equal({
      OutputName: "backup",
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
        LocalPath: `${processingRoot}/output/backup`,
        S3UploadMode: "EndOfJob",
      },
    });
  });

  it("tells each stage what it needs and no more", () => {
    const variables = steps.map(({ Name, Arguments }) => [Name, Object.keys(Arguments.Environment)]);
    const bot = ["AWS_REGION", "BOT_ID", "BOT_LOCALE_ID"];
    const lease = ["EXECUTION_ID", "LEASE_URI"];
    const evaluation = ["EVALUATION_ALIAS_ID", "EVALUATE_WITH_CODE_HOOK", "EVALUATION_CONCURRENCY"];
    expect(Object.fromEntries(variables)).to.deep.equal({
      Preprocess: ["AWS_REGION"],
      Package: [...bot, "UNLABELLED_UTTERANCES", ...lease],
      Baseline: [...bot, ...evaluation, "BOT_ALIAS_ID", "KEEP_VERSIONS", ...lease],
      Import: [...bot, "BUILD_TIMEOUT_MINUTES", ...lease],
      Evaluate: [
        ...bot,
        "BUILD_TIMEOUT_MINUTES",
        ...evaluation,
        "MAX_REGRESSIONS",
        "MAX_LEAKAGE",
        "KEEP_VERSIONS",
        ...lease,
        "PUBLISHES",
      ],
      Publish: [...bot, "BUILD_TIMEOUT_MINUTES", "BOT_ALIAS_ID", "KEEP_VERSIONS", ...lease],
      Restore: [...bot, "BUILD_TIMEOUT_MINUTES", ...lease],
    });
    expect(steps.find(({ Name }) => Name === "Import")?.Arguments.Environment).to.deep.equal({
      AWS_REGION: "eu-west-1",
      BOT_ID: get("BotId"),
      BOT_LOCALE_ID: get("BotLocaleId"),
      EXECUTION_ID: { Get: "Execution.PipelineExecutionId" },
      LEASE_URI: { "Std:Join": { On: "/", Values: [get("OutputDataUri"), "leases", get("BotId")] } },
      BUILD_TIMEOUT_MINUTES: { "Std:Join": { On: "", Values: [get("BuildTimeoutMinutes")] } },
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
      ContainerArguments: ["/opt/ml/processing/input/code/preprocess.cjs"],
    });
    expect(specification(undefined)?.ContainerEntrypoint).to.deep.equal(["node"]);
  });
});

function get(parameter: string) {
  return { Get: `Parameters.${parameter}` };
}

function branchNames({ Steps }: PipelineDefinition): string[][] {
  const gate = Steps.find(({ Type }) => Type === "Condition");
  if (gate?.Type !== "Condition") {
    return [];
  }
  return [gate.Arguments.IfSteps, gate.Arguments.ElseSteps].map((branch) => branch.map(({ Name }) => Name));
}
