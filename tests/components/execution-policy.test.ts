import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { executionPolicy, executionTrust, type ExecutionPolicyArgs } from "../../components/execution-policy";
import type { PolicyDocument } from "../../components/policy-document";

const account = { partition: "aws", region: "eu-west-1", accountId: "111122223333" };
const roleArn = "arn:aws:iam::111122223333:role/execution";
const kmsKeyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd";
const bot = "arn:aws:lex:eu-west-1:111122223333:bot/ABCDEFGHIJ";
const args: ExecutionPolicyArgs = {
  ...account,
  roleArn,
  bucketName: "data",
  inputPrefix: "inbox/",
  outputPrefix: "runs/",
  botId: "ABCDEFGHIJ",
  evaluationAliasId: "TSTALIASID",
  imageUri: "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
};

/** With every optional setting. */
const fullest: ExecutionPolicyArgs = {
  ...args,
  kmsKeyArn,
  botAliasId: "KLMNOPQRST",
  goldenSetKey: "golden/golden.csv",
};

interface Request {
  readonly action: string;
  readonly resource: string;
}

/** What the pipeline cannot do without the statement, and the requests that show it. */
const capabilities: Readonly<Record<string, { capability: string; requests: readonly Request[] }>> = {
  RunProcessingJobs: {
    capability: "run, watch, stop and tag the job of a step",
    requests: [
      "CreateProcessingJob",
      "DescribeProcessingJob",
      "StopProcessingJob",
      "AddTags",
      "ListTags",
    ].map((operation) => ({
      action: `sagemaker:${operation}`,
      resource: job("pipelines-abcdefghijkl-Preprocess-0123456789"),
    })),
  },
  RunJobsAsThisRole: {
    capability: "give a job the role it runs as",
    requests: [{ action: "iam:PassRole", resource: roleArn }],
  },
  ListFiles: {
    capability: "find the files under a prefix",
    requests: [{ action: "s3:ListBucket", resource: "arn:aws:s3:::data" }],
  },
  ReadUploads: {
    capability: "read an uploaded CSV",
    requests: [{ action: "s3:GetObject", resource: "arn:aws:s3:::data/inbox/misses.csv" }],
  },
  ReadCode: {
    capability: "fetch a stage's script and Node.js",
    requests: [
      { action: "s3:GetObject", resource: "arn:aws:s3:::data/code/0123456789abcdef/import.cjs" },
      { action: "s3:GetObject", resource: "arn:aws:s3:::data/runtime/0123456789abcdef/node" },
    ],
  },
  ReadAndWriteRuns: {
    capability: "keep the results of a step and hand them to the next",
    requests: ["GetObject", "PutObject", "AbortMultipartUpload"].map((operation) => ({
      action: `s3:${operation}`,
      resource: "arn:aws:s3:::data/runs/abcdefghijkl/package/backup/locale-export.zip",
    })),
  },
  ReadAndWriteLeaseAndJournal: {
    capability: "hold the bot's lease, and keep its journal",
    requests: ["GetObject", "PutObject"].flatMap((operation) =>
      ["lease.json", "journal.json"].map((file) => ({
        action: `s3:${operation}`,
        resource: `arn:aws:s3:::data/bots/ABCDEFGHIJ/${file}`,
      })),
    ),
  },
  UseTheBucketsKey: {
    capability: "read and write an encrypted bucket",
    requests: ["Decrypt", "GenerateDataKey"].map((operation) => ({
      action: `kms:${operation}`,
      resource: kmsKeyArn,
    })),
  },
  WriteLogs: {
    capability: "leave a log",
    requests: ["CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents"].map(
      (operation) => ({
        action: `logs:${operation}`,
        resource: "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/ProcessingJobs:log-stream:a",
      }),
    ),
  },
  WriteMetrics: {
    capability: "show the load of a job",
    requests: [{ action: "cloudwatch:PutMetricData", resource: "*" }],
  },
  LogInToEcr: {
    capability: "log in to the image's registry",
    requests: [{ action: "ecr:GetAuthorizationToken", resource: "*" }],
  },
  PullImage: {
    capability: "pull the image of a job",
    requests: ["BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "BatchGetImage"].map((operation) => ({
      action: `ecr:${operation}`,
      resource: "arn:aws:ecr:eu-west-1:141502667606:repository/sagemaker-scikit-learn",
    })),
  },
  ExportBotLocale: {
    capability: "make the backup of the locale, and see what a version holds before an alias points to it",
    requests: ["CreateExport", "DescribeExport"].map(onTheBot),
  },
  ReadBotLocale: {
    capability: "see the locale's state and export its parts",
    requests: ["DescribeBotLocale", "DescribeIntent", "ListSlots", "DescribeSlotType"].map(onTheBot),
  },
  UploadArchive: {
    capability: "hand Lex the archive to import",
    requests: [{ action: "lex:CreateUploadUrl", resource: "*" }],
  },
  ImportBotLocale: {
    capability: "start an import and wait for it",
    requests: ["StartImport", "DescribeImport"].map(onTheBot),
  },
  OverwriteBotLocale: {
    capability: "have an import write the locale's parts",
    requests: ["UpdateBotLocale", "UpdateIntent", "CreateSlot", "DeleteSlotType"].map(onTheBot),
  },
  ReadGoldenSet: {
    capability: "read the golden set",
    requests: [{ action: "s3:GetObject", resource: "arn:aws:s3:::data/golden/golden.csv" }],
  },
  AskBot: {
    capability: "ask the bot, before and after and once through the alias that it is published to",
    requests: ["TSTALIASID", "KLMNOPQRST"].map((id) => ({
      action: "lex:RecognizeText",
      resource: alias(id),
    })),
  },
  ReadAliases: {
    capability: "see whether an alias runs code, and which version it uses",
    requests: ["TSTALIASID", "KLMNOPQRST", "UVWXYZABCD"].map((id) => ({
      action: "lex:DescribeBotAlias",
      resource: alias(id),
    })),
  },
  MakeRoomForVersions: {
    capability: "make a version, wait for it, and delete old ones that no alias uses",
    requests: [
      "CreateBotVersion",
      "DescribeBotVersion",
      "ListBotVersions",
      "DeleteBotVersion",
      "ListBotAliases",
    ].map(onTheBot),
  },
  PointAlias: {
    capability: "point the alias to a version",
    requests: [{ action: "lex:UpdateBotAlias", resource: alias("KLMNOPQRST") }],
  },
  KeepConversationLogs: {
    capability: "update an alias that logs conversations",
    requests: [
      {
        action: "iam:PassRole",
        resource:
          "arn:aws:iam::111122223333:role/aws-service-role/lexv2.amazonaws.com/AWSServiceRoleForLexV2Bots_ABC",
      },
    ],
  },
  BuildBotLocale: {
    capability: "build the locale",
    requests: [onTheBot("BuildBotLocale")],
  },
};

