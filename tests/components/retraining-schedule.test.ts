import { expect } from "chai";
import { RetrainingSchedule } from "../../components/retraining-schedule";
import { declare, documentOf, inputsOf, names } from "./mocks";

const pipelineArn = "arn:aws:sagemaker:eu-west-1:111122223333:pipeline/lex-retraining-dev";

describe("the schedule", () => {
  const program = () =>
    new RetrainingSchedule("schedule", {
      schedule: "rate(7 days)",
      bucketName: "data",
      inputPrefix: "inbox/",
      pipelineArn,
    });

  it("starts the pipeline with all that was dropped", async () => {
    const declaration = await declare(program);
    expect(names(declaration)).to.deep.equal([
      "aws:iam/role:Role schedule-role",
      "aws:iam/rolePolicy:RolePolicy schedule-policy",
      "aws:scheduler/schedule:Schedule schedule",
      "lex-retraining:index:RetrainingSchedule schedule",
    ]);
    expect(inputsOf(declaration, "schedule")).to.deep.equal({
      description: "Retrains the bot from all files of missed utterances.",
      scheduleExpression: "rate(7 days)",
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: pipelineArn,
        roleArn: "arn:aws:iam::111122223333:role/schedule-role",
        sagemakerPipelineParameters: {
          pipelineParameters: [
            { name: "InputBucket", value: "data" },
            { name: "InputKey", value: "inbox/" },
          ],
        },
      },
    });
  });

  it("has a role that the scheduler assumes for this account alone, to start this pipeline alone", async () => {
    const declaration = await declare(program);
    expect(documentOf(declaration, "schedule-role", "assumeRolePolicy")).to.deep.equal({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "AssumedForOwnResourcesOnly",
          Effect: "Allow",
          Principal: { Service: "scheduler.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: {
            StringEquals: { "aws:SourceAccount": "111122223333" },
            ArnLike: {
              "aws:SourceArn": "arn:aws:scheduler:eu-west-1:111122223333:schedule-group/default",
            },
          },
        },
      ],
    });
    expect(documentOf(declaration, "schedule-policy", "policy")).to.deep.equal({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "StartPipeline",
          Effect: "Allow",
          Action: "sagemaker:StartPipelineExecution",
          Resource: pipelineArn,
        },
      ],
    });
  });
});
