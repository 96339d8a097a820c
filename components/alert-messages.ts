import { consoleUrls } from "./console-urls";

/**
 * Two alerts, because only the event of a failed step gives the reason, and only that of an execution its
 * end.
 */
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
  /** The path in the event of each name in the template. */
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
    inputTemplate: quotedLines(
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
    inputTemplate: quotedLines(
      `The step <step> of the pipeline ${pipelineName} failed.`,
      "Reason: <reason>",
      "Started: <started>. Ended: <ended>.",
      "Execution: <execution>",
      `Its log: ${consoleUrls(region).logs}`,
    ),
  }),
};

/** EventBridge wants every line of a text in quotation marks. */
function quotedLines(...texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join("\n");
}