describe("the trust policy of the role", () => {
  it("is for SageMaker alone, and for this pipeline and this account's processing jobs", () => {
    expect(executionTrust(account, "lex-retraining-dev")).to.deep.equal({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "AssumedForOwnResourcesOnly",
          Effect: "Allow",
          Principal: { Service: "sagemaker.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: {
            StringEquals: { "aws:SourceAccount": "111122223333" },
            ArnLike: {
              "aws:SourceArn": [
                "arn:aws:sagemaker:eu-west-1:111122223333:pipeline/lex-retraining-dev",
                "arn:aws:sagemaker:eu-west-1:111122223333:pipeline/lex-retraining-dev/*",
                "arn:aws:sagemaker:eu-west-1:111122223333:processing-job/*",
              ],
            },
          },
        },
      ],
    });
  });
});

describe("the policy of the role", () => {
  it("is this and nothing more", () => {
    expect(executionPolicy(args)).to.deep.equal({ Version: "2012-10-17", Statement: statements });
  });

  it("has one statement more with a key of the user's, for S3 alone", () => {
    const added = executionPolicy({ ...args, kmsKeyArn }).Statement.filter(
      ({ Sid }) => !statements.some((statement) => statement.Sid === Sid),
    );
    expect(added).to.deep.equal([
      {
        Sid: "UseTheBucketsKey",
        Effect: "Allow",
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: kmsKeyArn,
        Condition: { StringEquals: { "kms:ViaService": "s3.eu-west-1.amazonaws.com" } },
      },
    ]);
  });

  it("has more statements with a golden set and an alias to publish to", () => {
    const added = executionPolicy(fullest).Statement.filter(({ Sid }) => Sid !== "UseTheBucketsKey");
    expect(added.filter(({ Sid }) => !statements.some((statement) => statement.Sid === Sid))).to.deep.equal([
      {
        Sid: "ReadGoldenSet",
        Effect: "Allow",
        Action: "s3:GetObject",
        Resource: "arn:aws:s3:::data/golden/golden.csv",
      },
      {
        Sid: "MakeRoomForVersions",
        Effect: "Allow",
        Action: [
          "lex:CreateBotVersion",
          "lex:DescribeBotVersion",
          "lex:ListBotVersions",
          "lex:DeleteBotVersion",
          "lex:ListBotAliases",
        ],
        Resource: bot,
      },
      { Sid: "PointAlias", Effect: "Allow", Action: "lex:UpdateBotAlias", Resource: [alias("KLMNOPQRST")] },
      {
        Sid: "KeepConversationLogs",
        Effect: "Allow",
        Action: "iam:PassRole",
        Resource:
          "arn:aws:iam::111122223333:role/aws-service-role/lexv2.amazonaws.com/AWSServiceRoleForLexV2Bots*",
        Condition: { StringEquals: { "iam:PassedToService": "lexv2.amazonaws.com" } },
      },
    ]);
    expect(added.find(({ Sid }) => Sid === "AskBot")?.Resource).to.deep.equal([
      alias("TSTALIASID"),
      alias("KLMNOPQRST"),
    ]);
    expect(added.find(({ Sid }) => Sid === "ListFiles")?.Condition).to.deep.equal({
      StringLike: {
        "s3:prefix": ["inbox/*", "runs/*", "code/*", "runtime/*", "bots/ABCDEFGHIJ/*", "golden/golden.csv"],
      },
    });
  });

  it("lets an evaluation point an alias of its own, and no other", () => {
    const policy = executionPolicy({ ...args, evaluationAliasId: "EVALUATE00" });
    expect(policy.Statement.find(({ Sid }) => Sid === "PointAlias")?.Resource).to.deep.equal([
      alias("EVALUATE00"),
    ]);
  });

  it('says "*" only where AWS offers nothing narrower', () => {
    const wide = executionPolicy(args).Statement.filter(({ Resource }) => Resource === "*");
    expect(wide.map(({ Action }) => Action)).to.deep.equal([
      "cloudwatch:PutMetricData",
      "ecr:GetAuthorizationToken",
      "lex:CreateUploadUrl",
    ]);
  });

  it("finds the repository of an image with a digest, and refuses an image of another registry", () => {
    const imageUri = `444455556666.dkr.ecr.eu-west-1.amazonaws.com/team/node@sha256:${"a".repeat(64)}`;
    const pull = executionPolicy({ ...args, imageUri }).Statement.find(({ Sid }) => Sid === "PullImage");
    expect(pull?.Resource).to.equal("arn:aws:ecr:eu-west-1:444455556666:repository/team/node");
    expect(() => executionPolicy({ ...args, imageUri: "public.ecr.aws/docker/library/node:24" })).to.throw(
      "public.ecr.aws/docker/library/node:24 is not an image of a private Amazon ECR repository.",
    );
  });

  it("allows every Lex operation that a stage calls", () => {
    const resources = [bot, alias("TSTALIASID"), alias("KLMNOPQRST"), "*"];
    expect(lexOperations()).to.include.members(["CreateExport", "StartImport", "BuildBotLocale"]);
    const refused = lexOperations().filter(
      (operation) =>
        !resources.some((resource) =>
          allows(executionPolicy(fullest), { action: `lex:${operation}`, resource }),
        ),
    );
    expect(refused).to.deep.equal([]);
  });

  it("refuses what is outside the bot, the prefixes and the pipeline's own jobs", () => {
    const outside: readonly Request[] = [
      { action: "lex:StartImport", resource: "arn:aws:lex:eu-west-1:111122223333:bot/ZZZZZZZZZZ" },
      { action: "lex:DeleteBot", resource: bot },
      { action: "lex:UpdateBotAlias", resource: alias("KLMNOPQRST") },
      { action: "lex:RecognizeText", resource: alias("KLMNOPQRST") },
      { action: "lex:CreateBotVersion", resource: bot },
      { action: "s3:GetObject", resource: "arn:aws:s3:::data/payroll.csv" },
      { action: "s3:GetObject", resource: "arn:aws:s3:::other/inbox/a.csv" },
      { action: "s3:PutObject", resource: "arn:aws:s3:::data/inbox/a.csv" },
      { action: "s3:PutObject", resource: "arn:aws:s3:::data/code/0/import.cjs" },
      { action: "s3:GetObject", resource: "arn:aws:s3:::data/bots/ZZZZZZZZZZ/lease.json" },
      { action: "s3:PutObject", resource: "arn:aws:s3:::data/bots/ZZZZZZZZZZ/journal.json" },
      { action: "s3:DeleteObject", resource: "arn:aws:s3:::data/bots/ABCDEFGHIJ/journal.json" },
      { action: "s3:DeleteObject", resource: "arn:aws:s3:::data/runs/1/package/backup/locale-export.zip" },
      { action: "iam:PassRole", resource: "arn:aws:iam::111122223333:role/admin" },
      { action: "sagemaker:StopProcessingJob", resource: job("other-job") },
      { action: "sagemaker:StartPipelineExecution", resource: "*" },
    ];
    expect(outside.filter((request) => allows(executionPolicy(args), request))).to.deep.equal([]);
  });

  describe("without its statement", () => {
    const policy = executionPolicy(fullest);
    for (const [sid, { capability, requests }] of Object.entries(capabilities)) {
      it(`${sid} cannot ${capability}`, () => {
        expect(requests.filter((request) => !allows(policy, request))).to.deep.equal([]);
        const poorer = { ...policy, Statement: policy.Statement.filter(({ Sid }) => Sid !== sid) };
        expect(requests.filter((request) => allows(poorer, request))).to.deep.equal([]);
      });
    }

    it("each of them, one capability is lost", () => {
      expect(Object.keys(capabilities).sort()).to.deep.equal(policy.Statement.map(({ Sid }) => Sid).sort());
    });
  });
});

