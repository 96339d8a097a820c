import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { z } from "zod";
import { declare, type Declaration } from "../components/mocks";
import { actions, fullestConfig } from "./fullest-stack";

const root = join(__dirname, "../..");

const statement = z.strictObject({
  Sid: z.string(),
  Effect: z.literal("Allow"),
  Action: z.union([z.string(), z.array(z.string())]),
  Resource: z.union([z.string(), z.array(z.string())]),
  Condition: z.unknown().optional(),
});
const role = z.object({
  properties: z.object({
    name: z.string(),
    assumeRolePolicy: z.object({ "fn::toJSON": z.unknown() }),
  }),
});
const policy = z.object({
  properties: z.object({
    policy: z.object({ "fn::toJSON": z.object({ Statement: z.array(statement) }) }),
  }),
});
const {
  role: deployer,
  previewRole,
  permissions,
  boundary,
  settings,
} = z
  .object({
    role,
    previewRole: role,
    permissions: policy,
    boundary: policy.and(z.object({ properties: z.object({ name: z.string() }) })),
    settings: z.object({ type: z.string(), properties: z.record(z.string(), z.unknown()) }),
  })
  .parse(z.object({ resources: z.unknown() }).parse(readYaml("deploy/Pulumi.yaml")).resources);
const statements = permissions.properties.policy["fn::toJSON"].Statement;

describe("the role that deploys", () => {
  it("may do what the resources of the fullest stack need, and no more", async () => {
    const types = new Set((await fullestStack()).resources.map(({ type }) => type));
    const declared = [...types].filter((type) => !type.startsWith("lex-retraining:"));
    expect(Object.keys(actions).sort()).to.deep.equal(declared.sort());
    // What sets the boundary on a role and encrypts an upload is not a matter of a type.
    const needed = new Set([
      ...Object.values(actions).flat(),
      "iam:PutRolePermissionsBoundary",
      "kms:Decrypt",
      "kms:GenerateDataKey",
    ]);
    const allowed = statements.flatMap(({ Action }) => Action);
    expect([...new Set(allowed)].sort()).to.deep.equal([...needed].sort());
  });

  it("may do it to what bears the name of the project and the stack, or lies in its bucket", () => {
    const elsewhere = statements
      .flatMap(({ Sid, Resource }) => [Resource].flat().map((resource) => ({ Sid, resource })))
      .filter(
        ({ resource }) =>
          !/lex-retraining-\$\{pulumi\.stack\}(--\*)?$/.test(resource) &&
          !/^arn:aws:s3:::\$\{bucket\}(\/(code\/\*|runtime\/\*|\*\/README\.md))?$/.test(resource),
      );
    expect(elsewhere).to.deep.equal([
      { Sid: "ObjectsKey", resource: "${kmsKeyArn}" },
      { Sid: "CloudControl", resource: "*" },
    ]);
  });

  it("makes roles only with the boundary, hands them to three services only, and attaches one managed policy", () => {
    expect(
      statements.filter(({ Condition }) => Condition).map(({ Sid, Condition }) => [Sid, Condition]),
    ).to.deep.equal([
      ["ObjectsKey", { StringEquals: { "kms:ViaService": "s3.${region}.amazonaws.com" } }],
      ["RolesWithinTheBoundary", { StringEquals: { "iam:PermissionsBoundary": "${boundary.arn}" } }],
      [
        "AttachSageMakerFullAccess",
        {
          StringEquals: { "iam:PermissionsBoundary": "${boundary.arn}" },
          ArnEquals: { "iam:PolicyARN": "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess" },
        },
      ],
      [
        "PassRoles",
        {
          StringEquals: {
            "iam:PassedToService": [
              "sagemaker.amazonaws.com",
              "events.amazonaws.com",
              "scheduler.amazonaws.com",
            ],
          },
        },
      ],
    ]);
  });

  it("cannot change itself, the boundary, or the role of previews", () => {
    expect([deployer, boundary, previewRole].map(({ properties }) => properties.name)).to.deep.equal([
      "pulumi-deploy-lex-retraining-${pulumi.stack}",
      "pulumi-deploy-lex-retraining-${pulumi.stack}-boundary",
      "pulumi-preview-lex-retraining-${pulumi.stack}",
    ]);
  });

  it("is assumed by deployments of this stack alone, and by no preview", () => {
    expect(deployer.properties.assumeRolePolicy["fn::toJSON"]).to.deep.equal({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "DeployThisStack",
          Effect: "Allow",
          Principal: { Federated: "arn:aws:iam::${account}:oidc-provider/api.pulumi.com/oidc" },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              "api.pulumi.com/oidc:aud": "${organization}",
              "api.pulumi.com/oidc:sub": ["update", "refresh", "destroy"].map(
                (operation) =>
                  `pulumi:deploy:org:\${organization}:project:lex-retraining:stack:\${pulumi.stack}:operation:${operation}:scope:write`,
              ),
            },
          },
        },
      ],
    });
  });
});

