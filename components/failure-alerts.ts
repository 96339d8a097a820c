import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import { alertMessages, alertTopicPolicy, eventPattern, type Alert } from "./alert-messages";
import { awsAccount } from "./aws-account";

export interface FailureAlertsArgs {
  readonly pipelineName: pulumi.Input<string>;
  readonly pipelineArn: pulumi.Input<string>;
  /**
   * Address that gets the alerts. Its owner must first confirm an e-mail from AWS.
   *
   * @default none: subscribe to the topic yourself
   */
  readonly email?: pulumi.Input<string> | undefined;
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
    const { region } = awsAccount(this);
    const topic = new sns.Topic(`${name}-topic`, { displayName: "Lex retraining" }, child);

    const alert = (kind: Alert) => {
      const rule = new cloudwatch.EventRule(
        `${name}-${kind}-rule`,
        {
          description: `The retraining pipeline's ${kind} went wrong.`,
          eventPattern: pulumi
            .output(args.pipelineArn)
            .apply((arn) => JSON.stringify(eventPattern(kind, arn))),
        },
        child,
      );
      new cloudwatch.EventTarget(
        `${name}-${kind}-target`,
        {
          rule: rule.name,
          arn: topic.arn,
          inputTransformer: pulumi
            .all([args.pipelineName, region])
            .apply(([pipelineName, inRegion]) => alertMessages[kind](pipelineName, inRegion)),
        },
        child,
      );
      return rule.arn;
    };
    const ruleArns = [alert("execution"), alert("step")];

    new sns.TopicPolicy(
      `${name}-topic-policy`,
      {
        arn: topic.arn,
        policy: pulumi
          .all([topic.arn, pulumi.all(ruleArns)])
          .apply(([topicArn, arns]) => JSON.stringify(alertTopicPolicy(topicArn, arns))),
      },
      child,
    );
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
