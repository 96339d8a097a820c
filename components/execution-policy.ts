import { testAliasId } from "../pipeline/settings";
import type { AwsAccount } from "./aws-account";
import { policyDocument, serviceTrust, type PolicyDocument, type PolicyStatement } from "./policy-document";
import { botsPrefix, codePrefix, runtimePrefix } from "./prefixes";

/** Everything that the permissions of a pipeline's role depend on. */
export interface ExecutionPolicyArgs extends AwsAccount {
  readonly roleArn: string;
  readonly bucketName: string;
  /** Ends with a slash, like `outputPrefix`. */
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
 * SageMaker may assume the role for this pipeline and for the processing jobs of this account and region.
 * SageMaker uses the role in both ways, so a condition with only one of them would refuse the other.
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

/**
 * What the pipeline and its jobs may do. It is enough without a managed policy, and has `*` only where AWS
 * offers nothing narrower.
 */
export function executionPolicy(args: ExecutionPolicyArgs): PolicyDocument {
  return policyDocument(
    ...orchestration(args),
    ...storage(args),
    ...observation(args),
    ...image(args),
    ...bot(args),
    ...aliases(args),
  );
}

/** SageMaker names a step's job `pipelines-<execution>-<step>-<random>`. */
function orchestration({ partition, region, accountId, roleArn }: ExecutionPolicyArgs): PolicyStatement[] {
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

function storage(args: ExecutionPolicyArgs): PolicyStatement[] {
  const { partition, region, bucketName, inputPrefix, outputPrefix, botId, goldenSetKey, kmsKeyArn } = args;
  const bucketArn = `arn:${partition}:s3:::${bucketName}`;
  const botPrefix = `${botsPrefix}${botId}/`;
  return [
    {
      // S3 also asks for it before it says that an object is missing, and not forbidden.
      Sid: "ListFiles",
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: bucketArn,
      Condition: {
        StringLike: {
          "s3:prefix": [
            ...[inputPrefix, outputPrefix, codePrefix, runtimePrefix, botPrefix].map(
              (prefix) => `${prefix}*`,
            ),
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
    {
      Sid: "ReadAndWriteLeaseAndJournal",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:PutObject"],
      Resource: `${bucketArn}/${botPrefix}*`,
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

/** All processing jobs of the account share one log group of SageMaker. The first job creates it. */
function observation({ partition, region, accountId }: ExecutionPolicyArgs): PolicyStatement[] {
  const logGroupArn = `arn:${partition}:logs:${region}:${accountId}:log-group:/aws/sagemaker/ProcessingJobs`;
  return [
    {
      Sid: "WriteLogs",
      Effect: "Allow",
      Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      Resource: [logGroupArn, `${logGroupArn}:*`],
    },
    {
      // AWS lists this among the permissions of a processing job. CloudWatch does not have a resource for it.
      Sid: "WriteMetrics",
      Effect: "Allow",
      Action: "cloudwatch:PutMetricData",
      Resource: "*",
      Condition: { StringLike: { "cloudwatch:namespace": "/aws/sagemaker/*" } },
    },
  ];
}

function image({ partition, imageUri }: ExecutionPolicyArgs): PolicyStatement[] {
  return [
    {
      // A token is for the whole registry, so ECR does not have a resource for it.
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
    throw new Error(`${imageUri} is not an image of a private Amazon ECR repository.`);
  }
  return `arn:${partition}:ecr:${region}:${accountId}:repository/${repository}`;
}

/**
 * An operation of Lex may need permissions that its name does not show. The Service Authorization Reference
 * lists them.
 */
function bot({ partition, region, accountId, botId }: ExecutionPolicyArgs): PolicyStatement[] {
  const botArn = `arn:${partition}:lex:${region}:${accountId}:bot/${botId}`;
  return [
    {
      Sid: "ExportBotLocale",
      Effect: "Allow",
      Action: ["lex:CreateExport", "lex:DescribeExport"],
      Resource: botArn,
    },
    {
      // An export reads the locale with the permissions of the caller.
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
      // The upload's URL does not belong to a bot yet, so Lex does not have a resource for it.
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
      // An import that overwrites a locale writes it with the permissions of the caller.
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

/** Asks the bot, and publishes a version of it if there is an alias to publish to. */
function aliases(args: ExecutionPolicyArgs): PolicyStatement[] {
  const { partition, region, accountId, botId, botAliasId, evaluationAliasId } = args;
  const botArn = `arn:${partition}:lex:${region}:${accountId}:bot/${botId}`;
  const aliasArn = (id: string) => `arn:${partition}:lex:${region}:${accountId}:bot-alias/${botId}/${id}`;
  // TSTALIASID always points to the DRAFT. The stages point any other alias to a version.
  const pointed = [evaluationAliasId, ...(botAliasId === undefined ? [] : [botAliasId])].filter(
    (id) => id !== testAliasId,
  );
  const asked = [...new Set([evaluationAliasId, ...pointed])].map(aliasArn);
  return [
    { Sid: "AskBot", Effect: "Allow", Action: "lex:RecognizeText", Resource: asked },
    { Sid: "ReadAliases", Effect: "Allow", Action: "lex:DescribeBotAlias", Resource: aliasArn("*") },
    ...(pointed.length === 0 ? [] : versions(args, botArn, pointed.map(aliasArn))),
  ];
}

function versions(
  { partition, accountId }: ExecutionPolicyArgs,
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
      // To update an alias that logs conversations, Lex needs the bot's role again.
      Sid: "KeepConversationLogs",
      Effect: "Allow",
      Action: "iam:PassRole",
      Resource: `arn:${partition}:iam::${accountId}:role/aws-service-role/lexv2.amazonaws.com/AWSServiceRoleForLexV2Bots*`,
      Condition: { StringEquals: { "iam:PassedToService": "lexv2.amazonaws.com" } },
    },
  ];
}
