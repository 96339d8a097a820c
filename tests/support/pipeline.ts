import type { PipelineSettings } from "../../pipeline/definition";

export const settings: PipelineSettings = {
  defaults: {
    InputBucket: "inbox",
    InputKey: "inbox/",
    OutputDataUri: "s3://data/runs",
    BotId: "ABCDEFGHIJ",
    BotLocaleId: "es_ES",
    UnlabelledUtterances: "review",
    BuildTimeoutMinutes: 30,
  },
  region: "eu-west-1",
  roleArn: "arn:aws:iam::123456789012:role/retraining",
  imageUri: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
  nodeUri: "s3://data/runtime/0123456789abcdef/node",
  scriptUris: {
    preprocess: "s3://data/code/0000000000000001/preprocess.cjs",
    package: "s3://data/code/0000000000000002/package.cjs",
    import: "s3://data/code/0000000000000003/import.cjs",
  },
  instanceType: "ml.t3.medium",
  volumeSizeInGb: 30,
};
