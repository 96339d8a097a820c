import * as scheduler from "@pulumi/aws/scheduler";
import * as pulumi from "@pulumi/pulumi";
import { awsAccount } from "./aws-account";
import { pipelineStarterRole } from "./pipeline-starter";

export interface RetrainingScheduleArgs {
  /** `rate(7 days)` or `cron(0 6 ? * MON *)`, in UTC. */
  readonly schedule: pulumi.Input<string>;
  readonly bucketName: pulumi.Input<string>;
  /** The pipeline reads all files under this prefix. A file that it has read before changes nothing again. */
  readonly inputPrefix: pulumi.Input<string>;
  readonly pipelineArn: pulumi.Input<string>;
}

/** Starts the pipeline at fixed times with all files under the input prefix. */
export class RetrainingSchedule extends pulumi.ComponentResource {
  /**
   * @param name The _unique_ name of this component.
   * @param args The arguments for this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: RetrainingScheduleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lex-retraining:index:RetrainingSchedule", name, args, opts);

    const child = { parent: this };
    const account = awsAccount(this);
    const roleArn = pipelineStarterRole(
      name,
      {
        service: "scheduler.amazonaws.com",
        accountId: account.accountId,
        // EventBridge Scheduler gives the schedule group as the source, and not the schedule.
        sourceArns: account.apply(
          ({ partition, region, accountId }) =>
            `arn:${partition}:scheduler:${region}:${accountId}:schedule-group/default`,
        ),
        pipelineArn: args.pipelineArn,
      },
      child,
    );
    new scheduler.Schedule(
      name,
      {
        description: "Retrains the bot from all files of missed utterances.",
        scheduleExpression: args.schedule,
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: args.pipelineArn,
          roleArn,
          sagemakerPipelineParameters: {
            pipelineParameters: [
              { name: "InputBucket", value: args.bucketName },
              { name: "InputKey", value: args.inputPrefix },
            ],
          },
        },
      },
      child,
    );

    this.registerOutputs();
  }
}
