import { expect } from "chai";
import { bucketPolicy } from "../../components/bucket-policy";
import { DataBucket, type DataBucketArgs } from "../../components/data-bucket";
import { inboxNote } from "../../pipeline/inbox-note";
import { declare, documentOf, inputsOf, names, valueOf } from "./mocks";

const args: DataBucketArgs = { inputPrefix: "inbox/", outputPrefix: "runs/", runRetentionDays: 90 };
const kmsKeyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd";

function dataBucket(changes: Partial<DataBucketArgs> = {}) {
  return new DataBucket("data", { ...args, ...changes });
}

describe("the data bucket", () => {
  it("is created with all that protects it, and nothing else", async () => {
    const declaration = await declare(() => dataBucket());
    expect(names(declaration)).to.deep.equal([
      "aws:s3/bucket:Bucket data",
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration data-lifecycle",
      "aws:s3/bucketNotification:BucketNotification data-notifications",
      "aws:s3/bucketObjectv2:BucketObjectv2 data-note",
      "aws:s3/bucketOwnershipControls:BucketOwnershipControls data-ownership",
      "aws:s3/bucketPolicy:BucketPolicy data-policy",
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock data-public-access-block",
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration data-encryption",
      "aws:s3/bucketVersioning:BucketVersioning data-versioning",
      "lex-retraining:index:DataBucket data",
    ]);
    const bucket = "data";
    expect(inputsOf(declaration, "data-public-access-block")).to.deep.equal({
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(inputsOf(declaration, "data-ownership")).to.deep.equal({
      bucket,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    expect(inputsOf(declaration, "data-versioning")).to.deep.equal({
      bucket,
      versioningConfiguration: { status: "Enabled" },
    });
    expect(inputsOf(declaration, "data-encryption")).to.deep.equal({
      bucket,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
    expect(inputsOf(declaration, "data-notifications")).to.deep.equal({ bucket, eventbridge: true });
    expect(documentOf(declaration, "data-policy", "policy")).to.deep.equal(bucketPolicy("arn:aws:s3:::data"));
  });

  it("forgets old runs, and within a day what is deleted of misses and runs, and keeps the rest", async () => {
    const declaration = await declare(() =>
      dataBucket({ inputPrefix: "misses/", outputPrefix: "results/", runRetentionDays: 30 }),
    );
    expect(inputsOf(declaration, "data-lifecycle")["rules"]).to.deep.equal([
      {
        id: "expire-old-runs",
        status: "Enabled",
        filter: { prefix: "results/" },
        expiration: { days: 30 },
        noncurrentVersionExpiration: { noncurrentDays: 1 },
      },
      {
        id: "forget-deleted-misses",
        status: "Enabled",
        filter: { prefix: "misses/" },
        noncurrentVersionExpiration: { noncurrentDays: 1 },
      },
      {
        id: "expire-replaced-files",
        status: "Enabled",
        filter: { prefix: "" },
        noncurrentVersionExpiration: { noncurrentDays: 30 },
        expiration: { expiredObjectDeleteMarker: true },
      },
      {
        id: "abort-stale-uploads",
        status: "Enabled",
        filter: { prefix: "" },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
      },
    ]);
  });

  it("is encrypted with the key it is given", async () => {
    const declaration = await declare(() => dataBucket({ kmsKeyArn }));
    expect(inputsOf(declaration, "data-encryption")["rules"]).to.deep.equal([
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: kmsKeyArn },
        bucketKeyEnabled: true,
      },
    ]);
  });

  it("logs who uses it where a bucket for that is given", async () => {
    const declaration = await declare(() => dataBucket({ accessLogBucketName: "our-access-logs" }));
    expect(declaration.resources).to.have.length(11);
    expect(inputsOf(declaration, "data-logging")).to.deep.equal({
      bucket: "data",
      targetBucket: "our-access-logs",
      targetPrefix: "data/",
    });
  });

  it("has a note where CSVs are dropped, so that there is always something to download", async () => {
    const declaration = await declare(() => dataBucket({ inputPrefix: "misses/" }));
    expect(inputsOf(declaration, "data-note")).to.deep.equal({
      bucket: "data",
      key: "misses/README.md",
      content: inboxNote.text,
      contentType: "text/markdown; charset=utf-8",
      overrideProvider: { defaultTags: { tags: {} } },
    });
  });

  it("hands out its name only when all that protects it is in place", async () => {
    await declare(async (soFar) => {
      const { bucketName } = dataBucket();
      expect(await valueOf(bucketName)).to.equal("data");
      expect(soFar.resources.map(({ name }) => name)).to.include.members([
        "data-public-access-block",
        "data-ownership",
        "data-versioning",
        "data-encryption",
        "data-policy",
      ]);
    });
  });

  it("changes nothing of a bucket that exists already, and leaves its note there", async () => {
    const declaration = await declare(async () => {
      const { bucketName, bucketArn } = dataBucket({ existingBucketName: "ours", kmsKeyArn });
      expect(await valueOf(bucketName)).to.equal("ours");
      expect(await valueOf(bucketArn)).to.equal("arn:aws:s3:::ours");
    });
    expect(names(declaration)).to.deep.equal([
      "aws:s3/bucketObjectv2:BucketObjectv2 data-note",
      "lex-retraining:index:DataBucket data",
    ]);
    expect(inputsOf(declaration, "data-note")).to.include({ bucket: "ours", key: "inbox/README.md" });
  });

  it("shows the same resources in a preview, where nothing is known yet", async () => {
    const preview = await declare(() => dataBucket(), { preview: true });
    expect(names(preview)).to.deep.equal(names(await declare(() => dataBucket())));
  });
});

describe("the bucket's policy", () => {
  it("refuses whatever does not come over TLS, and says nothing else", () => {
    expect(bucketPolicy("arn:aws:s3:::data")).to.deep.equal({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "RefusePlainHttp",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: ["arn:aws:s3:::data", "arn:aws:s3:::data/*"],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    });
  });
});
