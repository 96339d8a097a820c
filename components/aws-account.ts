import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getPartitionOutput } from "@pulumi/aws/getPartition";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import * as pulumi from "@pulumi/pulumi";

/** Where a resource is deployed. These are the first parts of every ARN. */
export interface AwsAccount {
  /** `aws`, or another name in China and GovCloud. */
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

/** The account and region of the provider that the given component uses. */
export function awsAccount(component: pulumi.Resource): pulumi.Output<AwsAccount> {
  const options = { parent: component };
  return pulumi
    .all([
      getPartitionOutput({}, options),
      getRegionOutput({}, options),
      getCallerIdentityOutput({}, options),
    ])
    .apply(([{ partition }, { region }, { accountId }]) => ({ partition, region, accountId }));
}
