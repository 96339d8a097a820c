import { expect } from "chai";
import { pipelineDefinition } from "../../pipeline/definition";
import { processingRoot } from "../../pipeline/stages";
import { definitionProblems } from "../../pipeline/validate";
import { settings } from "../support/pipeline";

const definition = pipelineDefinition(settings);

describe("pipeline definition", () => {
  it("is one that SageMaker takes", () => {
    expect(definitionProblems(definition)).to.deep.equal([]);
  });

  it("is the same JSON for the same settings", () => {
    expect(JSON.stringify(pipelineDefinition(settings))).to.equal(JSON.stringify(definition));
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
    ]);
  });

  it("passes each stage's outputs on to the next", () => {
    const inputs = definition.Steps.map(({ Name, Arguments }) => [
      Name,
      Arguments.ProcessingInputs.map(({ InputName, S3Input }) => [InputName, S3Input.S3Uri]),
    ]);
    const output = (step: string, name: string) => ({
      Get: `Steps.${step}.ProcessingOutputConfig.Outputs['${name}'].S3Output.S3Uri`,
    });
    const runtime = ["node", settings.nodeUri];
    expect(inputs).to.deep.equal([
      [
        "Preprocess",
        [
          runtime,
          ["code", settings.scriptUris.preprocess],
          [
            "data",
            {
              "Std:Join": {
                On: "/",
                Values: ["s3:/", { Get: "Parameters.InputBucket" }, { Get: "Parameters.InputKey" }],
              },
            },
          ],
        ],
      ],
      [
        "Package",
        [runtime, ["code", settings.scriptUris.package], ["utterances", output("Preprocess", "utterances")]],
      ],
      [
        "Import",
        [
          runtime,
          ["code", settings.scriptUris.import],
          ["package", output("Package", "package")],
          ["backup", output("Package", "backup")],
        ],
      ],
    ]);
  });

  it("writes under the execution's id, so that no run reads another's files", () => {
    const [, packageStep] = definition.Steps;
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
    const get = (name: string) => ({ Get: `Parameters.${name}` });
    expect(definition.Steps.map(({ Arguments }) => Arguments.Environment)).to.deep.equal([
      { AWS_REGION: "eu-west-1" },
      {
        AWS_REGION: "eu-west-1",
        BOT_ID: get("BotId"),
        BOT_LOCALE_ID: get("BotLocaleId"),
        UNLABELLED_UTTERANCES: get("UnlabelledUtterances"),
      },
      {
        AWS_REGION: "eu-west-1",
        BOT_ID: get("BotId"),
        BOT_LOCALE_ID: get("BotLocaleId"),
        BUILD_TIMEOUT_MINUTES: { "Std:Join": { On: "", Values: [get("BuildTimeoutMinutes")] } },
      },
    ]);
  });

  it("installs the Node that came as an input, or uses the one of the user's image", () => {
    const specification = (nodeUri: string | undefined) =>
      pipelineDefinition({ ...settings, nodeUri }).Steps[0]?.Arguments.AppSpecification;
    expect(specification(settings.nodeUri)).to.deep.equal({
      ImageUri: settings.imageUri,
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
