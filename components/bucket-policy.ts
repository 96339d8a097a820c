import { policyDocument, type PolicyDocument } from "./policy-document";

/** Refuses every request to the bucket that does not come over TLS. */
export function bucketPolicy(bucketArn: string): PolicyDocument {
  return policyDocument({
    Sid: "RefusePlainHttp",
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [bucketArn, `${bucketArn}/*`],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  });
}
