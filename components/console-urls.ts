/** Pages of the AWS console for a person to look at. */
export function consoleUrls(region: string) {
  const home = `https://${region}.console.aws.amazon.com`;
  return {
    processingJobs: `${home}/sagemaker/home?region=${region}#/processing-jobs`,
    // The console wants the slashes of a log group's name encoded twice, "%" written as "$".
    logs: `${home}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/$252Faws$252Fsagemaker$252FProcessingJobs`,
  };
}
