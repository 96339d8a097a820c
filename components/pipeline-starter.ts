import * as pulumi from "@pulumi/pulumi";
import { policyDocument, type PolicyDocument } from "./policy-document";
import { serviceRole, type ServiceRoleArgs } from "./service-role";

/** Allows a trigger to start one pipeline, and nothing else. */
export function starterPolicy(pipelineArn: string): PolicyDocument {
  return policyDocument({
    Sid: "StartPipeline",
    Effect: "Allow",
    Action: "sagemaker:StartPipelineExecution",
    Resource: pipelineArn,
  });
}

export interface PipelineStarterArgs extends Pick<ServiceRoleArgs, "service" | "accountId" | "sourceArns"> {
  readonly pipelineArn: pulumi.Input<string>;
}

/** Creates the role of a trigger. The ARN resolves when the role has its permission. */
export function pipelineStarterRole(
  name: string,
  { pipelineArn, ...trigger }: PipelineStarterArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  return serviceRole(
    name,
    {
      ...trigger,
      description: "Starts the retraining pipeline.",
      policy: pulumi.output(pipelineArn).apply(starterPolicy),
    },
    opts,
  );
}
