import * as pulumi from "@pulumi/pulumi";

/** Gives a permissions boundary to every role that the program declares from here on, in any component. */
export function limitRoles(permissionsBoundaryArn: string): void {
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
    type === "aws:iam/role:Role"
      ? { props: { ...props, permissionsBoundary: permissionsBoundaryArn }, opts }
      : undefined,
  );
}
