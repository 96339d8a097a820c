import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { z } from "zod";
import { declare, type Declaration } from "../components/mocks";

const root = join(__dirname, "../..");

const statement = z.strictObject({
  Sid: z.string(),
  Effect: z.literal("Allow"),
  Action: z.union([z.string(), z.array(z.string())]),
  Resource: z.union([z.string(), z.array(z.string())]),
  Condition: z.unknown().optional(),
});
const { role, permissions, settings } = z
  .object({
    role: z.object({
      properties: z.object({
        name: z.string(),
        assumeRolePolicy: z.object({ "fn::toJSON": z.unknown() }),
      }),
    }),
    permissions: z.object({
      properties: z.object({
        policy: z.object({ "fn::toJSON": z.object({ Statement: z.array(statement) }) }),
      }),
    }),
    settings: z.object({ type: z.string(), properties: z.record(z.string(), z.unknown()) }),
  })
  .parse(z.object({ resources: z.unknown() }).parse(readYaml("deploy/Pulumi.yaml")).resources);
const statements = permissions.properties.policy["fn::toJSON"].Statement;

/** The actions that the providers need for each type of resource: to create, read, change and delete it. */
const actions: Readonly<Record<string, readonly string[]>> = {
  "aws:s3/bucket:Bucket": [
    "s3:CreateBucket",
    "s3:DeleteBucket",
    "s3:GetAccelerateConfiguration",
    "s3:GetBucketAcl",
    "s3:GetBucketCORS",
    "s3:GetBucketLocation",
    "s3:GetBucketLogging",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketPolicy",
    "s3:GetBucketRequestPayment",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetBucketWebsite",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:ListTagsForResource",
    "s3:PutBucketTagging",
    "s3:TagResource",
    "s3:UntagResource",
  ],
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": [
    "s3:GetLifecycleConfiguration",
    "s3:PutLifecycleConfiguration",
  ],
  "aws:s3/bucketLogging:BucketLogging": ["s3:GetBucketLogging", "s3:PutBucketLogging"],
  "aws:s3/bucketNotification:BucketNotification": ["s3:GetBucketNotification", "s3:PutBucketNotification"],
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": [
    "s3:GetBucketOwnershipControls",
    "s3:PutBucketOwnershipControls",
  ],
  "aws:s3/bucketPolicy:BucketPolicy": ["s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "s3:PutBucketPolicy"],
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": [
    "s3:GetBucketPublicAccessBlock",
    "s3:PutBucketPublicAccessBlock",
  ],
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": [
    "s3:GetEncryptionConfiguration",
    "s3:PutEncryptionConfiguration",
  ],
  "aws:s3/bucketVersioning:BucketVersioning": ["s3:GetBucketVersioning", "s3:PutBucketVersioning"],
  // Without s3:DeleteObject, because objects stay when their resource is deleted.
  "aws:s3/bucketObjectv2:BucketObjectv2": [
    "s3:AbortMultipartUpload",
    "s3:GetObject",
    "s3:GetObjectTagging",
    "s3:PutObject",
    "s3:PutObjectTagging",
  ],
  "aws:iam/role:Role": [
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:GetRole",
    "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRolePolicies",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
  ],
  "aws:iam/rolePolicy:RolePolicy": ["iam:DeleteRolePolicy", "iam:GetRolePolicy", "iam:PutRolePolicy"],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": [
    "iam:AttachRolePolicy",
    "iam:DetachRolePolicy",
    "iam:ListAttachedRolePolicies",
  ],
  "aws-native:sagemaker:Pipeline": [
    "cloudformation:CreateResource",
    "cloudformation:DeleteResource",
    "cloudformation:GetResource",
    "cloudformation:GetResourceRequestStatus",
    "cloudformation:UpdateResource",
    "iam:PassRole",
    "sagemaker:AddTags",
    "sagemaker:CreatePipeline",
    "sagemaker:DeletePipeline",
    "sagemaker:DeleteTags",
    "sagemaker:DescribePipeline",
    "sagemaker:ListTags",
    "sagemaker:UpdatePipeline",
  ],
  "aws:cloudwatch/eventRule:EventRule": [
    "events:DeleteRule",
    "events:DescribeRule",
    "events:ListTagsForResource",
    "events:PutRule",
    "events:TagResource",
    "events:UntagResource",
  ],
  "aws:cloudwatch/eventTarget:EventTarget": [
    "events:ListTargetsByRule",
    "events:PutTargets",
    "events:RemoveTargets",
    "iam:PassRole",
  ],
  "aws:scheduler/schedule:Schedule": [
    "iam:PassRole",
    "scheduler:CreateSchedule",
    "scheduler:DeleteSchedule",
    "scheduler:GetSchedule",
    "scheduler:UpdateSchedule",
  ],
  "aws:sns/topic:Topic": [
    "sns:CreateTopic",
    "sns:DeleteTopic",
    "sns:GetTopicAttributes",
    "sns:ListTagsForResource",
    "sns:SetTopicAttributes",
    "sns:TagResource",
    "sns:UntagResource",
  ],
  "aws:sns/topicSubscription:TopicSubscription": [
    "sns:GetSubscriptionAttributes",
    "sns:SetSubscriptionAttributes",
    "sns:Subscribe",
    "sns:Unsubscribe",
  ],
};

