import { getPrebuiltEcrImageOutput } from "@pulumi/aws/sagemaker";
import type * as pulumi from "@pulumi/pulumi";

/** AWS's scikit-learn image in the provider's region. Node.js needs only a shell and a recent glibc of it. */
export function prebuiltImageUri(): pulumi.Output<string> {
  return getPrebuiltEcrImageOutput({
    repositoryName: "sagemaker-scikit-learn",
    imageTag: "1.2-1-cpu-py3",
  }).registryPath;
}
