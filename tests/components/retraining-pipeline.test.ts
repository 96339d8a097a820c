import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import {
  definitionText,
  RetrainingPipeline,
  type RetrainingPipelineArgs,
} from "../../components/retraining-pipeline";
import { pipelineDefinition } from "../../pipeline/definition";
import { settingDefaults, stageSettingsOf } from "../../pipeline/settings";
import { eachStep } from "../../pipeline/stages";
import { declare, inputsOf, names, valueOf } from "./mocks";

const scriptUris = eachStep((step) => `s3://data/code/1/${step}.cjs`);
const args = {
  pipelineName: "lex-retraining-dev",
  roleArn: "arn:aws:iam::111122223333:role/execution",
  bucketName: "data",
  inputPrefix: "inbox/",
  outputPrefix: "runs/",
  ...stageSettingsOf({ ...settingDefaults, botId: "ABCDEFGHIJ", botLocaleId: "es_ES" }),
  goldenSetKey: "golden.csv",
  maxRegressions: 1,
  maxLeakage: 2,
  botAliasId: "KLMNOPQRST",
  imageUri: "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
  nodeUri: "s3://data/runtime/4/node",
  scriptUris,
  instanceType: "ml.t3.medium",
  volumeSizeInGb: 10,
} as const satisfies RetrainingPipelineArgs;

describe("the retraining pipeline", () => {
  it("is one pipeline with the definition of the builder as its text", async () => {
    const declaration = await declare(() => new RetrainingPipeline("retraining", args));
    expect(names(declaration)).to.deep.equal([
      "aws-native:sagemaker:Pipeline retraining-pipeline",
      "lex-retraining:index:RetrainingPipeline retraining",
    ]);
    expect(inputsOf(declaration, "retraining-pipeline")).to.deep.equal({
      pipelineName: "lex-retraining-dev",
      pipelineDescription: "Feeds missed utterances back into locale es_ES of Lex bot ABCDEFGHIJ.",
      roleArn: args.roleArn,
      pipelineDefinition: {
        pipelineDefinitionBody: JSON.stringify(
          pipelineDefinition({
            settings: stageSettingsOf({
              ...settingDefaults,
              botId: "ABCDEFGHIJ",
              botLocaleId: "es_ES",
              maxRegressions: 1,
              maxLeakage: 2,
              botAliasId: "KLMNOPQRST",
            }),
            places: {
              InputBucket: "data",
              InputKey: "inbox/",
              OutputDataUri: "s3://data/runs",
              GoldenSetUri: "s3://data/golden.csv",
            },
            botsUri: "s3://data/bots",
            region: "eu-west-1",
            roleArn: args.roleArn,
            imageUri: args.imageUri,
            nodeUri: args.nodeUri,
            scriptUris,
            instanceType: "ml.t3.medium",
            volumeSizeInGb: 10,
          }),
        ),
      },
    });
  });

  it("publishes nothing and asks the bot's own utterances where no alias and no golden set is named", () => {
    const text = definitionText("eu-west-1", { ...args, goldenSetKey: undefined, botAliasId: undefined });
    expect(text).not.to.include("GoldenSetUri").and.not.to.include("BotAliasId");
    expect(text).to.include('"IfSteps":[]').and.to.include('"PUBLISHES":"false"');
  });

  it("has the name and ARN that others start it by", async () => {
    await declare(async () => {
      const { pipelineName, pipelineArn } = new RetrainingPipeline("retraining", args);
      expect(await valueOf(pipelineName)).to.equal("lex-retraining-dev");
      expect(await valueOf(pipelineArn)).to.equal(
        "arn:aws:sagemaker:eu-west-1:111122223333:pipeline/lex-retraining-dev",
      );
    });
  });

  it("has the same text for the same settings, in whatever order they come", () => {
    const reversed = Object.fromEntries(Object.entries(args).reverse()) as typeof args;
    expect(definitionText("eu-west-1", reversed)).to.equal(definitionText("eu-west-1", args));
  });

  it("is not declared with a definition that SageMaker would refuse: all that is wrong is said", () => {
    const wrong = {
      ...args,
      nodeUri: "https://example.com/node",
      volumeSizeInGb: 20_000,
    };
    expect(() => definitionText("eu-west-1", wrong))
      .to.throw(pulumi.RunError, /^SageMaker would refuse the pipeline's definition:\n {2}- /)
      .with.property("message")
      .that.includes("VolumeSizeInGB")
      .and.includes("S3Uri");
  });

  it("is shown in a preview, where nothing is known yet", async () => {
    const preview = await declare(() => new RetrainingPipeline("retraining", args), { preview: true });
    expect(preview.resources).to.have.length(2);
  });
});
