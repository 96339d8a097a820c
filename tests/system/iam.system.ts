import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { z } from "zod";
import { fakeAws } from "../../local/engine/fake-aws";
import type { RecordedResource } from "../../local/engine/fake-engine";
import { autonaming } from "../../local/engine/graph";
import { loadProject, loadStackConfig } from "../../local/engine/project";
import { runProgram } from "../../local/engine/run-program";
import { actions, fullestConfig } from "../deploy/fullest-stack";
import { deployPolicies } from "./deploy-policies";
import { Simulator, type NamedPolicy, type Simulation } from "./simulator";

const account = "123456789012";
const region = "eu-west-1";
const project = loadProject(join(__dirname, "../.."));

const calls = z.strictObject({
  on: z.string(),
  calls: z.array(z.string()),
  with: z.record(z.string(), z.string()).default({}),
});
type Calls = z.infer<typeof calls>;
const roles = z
  .record(
    z.string(),
    z.strictObject({ allowed: z.array(calls).default([]), denied: z.array(calls).default([]) }),
  )
  .parse(parse(readFileSync(join(__dirname, "roles.yaml"), "utf8"), { maxAliasCount: -1 }));

const policies = deployPolicies(account);
const everything = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
};
/** The resources' own policies: a new key lets IAM decide, and AWS lets all accounts pull its images. */
const resourcePolicies: Readonly<Record<string, unknown>> = {
  kms: resourcePolicy(`arn:aws:iam::${account}:root`, "kms:*"),
  ecr: resourcePolicy("*", "ecr:*"),
};

/** What decides about the requests of a role. */
interface Permissions {
  readonly identity: readonly unknown[];
  readonly boundary?: unknown;
}

describe("what IAM says", () => {
  let simulator: Simulator;
  let resources: readonly RecordedResource[];
  before(async () => {
    simulator = new Simulator();
    resources = await fullestStack();
  });
  after(() => {
    simulator.remove();
  });

  for (const [role, { allowed, denied }] of Object.entries(roles)) {
    describe(`of ${role}`, () => {
      for (const row of allowed) {
        it(`lets it: ${titleOf(row)}`, () => {
          expect(decisions(permissionsOf(role), row)).to.deep.equal(allOf(row, "Allowed"));
        });
      }
      for (const row of denied) {
        it(`does not let it: ${titleOf(row)}`, () => {
          expect(decisions(permissionsOf(role), row)).to.deep.equal(allOf(row, "ImplicitlyDenied"));
        });
      }
    });
  }

  describe("of deploy", () => {
    for (const [type, needed] of Object.entries(actions)) {
      it(`lets it make, read, change and delete each ${type}`, () => {
        const found = resources.filter((resource) => resource.type === type);
        expect(found).not.to.be.empty;
        for (const resource of found) {
          for (const row of deploymentOf(resource, needed)) {
            expect(decisions(permissionsOf("deploy"), row), row.on).to.deep.equal(allOf(row, "Allowed"));
          }
        }
      });
    }

    it("lets it encrypt what it uploads with the bucket's key", () => {
      const row = {
        on: fullestConfig["lex-retraining:kmsKeyArn"] ?? "",
        calls: ["kms:Decrypt", "kms:GenerateDataKey"],
        with: { "kms:ViaService": `s3.${region}.amazonaws.com` },
      };
      expect(decisions(permissionsOf("deploy"), row)).to.deep.equal(allOf(row, "Allowed"));
    });
  });

  it("is asked about every role of the stack, and about every action of its policies", () => {
    const declared = resources.filter(({ type }) => type === "aws:iam/role:Role").map(({ name }) => name);
    expect(Object.keys(roles)).to.include.members(declared);
    for (const name of [...declared, "preview"]) {
      const asked = new Set(roles[name]?.allowed.flatMap((row) => row.calls));
      const given = permissionsOf(name).identity.flatMap(actionsOf);
      expect([...new Set(given)].sort(), name).to.deep.equal([...asked].sort());
    }
  });

  /** What IAM decides about each call of a row. */
  function decisions(permissions: Permissions, row: Calls): Readonly<Record<string, string>> {
    const decided = simulator.decide(row.calls.map((action) => simulation(permissions, action, row)));
    return Object.fromEntries(row.calls.map((action, index) => [action, decided[index] ?? ""]));
  }

  function permissionsOf(role: string): Permissions {
    switch (role) {
      case "deploy":
        return { identity: [policies.deploy] };
      case "preview":
        return { identity: [policies.preview] };
      case "a role that is allowed everything":
        return { identity: [everything], boundary: policies.boundary };
      default:
        return { identity: inlinePoliciesOf(role), boundary: boundaryOf(role) };
    }
  }

  function inlinePoliciesOf(role: string): unknown[] {
    return resources
      .filter(
        ({ type, inputs }) => type === "aws:iam/rolePolicy:RolePolicy" && inputs["role"] === nameOf(role),
      )
      .map(({ inputs }) => JSON.parse(z.string().parse(inputs["policy"])) as unknown);
  }

  /** A role without the boundary of `deploy/` would be refused to whoever deploys with it. */
  function boundaryOf(role: string): unknown {
    const [found] = resources.filter(({ name, type }) => type === "aws:iam/role:Role" && name === role);
    expect(found?.inputs["permissionsBoundary"]).to.equal(
      fullestConfig["lex-retraining:permissionsBoundaryArn"],
    );
    return policies.boundary;
  }
});

