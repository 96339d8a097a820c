import { join } from "node:path";
import { expect } from "chai";
import { definition, golden, graph, runStack } from "../../../local/engine/graph";
import type { Run } from "../../../local/engine/run-program";

const fixture = join(__dirname, "../../fixtures/program");

let dev: Run;
let prod: Run;
before(async () => {
  dev = await runStack(fixture, "dev");
  prod = await runStack(fixture, "prod");
});

describe("the graph of a stack", () => {
  it("is the same text for two runs", async () => {
    const again = await runStack(fixture, "prod");
    expect(graph(again, { withoutContent: false })).to.equal(graph(prod, { withoutContent: false }));
  });

  it("lists resources by URN, each with its keys sorted, and opens JSON within strings", () => {
    const text = graph(dev, { withoutContent: false });
    expect(text.split("\n").slice(0, 45).join("\n")).to.equal(`{
  "defaultProviders": {
    "aws": {
      "region": "eu-west-1"
    }
  },
  "resources": [
    {
      "inputs": {
        "assumeRolePolicy": {
          "json": {
            "Statement": [
              {
                "Effect": "Allow",
                "Principal": {
                  "AWS": "123456789012"
                }
              }
            ],
            "Version": "2012-10-17"
          }
        },
        "tags": {
          "password": "[secret]"
        }
      },
      "name": "role",
      "options": {
        "dependsOn": [
          "fixture:index:Greeter$aws:s3/bucket:Bucket::greeter-bucket",
          "fixture:index:Greeter$aws:s3/bucketObjectv2:BucketObjectv2::greeter-object-0"
        ],
        "ignoreChanges": [
          "description"
        ],
        "version": "7.48.0"
      },
      "type": "aws:iam/role:Role",
      "urn": "aws:iam/role:Role::role"
    },
    {
      "inputs": {
        "bucket": "fixture-dev-greeter-bucket-0123",
        "key": "note.txt",
        "source": {`);
  });

  it("has marks in the golden form where only content would show", () => {
    const full = graph(dev, { withoutContent: false });
    const kept = golden(dev);
    const lines = (text: string) => text.split("\n").map((line) => line.trim());
    expect(lines(full).filter((line) => !lines(kept).includes(line))).to.deep.equal([
      '"key": "0123456789abcdef0123/0.txt",',
      '"text": "hello"',
    ]);
    expect(lines(kept).filter((line) => !lines(full).includes(line))).to.deep.equal([
      '"key": "[hash]/0.txt",',
      '"text": "[text]"',
    ]);
  });

  it("gives resources the names of the project's pattern", () => {
    expect(prod.stackOutputs).to.deep.equal({
      bucketArn: "arn:aws:s3:::fixture-prod-greeter-bucket-0123",
      roleName: "fixture-prod-role-0123",
      roleId: "[unknown]",
    });
  });

  it("is refused with what the CLI would say when the config does not fit", async () => {
    const error: unknown = await runStack(fixture, "nowhere").catch((error: unknown) => error);
    expect(error).to.have.property(
      "message",
      "There is no stack 'nowhere'; the stacks of this project are dev, prod.",
    );
  });
});

describe("the definition of a stack", () => {
  it("is the body of its pipeline, pretty-printed in its own order", () => {
    const pipeline = {
      urn: "urn:pulumi:dev::fixture::aws-native:sagemaker:Pipeline::retraining",
      type: "aws-native:sagemaker:Pipeline",
      name: "retraining",
      custom: true,
      inputs: { pipelineDefinition: { pipelineDefinitionBody: '{"Version":"2020-12-01","Steps":[]}' } },
      options: {},
    };
    expect(definition({ ...dev, resources: [...dev.resources, pipeline] })).to.equal(
      '{\n  "Version": "2020-12-01",\n  "Steps": []\n}\n',
    );
  });
});
