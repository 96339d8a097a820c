import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import { alertMessages, eventPattern, type Alert } from "./alert-messages";
import { awsAccount } from "./aws-account";
import { policyDocument, type PolicyDocument } from "./policy-document";
import { serviceRole } from "./service-role";

export interface FailureAlertsArgs {
  readonly pipelineName: pulumi.Input<string>;
  readonly pipelineArn: pulumi.Input<string>;
  /**
   * Address that gets the alerts. Its owner must first confirm an e-mail from AWS.
   *
   * @default none: subscribe to the topic yourself
   */
  readonly email?: pulumi.Input<string> | undefined;
  /**
   * Key that encrypts the topic. **The key's own policy must let the role of the alerts use it**, as the
   * default one does.
   *
   * @default not encrypted at rest
   */
  readonly kmsKeyArn?: pulumi.Input<string> | undefined;
}

/** Tells people in words that an execution failed or was stopped, and which step failed. */
export class FailureAlerts extends pulumi.ComponentResource {
  public readonly topicArn: pulumi.Output<string>;

  /**
   * @param name The _unique_ name of this component.
   * @param args The arguments for this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: FailureAlertsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lex-retraining:index:FailureAlerts", name, args, opts);

    const child = { parent: this };
    const account = awsAccount(this);
    const topic = new sns.Topic(
      `${name}-topic`,
      {
        displayName: "Lex retraining",
        ...(args.kmsKeyArn === undefined ? {} : { kmsMasterKeyId: args.kmsKeyArn }),
      },
      child,
    );
    const ruleFor = (alert: Alert) =>
      new cloudwatch.EventRule(
        `${name}-${alert}`,
        {
          description: `The retraining pipeline's ${alert} went wrong.`,
          eventPattern: pulumi
            .output(args.pipelineArn)
            .apply((arn) => JSON.stringify(eventPattern(alert, arn))),
        },
        child,
      );
    const rules = { execution: ruleFor("execution"), step: ruleFor("step") };

    // A policy of the topic would let every rule of EventBridge publish: its conditions do not work for them.
    const roleArn = serviceRole(
      name,
      {
        description: "Publishes the alerts of the retraining pipeline.",
        service: "events.amazonaws.com",
        accountId: account.accountId,
        sourceArns: pulumi.all([rules.execution.arn, rules.step.arn]),
        policy: pulumi
          .all([account, topic.arn, args.kmsKeyArn])
          .apply(([{ region }, topicArn, kmsKeyArn]) => publisherPolicy(topicArn, region, kmsKeyArn)),
      },
      child,
    );
    for (const alert of ["execution", "step"] as const) {
      new cloudwatch.EventTarget(
        `${name}-${alert}-target`,
        {
          rule: rules[alert].name,
          arn: topic.arn,
          roleArn,
          inputTransformer: pulumi
            .all([args.pipelineName, account])
            .apply(([pipelineName, { region }]) => alertMessages[alert](pipelineName, region)),
        },
        child,
      );
    }
    if (args.email !== undefined) {
      new sns.TopicSubscription(
        `${name}-email`,
        { topic: topic.arn, protocol: "email", endpoint: args.email },
        child,
      );
    }

    this.topicArn = topic.arn;
    this.registerOutputs({ topicArn: this.topicArn });
  }
}

/** Allows to publish to one topic, and to use its key for that. */
export function publisherPolicy(topicArn: string, region: string, kmsKeyArn?: string): PolicyDocument {
  return policyDocument(
    { Sid: "PublishAlerts", Effect: "Allow", Action: "sns:Publish", Resource: topicArn },
    ...(kmsKeyArn === undefined
      ? []
      : [
          {
            Sid: "UseTheTopicsKey",
            Effect: "Allow",
            Action: ["kms:Decrypt", "kms:GenerateDataKey"],
            Resource: kmsKeyArn,
            Condition: { StringEquals: { "kms:ViaService": `sns.${region}.amazonaws.com` } },
          } as const,
        ]),
  );
}
