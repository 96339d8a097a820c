import * as sagemaker from "@pulumi/aws-native/sagemaker";
import * as pulumi from "@pulumi/pulumi";
import { pipelineDefinition, type PipelineDefinitionArgs } from "../pipeline/definition";
import { stageSettingsOf, type StageSettings } from "../pipeline/settings";
import type { StageName } from "../pipeline/stages";
import { definitionProblems } from "../pipeline/validate";
import { awsAccount } from "./aws-account";

type StageSettingArgs = {
  readonly [Name in keyof StageSettings]: pulumi.Input<StageSettings[Name]>;
};

/** What the stages are told is as the table of settings has it (`pipeline/settings.ts`). */
export interface RetrainingPipelineArgs extends StageSettingArgs {
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
  /**
   * Key of the golden set in the bucket.
   *
   * @default a sample of the bot's own utterances
   */
  readonly goldenSetKey?: pulumi.Input<string> | undefined;
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
  const definition = pipelineDefinition(definitionArgs(region, args));
  const problems = definitionProblems(definition);
  if (problems.length > 0) {
    throw new pulumi.RunError(
      `SageMaker would refuse the pipeline's definition:\n  - ${problems.join("\n  - ")}`,
    );
  }
  return JSON.stringify(definition);
}

function definitionArgs(region: string, args: pulumi.Unwrap<RetrainingPipelineArgs>): PipelineDefinitionArgs {
  const { bucketName, inputPrefix, outputPrefix, goldenSetKey } = args;
  const bucketUri = `s3://${bucketName}`;
  return {
    settings: stageSettingsOf(args),
    region,
    roleArn: args.roleArn,
    imageUri: args.imageUri,
    nodeUri: args.nodeUri,
    scriptUris: args.scriptUris,
    instanceType: args.instanceType,
    volumeSizeInGb: args.volumeSizeInGb,
    places: {
      InputBucket: bucketName,
      InputKey: inputPrefix,
      OutputDataUri: `${bucketUri}/${outputPrefix.replace(/\/$/, "")}`,
      GoldenSetUri: goldenSetKey === undefined ? undefined : `${bucketUri}/${goldenSetKey}`,
    },
  };
}
