import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { awsAccount } from "./aws-account";
import { executionPolicy, executionTrust } from "./execution-policy";

export interface ExecutionRoleArgs {
  /** Name of the pipeline that runs as this role. Lower case, because IAM compares names with their case. */
  readonly pipelineName: pulumi.Input<string>;
  readonly bucketName: pulumi.Input<string>;
  /** Prefix of the CSVs. It ends with a slash. */
  readonly inputPrefix: pulumi.Input<string>;
  /** Prefix of the runs' files. It ends with a slash. */
  readonly outputPrefix: pulumi.Input<string>;
  /** The one Lex V2 bot that the role may change. */
  readonly botId: pulumi.Input<string>;
  /** The alias of the bot that answers the phrases of the evaluation. */
  readonly evaluationAliasId: pulumi.Input<string>;
  /**
   * The alias of the bot that a retraining is published to.
   *
   * @default no permission to publish
   */
  readonly botAliasId?: pulumi.Input<string> | undefined;
  /**
   * Key of the golden set in the bucket.
   *
   * @default no permission to read one
   */
  readonly goldenSetKey?: pulumi.Input<string> | undefined;
  /** The image of the jobs, in a private ECR repository. */
  readonly imageUri: pulumi.Input<string>;
  /**
   * Key that encrypts the bucket. The key's own policy must let IAM decide, as the default one does.
   *
   * @default no permission on any key
   */
  readonly kmsKeyArn?: pulumi.Input<string> | undefined;
  /**
   * Also attach AmazonSageMakerFullAccess. Nothing here needs it, **and with it the stages can use other
   * roles of the account**.
   *
   * @default false
   */
  readonly attachSageMakerFullAccess?: boolean;
}

/** The role of the pipeline and its jobs. Only SageMaker may use it, on one bucket, one image and one bot. */
export class ExecutionRole extends pulumi.ComponentResource {
  /** Resolves when all policies are attached, so that nothing starts without its permissions. */
  public readonly readyRoleArn: pulumi.Output<string>;

  /**
   * @param name The _unique_ name of this component.
   * @param args The arguments for this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: ExecutionRoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lex-retraining:index:ExecutionRole", name, args, opts);

    const child = { parent: this };
    const account = awsAccount(this);

    const role = new iam.Role(
      `${name}-role`,
      {
        description: "Runs the retraining pipeline and its jobs.",
        assumeRolePolicy: pulumi
          .all([account, args.pipelineName])
          .apply(([place, pipelineName]) => JSON.stringify(executionTrust(place, pipelineName))),
      },
      child,
    );
    const policy = new iam.RolePolicy(
      `${name}-policy`,
      {
        role: role.name,
        policy: pulumi
          .all([
            account,
            pulumi.output({
              roleArn: role.arn,
              bucketName: args.bucketName,
              inputPrefix: args.inputPrefix,
              outputPrefix: args.outputPrefix,
              botId: args.botId,
              evaluationAliasId: args.evaluationAliasId,
              botAliasId: args.botAliasId,
              goldenSetKey: args.goldenSetKey,
              imageUri: args.imageUri,
              kmsKeyArn: args.kmsKeyArn,
            }),
          ])
          .apply(([place, resources]) => JSON.stringify(executionPolicy({ ...place, ...resources }))),
      },
      child,
    );
    const attachments = [policy.id];
    if (args.attachSageMakerFullAccess) {
      const fullAccess = new iam.RolePolicyAttachment(
        `${name}-sagemaker-full-access`,
        {
          role: role.name,
          policyArn: account.apply(
            ({ partition }) => `arn:${partition}:iam::aws:policy/AmazonSageMakerFullAccess`,
          ),
        },
        child,
      );
      attachments.push(fullAccess.id);
    }

    this.readyRoleArn = pulumi.all([role.arn, pulumi.all(attachments)]).apply(([arn]) => arn);

    this.registerOutputs({ readyRoleArn: this.readyRoleArn });
  }
}
