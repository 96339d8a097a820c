import * as sagemaker from "@pulumi/aws-native/sagemaker";
import * as pulumi from "@pulumi/pulumi";
import { pipelineDefinition, type PipelineDefinitionArgs } from "../pipeline/definition";
import { stageSettingsOf, type StageSettings } from "../pipeline/settings";
import type { StepName } from "../pipeline/stages";
import { definitionProblems } from "../pipeline/validate";
import { awsAccount } from "./aws-account";
import { botsPrefix } from "./prefixes";

type StageSettingArgs = {
  readonly [Name in keyof StageSettings]: pulumi.Input<StageSettings[Name]>;
};

/** The arguments for the stages come from the table of settings (`pipeline/settings.ts`). */
export interface RetrainingPipelineArgs extends StageSettingArgs {
  /**
   * Lower case, unique in the account and region.
   *
   * **A change replaces the pipeline and deletes the list of its executions.**
   */
  readonly pipelineName: pulumi.Input<string>;
  /** Role of the pipeline and its jobs. It must already have its permissions. */
  readonly roleArn: pulumi.Input<string>;
  readonly bucketName: pulumi.Input<string>;
  /**
   * Prefix of the CSVs. It ends with a slash. An execution reads all of them unless its start names a file.
   */
  readonly inputPrefix: pulumi.Input<string>;
  /** Prefix of the runs' files. It ends with a slash. */
  readonly outputPrefix: pulumi.Input<string>;
  /**
   * Key of the golden set in the bucket.
   *
   * @default a sample of the bot's own utterances
   */
  readonly goldenSetKey?: pulumi.Input<string> | undefined;
  readonly imageUri: pulumi.Input<string>;
  /** S3 URI of a Node.js binary for 64-bit Linux. Undefined when the image has its own `node`. */
  readonly nodeUri: pulumi.Input<string> | undefined;
  /** S3 URI of each step's script. */
  readonly scriptUris: Readonly<Record<StepName, pulumi.Input<string>>>;
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

    // The resource does not output its ARN. Its id is the name, and resolves when the pipeline exists.
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
 * The definition as text. The order of its keys is fixed, so that the same settings always give the same
 * text.
 *
 * @throws pulumi.RunError that names everything that SageMaker would refuse.
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
  const uriOf = (prefix: string) => `s3://${bucketName}/${prefix.replace(/\/$/, "")}`;
  return {
    settings: stageSettingsOf(args),
    region,
    roleArn: args.roleArn,
    imageUri: args.imageUri,
    nodeUri: args.nodeUri,
    scriptUris: args.scriptUris,
    botsUri: uriOf(botsPrefix),
    instanceType: args.instanceType,
    volumeSizeInGb: args.volumeSizeInGb,
    places: {
      InputBucket: bucketName,
      InputKey: inputPrefix,
      OutputDataUri: uriOf(outputPrefix),
      GoldenSetUri: goldenSetKey === undefined ? undefined : `s3://${bucketName}/${goldenSetKey}`,
    },
  };
}
