import { expect } from "chai";
import { FailureAlerts, type FailureAlertsArgs } from "../../components/failure-alerts";
import { declare, documentOf, inputsOf, names, valueOf } from "./mocks";

const pipelineArn = "arn:aws:sagemaker:eu-west-1:111122223333:pipeline/lex-retraining-dev";
const topicArn = "arn:aws:sns:eu-west-1:111122223333:alerts-topic";
const roleArn = "arn:aws:iam::111122223333:role/alerts-role";
const kmsKeyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd";

function failureAlerts(changes: Partial<FailureAlertsArgs> = {}) {
  return new FailureAlerts("alerts", { pipelineName: "lex-retraining-dev", pipelineArn, ...changes });
}

describe("the failure alerts", () => {
  it("are a topic, a rule each for executions and steps, and a role that publishes", async () => {
    const declaration = await declare(async () => {
      expect(await valueOf(failureAlerts().topicArn)).to.equal(topicArn);
    });
    expect(names(declaration)).to.deep.equal([
      "aws:cloudwatch/eventRule:EventRule alerts-execution",
      "aws:cloudwatch/eventRule:EventRule alerts-step",
      "aws:cloudwatch/eventTarget:EventTarget alerts-execution-target",
      "aws:cloudwatch/eventTarget:EventTarget alerts-step-target",
      "aws:iam/role:Role alerts-role",
      "aws:iam/rolePolicy:RolePolicy alerts-policy",
      "aws:sns/topic:Topic alerts-topic",
      "lex-retraining:index:FailureAlerts alerts",
    ]);
  });

  it("watch this pipeline's executions that failed or were stopped, and its steps that failed", async () => {
    const declaration = await declare(() => failureAlerts());
    expect(documentOf(declaration, "alerts-execution", "eventPattern")).to.deep.equal({
      source: ["aws.sagemaker"],
      "detail-type": ["SageMaker Model Building Pipeline Execution Status Change"],
      detail: { pipelineArn: [pipelineArn], currentPipelineExecutionStatus: ["Failed", "Stopped"] },
    });
    expect(documentOf(declaration, "alerts-step", "eventPattern")).to.deep.equal({
      source: ["aws.sagemaker"],
      "detail-type": ["SageMaker Model Building Pipeline Execution Step Status Change"],
      detail: { pipelineArn: [pipelineArn], currentStepStatus: ["Failed"] },
    });
  });

  it("say in words which step failed, why, and where to look", async () => {
    const { inputTransformer, ...target } = inputsOf(
      await declare(() => failureAlerts()),
      "alerts-step-target",
    );
    expect(target).to.deep.equal({ rule: "alerts-step", arn: topicArn, roleArn });
    expect(written(inputTransformer, event.step)).to.equal(
      [
        '"The step Import of the pipeline lex-retraining-dev failed."',
        '"Reason: The build took longer than 60 minutes; the backup is back in place."',
        '"Started: 2026-11-02T06:10:00Z. Ended: 2026-11-02T07:20:00Z."',
        '"Execution: arn:aws:sagemaker:eu-west-1:111122223333:pipeline/lex-retraining-dev/execution/abcdefghijkl"',
        '"Its log: https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Faws$252Fsagemaker$252FProcessingJobs"',
      ].join("\n"),
    );
  });

  it("say in words how an execution ended, and where to look", async () => {
    const { inputTransformer, ...target } = inputsOf(
      await declare(() => failureAlerts()),
      "alerts-execution-target",
    );
    expect(target).to.deep.equal({ rule: "alerts-execution", arn: topicArn, roleArn });
    expect(written(inputTransformer, event.execution)).to.equal(
      [
        '"A retraining by the pipeline lex-retraining-dev did not finish. It ended as: Stopped."',
        '"If a step failed, a message of its own gives the reason."',
        '"Started: 2026-11-02T06:00:00Z. Ended: 2026-11-02T07:20:00Z."',
        '"Execution: arn:aws:sagemaker:eu-west-1:111122223333:pipeline/lex-retraining-dev/execution/abcdefghijkl"',
        '"Its jobs: https://eu-west-1.console.aws.amazon.com/sagemaker/home?region=eu-west-1#/processing-jobs"',
      ].join("\n"),
    );
  });

  it("are published by a role that EventBridge assumes for these two rules alone, to this topic alone", async () => {
    const declaration = await declare(() => failureAlerts());
    expect(documentOf(declaration, "alerts-role", "assumeRolePolicy")).to.deep.equal({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "AssumedForOwnResourcesOnly",
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: {
            StringEquals: { "aws:SourceAccount": "111122223333" },
            ArnLike: {
              "aws:SourceArn": [
                "arn:aws:events:eu-west-1:111122223333:rule/alerts-execution",
                "arn:aws:events:eu-west-1:111122223333:rule/alerts-step",
              ],
            },
          },
        },
      ],
    });
    expect(documentOf(declaration, "alerts-policy", "policy")).to.deep.equal({
      Version: "2012-10-17",
      Statement: [{ Sid: "PublishAlerts", Effect: "Allow", Action: "sns:Publish", Resource: topicArn }],
    });
    expect(inputsOf(declaration, "alerts-policy")["role"]).to.equal("alerts-role");
    expect(inputsOf(declaration, "alerts-topic")).to.deep.equal({ displayName: "Lex retraining" });
  });

  it("are encrypted with a key where one is given, and the role may use it for that alone", async () => {
    const declaration = await declare(() => failureAlerts({ kmsKeyArn }));
    expect(inputsOf(declaration, "alerts-topic")).to.deep.equal({
      displayName: "Lex retraining",
      kmsMasterKeyId: kmsKeyArn,
    });
    expect(documentOf(declaration, "alerts-policy", "policy")).to.deep.equal({
      Version: "2012-10-17",
      Statement: [
        { Sid: "PublishAlerts", Effect: "Allow", Action: "sns:Publish", Resource: topicArn },
        {
          Sid: "UseTheTopicsKey",
          Effect: "Allow",
          Action: ["kms:Decrypt", "kms:GenerateDataKey"],
          Resource: kmsKeyArn,
          Condition: { StringEquals: { "kms:ViaService": "sns.eu-west-1.amazonaws.com" } },
        },
      ],
    });
  });

  it("show the same resources in a preview, where nothing is known yet", async () => {
    const program = () => failureAlerts({ email: "bot-team@example.com", kmsKeyArn });
    expect(names(await declare(program, { preview: true }))).to.deep.equal(names(await declare(program)));
  });

  it("reach an address where one is given", async () => {
    const declaration = await declare(() => failureAlerts({ email: "bot-team@example.com" }));
    expect(declaration.resources).to.have.length(9);
    expect(inputsOf(declaration, "alerts-email")).to.deep.equal({
      topic: topicArn,
      protocol: "email",
      endpoint: "bot-team@example.com",
    });
  });
});

