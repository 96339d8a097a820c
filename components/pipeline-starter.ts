import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, serviceTrust, type PolicyDocument } from "./policy-document";

/** Allows a trigger to start one pipeline, and nothing else. */
export function starterPolicy(pipelineArn: string): PolicyDocument {
  return policyDocument({
    Sid: "StartPipeline",
    Effect: "Allow",
    Action: "sagemaker:StartPipelineExecution",
    Resource: pipelineArn,
  });
}

export interface PipelineStarterArgs {
  /** The service that starts the pipeline. */
  readonly service: "events.amazonaws.com" | "scheduler.amazonaws.com";
  readonly accountId: pulumi.Input<string>;
  /** The rule or schedule group that starts the pipeline. */
  readonly sourceArn: pulumi.Input<string>;
  readonly pipelineArn: pulumi.Input<string>;
}

/** Creates the role of a trigger. The ARN resolves when the role has its permission. */
export function pipelineStarterRole(
  name: string,
  args: PipelineStarterArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const role = new iam.Role(
    `${name}-role`,
    {
      description: "Starts the retraining pipeline.",
      assumeRolePolicy: pulumi
        .all([args.accountId, args.sourceArn])
        .apply(([accountId, sourceArn]) => JSON.stringify(serviceTrust(args.service, accountId, sourceArn))),
    },
    opts,
  );
  const policy = new iam.RolePolicy(
    `${name}-policy`,
    {
      role: role.name,
      policy: pulumi.output(args.pipelineArn).apply((arn) => JSON.stringify(starterPolicy(arn))),
    },
    opts,
  );
  return pulumi.all([role.arn, policy.id]).apply(([arn]) => arn);
}
