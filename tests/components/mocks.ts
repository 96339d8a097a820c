import * as pulumi from "@pulumi/pulumi";

/**
 * A resource that a component registered. Pulumi's mocks do not get its parent and options; the golden graphs
 * have them.
 */
export interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface Declaration {
  /** In the order in which Pulumi knew their inputs. */
  readonly resources: readonly Declared[];
}

export const account = { partition: "aws", region: "eu-west-1", accountId: "111122223333" };

interface MockOptions {
  readonly preview?: boolean;
  readonly config?: Readonly<Record<string, string>>;
  readonly stack?: string;
}

/**
 * Runs a program against mocks of this project's resources. They refuse every call that they do not know. The
 * program gets what it has declared so far.
 */
export async function declare(
  program: (soFar: Declaration) => unknown,
  options: MockOptions = {},
): Promise<Declaration> {
  const resources: Declared[] = [];
  const failures: unknown[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs }) => {
      resources.push({ type, name, inputs: inputs as Record<string, unknown> });
      return { id: idOf(type, name, inputs as Record<string, unknown>), state: stateOf(type, name, inputs) };
    },
    call: ({ token, inputs }) => {
      const answer = calls[token];
      if (answer) {
        return answer(inputs as Record<string, string>);
      }
      failures.push(new Error(`The mocks do not know the call ${token}.`));
      return {};
    },
  };
  await pulumi.runtime.setMocks(mocks, "lex-retraining", options.stack ?? "dev", options.preview ?? false);
  pulumi.runtime.setAllConfig({ ...options.config });
  await program({ resources });
  await pulumi.runtime.disconnect();
  if (failures.length > 0) {
    throw failures[0];
  }
  return { resources };
}

/** The value of an output of mocked resources. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

/** Type and name of each resource, sorted. */
export function names({ resources }: Declaration): string[] {
  return resources.map(({ type, name }) => `${type} ${name}`).sort();
}

/** The inputs of a resource that is not a component. */
export function inputsOf({ resources }: Declaration, name: string): Readonly<Record<string, unknown>> {
  const found = resources.filter(
    (resource) => resource.name === name && !resource.type.startsWith("lex-retraining:"),
  );
  if (found.length !== 1 || !found[0]) {
    throw new Error(`${found.length} resources are named ${name}.`);
  }
  return found[0].inputs;
}

/** An input that is a JSON document. */
export function documentOf(declaration: Declaration, name: string, property: string): unknown {
  const text = inputsOf(declaration, name)[property];
  if (typeof text !== "string") {
    throw new Error(`${name} does not have a text ${property}.`);
  }
  return JSON.parse(text);
}

/** The id of a pipeline is its name, as in CloudFormation. */
function idOf(type: string, name: string, { pipelineName }: Record<string, unknown>): string {
  return type === "aws-native:sagemaker:Pipeline" && typeof pipelineName === "string"
    ? pipelineName
    : `${name}-id`;
}

function stateOf(type: string, name: string, inputs: unknown): object {
  const { region, accountId } = account;
  const computed: Readonly<Record<string, object>> = {
    "aws:s3/bucket:Bucket": { bucket: name, arn: `arn:aws:s3:::${name}` },
    "aws:iam/role:Role": { name, arn: `arn:aws:iam::${accountId}:role/${name}` },
    "aws:cloudwatch/eventRule:EventRule": { name, arn: `arn:aws:events:${region}:${accountId}:rule/${name}` },
    "aws:sns/topic:Topic": { arn: `arn:aws:sns:${region}:${accountId}:${name}` },
  };
  return { ...(inputs as object), ...computed[type] };
}

const calls: Readonly<Record<string, (inputs: Record<string, string>) => object>> = {
  "aws:index/getPartition:getPartition": () => ({ partition: account.partition }),
  "aws:index/getRegion:getRegion": () => ({ region: account.region }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({ accountId: account.accountId }),
  "aws:s3/getBucket:getBucket": ({ bucket }) => ({ bucket, arn: `arn:aws:s3:::${bucket}` }),
  "aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage": ({ repositoryName, imageTag }) => ({
    registryPath: `141502667606.dkr.ecr.eu-west-1.amazonaws.com/${repositoryName}:${imageTag}`,
  }),
};