interface InputTransformer {
  readonly inputPaths: Readonly<Record<string, string>>;
  readonly inputTemplate: string;
}

/**
 * The text that EventBridge makes of an event: the value at its path replaces each name in angle brackets.
 */
function written(transformer: unknown, detail: Readonly<Record<string, string>>): string {
  const { inputPaths, inputTemplate } = transformer as InputTransformer;
  return inputTemplate.replace(/<(\w+)>/g, (_, name: string) => {
    const key = inputPaths[name]?.replace("$.detail.", "");
    return (key !== undefined && detail[key]) || `<${name} is not in the event>`;
  });
}

const pipelineExecutionArn = `${pipelineArn}/execution/abcdefghijkl`;

/**
 * The fields that "Automating Amazon SageMaker with Amazon EventBridge" shows in the SageMaker Developer
 * Guide.
 */
const event = {
  execution: {
    pipelineArn,
    pipelineExecutionArn,
    currentPipelineExecutionStatus: "Stopped",
    previousPipelineExecutionStatus: "Executing",
    executionStartTime: "2026-11-02T06:00:00Z",
    executionEndTime: "2026-11-02T07:20:00Z",
  },
  step: {
    pipelineArn,
    pipelineExecutionArn,
    stepName: "Import",
    stepType: "Processing",
    currentStepStatus: "Failed",
    previousStepStatus: "Executing",
    failureReason: "The build took longer than 60 minutes; the backup is back in place.",
    stepStartTime: "2026-11-02T06:10:00Z",
    stepEndTime: "2026-11-02T07:20:00Z",
  },
};
