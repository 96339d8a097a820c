import { consoleUrls } from "./console-urls";
import { policyDocument, type PolicyDocument } from "./policy-document";

/** An event of an execution has its end but no reason; the reason is in the event of the step that failed. */
export type Alert = "execution" | "step";

export function eventPattern(alert: Alert, pipelineArn: string) {
  return alert === "execution"
    ? {
        source: ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Building Pipeline Execution Status Change"],
        detail: { pipelineArn: [pipelineArn], currentPipelineExecutionStatus: ["Failed", "Stopped"] },
      }
    : {
        source: ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Building Pipeline Execution Step Status Change"],
        detail: { pipelineArn: [pipelineArn], currentStepStatus: ["Failed"] },
      };
}

/** How EventBridge turns an event into the text of an e-mail. */
interface Message {
  /** Name to place in the event. */
  readonly inputPaths: Readonly<Record<string, string>>;
  readonly inputTemplate: string;
}

export const alertMessages: Readonly<Record<Alert, (pipelineName: string, region: string) => Message>> = {
  execution: (pipelineName, region) => ({
    inputPaths: {
      status: "$.detail.currentPipelineExecutionStatus",
      started: "$.detail.executionStartTime",
      ended: "$.detail.executionEndTime",
      execution: "$.detail.pipelineExecutionArn",
    },
    inputTemplate: lines(
      `A retraining by the pipeline ${pipelineName} did not finish. It ended as: <status>.`,
      "If a step failed, a message of its own gives the reason.",
      "Started: <started>. Ended: <ended>.",
      "Execution: <execution>",
      `Its jobs: ${consoleUrls(region).processingJobs}`,
    ),
  }),
  step: (pipelineName, region) => ({
    inputPaths: {
      step: "$.detail.stepName",
      reason: "$.detail.failureReason",
      started: "$.detail.stepStartTime",
      ended: "$.detail.stepEndTime",
      execution: "$.detail.pipelineExecutionArn",
    },
    inputTemplate: lines(
      `The step <step> of the pipeline ${pipelineName} failed.`,
      "Reason: <reason>",
      "Started: <started>. Ended: <ended>.",
      "Execution: <execution>",
      `Its log: ${consoleUrls(region).logs}`,
    ),
  }),
};

/** A template that is not JSON is a quoted string a line. */
function lines(...texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join("\n");
}

/** Lets EventBridge publish what the given rules match, and nobody else. */
export function alertTopicPolicy(topicArn: string, ruleArns: readonly string[]): PolicyDocument {
  return policyDocument({
    Sid: "PublishAlerts",
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "sns:Publish",
    Resource: topicArn,
    Condition: { ArnEquals: { "aws:SourceArn": ruleArns } },
  });
}
