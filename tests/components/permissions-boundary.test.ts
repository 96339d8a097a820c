import { join } from "node:path";
import { expect } from "chai";
import { fakeAws } from "../../local/engine/fake-aws";
import { loadProject, loadStackConfig } from "../../local/engine/project";
import { runProgram } from "../../local/engine/run-program";

const boundary = "arn:aws:iam::123456789012:policy/pulumi-deploy-lex-retraining-prod-boundary";
const project = loadProject(join(__dirname, "../.."));

describe("the permissions boundary", () => {
  it("limits every role of a stack that names one", async () => {
    expect(await boundariesOf({ "lex-retraining:permissionsBoundaryArn": boundary })).to.deep.equal([
      boundary,
    ]);
  });

  it("limits none of a stack that names none", async () => {
    expect(await boundariesOf({})).to.deep.equal([undefined]);
  });

  /** The different boundaries of the roles. */
  async function boundariesOf(extra: Readonly<Record<string, string>>): Promise<unknown[]> {
    const config = loadStackConfig(project, "prod");
    const { resources } = await runProgram({
      project,
      stack: "prod",
      config: { ...config, values: { ...config.values, ...extra } },
      cloud: fakeAws("eu-west-1"),
    });
    const roles = resources.filter(({ type }) => type === "aws:iam/role:Role");
    expect(roles).to.have.length.greaterThan(2);
    return [...new Set(roles.map(({ inputs }) => inputs["permissionsBoundary"]))];
  }
});
