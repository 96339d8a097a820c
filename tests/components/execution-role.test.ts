import { expect } from "chai";
import { executionPolicy, executionTrust } from "../../components/execution-policy";
import { ExecutionRole, type ExecutionRoleArgs } from "../../components/execution-role";
import { account, declare, documentOf, inputsOf, names, valueOf } from "./mocks";

const args: ExecutionRoleArgs = {
  pipelineName: "lex-retraining-dev",
  bucketName: "data",
  inputPrefix: "inbox/",
  outputPrefix: "runs/",
  botId: "ABCDEFGHIJ",
  evaluationAliasId: "TSTALIASID",
  imageUri: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/node:24",
  kmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd",
};

function executionRole(changes: Partial<ExecutionRoleArgs> = {}) {
  return new ExecutionRole("execution", { ...args, ...changes });
}

describe("the execution role", () => {
  it("has a trust policy and one policy of its own, and no managed one", async () => {
    const declaration = await declare(() => executionRole());
    expect(names(declaration)).to.deep.equal([
      "aws:iam/role:Role execution-role",
      "aws:iam/rolePolicy:RolePolicy execution-policy",
      "lex-retraining:index:ExecutionRole execution",
    ]);
    expect(documentOf(declaration, "execution-role", "assumeRolePolicy")).to.deep.equal(
      executionTrust(account, "lex-retraining-dev"),
    );
    expect(inputsOf(declaration, "execution-policy")["role"]).to.equal("execution-role");
    expect(documentOf(declaration, "execution-policy", "policy")).to.deep.equal(
      executionPolicy({
        ...account,
        roleArn: "arn:aws:iam::111122223333:role/execution-role",
        bucketName: "data",
        inputPrefix: "inbox/",
        outputPrefix: "runs/",
        botId: "ABCDEFGHIJ",
        evaluationAliasId: "TSTALIASID",
        imageUri: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/node:24",
        kmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd",
      }),
    );
  });

  it("also gets AmazonSageMakerFullAccess where that is asked for", async () => {
    const declaration = await declare(() => executionRole({ attachSageMakerFullAccess: true }));
    expect(declaration.resources).to.have.length(4);
    expect(inputsOf(declaration, "execution-sagemaker-full-access")).to.deep.equal({
      role: "execution-role",
      policyArn: "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess",
    });
  });

  it("hands out its ARN only when all policies are attached", async () => {
    await declare(async (soFar) => {
      const { readyRoleArn } = executionRole({ attachSageMakerFullAccess: true });
      expect(await valueOf(readyRoleArn)).to.equal("arn:aws:iam::111122223333:role/execution-role");
      expect(soFar.resources.map(({ name }) => name)).to.include.members([
        "execution-policy",
        "execution-sagemaker-full-access",
      ]);
    });
  });

  it("shows the same resources in a preview, where nothing is known yet", async () => {
    const preview = await declare(() => executionRole(), { preview: true });
    expect(names(preview)).to.deep.equal(names(await declare(() => executionRole())));
  });
});
