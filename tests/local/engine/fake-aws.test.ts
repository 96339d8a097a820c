import { expect } from "chai";
import { fakeAws, nameLimits } from "../../../local/engine/fake-aws";

describe("the fake cloud", () => {
  for (const [type, limit] of Object.entries(nameLimits)) {
    it(`takes a name of ${limit} characters for ${type}, and refuses a longer one`, () => {
      const named = (length: number) => () =>
        fakeAws("eu-west-1", (name) => name).compute({
          type,
          name: "n".repeat(length),
          urn: "urn:pulumi:dev::fixture::resource",
          inputs: {},
        });
      expect(named(limit)).not.to.throw();
      expect(named(limit + 1)).to.throw(
        `AWS would refuse the name ${"n".repeat(limit + 1)} of ${type}: it is longer than ${limit} characters.`,
      );
    });
  }

  it("has SageMaker's image in the account of the region", () => {
    const image = (region: string) =>
      fakeAws(region).invokes["aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage"]?.({
        repositoryName: "sagemaker-scikit-learn",
        imageTag: "1",
      })["registryPath"];
    expect(image("us-east-1")).to.equal(
      "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1",
    );
    expect(image("eu-west-1")).to.equal(
      "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1",
    );
    expect(() => image("nowhere-1")).to.throw(
      "The fake cloud does not know the account of SageMaker's images in nowhere-1.",
    );
  });
});
