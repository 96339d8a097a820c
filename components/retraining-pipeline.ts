import * as sagemaker from "@pulumi/aws-native/sagemaker";
import * as pulumi from "@pulumi/pulumi";
import { pipelineDefinition, type PipelineSettings } from "../pipeline/definition";
import type { StageName, UnlabelledMode } from "../pipeline/stages";
import { definitionProblems } from "../pipeline/validate";
import { awsAccount } from "./aws-account";

export interface RetrainingPipelineArgs {
  /**
   * Lower case, unique in the account and region.
   *
   * **A change replaces the pipeline, and the list of its executions is gone.**
   */
  readonly pipelineName: pulumi.Input<string>;
  /** Role of the pipeline and its jobs; it must have its permissions already. */
  readonly roleArn: pulumi.Input<string>;
  readonly bucketName: pulumi.Input<string>;
  /** Prefix of the CSVs, with a slash at its end: what an execution reads that is told no file. */
  readonly inputPrefix: pulumi.Input<string>;
  /** Prefix of the runs' files, with a slash at its end. */
  readonly outputPrefix: pulumi.Input<string>;
  readonly botId: pulumi.Input<string>;
  readonly botLocaleId: pulumi.Input<string>;
  readonly unlabelledUtterances: pulumi.Input<UnlabelledMode>;
  /** How long a build of the locale may take, in minutes. */
  readonly buildTimeoutMinutes: pulumi.Input<number>;
  /**
   * Key of the golden set in the bucket.
   *
   * @default a sample of the bot's own utterances
   */
  readonly goldenSetKey?: pulumi.Input<string> | undefined;
  /** Alias that the phrases are asked of; TSTALIASID is the DRAFT's own. */
  readonly evaluationAliasId: pulumi.Input<string>;
  /** Whether that alias may run its Lambda function for every phrase. */
  readonly evaluateWithCodeHook: pulumi.Input<boolean>;
  /** How many phrases that alias is asked at once; TSTALIASID takes 2, whatever stands here. */
  readonly evaluationConcurrency: pulumi.Input<number>;
  /** How many golden phrases may turn from right to wrong. */
  readonly maxRegressions: pulumi.Input<number>;
  /** How many more out-of-scope phrases than before an intent may answer. */
  readonly maxLeakage: pulumi.Input<number>;
  /**
   * Alias that a proven retraining is published to.
   *
   * @default nothing is published
   */
  readonly botAliasId?: pulumi.Input<string> | undefined;
  /** How many of the newest versions of the bot are never deleted to make room. */
  readonly keepVersions: pulumi.Input<number>;
  readonly imageUri: pulumi.Input<string>;
  /** S3 URI of a Node.js binary for 64-bit Linux; undefined where the image brings `node` itself. */
  readonly nodeUri: pulumi.Input<string> | undefined;
  /** S3 URI of each stage's script. */
  readonly scriptUris: Readonly<Record<StageName, pulumi.Input<string>>>;
  readonly instanceType: pulumi.Input<string>;
  /** In GB. */
  readonly volumeSizeInGb: pulumi.Input<number>;
}

/** The SageMaker pipeline that retrains one locale of a bot. */
export class RetrainingPipeline extends pulumi.ComponentResource {
  public readonly pipelineName: pulumi.Output<string>;
  public readonly pipelineArn: pulumi.Output<string>;

  /**
   * @param name The _unique_ name of this component.
   * @param args The arguments for this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: RetrainingPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lex-retraining:index:RetrainingPipeline", name, args, opts);

    const account = awsAccount(this);
    const pipeline = new sagemaker.Pipeline(
      `${name}-pipeline`,
      {
        pipelineName: args.pipelineName,
        pipelineDescription: pulumi.interpolate`Feeds missed utterances back into locale ${args.botLocaleId} of Lex bot ${args.botId}.`,
        roleArn: args.roleArn,
        pipelineDefinition: {
          pipelineDefinitionBody: pulumi
            .all([account, pulumi.output(args)])
            .apply(([{ region }, settled]) => definitionText(region, settled)),
        },
      },
      { parent: this },
    );

    // The resource has no ARN among its outputs; its id, which is the name, resolves when it exists.
    this.pipelineName = pipeline.id;
    this.pipelineArn = pulumi
      .all([account, pipeline.id])
      .apply(
        ([{ partition, region, accountId }, pipelineName]) =>
          `arn:${partition}:sagemaker:${region}:${accountId}:pipeline/${pipelineName}`,
      );

    this.registerOutputs({ pipelineName: this.pipelineName, pipelineArn: this.pipelineArn });
  }
}

/**
 * The definition as text: the builder fixes the order of its keys, so that the same settings are the same text.
 *
 * @throws pulumi.RunError that names everything SageMaker would refuse.
 */
export function definitionText(region: string, args: pulumi.Unwrap<RetrainingPipelineArgs>): string {
  const definition = pipelineDefinition(pipelineSettings(region, args));
  const problems = definitionProblems(definition);
  if (problems.length > 0) {
    throw new pulumi.RunError(
      `SageMaker would refuse the pipeline's definition:\n  - ${problems.join("\n  - ")}`,
    );
  }
  return JSON.stringify(definition);
}

function pipelineSettings(region: string, args: pulumi.Unwrap<RetrainingPipelineArgs>): PipelineSettings {
  return {
    defaults: {
      InputBucket: args.bucketName,
      InputKey: args.inputPrefix,
      OutputDataUri: `s3://${args.bucketName}/${args.outputPrefix.replace(/\/$/, "")}`,
      BotId: args.botId,
      BotLocaleId: args.botLocaleId,
      UnlabelledUtterances: args.unlabelledUtterances,
      BuildTimeoutMinutes: args.buildTimeoutMinutes,
      EvaluationAliasId: args.evaluationAliasId,
      EvaluateWithCodeHook: String(args.evaluateWithCodeHook),
      EvaluationConcurrency: args.evaluationConcurrency,
      MaxRegressions: args.maxRegressions,
      MaxLeakage: args.maxLeakage,
      KeepVersions: args.keepVersions,
      ...(args.goldenSetKey === undefined
        ? {}
        : { GoldenSetUri: `s3://${args.bucketName}/${args.goldenSetKey}` }),
      ...(args.botAliasId === undefined ? {} : { BotAliasId: args.botAliasId }),
    },
    region,
    roleArn: args.roleArn,
    imageUri: args.imageUri,
    nodeUri: args.nodeUri,
    scriptUris: args.scriptUris,
    instanceType: args.instanceType,
    volumeSizeInGb: args.volumeSizeInGb,
  };
}
