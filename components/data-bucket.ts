import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";
import { bucketPolicy } from "./bucket-policy";

export interface DataBucketArgs {
  /**
   * Name of a bucket to use instead of creating one. Nothing of it is configured: a bucket has one policy, one lifecycle and one
   * notification configuration, and setting them here would replace what its owner has set.
   *
   * Its owner has to turn on "Send notifications to Amazon EventBridge" in the bucket's properties for an upload to start the pipeline.
   *
   * **Setting or removing it later moves the pipeline to another bucket;** the files of earlier runs stay in the first.
   *
   * @default a bucket is created
   */
  readonly existingBucketName?: pulumi.Input<string> | undefined;
  /**
   * Key that encrypts a created bucket.
   *
   * @default keys that S3 manages
   */
  readonly kmsKeyArn?: pulumi.Input<string> | undefined;
  /** Prefix of the runs' files, with a slash at its end. */
  readonly outputPrefix: pulumi.Input<string>;
  /** Days after which the files of a run are deleted from a created bucket, **its backup of the bot among them**. */
  readonly runRetentionDays: pulumi.Input<number>;
}

/**
 * The bucket that holds the CSVs of missed utterances, the stages' code and the files of every run.
 *
 * A created bucket is private, encrypted, versioned, refuses plain HTTP, forgets old runs and tells EventBridge of uploads. It stays when
 * the stack is destroyed.
 */
export class DataBucket extends pulumi.ComponentResource {
  /** Resolves after all that protects a created bucket is in place, so that nothing is written to it before. */
  public readonly bucketName: pulumi.Output<string>;
  public readonly bucketArn: pulumi.Output<string>;

  /**
   * @param name The _unique_ name of this component.
   * @param args The arguments for this component.
   * @param opts A bag of options that control this component's behavior; `protect` reaches the bucket and all that configures it.
   */
  constructor(name: string, args: DataBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lex-retraining:index:DataBucket", name, args, opts);

    const { bucketName, bucketArn } =
      args.existingBucketName === undefined ? this.create(name, args) : this.find(args.existingBucketName);
    this.bucketName = bucketName;
    this.bucketArn = bucketArn;

    this.registerOutputs({ bucketName: this.bucketName, bucketArn: this.bucketArn });
  }

  /** Looking the bucket up makes a wrong name fail before anything is deployed. */
  private find(existingBucketName: pulumi.Input<string>) {
    void pulumi.log.info(
      "The existing bucket is left as it is. For an upload to start the pipeline, " +
        "its properties must have “Send notifications to Amazon EventBridge” turned on.",
      this,
    );
    const { bucket, arn } = s3.getBucketOutput({ bucket: existingBucketName }, { parent: this });
    return { bucketName: bucket, bucketArn: arn };
  }

  private create(name: string, args: DataBucketArgs) {
    // It holds the backups of the bot, which must outlive the stack, and what keeps them private with them.
    const child = { parent: this, retainOnDelete: true };
    const bucket = new s3.Bucket(name, {}, child);
    const target = { bucket: bucket.bucket };

    const accessBlock = new s3.BucketPublicAccessBlock(
      `${name}-public-access-block`,
      {
        ...target,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      child,
    );
    const ownership = new s3.BucketOwnershipControls(
      `${name}-ownership`,
      { ...target, rule: { objectOwnership: "BucketOwnerEnforced" } },
      child,
    );
    const versioning = new s3.BucketVersioning(
      `${name}-versioning`,
      { ...target, versioningConfiguration: { status: "Enabled" } },
      child,
    );
    const encryption = new s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      {
        ...target,
        rules: [
          args.kmsKeyArn === undefined
            ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
            : {
                applyServerSideEncryptionByDefault: {
                  sseAlgorithm: "aws:kms",
                  kmsMasterKeyId: args.kmsKeyArn,
                },
                // One key per bucket and not per object: a hundredth of the calls to KMS.
                bucketKeyEnabled: true,
              },
        ],
      },
      child,
    );
    // S3 refuses two changes of a bucket's access at once.
    const policy = new s3.BucketPolicy(
      `${name}-policy`,
      { ...target, policy: bucket.arn.apply((arn) => JSON.stringify(bucketPolicy(arn))) },
      { ...child, dependsOn: [accessBlock] },
    );
    // A rule for noncurrent versions needs versioning to be on.
    new s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      { ...target, rules: lifecycleRules(args) },
      { ...child, dependsOn: [versioning] },
    );
    new s3.BucketNotification(`${name}-notifications`, { ...target, eventbridge: true }, child);

    const protections = [accessBlock.id, ownership.id, versioning.id, encryption.id, policy.id];
    return {
      bucketName: pulumi.all([bucket.bucket, pulumi.all(protections)]).apply(([bucketName]) => bucketName),
      bucketArn: bucket.arn,
    };
  }
}

function lifecycleRules({ outputPrefix, runRetentionDays }: DataBucketArgs) {
  return [
    {
      id: "expire-old-runs",
      status: "Enabled",
      filter: { prefix: outputPrefix },
      expiration: { days: runRetentionDays },
    },
    {
      id: "expire-replaced-files",
      status: "Enabled",
      filter: { prefix: "" },
      noncurrentVersionExpiration: { noncurrentDays: runRetentionDays },
    },
    {
      id: "abort-stale-uploads",
      status: "Enabled",
      filter: { prefix: "" },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
    },
  ];
}
