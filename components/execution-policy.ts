import { testAliasId } from "../pipeline/settings";
import type { AwsAccount } from "./aws-account";
import { policyDocument, serviceTrust, type PolicyDocument, type PolicyStatement } from "./policy-document";
import { codePrefix, runtimePrefix } from "./prefixes";

/** All that the permissions of a pipeline's role depend on. */
export interface ExecutionScope extends AwsAccount {
  readonly roleArn: string;
  readonly bucketName: string;
  /** With a slash at its end, as `outputPrefix`. */
  readonly inputPrefix: string;
  readonly outputPrefix: string;
  readonly botId: string;
  readonly evaluationAliasId: string;
  readonly botAliasId?: string | undefined;
  readonly goldenSetKey?: string | undefined;
  readonly imageUri: string;
  readonly kmsKeyArn?: string | undefined;
}

/**
 * SageMaker may assume the role for this pipeline and for the processing jobs of this account and region, which are the two ways it is
 * used: a condition for one alone would refuse the other.
 *
 * @see SageMaker Developer Guide, "Cross-Service Confused Deputy Prevention"
 */
export function executionTrust(
  { partition, region, accountId }: AwsAccount,
  pipelineName: string,
): PolicyDocument {
  const sageMaker = `arn:${partition}:sagemaker:${region}:${accountId}`;
  return serviceTrust("sagemaker.amazonaws.com", accountId, [
    `${sageMaker}:pipeline/${pipelineName}`,
    `${sageMaker}:pipeline/${pipelineName}/*`,
    `${sageMaker}:processing-job/*`,
  ]);
}

/** What the pipeline and its jobs may do: enough alone, without a managed policy, and `*` only where AWS knows nothing narrower. */
export function executionPolicy(scope: ExecutionScope): PolicyDocument {
  return policyDocument(
    ...orchestration(scope),
    ...storage(scope),
    ...observation(scope),
    ...image(scope),
    ...bot(scope),
    ...aliases(scope),
  );
}

/** SageMaker names a step's job `pipelines-<execution>-<step>-<random>`. */
function orchestration({ partition, region, accountId, roleArn }: ExecutionScope): PolicyStatement[] {
  return [
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
      Resource: `arn:${partition}:sagemaker:${region}:${accountId}:processing-job/pipelines-*`,
    },
    {
      Sid: "RunJobsAsThisRole",
      Effect: "Allow",
      Action: "iam:PassRole",
      Resource: roleArn,
      Condition: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
    },
  ];
}

