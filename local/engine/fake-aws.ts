import type { Cloud, Computed } from "./fake-engine";
import type { Properties } from "./property-values";

const account = "123456789012";

/**
 * What AWS and its two providers answer, for the resource types and invokes of this project. A type that is
 * not listed gets an id. Its other outputs stay unknown, and the graph shows that.
 * @param autoname makes the name of a resource that the program does not name
 */
export function fakeAws(region: string, autoname = (name: string) => `${name}-0123456`): Cloud {
  return {
    compute: (resource) => {
      const name = givenName(resource.inputs) ?? autoname(resource.name);
      return computed[resource.type]?.({ region, name, inputs: resource.inputs }) ?? { id: name };
    },
    invokes: {
      "aws:index/getCallerIdentity:getCallerIdentity": () => ({
        id: account,
        accountId: account,
        arn: `arn:aws:iam::${account}:user/fixture`,
        userId: "AIDAFIXTURE",
      }),
      "aws:index/getPartition:getPartition": () => ({
        id: "aws",
        partition: "aws",
        dnsSuffix: "amazonaws.com",
        reverseDnsPrefix: "com.amazonaws",
      }),
      "aws:index/getRegion:getRegion": () => ({
        id: region,
        name: region,
        region,
        description: region,
        endpoint: `ec2.${region}.amazonaws.com`,
      }),
      "aws:s3/getBucket:getBucket": (args) => {
        const bucket = text(args, "bucket");
        return { id: bucket, bucket, arn: `arn:aws:s3:::${bucket}`, region, bucketRegion: region };
      },
      "aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage": (args) => ({
        ...args,
        id: registry,
        region,
        dnsSuffix: "amazonaws.com",
        registryId: registry,
        registryPath: `${registry}.dkr.ecr.${region}.amazonaws.com/${text(args, "repositoryName")}:${text(args, "imageTag")}`,
      }),
    },
  };
}

/** AWS's own account for the images. In AWS it depends on the region. */
const registry = "683313688378";

interface Created {
  readonly region: string;
  readonly name: string;
  readonly inputs: Properties;
}

const computed: Readonly<Record<string, (resource: Created) => Computed>> = {
  "aws:s3/bucket:Bucket": ({ region, name }) => ({
    id: name,
    outputs: {
      bucket: name,
      arn: `arn:aws:s3:::${name}`,
      region,
      bucketDomainName: `${name}.s3.amazonaws.com`,
    },
  }),
  "aws:s3/bucketObjectv2:BucketObjectv2": ({ inputs }) => {
    const id = `${text(inputs, "bucket")}/${text(inputs, "key")}`;
    return { id, outputs: { arn: `arn:aws:s3:::${id}` } };
  },
  "aws:iam/role:Role": ({ name }) => ({
    id: name,
    outputs: { name, arn: `arn:aws:iam::${account}:role/${name}` },
  }),
  "aws:iam/policy:Policy": ({ name }) => {
    const arn = `arn:aws:iam::${account}:policy/${name}`;
    return { id: arn, outputs: { name, arn } };
  },
  "aws:cloudwatch/eventRule:EventRule": ({ region, name }) => ({
    id: name,
    outputs: { name, arn: `arn:aws:events:${region}:${account}:rule/${name}` },
  }),
  "aws:sns/topic:Topic": ({ region, name }) => {
    const arn = `arn:aws:sns:${region}:${account}:${name}`;
    return { id: arn, outputs: { name, arn } };
  },
  "aws-native:sagemaker:Pipeline": ({ name }) => ({ id: name, outputs: { pipelineName: name } }),
};

function givenName(inputs: Properties): string | undefined {
  const given = inputs["id"] ?? inputs["bucket"] ?? inputs["pipelineName"] ?? inputs["name"];
  return typeof given === "string" ? given : undefined;
}

function text(properties: Properties, key: string): string {
  const value = properties[key];
  if (typeof value !== "string") {
    throw new Error(`The fake cloud expected text for ${key}.`);
  }
  return value;
}
