/** An IAM policy document with plain values: what the pure builders return and the tests compare whole. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | { readonly Service: string };
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export function policyDocument(...statements: readonly PolicyStatement[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: statements };
}

/** The trust policy of a role that a service assumes on behalf of the given resources alone, so that nobody else's can borrow it. */
export function serviceTrust(
  service: string,
  accountId: string,
  sourceArns: string | readonly string[],
): PolicyDocument {
  return policyDocument({
    Sid: "AssumedForOwnResourcesOnly",
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sts:AssumeRole",
    Condition: {
      StringEquals: { "aws:SourceAccount": accountId },
      ArnLike: { "aws:SourceArn": sourceArns },
    },
  });
}
