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
      refuseLongName(resource.type, name);
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
      "aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage": (args) => {
        const registry = imageAccounts[region];
        if (registry === undefined) {
          throw new Error(`The fake cloud does not know the account of SageMaker's images in ${region}.`);
        }
        return {
          ...args,
          id: registry,
          region,
          dnsSuffix: "amazonaws.com",
          registryId: registry,
          registryPath: `${registry}.dkr.ecr.${region}.amazonaws.com/${text(args, "repositoryName")}:${text(args, "imageTag")}`,
        };
      },
    },
  };
}

/** AWS's own account for SageMaker's scikit-learn image, by region. */
const imageAccounts: Readonly<Record<string, string>> = {
  "af-south-1": "510948584623",
  "ap-east-1": "651117190479",
  "ap-northeast-1": "354813040037",
  "ap-northeast-2": "366743142698",
  "ap-northeast-3": "867004704886",
  "ap-south-1": "720646828776",
  "ap-south-2": "628508329040",
  "ap-southeast-1": "121021644041",
  "ap-southeast-2": "783357654285",
  "ap-southeast-3": "951798379941",
  "ap-southeast-4": "106583098589",
  "ca-central-1": "341280168497",
  "cn-north-1": "450853457545",
  "cn-northwest-1": "451049120500",
  "eu-central-1": "492215442770",
  "eu-central-2": "680994064768",
  "eu-north-1": "662702820516",
  "eu-south-1": "978288397137",
  "eu-south-2": "104374241257",
  "eu-west-1": "141502667606",
  "eu-west-2": "764974769150",
  "eu-west-3": "659782779980",
  "me-central-1": "272398656194",
  "me-south-1": "801668240914",
  "sa-east-1": "737474898029",
  "us-east-1": "683313688378",
  "us-east-2": "257758044811",
  "us-gov-east-1": "237065988967",
  "us-gov-west-1": "414596584902",
  "us-west-1": "746614075791",
  "us-west-2": "246618743249",
};

/** How long AWS lets the name of a resource be. A type that is not listed here has no name of its own. */
export const nameLimits: Readonly<Record<string, number>> = {
  "aws:cloudwatch/eventRule:EventRule": 64,
  "aws:iam/role:Role": 64,
  "aws:iam/rolePolicy:RolePolicy": 128,
  "aws:s3/bucket:Bucket": 63,
  "aws:scheduler/schedule:Schedule": 64,
  "aws:sns/topic:Topic": 256,
  "aws-native:sagemaker:Pipeline": 256,
};

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

function refuseLongName(type: string, name: string): void {
  const limit = nameLimits[type];
  if (limit !== undefined && name.length > limit) {
    throw new Error(`AWS would refuse the name ${name} of ${type}: it is longer than ${limit} characters.`);
  }
}

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
