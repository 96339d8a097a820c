import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { serviceTrust, type PolicyDocument } from "./policy-document";

export interface ServiceRoleArgs {
  readonly description: string;
  /** The service that acts by itself, for the resources that are named. */
  readonly service: "events.amazonaws.com" | "scheduler.amazonaws.com";
  readonly accountId: pulumi.Input<string>;
  /** The rules or the schedule group that the service acts for. */
  readonly sourceArns: pulumi.Input<string | string[]>;
  /** All that the service may do as this role. */
  readonly policy: pulumi.Input<PolicyDocument>;
}

/** Creates the role of a trigger or an alert. The ARN resolves when the role has its permissions. */
export function serviceRole(
  name: string,
  { description, service, accountId, sourceArns, policy }: ServiceRoleArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const role = new iam.Role(
    `${name}-role`,
    {
      description,
      assumeRolePolicy: pulumi
        .all([accountId, sourceArns])
        .apply(([account, arns]) => JSON.stringify(serviceTrust(service, account, arns))),
    },
    opts,
  );
  const rolePolicy = new iam.RolePolicy(
    `${name}-policy`,
    {
      role: role.name,
      policy: pulumi.output(policy).apply((document) => JSON.stringify(document)),
    },
    opts,
  );
  return pulumi.all([role.arn, rolePolicy.id]).apply(([arn]) => arn);
}
