import type { PipelineSettings } from "../../pipeline/definition";
import { eachStage, stageNames } from "../../pipeline/stages";

export const settings: PipelineSettings = {
  defaults: {
    InputBucket: "inbox",
    InputKey: "inbox/",
    OutputDataUri: "s3://data/runs",
    BotId: "ABCDEFGHIJ",
    BotLocaleId: "es_ES",
    UnlabelledUtterances: "review",
    BuildTimeoutMinutes: 30,
    GoldenSetUri: "s3://data/golden.csv",
    EvaluationAliasId: "TSTALIASID",
    EvaluateWithCodeHook: "false",
    EvaluationConcurrency: 10,
    MaxRegressions: 0,
    MaxLeakage: 0,
    BotAliasId: "ZYXWVUTSRQ",
    KeepVersions: 20,
  },
  region: "eu-west-1",
  roleArn: "arn:aws:iam::123456789012:role/retraining",
  imageUri: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
  nodeUri: "s3://data/runtime/0123456789abcdef/node",
  scriptUris: eachStage(
    (stage) => `s3://data/code/000000000000000${stageNames.indexOf(stage) + 1}/${stage}.cjs`,
  ),
  instanceType: "ml.t3.medium",
  volumeSizeInGb: 30,
};
