import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as pulumi from "@pulumi/pulumi";
import { awsAccount } from "./aws-account";
import { pipelineStarterRole } from "./pipeline-starter";

export interface UploadTriggerArgs {
  /** Bucket that sends its notifications to EventBridge. */
  readonly bucketName: pulumi.Input<string>;
  /** Only uploads under this prefix start the pipeline. It ends with a slash, and does not have a `*`. */
  readonly inputPrefix: pulumi.Input<string>;
  readonly pipelineArn: pulumi.Input<string>;
}

/**
 * The upload of a file of misses starts the pipeline with that file. The pipeline writes under another
 * prefix.
 */
export class UploadTrigger extends pulumi.ComponentResource {
  /**
   * @param name The _unique_ name of this component.
   * @param args The arguments for this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: UploadTriggerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lex-retraining:index:UploadTrigger", name, args, opts);

    const child = { parent: this };
    const rule = new cloudwatch.EventRule(
      `${name}-rule`,
      {
        description: "A file of missed utterances was uploaded.",
        eventPattern: pulumi
          .all([args.bucketName, args.inputPrefix])
          .apply(([bucketName, inputPrefix]) => JSON.stringify(uploadPattern(bucketName, inputPrefix))),
      },
      child,
    );
    const roleArn = pipelineStarterRole(
      name,
      {
        service: "events.amazonaws.com",
        accountId: awsAccount(this).accountId,
        sourceArns: rule.arn,
        pipelineArn: args.pipelineArn,
      },
      child,
    );
    new cloudwatch.EventTarget(
      `${name}-target`,
      {
        rule: rule.name,
        arn: args.pipelineArn,
        roleArn,
        sagemakerPipelineTarget: {
          pipelineParameterLists: [
            { name: "InputBucket", value: "$.detail.bucket.name" },
            { name: "InputKey", value: "$.detail.object.key" },
          ],
        },
      },
      child,
    );

    this.registerOutputs();
  }
}

const suffixes = [".csv", ".csv.gz", ".tsv", ".jsonl"];

/** In EventBridge, a prefix and a suffix of one field mean "either". A wildcard asks for both. */
export function uploadPattern(bucketName: string, inputPrefix: string) {
  return {
    source: ["aws.s3"],
    "detail-type": ["Object Created"],
    detail: {
      bucket: { name: [bucketName] },
      object: { key: suffixes.map((suffix) => ({ wildcard: `${inputPrefix}*${suffix}` })) },
    },
  };
}