describe("the role that deploys", () => {
  it("may do what the resources of the fullest stack need, and no more", async () => {
    const types = new Set((await fullestStack()).resources.map(({ type }) => type));
    const declared = [...types].filter((type) => !type.startsWith("lex-retraining:"));
    expect(Object.keys(actions).sort()).to.deep.equal(declared.sort());
    const needed = new Set(Object.values(actions).flat());
    const allowed = statements.flatMap(({ Action }) => Action);
    expect([...allowed].sort()).to.deep.equal([...needed].sort());
  });

  it("may do it to what bears the name of the project and the stack, or lies in its bucket", () => {
    const elsewhere = statements
      .flatMap(({ Sid, Resource }) => [Resource].flat().map((resource) => ({ Sid, resource })))
      .filter(
        ({ resource }) =>
          !/lex-retraining-\$\{pulumi\.stack\}(-\*)?$/.test(resource) &&
          !/^arn:aws:s3:::\$\{bucket\}(\/(code\/\*|runtime\/\*|\*\/README\.md))?$/.test(resource),
      );
    expect(elsewhere).to.deep.equal([{ Sid: "CloudControl", resource: "*" }]);
  });

  it("may hand roles to the three services only, and attach the one managed policy", () => {
    expect(
      statements.filter(({ Condition }) => Condition).map(({ Sid, Condition }) => [Sid, Condition]),
    ).to.deep.equal([
      [
        "AttachSageMakerFullAccess",
        { ArnEquals: { "iam:PolicyARN": "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess" } },
      ],
      [
        "PassRoles",
        {
          StringEquals: {
            "iam:PassedToService": [
              "sagemaker.amazonaws.com",
              "events.amazonaws.com",
              "scheduler.amazonaws.com",
            ],
          },
        },
      ],
    ]);
  });

  it("cannot change itself", () => {
    expect(role.properties.name).to.equal("pulumi-deploy-lex-retraining-${pulumi.stack}");
  });

  it("is assumed by deployments of this stack alone", () => {
    expect(role.properties.assumeRolePolicy["fn::toJSON"]).to.deep.equal({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "DeployThisStack",
          Effect: "Allow",
          Principal: { Federated: "arn:aws:iam::${account}:oidc-provider/api.pulumi.com/oidc" },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: { "api.pulumi.com/oidc:aud": "${organization}" },
            StringLike: {
              "api.pulumi.com/oidc:sub":
                "pulumi:deploy:org:${organization}:project:lex-retraining:stack:${pulumi.stack}:operation:*:scope:write",
            },
          },
        },
      ],
    });
  });
});

describe("the deployment settings", () => {
  it("deploy a push and preview a pull request, with the role and the runtime", () => {
    expect(settings.type).to.equal("pulumiservice:DeploymentSettings");
    const { vcs, ...rest } = settings.properties;
    expect(z.object({ paths: z.unknown() }).loose().parse(vcs)).to.include({
      provider: "github",
      repository: "${repository}",
      deployCommits: true,
      previewPullRequests: true,
    });
    expect(rest).to.deep.equal({
      organization: "${organization}",
      project: "lex-retraining",
      stack: "${pulumi.stack}",
      sourceContext: { git: { branch: "refs/heads/${branch}", repoDir: "." } },
      operationContext: {
        oidc: {
          aws: {
            roleARN: "${role.arn}",
            sessionName: "lex-retraining-${pulumi.stack}",
            duration: "1h",
          },
        },
        preRunCommands: ["npm ci", "npm run runtime"],
        environmentVariables: { CI: "true" },
        options: { skipInstallDependencies: true, skipIntermediateDeployments: true },
      },
      cacheOptions: { enable: true },
    });
  });

  for (const stack of ["dev", "prod"]) {
    it(`watch paths that exist, in ${stack}`, () => {
      const { paths } = z.object({ paths: z.array(z.string()) }).parse(settings.properties["vcs"]);
      const missing = paths
        .map((path) => path.replace("/**", "").replace("${pulumi.stack}", stack))
        .filter((path) => !existsSync(join(root, path)));
      expect(missing).to.deep.equal([]);
    });
  }
});

/** All resources that the program can declare. */
function fullestStack(): Promise<Declaration> {
  return declare(() => import("../../index.js"), {
    // A preview does not read the Node.js runtime, which is not there in the tests.
    preview: true,
    config: {
      "aws:region": "eu-west-1",
      "aws-native:region": "eu-west-1",
      "lex-retraining:botId": "ABCDEFGHIJ",
      "lex-retraining:botLocaleId": "es_ES",
      "lex-retraining:existingBucketName": "",
      "lex-retraining:inputPrefix": "inbox/",
      "lex-retraining:outputPrefix": "runs/",
      "lex-retraining:runRetentionDays": "90",
      "lex-retraining:kmsKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd",
      "lex-retraining:accessLogBucketName": "our-access-logs",
      "lex-retraining:unlabelledUtterances": "review",
      "lex-retraining:buildTimeoutMinutes": "60",
      "lex-retraining:instanceType": "ml.t3.medium",
      "lex-retraining:volumeSizeInGb": "10",
      "lex-retraining:imageUri": "",
      "lex-retraining:startOnUpload": "true",
      "lex-retraining:schedule": "rate(7 days)",
      "lex-retraining:notificationEmail": "bot-team@example.com",
      "lex-retraining:protectData": "true",
      "lex-retraining:attachSageMakerFullAccess": "true",
      "lex-retraining:goldenSetKey": "golden/golden.csv",
      "lex-retraining:evaluationAliasId": "TSTALIASID",
      "lex-retraining:evaluateWithCodeHook": "false",
      "lex-retraining:evaluationConcurrency": "10",
      "lex-retraining:maxRegressions": "0",
      "lex-retraining:maxLeakage": "0",
      "lex-retraining:botAliasId": "KLMNOPQRST",
      "lex-retraining:keepVersions": "20",
    },
  });
}

function readYaml(path: string): unknown {
  return parse(readFileSync(join(root, path), "utf8"));
}
