import { getPrebuiltEcrImageOutput } from "@pulumi/aws/sagemaker";
import type * as pulumi from "@pulumi/pulumi";

/** AWS's own scikit-learn image in the region of the provider: any that has a shell and a recent glibc would do for Node.js. */
export function prebuiltImageUri(): pulumi.Output<string> {
  return getPrebuiltEcrImageOutput({
    repositoryName: "sagemaker-scikit-learn",
    imageTag: "1.2-1-cpu-py3",
  }).registryPath;
}
