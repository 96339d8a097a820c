import { expect } from "chai";
import { UploadTrigger, uploadPattern } from "../../components/upload-trigger";
import { inboxNote } from "../../pipeline/inbox-note";
import { declare, documentOf, inputsOf, names } from "./mocks";

const pipelineArn = "arn:aws:sagemaker:eu-west-1:111122223333:pipeline/lex-retraining-dev";

describe("the upload trigger", () => {
  const program = () =>
    new UploadTrigger("upload", { bucketName: "data", inputPrefix: "inbox/", pipelineArn });

  it("starts the pipeline with the file that was uploaded", async () => {
    const declaration = await declare(program);
    expect(names(declaration)).to.deep.equal([
      "aws:cloudwatch/eventRule:EventRule upload-rule",
      "aws:cloudwatch/eventTarget:EventTarget upload-target",
      "aws:iam/role:Role upload-role",
      "aws:iam/rolePolicy:RolePolicy upload-policy",
      "lex-retraining:index:UploadTrigger upload",
    ]);
    expect(documentOf(declaration, "upload-rule", "eventPattern")).to.deep.equal(
      uploadPattern("data", "inbox/"),
    );
    expect(inputsOf(declaration, "upload-target")).to.deep.equal({
      rule: "upload-rule",
      arn: pipelineArn,
      roleArn: "arn:aws:iam::111122223333:role/upload-role",
      sagemakerPipelineTarget: {
        pipelineParameterLists: [
          { name: "InputBucket", value: "$.detail.bucket.name" },
          { name: "InputKey", value: "$.detail.object.key" },
        ],
      },
    });
  });

  it("has a role that EventBridge assumes for this rule alone, to start this pipeline alone", async () => {
    const declaration = await declare(program);
    expect(documentOf(declaration, "upload-role", "assumeRolePolicy")).to.deep.equal({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "AssumedForOwnResourcesOnly",
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: {
            StringEquals: { "aws:SourceAccount": "111122223333" },
            ArnLike: { "aws:SourceArn": "arn:aws:events:eu-west-1:111122223333:rule/upload-rule" },
          },
        },
      ],
    });
    expect(documentOf(declaration, "upload-policy", "policy")).to.deep.equal({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "StartPipeline",
          Effect: "Allow",
          Action: "sagemaker:StartPipelineExecution",
          Resource: pipelineArn,
        },
      ],
    });
  });
});

describe("the pattern of an upload", () => {
  it("asks for the bucket, the prefix and an ending together", () => {
    expect(uploadPattern("data", "inbox/")).to.deep.equal({
      source: ["aws.s3"],
      "detail-type": ["Object Created"],
      detail: {
        bucket: { name: ["data"] },
        object: {
          key: [
            { wildcard: "inbox/*.csv" },
            { wildcard: "inbox/*.csv.gz" },
            { wildcard: "inbox/*.tsv" },
            { wildcard: "inbox/*.jsonl" },
          ],
        },
      },
    });
  });

  const starts = ["inbox/misses.csv", "inbox/2026/misses.csv.gz", "inbox/misses.tsv", "inbox/misses.jsonl"];
  const doesNotStart = [
    "inbox/",
    `inbox/${inboxNote.name}`,
    "inbox/misses.xlsx",
    "inbox/misses.csv.bak",
    "runs/abcdefghijkl/package/report/review.csv",
    "runs/abcdefghijkl/preprocess/utterances/utterances.jsonl",
    "code/0123456789abcdef/import.cjs",
    "old/inbox/misses.csv",
  ];
  for (const key of starts) {
    it(`takes ${key}`, () => {
      expect(taken(key)).to.equal(true);
    });
  }
  for (const key of doesNotStart) {
    it(`leaves ${key}`, () => {
      expect(taken(key)).to.equal(false);
    });
  }
});

/** EventBridge's `wildcard`, for a pattern with one asterisk. */
function taken(key: string): boolean {
  return uploadPattern("data", "inbox/").detail.object.key.some(({ wildcard }) => {
    const [start = "", end = ""] = wildcard.split("*");
    return key.length >= start.length + end.length && key.startsWith(start) && key.endsWith(end);
  });
}