function storage(scope: ExecutionScope): PolicyStatement[] {
  const { partition, region, bucketName, inputPrefix, outputPrefix, goldenSetKey, kmsKeyArn } = scope;
  const bucketArn = `arn:${partition}:s3:::${bucketName}`;
  return [
    {
      Sid: "ListFiles",
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: bucketArn,
      Condition: {
        StringLike: {
          "s3:prefix": [
            ...[inputPrefix, outputPrefix, codePrefix, runtimePrefix].map((prefix) => `${prefix}*`),
            ...(goldenSetKey === undefined ? [] : [goldenSetKey]),
          ],
        },
      },
    },
    {
      Sid: "ReadUploads",
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: `${bucketArn}/${inputPrefix}*`,
    },
    ...(goldenSetKey === undefined
      ? []
      : [
          {
            Sid: "ReadGoldenSet",
            Effect: "Allow",
            Action: "s3:GetObject",
            Resource: `${bucketArn}/${goldenSetKey}`,
          } as const,
        ]),
    {
      Sid: "ReadCode",
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: [`${bucketArn}/${codePrefix}*`, `${bucketArn}/${runtimePrefix}*`],
    },
    {
      Sid: "ReadAndWriteRuns",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"],
      Resource: `${bucketArn}/${outputPrefix}*`,
    },
    ...(kmsKeyArn === undefined
      ? []
      : [
          {
            Sid: "UseTheBucketsKey",
            Effect: "Allow",
            Action: ["kms:Decrypt", "kms:GenerateDataKey"],
            Resource: kmsKeyArn,
            Condition: { StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` } },
          } as const,
        ]),
  ];
}

/** The log group is SageMaker's, one for all processing jobs of the account, and made by the first of them. */
function observation({ partition, region, accountId }: ExecutionScope): PolicyStatement[] {
  const logGroupArn = `arn:${partition}:logs:${region}:${accountId}:log-group:/aws/sagemaker/ProcessingJobs`;
  return [
    {
      Sid: "WriteLogs",
      Effect: "Allow",
      Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      Resource: [logGroupArn, `${logGroupArn}:*`],
    },
    {
      // AWS lists it among what a processing job's role needs; CloudWatch knows no resources here.
      Sid: "WriteMetrics",
      Effect: "Allow",
      Action: "cloudwatch:PutMetricData",
      Resource: "*",
      Condition: { StringLike: { "cloudwatch:namespace": "/aws/sagemaker/*" } },
    },
  ];
}

function image({ partition, imageUri }: ExecutionScope): PolicyStatement[] {
  return [
    {
      // A token is for the whole registry: ECR knows no resource here.
      Sid: "LogInToEcr",
      Effect: "Allow",
      Action: "ecr:GetAuthorizationToken",
      Resource: "*",
    },
    {
      Sid: "PullImage",
      Effect: "Allow",
      Action: ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
      Resource: repositoryArn(partition, imageUri),
    },
  ];
}

/** `<account>.dkr.ecr.<region>.<suffix>/<repository>`, and a tag or digest after it. */
const privateImage = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[a-z.]+\/([a-z0-9._/-]+)(?:[:@]|$)/;

function repositoryArn(partition: string, imageUri: string): string {
  const [, accountId, region, repository] = privateImage.exec(imageUri) ?? [];
  if (accountId === undefined || region === undefined || repository === undefined) {
    throw new Error(`${imageUri} is no image of a private Amazon ECR repository.`);
  }
  return `arn:${partition}:ecr:${region}:${accountId}:repository/${repository}`;
}

/** What each Lex operation authorises stands in the Service Authorization Reference, not in the operation's own name alone. */
function bot({ partition, region, accountId, botId }: ExecutionScope): PolicyStatement[] {
  const botArn = `arn:${partition}:lex:${region}:${accountId}:bot/${botId}`;
  return [
    {
      Sid: "ExportBotLocale",
      Effect: "Allow",
      Action: ["lex:CreateExport", "lex:DescribeExport"],
      Resource: botArn,
    },
    {
      // An export reads the locale with the permissions of who asked for it.
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
      Resource: botArn,
    },
    {
      // The upload's address belongs to no bot yet: Lex knows no resource here.
      Sid: "UploadArchive",
      Effect: "Allow",
      Action: "lex:CreateUploadUrl",
      Resource: "*",
    },
    {
      Sid: "ImportBotLocale",
      Effect: "Allow",
      Action: ["lex:StartImport", "lex:DescribeImport"],
      Resource: botArn,
    },
    {
      // An import that overwrites a locale writes it with the permissions of who started it.
      Sid: "OverwriteBotLocale",
      Effect: "Allow",
      Action: ["BotLocale", "Intent", "Slot", "SlotType", "CustomVocabulary"].flatMap((part) => [
        `lex:Create${part}`,
        `lex:Update${part}`,
        `lex:Delete${part}`,
      ]),
      Resource: botArn,
    },
    {
      Sid: "BuildBotLocale",
      Effect: "Allow",
      Action: "lex:BuildBotLocale",
      Resource: botArn,
    },
  ];
}

/** Asking the bot, and publishing a version of it where there is an alias for that. */
function aliases(scope: ExecutionScope): PolicyStatement[] {
  const { partition, region, accountId, botId, botAliasId, evaluationAliasId } = scope;
  const botArn = `arn:${partition}:lex:${region}:${accountId}:bot/${botId}`;
  const aliasArn = (id: string) => `arn:${partition}:lex:${region}:${accountId}:bot-alias/${botId}/${id}`;
  // The DRAFT's own alias always points to the DRAFT; any other one has to be pointed to a version.
  const pointed = [evaluationAliasId, ...(botAliasId === undefined ? [] : [botAliasId])].filter(
    (id) => id !== testAliasId,
  );
  const asked = [...new Set([evaluationAliasId, ...pointed])].map(aliasArn);
  return [
    { Sid: "AskBot", Effect: "Allow", Action: "lex:RecognizeText", Resource: asked },
    { Sid: "ReadAliases", Effect: "Allow", Action: "lex:DescribeBotAlias", Resource: aliasArn("*") },
    ...(pointed.length === 0 ? [] : versions(scope, botArn, pointed.map(aliasArn))),
  ];
}

function versions(
  { partition, accountId }: ExecutionScope,
  botArn: string,
  aliasArns: string[],
): PolicyStatement[] {
  return [
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
      Resource: botArn,
    },
    { Sid: "PointAlias", Effect: "Allow", Action: "lex:UpdateBotAlias", Resource: aliasArns },
    {
      // An alias that logs conversations is updated with its logs, for which Lex is handed the bot's role again.
      Sid: "KeepConversationLogs",
      Effect: "Allow",
      Action: "iam:PassRole",
      Resource: `arn:${partition}:iam::${accountId}:role/aws-service-role/lexv2.amazonaws.com/AWSServiceRoleForLexV2Bots*`,
      Condition: { StringEquals: { "iam:PassedToService": "lexv2.amazonaws.com" } },
    },
  ];
}