function simulation({ identity, boundary }: Permissions, action: string, row: Calls): Simulation {
  const ownPolicy = row.on === "*" ? undefined : resourcePolicies[action.split(":")[0] ?? ""];
  return {
    request: {
      principal: `arn:aws:iam::${account}:role/asking`,
      action,
      resource: { resource: row.on, accountId: /^arn:aws:[^:]+:[^:]*:(\d+):/.exec(row.on)?.[1] ?? account },
      contextVariables: row.with,
    },
    identityPolicies: identity.map(named),
    ...(boundary === undefined ? {} : { permissionBoundaryPolicies: [boundary].map(named) }),
    ...(ownPolicy === undefined ? {} : { resourcePolicy: ownPolicy }),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  };
}

function resourcePolicy(principal: string, action: string) {
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: principal }, Action: action, Resource: "*" }],
  };
}

function named(policy: unknown, index: number): NamedPolicy {
  return { name: `policy${index}`, policy };
}

function titleOf({ on, calls: asked, with: context }: Calls): string {
  const known = Object.entries(context).map(([key, value]) => `, ${key} ${value}`);
  return `${asked.join(", ")} on ${on}${known.join("")}`;
}

function allOf({ calls: asked }: Calls, decision: string): Readonly<Record<string, string>> {
  return Object.fromEntries(asked.map((action) => [action, decision]));
}

function actionsOf(policy: unknown): readonly string[] {
  return z
    .object({ Statement: z.array(z.object({ Action: z.union([z.string(), z.array(z.string())]) })) })
    .parse(policy)
    .Statement.flatMap(({ Action }) => Action);
}

/** The stack dev with every setting, as `pulumi up` would declare it. */
async function fullestStack(): Promise<readonly RecordedResource[]> {
  const config = loadStackConfig(project, "dev");
  const { resources, exitCode, printed } = await runProgram({
    project,
    stack: "dev",
    config: { ...config, values: { ...config.values, ...fullestConfig } },
    cloud: fakeAws(region, nameOf),
  });
  expect(exitCode, printed).to.equal(0);
  return resources;
}

function nameOf(resource: string): string {
  return autonaming(project.name, "dev", loadStackConfig(project, "dev"))(resource);
}

/** What the providers ask AWS for to deploy a resource. */
function deploymentOf({ type, name, inputs }: RecordedResource, needed: readonly string[]): readonly Calls[] {
  const service = servicesThatTakeRoles[type];
  const role = `arn:aws:iam::${account}:role/${nameOf("execution-role")}`;
  const context = {
    ...(type.startsWith("aws:iam/")
      ? { "iam:PermissionsBoundary": fullestConfig["lex-retraining:permissionsBoundaryArn"] ?? "" }
      : {}),
    ...(type.endsWith(":RolePolicyAttachment")
      ? { "iam:PolicyARN": z.string().parse(inputs["policyArn"]) }
      : {}),
  };
  const own = needed.filter((action) => action !== "iam:PassRole");
  const native = own.filter((action) => action.startsWith("cloudformation:"));
  return [
    { on: arnOf(type, name, inputs), calls: own.filter((action) => !native.includes(action)), with: context },
    // Cloud Control knows no resources.
    ...(native.length === 0 ? [] : [{ on: "*", calls: native, with: {} }]),
    ...(service === undefined
      ? []
      : [{ on: role, calls: ["iam:PassRole"], with: { "iam:PassedToService": service } }]),
  ];
}

const servicesThatTakeRoles: Readonly<Record<string, string>> = {
  "aws-native:sagemaker:Pipeline": "sagemaker.amazonaws.com",
  "aws:cloudwatch/eventTarget:EventTarget": "events.amazonaws.com",
  "aws:scheduler/schedule:Schedule": "scheduler.amazonaws.com",
};

/** The resource in AWS that a resource of the stack is, or is a part of. */
function arnOf(type: string, name: string, inputs: RecordedResource["inputs"]): string {
  const input = (key: string) => z.string().parse(inputs[key]);
  switch (type) {
    case "aws:s3/bucket:Bucket":
      return `arn:aws:s3:::${nameOf(name)}`;
    case "aws:s3/bucketObjectv2:BucketObjectv2":
      return `arn:aws:s3:::${input("bucket")}/${input("key")}`;
    case "aws:iam/role:Role":
      return `arn:aws:iam::${account}:role/${nameOf(name)}`;
    case "aws:iam/rolePolicy:RolePolicy":
    case "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
      return `arn:aws:iam::${account}:role/${input("role")}`;
    case "aws-native:sagemaker:Pipeline":
      return `arn:aws:sagemaker:${region}:${account}:pipeline/${input("pipelineName")}`;
    case "aws:cloudwatch/eventRule:EventRule":
      return `arn:aws:events:${region}:${account}:rule/${nameOf(name)}`;
    case "aws:cloudwatch/eventTarget:EventTarget":
      return `arn:aws:events:${region}:${account}:rule/${input("rule")}`;
    case "aws:scheduler/schedule:Schedule":
      return `arn:aws:scheduler:${region}:${account}:schedule/default/${nameOf(name)}`;
    case "aws:sns/topic:Topic":
      return `arn:aws:sns:${region}:${account}:${nameOf(name)}`;
    case "aws:sns/topicSubscription:TopicSubscription":
      return input("topic");
    default:
      // The other resources are settings of the bucket.
      return `arn:aws:s3:::${input("bucket")}`;
  }
}
