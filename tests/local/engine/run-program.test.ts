import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { fakeAws } from "../../../local/engine/fake-aws";
import type { Cloud } from "../../../local/engine/fake-engine";
import { loadProject, loadStackConfig } from "../../../local/engine/project";
import { runProgram, type Program } from "../../../local/engine/run-program";

const project = loadProject(join(__dirname, "../../fixtures/program"));
const urns = "urn:pulumi:prod::fixture::";

function program(main = "index.ts", changes: Partial<Program> = {}): Program {
  return {
    project: { ...project, main },
    stack: "prod",
    config: loadStackConfig(project, "prod"),
    cloud: fakeAws("eu-west-1"),
    ...changes,
  };
}

describe("a program that runs against the fake engine", () => {
  it("has its resources recorded with parent, inputs, options and outputs", async () => {
    const { resources, stackOutputs, defaultProviders, logs, exitCode } = await runProgram(program());

    expect({ exitCode, logs }).to.deep.equal({ exitCode: 0, logs: [] });
    const recorded = new Map(resources.map((resource) => [resource.name, resource]));
    expect([...recorded.keys()].sort()).to.deep.equal([
      "greeter",
      "greeter-bucket",
      "greeter-object-0",
      "greeter-object-1",
      "note",
      "role",
    ]);
    expect(recorded.get("greeter")).to.deep.equal({
      urn: `${urns}fixture:index:Greeter::greeter`,
      type: "fixture:index:Greeter",
      name: "greeter",
      custom: false,
      inputs: { greeting: "good day", copies: 2 },
      outputs: { bucket: "greeter-bucket-0123456" },
      options: { protect: true },
    });
    expect(recorded.get("greeter-object-1")).to.deep.equal({
      urn: `${urns}fixture:index:Greeter$aws:s3/bucketObjectv2:BucketObjectv2::greeter-object-1`,
      type: "aws:s3/bucketObjectv2:BucketObjectv2",
      name: "greeter-object-1",
      parent: `${urns}fixture:index:Greeter::greeter`,
      custom: true,
      inputs: {
        bucket: "greeter-bucket-0123456",
        key: "0123456789abcdef0123/1.txt",
        source: { asset: { text: "good day" } },
      },
      options: {
        protect: true,
        propertyDependencies: {
          bucket: [`${urns}fixture:index:Greeter$aws:s3/bucket:Bucket::greeter-bucket`],
        },
        aliases: [{ type: "aws:s3/BucketObject:BucketObject" }],
        version: "7.48.0",
      },
    });
    expect(recorded.get("role")).to.deep.equal({
      urn: `${urns}aws:iam/role:Role::role`,
      type: "aws:iam/role:Role",
      name: "role",
      custom: true,
      inputs: {
        assumeRolePolicy:
          '{"Version":"2012-10-17","Statement":[{"Principal":{"AWS":"123456789012"},"Effect":"Allow"}]}',
        tags: { password: "[secret]" },
      },
      options: {
        dependsOn: [
          `${urns}fixture:index:Greeter$aws:s3/bucket:Bucket::greeter-bucket`,
          `${urns}fixture:index:Greeter$aws:s3/bucketObjectv2:BucketObjectv2::greeter-object-0`,
          `${urns}fixture:index:Greeter$aws:s3/bucketObjectv2:BucketObjectv2::greeter-object-1`,
        ],
        ignoreChanges: ["description"],
        version: "7.48.0",
      },
    });
    expect(recorded.get("note")?.inputs["source"]).to.deep.equal({
      asset: { path: "note.txt" },
    });
    expect(stackOutputs).to.deep.equal({
      bucketArn: "arn:aws:s3:::greeter-bucket-0123456",
      roleName: "role-0123456",
      roleId: "[unknown]",
    });
    expect(defaultProviders).to.deep.equal({ aws: { region: "eu-west-1" } });
  });

  it("sees unknown ids and outputs where nothing was computed, as in a first preview", async () => {
    const nothingExists: Cloud = { ...fakeAws("eu-west-1"), compute: () => ({}) };
    const { resources, stackOutputs } = await runProgram(program("index.ts", { cloud: nothingExists }));
    expect(resources.find(({ name }) => name === "note")?.inputs["bucket"]).to.equal("[unknown]");
    expect(stackOutputs).to.deep.equal({
      bucketArn: "[unknown]",
      roleName: "[unknown]",
      roleId: "[unknown]",
    });
  });

  it("has the resources that it only reads recorded with their ids", async () => {
    const { resources, stackOutputs } = await runProgram(program("existing-bucket.ts"));
    expect(resources).to.deep.equal([
      {
        urn: `${urns}aws:s3/bucket:Bucket::existing`,
        type: "aws:s3/bucket:Bucket",
        name: "existing",
        custom: true,
        inputs: {},
        options: { read: "somebody-elses", version: "7.48.0" },
      },
    ]);
    expect(stackOutputs).to.deep.equal({ arn: "arn:aws:s3:::somebody-elses" });
  });

  it("ends with exit code 32 and one error when it reports a missing key", async () => {
    const { exitCode, logs, resources } = await runProgram(program("missing-config.ts"));
    expect({ exitCode, logs, resources }).to.deep.equal({
      exitCode: 32,
      logs: [
        {
          severity: "error",
          message: "fixture:nobody is missing.",
        },
      ],
      resources: [],
    });
  });

  it("fails on an invoke that the cloud has no answer to, even if it swallows the error", async () => {
    expect(await failure(program("unknown-invoke.ts"))).to.equal(
      "The fake cloud has no answer to the invoke of aws:index/getIpRanges:getIpRanges.",
    );
  });

  it("fails when two resources share a URN", async () => {
    expect(await failure(program("duplicate.ts"))).to.equal(
      `Duplicate resource URN '${urns}aws:s3/bucket:Bucket::twin'; try giving it a unique name.`,
    );
  });

  it("is killed when it hangs, and leaves neither a process nor a port behind", async () => {
    const deadline = new AbortController();
    const cloud: Cloud = {
      ...fakeAws("eu-west-1"),
      invokes: {
        "aws:index/getCallerIdentity:getCallerIdentity": () => {
          deadline.abort();
          return {};
        },
      },
    };
    const message = await failure(program("hang.ts", { cloud, deadline: deadline.signal }));

    const [, process_, port] =
      /^The program did not end in time and was killed\. It said: process (\d+), engine 127\.0\.0\.1:(\d+)$/.exec(
        message,
      ) ?? [];
    expect(() => process.kill(Number(process_), 0)).to.throw("ESRCH");
    const [refused] = (await once(connect(Number(port), "127.0.0.1"), "connect").catch((error: unknown) => [
      error,
    ])) as unknown[];
    expect(refused).to.have.property("code", "ECONNREFUSED");
  });
});

async function failure(program: Program): Promise<string> {
  return runProgram(program).then(
    () => "the program succeeded",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}
