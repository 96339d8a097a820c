import type { PipelineDefinitionArgs } from "../../pipeline/definition";
import { settingDefaults, stageSettingsOf } from "../../pipeline/settings";
import { eachStep, stepNames } from "../../pipeline/stages";

export const definitionArgs: PipelineDefinitionArgs = {
  settings: stageSettingsOf({
    ...settingDefaults,
    botId: "ABCDEFGHIJ",
    botLocaleId: "es_ES",
    buildTimeoutMinutes: 30,
    botAliasId: "ZYXWVUTSRQ",
  }),
  places: {
    InputBucket: "inbox",
    InputKey: "inbox/",
    OutputDataUri: "s3://data/runs",
    GoldenSetUri: "s3://data/golden.csv",
  },
  region: "eu-west-1",
  roleArn: "arn:aws:iam::123456789012:role/retraining",
  imageUri: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
  nodeUri: "s3://data/runtime/0123456789abcdef/node",
  botsUri: "s3://data/bots",
  scriptUris: eachStep((step) => `s3://data/code/000000000000000${stepNames.indexOf(step) + 1}/${step}.cjs`),
  instanceType: "ml.t3.medium",
  volumeSizeInGb: 30,
};
