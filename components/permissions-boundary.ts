import * as pulumi from "@pulumi/pulumi";

/** Gives every role that the program declares from here on a permissions boundary, whichever component makes it. */
export function limitRoles(permissionsBoundaryArn: string): void {
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
    type === "aws:iam/role:Role"
      ? { props: { ...props, permissionsBoundary: permissionsBoundaryArn }, opts }
      : undefined,
  );
}