function onTheBot(operation: string): Request {
  return { action: `lex:${operation}`, resource: bot };
}

function alias(id: string): string {
  return `arn:aws:lex:eu-west-1:111122223333:bot-alias/ABCDEFGHIJ/${id}`;
}

function job(name: string): string {
  return `arn:aws:sagemaker:eu-west-1:111122223333:processing-job/${name}`;
}

/** IAM's decision from action and resource. The tests above compare the conditions. */
function allows({ Statement }: PolicyDocument, { action, resource }: Request): boolean {
  return Statement.some(
    ({ Action, Resource = [] }) =>
      [Action].flat().includes(action) && [Resource].flat().some((pattern) => matches(pattern, resource)),
  );
}

function matches(pattern: string, resource: string): boolean {
  const [start = "", end] = pattern.split("*");
  return end === undefined ? pattern === resource : resource.startsWith(start) && resource.endsWith(end);
}

/** The operations of Lex that the stages call. */
function lexOperations(): string[] {
  const scripts = join(__dirname, "../../scripts");
  // What is in `stage/` asks S3.
  const files = readdirSync(scripts, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.startsWith("stage"),
  );
  const sent = files.flatMap((file) => [
    ...readFileSync(join(scripts, file), "utf8").matchAll(/new (\w+)Command\(/g),
  ]);
  return [...new Set(sent.flatMap(([, operation]) => operation ?? []))];
}

const statements: PolicyDocument["Statement"] = [
  {
    Sid: "RunProcessingJobs",
    Effect: "Allow",
    Action: [
      "sagemaker:CreateProcessingJob",
      "sagemaker:DescribeProcessingJob",
      "sagemaker:StopProcessingJob",
      "sagemaker:AddTags",
      "sagemaker:ListTags",
    ],
    Resource: "arn:aws:sagemaker:eu-west-1:111122223333:processing-job/pipelines-*",
  },
  {
    Sid: "RunJobsAsThisRole",
    Effect: "Allow",
    Action: "iam:PassRole",
    Resource: roleArn,
    Condition: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
  },
  {
    Sid: "ListFiles",
    Effect: "Allow",
    Action: "s3:ListBucket",
    Resource: "arn:aws:s3:::data",
    Condition: {
      StringLike: { "s3:prefix": ["inbox/*", "runs/*", "code/*", "runtime/*", "bots/ABCDEFGHIJ/*"] },
    },
  },
  {
    Sid: "ReadUploads",
    Effect: "Allow",
    Action: "s3:GetObject",
    Resource: "arn:aws:s3:::data/inbox/*",
  },
  {
    Sid: "ReadCode",
    Effect: "Allow",
    Action: "s3:GetObject",
    Resource: ["arn:aws:s3:::data/code/*", "arn:aws:s3:::data/runtime/*"],
  },
  {
    Sid: "ReadAndWriteRuns",
    Effect: "Allow",
    Action: ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"],
    Resource: "arn:aws:s3:::data/runs/*",
  },
  {
    Sid: "ReadAndWriteLeaseAndJournal",
    Effect: "Allow",
    Action: ["s3:GetObject", "s3:PutObject"],
    Resource: "arn:aws:s3:::data/bots/ABCDEFGHIJ/*",
  },
  {
    Sid: "WriteLogs",
    Effect: "Allow",
    Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
    Resource: [
      "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/ProcessingJobs",
      "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/ProcessingJobs:*",
    ],
  },
  {
    Sid: "WriteMetrics",
    Effect: "Allow",
    Action: "cloudwatch:PutMetricData",
    Resource: "*",
    Condition: { StringLike: { "cloudwatch:namespace": "/aws/sagemaker/*" } },
  },
  { Sid: "LogInToEcr", Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
  {
    Sid: "PullImage",
    Effect: "Allow",
    Action: ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
    Resource: "arn:aws:ecr:eu-west-1:141502667606:repository/sagemaker-scikit-learn",
  },
  {
    Sid: "ExportBotLocale",
    Effect: "Allow",
    Action: ["lex:CreateExport", "lex:DescribeExport"],
    Resource: bot,
  },
  {
    Sid: "ReadBotLocale",
    Effect: "Allow",
    Action: [
      "lex:DescribeBot",
      "lex:DescribeBotLocale",
      "lex:ListBotLocales",
      "lex:DescribeIntent",
      "lex:ListIntents",
      "lex:DescribeSlot",
      "lex:ListSlots",
      "lex:DescribeSlotType",
      "lex:ListSlotTypes",
      "lex:DescribeCustomVocabulary",
    ],
    Resource: bot,
  },
  { Sid: "UploadArchive", Effect: "Allow", Action: "lex:CreateUploadUrl", Resource: "*" },
  {
    Sid: "ImportBotLocale",
    Effect: "Allow",
    Action: ["lex:StartImport", "lex:DescribeImport"],
    Resource: bot,
  },
  {
    Sid: "OverwriteBotLocale",
    Effect: "Allow",
    Action: [
      "lex:CreateBotLocale",
      "lex:UpdateBotLocale",
      "lex:DeleteBotLocale",
      "lex:CreateIntent",
      "lex:UpdateIntent",
      "lex:DeleteIntent",
      "lex:CreateSlot",
      "lex:UpdateSlot",
      "lex:DeleteSlot",
      "lex:CreateSlotType",
      "lex:UpdateSlotType",
      "lex:DeleteSlotType",
      "lex:CreateCustomVocabulary",
      "lex:UpdateCustomVocabulary",
      "lex:DeleteCustomVocabulary",
    ],
    Resource: bot,
  },
  { Sid: "BuildBotLocale", Effect: "Allow", Action: "lex:BuildBotLocale", Resource: bot },
  { Sid: "AskBot", Effect: "Allow", Action: "lex:RecognizeText", Resource: [alias("TSTALIASID")] },
  { Sid: "ReadAliases", Effect: "Allow", Action: "lex:DescribeBotAlias", Resource: alias("*") },
];
