import { getRegionOutput } from "@pulumi/aws/getRegion";
import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "./components/config";
import { consoleUrls } from "./components/console-urls";
import { DataBucket } from "./components/data-bucket";
import { ExecutionRole } from "./components/execution-role";
import { FailureAlerts } from "./components/failure-alerts";
import { prebuiltImageUri } from "./components/job-image";
import { limitRoles } from "./components/permissions-boundary";
import { RetrainingPipeline } from "./components/retraining-pipeline";
import { RetrainingSchedule } from "./components/retraining-schedule";
import { StageAssets } from "./components/stage-assets";
import { UploadTrigger } from "./components/upload-trigger";
import { stageSettingsOf } from "./pipeline/settings";

const config = loadConfig();
const { botId, botAliasId, evaluationAliasId, goldenSetKey } = config;
const { inputPrefix, outputPrefix, kmsKeyArn } = config;
if (config.permissionsBoundaryArn !== undefined) {
  limitRoles(config.permissionsBoundaryArn);
}

const imageUri = config.imageUri ?? prebuiltImageUri();

const data = new DataBucket(
  "data",
  {
    existingBucketName: config.existingBucketName,
    kmsKeyArn,
    accessLogBucketName: config.accessLogBucketName,
    inputPrefix,
    outputPrefix,
    runRetentionDays: config.runRetentionDays,
  },
  { protect: config.protectData },
);
const { bucketName } = data;

const pipelineName = `${pulumi.getProject()}-${pulumi.getStack()}`;
const { readyRoleArn } = new ExecutionRole("execution", {
  pipelineName,
  bucketName,
  inputPrefix,
  outputPrefix,
  botId,
  evaluationAliasId,
  botAliasId,
  goldenSetKey,
  imageUri,
  kmsKeyArn,
  attachSageMakerFullAccess: config.attachSageMakerFullAccess,
});

const assets = new StageAssets("stages", {
  bucketName,
  ...(config.imageUri === undefined ? {} : { nodeRuntime: "image" }),
});

const pipeline = new RetrainingPipeline("retraining", {
  pipelineName,
  roleArn: readyRoleArn,
  bucketName,
  inputPrefix,
  outputPrefix,
  ...stageSettingsOf(config),
  goldenSetKey,
  imageUri,
  nodeUri: assets.nodeUri,
  scriptUris: assets.scriptUris,
  instanceType: config.instanceType,
  volumeSizeInGb: config.volumeSizeInGb,
});
const { pipelineArn } = pipeline;

if (config.startOnUpload) {
  new UploadTrigger("upload", { bucketName, inputPrefix, pipelineArn });
}
if (config.schedule !== undefined) {
  new RetrainingSchedule("schedule", { schedule: config.schedule, bucketName, inputPrefix, pipelineArn });
}
const alerts = new FailureAlerts("alerts", {
  pipelineName: pipeline.pipelineName,
  pipelineArn,
  email: config.notificationEmail,
  kmsKeyArn,
});

export const bucket = bucketName;
/** Where to put a CSV of misses. */
export const dropCsvAt = pulumi.interpolate`s3://${bucketName}/${inputPrefix}`;
/** Where a run leaves its reports, in one folder for each execution. */
export const findReportsAt = pulumi.interpolate`s3://${bucketName}/${outputPrefix}`;
export { pipelineName, pipelineArn };
export const roleArn = readyRoleArn;
export const alertsTopicArn = alerts.topicArn;
const { region } = getRegionOutput();
export const consoleUrl = region.apply((name) => consoleUrls(name).processingJobs);
/** Starts a retraining with all files under the input prefix. */
export const startCommand = pulumi.interpolate`aws sagemaker start-pipeline-execution --region ${region} --pipeline-name ${pipeline.pipelineName}`;
