import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";
import { inboxNote } from "../pipeline/inbox-note";
import { bucketPolicy } from "./bucket-policy";

export interface DataBucketArgs {
  /**
   * Name of a bucket to use instead of creating one. This component does not configure it. A bucket has one
   * policy, one lifecycle and one notification configuration: to set them here would replace those of its
   * owner.
   *
   * An upload starts the pipeline only if the owner turns on "Send notifications to Amazon EventBridge" in
   * the bucket's properties.
   *
   * **If you set or remove it later, the pipeline moves to another bucket.** The files of earlier runs stay
   * in the first bucket.
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
  /**
   * Bucket that gets the access log of a created bucket. Its own policy must let S3's logging service write.
   *
   * @default no access log
   */
  readonly accessLogBucketName?: pulumi.Input<string> | undefined;
  /** Prefix of the CSVs, with a slash at its end. */
  readonly inputPrefix: pulumi.Input<string>;
  /** Prefix of the runs' files, with a slash at its end. */
  readonly outputPrefix: pulumi.Input<string>;
  /** Days after which a created bucket deletes the files of a run, **also its backup of the bot**. */
  readonly runRetentionDays: pulumi.Input<number>;
}

/**
 * The bucket that holds the CSVs of missed utterances, the stages' code and the files of every run.
 *
 * A created bucket is private, encrypted and versioned. It refuses plain HTTP, deletes old runs and tells
 * EventBridge about uploads. It stays when the stack is destroyed. Each bucket has a note under the prefix of
 * the CSVs.
 */
export class DataBucket extends pulumi.ComponentResource {
  /** Resolves when a created bucket is protected, so that nothing writes to it before. */
  public readonly bucketName: pulumi.Output<string>;
  public readonly bucketArn: pulumi.Output<string>;

  /**
   * @param name The _unique_ name of this component.
   * @param args The arguments for this component.
   * @param opts A bag of options that control this component's behavior. `protect` also protects the bucket
   *   and its configuration.
   */
  constructor(name: string, args: DataBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lex-retraining:index:DataBucket", name, args, opts);

    const { bucketName, bucketArn } =
      args.existingBucketName === undefined ? this.create(name, args) : this.find(args.existingBucketName);
    this.bucketName = bucketName;
    this.bucketArn = bucketArn;
    this.leaveNote(name, args.inputPrefix);

    this.registerOutputs({ bucketName: this.bucketName, bucketArn: this.bucketArn });
  }

  /** Looks the bucket up, so that a wrong name fails before anything is deployed. */
  private find(existingBucketName: pulumi.Input<string>) {
    void pulumi.log.info(
      "This stack does not change the existing bucket. To let an upload start the pipeline, " +
        "turn on “Send notifications to Amazon EventBridge” in the bucket's properties.",
      this,
    );
    const { bucket, arn } = s3.getBucketOutput({ bucket: existingBucketName }, { parent: this });
    return { bucketName: bucket, bucketArn: arn };
  }

  private leaveNote(name: string, inputPrefix: pulumi.Input<string>) {
    new s3.BucketObjectv2(
      `${name}-note`,
      {
        bucket: this.bucketName,
        key: pulumi.interpolate`${inputPrefix}${inboxNote.name}`,
        content: inboxNote.text,
        contentType: "text/markdown; charset=utf-8",
        // An object may have only ten tags, and the provider's default tags would count.
        overrideProvider: { defaultTags: { tags: {} } },
      },
      // Another stack may use the same prefix. A protected note could not move with it.
      { parent: this, retainOnDelete: true, protect: false },
    );
  }

  private create(name: string, args: DataBucketArgs) {
    // The bucket holds the backups of the bot. They must stay, and stay private, when the stack is destroyed.
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
                // With one key for the bucket instead of one per object, S3 calls KMS about a hundred times
                // less.
                bucketKeyEnabled: true,
              },
        ],
      },
      child,
    );
    // S3 refuses two changes to a bucket's access at the same time.
    const policy = new s3.BucketPolicy(
      `${name}-policy`,
      { ...target, policy: bucket.arn.apply((arn) => JSON.stringify(bucketPolicy(arn))) },
      { ...child, dependsOn: [accessBlock] },
    );
    // S3 takes a rule for noncurrent versions only when versioning is on.
    new s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      { ...target, rules: lifecycleRules(args) },
      { ...child, dependsOn: [versioning] },
    );
    new s3.BucketNotification(`${name}-notifications`, { ...target, eventbridge: true }, child);
    if (args.accessLogBucketName !== undefined) {
      new s3.BucketLogging(
        `${name}-logging`,
        {
          ...target,
          targetBucket: args.accessLogBucketName,
          targetPrefix: pulumi.interpolate`${bucket.bucket}/`,
        },
        child,
      );
    }

    const protections = [accessBlock.id, ownership.id, versioning.id, encryption.id, policy.id];
    return {
      bucketName: pulumi.all([bucket.bucket, pulumi.all(protections)]).apply(([bucketName]) => bucketName),
      bucketArn: bucket.arn,
    };
  }
}

/**
 * In a versioned bucket, a file that is deleted or expires becomes a former version. What people said must
 * really be gone, so the former versions of misses and of runs go after a day. Those of other files, such as
 * a golden set, stay as long as a run. The current files of the bots never expire.
 */
function lifecycleRules({ inputPrefix, outputPrefix, runRetentionDays }: DataBucketArgs) {
  return [
    {
      id: "expire-old-runs",
      status: "Enabled",
      filter: { prefix: outputPrefix },
      expiration: { days: runRetentionDays },
      noncurrentVersionExpiration: { noncurrentDays: 1 },
    },
    {
      id: "forget-deleted-misses",
      status: "Enabled",
      filter: { prefix: inputPrefix },
      noncurrentVersionExpiration: { noncurrentDays: 1 },
    },
    {
      id: "expire-replaced-files",
      status: "Enabled",
      filter: { prefix: "" },
      noncurrentVersionExpiration: { noncurrentDays: runRetentionDays },
      // Of a deleted file, the mark of its deletion is left, with its name.
      expiration: { expiredObjectDeleteMarker: true },
    },
    {
      id: "abort-stale-uploads",
      status: "Enabled",
      filter: { prefix: "" },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
    },
  ];
}
