import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { fullestConfig } from "../deploy/fullest-stack";

const folder = join(__dirname, "../../deploy");

const policy = z.object({ properties: z.object({ policy: z.object({ "fn::toJSON": z.unknown() }) }) });
const program = z.object({
  resources: z.object({ permissions: policy, boundary: policy, previewPermissions: policy }),
});

/** The policies that `deploy/` declares for the stack dev, with the values that Pulumi would fill in. */
export function deployPolicies(account: string) {
  const stack = z
    .object({ config: z.record(z.string(), z.string()) })
    .parse(parse(readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8")));
  const config = Object.entries(stack.config).map(([key, value]) => [key.split(":")[1], value]);
  const values = z.record(z.string(), z.string()).parse({
    ...Object.fromEntries(config),
    account,
    "pulumi.stack": "dev",
    "boundary.arn": fullestConfig["lex-retraining:permissionsBoundaryArn"],
    kmsKeyArn: fullestConfig["lex-retraining:kmsKeyArn"],
  });
  const text = readFileSync(join(folder, "Pulumi.yaml"), "utf8");
  const { resources } = program.parse(parse(text));
  const filledIn = (resource: z.infer<typeof policy>): unknown =>
    JSON.parse(
      JSON.stringify(resource.properties.policy["fn::toJSON"]).replaceAll(
        /\$\{([^}]+)\}/g,
        (_, name: string) => {
          const value = values[name];
          if (value === undefined) {
            throw new Error(`This test does not know the value of \${${name}}.`);
          }
          return value;
        },
      ),
    );
  return {
    deploy: filledIn(resources.permissions),
    boundary: filledIn(resources.boundary),
    preview: filledIn(resources.previewPermissions),
  };
}