describe("the role that previews", () => {
  it("is assumed by the workflows of pull requests of this repository alone", () => {
    expect(previewRole.properties.assumeRolePolicy["fn::toJSON"]).to.deep.equal({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "PreviewPullRequests",
          Effect: "Allow",
          Principal: {
            Federated: "arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com",
          },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
              "token.actions.githubusercontent.com:sub": "${pullRequests}",
            },
          },
        },
      ],
    });
  });
});

describe("the config of deploy/", () => {
  const { config } = z
    .object({ config: z.record(z.string(), z.record(z.string(), z.unknown())) })
    .parse(readYaml("deploy/Pulumi.yaml"));

  it("has only fields that a YAML program takes without a warning", () => {
    const fields = new Set(Object.values(config).flatMap((declaration) => Object.keys(declaration)));
    expect([...fields].sort()).to.deep.equal(["default", "type"]);
  });

  for (const stack of ["dev", "prod"]) {
    it(`is whole in ${stack}, and its bucket is one of this stack alone`, () => {
      const { config: values } = z
        .object({ config: z.record(z.string(), z.string()) })
        .parse(readYaml(`deploy/Pulumi.${stack}.yaml`));
      const required = Object.keys(config).filter((key) => config[key]?.["default"] === undefined);
      expect(Object.keys(values).sort()).to.deep.equal(
        ["aws:region", ...required.map((key) => `lex-retraining-deploy:${key}`)].sort(),
      );
      expect(values["lex-retraining-deploy:bucket"]).to.equal(`lex-retraining-${stack}--*`);
    });
  }
});

describe("the deployment settings", () => {
  it("deploy a push and leave previews to the workflow, with the role and the runtime", () => {
    expect(settings.type).to.equal("pulumiservice:DeploymentSettings");
    const { vcs, ...rest } = settings.properties;
    expect(z.object({ paths: z.unknown() }).loose().parse(vcs)).to.include({
      provider: "github",
      repository: "${repository}",
      deployCommits: true,
      previewPullRequests: false,
    });
    expect(rest).to.deep.equal({
      organization: "${organization}",
      project: "lex-retraining",
      stack: "${pulumi.stack}",
      sourceContext: { git: { branch: "refs/heads/${branch}", repoDir: "." } },
      operationContext: {
        oidc: {
          aws: {
            roleARN: "${role.arn}",
            sessionName: "lex-retraining-${pulumi.stack}",
            duration: "1h",
          },
        },
        preRunCommands: ["npm ci", "npm run runtime"],
        options: { skipInstallDependencies: true, skipIntermediateDeployments: true },
      },
      cacheOptions: { enable: true },
    });
  });

  for (const stack of ["dev", "prod"]) {
    it(`watch paths that exist, in ${stack}`, () => {
      const { paths } = z.object({ paths: z.array(z.string()) }).parse(settings.properties["vcs"]);
      const missing = paths
        .map((path) => path.replace("/**", "").replace("${pulumi.stack}", stack))
        .filter((path) => !existsSync(join(root, path)));
      expect(missing).to.deep.equal([]);
    });
  }
});

/** All resources that the program can declare. */
function fullestStack(): Promise<Declaration> {
  // A preview does not read the Node.js runtime, which is not there in the tests.
  return declare(() => import("../../index.js"), {
    preview: true,
    // The mocks do not have a stack, which the boundary is set by.
    config: { ...fullestConfig, "lex-retraining:permissionsBoundaryArn": "" },
  });
}

function readYaml(path: string): unknown {
  return parse(readFileSync(join(root, path), "utf8"));
}
