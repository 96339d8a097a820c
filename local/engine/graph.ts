import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../../scripts/messages/user-error";
import { fakeAws } from "./fake-aws";
import { loadProject, loadStackConfig, type Project, type StackConfig } from "./project";
import type { Value } from "./property-values";
import { runProgram, type Run } from "./run-program";

/**
 * Runs the program of a stack against a fake AWS.
 * @param environment variables for the program besides those of this process
 * @throws UserError with the problems that the program or the checks of its config found
 */
export async function runStack(
  directory: string,
  stack: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const project = loadProject(directory);
  return runConfig(project, stack, loadStackConfig(project, stack), environment);
}

/** The same with a config that has no file. */
export async function runConfig(
  project: Project,
  stack: string,
  config: StackConfig,
  environment: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const region = config.values["aws:region"];
  if (region === undefined) {
    throw new UserError(
      `Stack '${stack}' has no region; set one with pulumi config set aws:region <region>.`,
    );
  }
  const cloud = fakeAws(region, autonaming(project.name, stack, config));
  const run = await runProgram({ project, stack, config, cloud, environment });
  if (run.exitCode === 0) {
    return run;
  }
  const errors = run.logs.filter(({ severity }) => severity === "error").map(({ message }) => message);
  throw new UserError(errors.length > 0 ? errors.join("\n") : run.printed.trim());
}

/** Names by the pattern in `pulumi:autonaming`, or by Pulumi's own. The random part is always the same. */
export function autonaming(
  project: string,
  stack: string,
  { values }: StackConfig,
): (name: string) => string {
  const setting = values["pulumi:autonaming"];
  const { pattern } = z
    .object({ pattern: z.string() })
    .parse(setting === undefined ? { pattern: "${name}-${hex(7)}" } : JSON.parse(setting));
  return (name) =>
    pattern
      .replaceAll("${project}", project)
      .replaceAll("${stack}", stack)
      .replaceAll("${name}", name)
      .replaceAll(/\$\{hex\((\d+)\)\}/g, (_, digits: string) => "0123456789abcdef".slice(0, Number(digits)));
}

/**
 * The resources of a run by URN, their providers and the stack outputs, as canonical JSON. Keys are sorted,
 * JSON within strings becomes `{ json: ... }`, and URNs do not have their stack and project: two stacks can
 * be compared line by line.
 * @param options.withoutContent puts a mark in place of content hashes and of assets' text
 */
export function graph(run: Run, options: { readonly withoutContent: boolean }): string {
  const resources = [...run.resources]
    .sort((one, other) => (one.urn < other.urn ? -1 : 1))
    .map(({ urn, type, name, parent, inputs, outputs, options }) => ({
      urn,
      type,
      name,
      inputs,
      ...(parent !== undefined && { parent }),
      ...(outputs !== undefined && { outputs }),
      ...(Object.keys(options).length > 0 && { options }),
    }));
  const readable = canonical({
    defaultProviders: run.defaultProviders,
    resources,
    stackOutputs: run.stackOutputs,
  });
  const text = JSON.stringify(options.withoutContent ? withoutContent(readable) : readable, null, 2);
  return `${text.replaceAll(/urn:pulumi:[^:"]+::[^:"]+::/g, "")}\n`;
}

/** The graph that is kept for a stack to compare with. An edit of a script does not change it. */
export function golden(run: Run): string {
  return graph(run, { withoutContent: true });
}

export function goldenFile(directory: string, stack: string): string {
  return join(directory, "tests", "golden", `${stack}.json`);
}

/** The pipeline definition that a run deploys, pretty-printed. */
export function definition(run: Run): string {
  const pipelines = run.resources.filter(({ type }) => type === "aws-native:sagemaker:Pipeline");
  const [pipeline] = z.tuple([pipelineInputs]).parse(pipelines.map(({ inputs }) => inputs));
  return `${JSON.stringify(JSON.parse(pipeline.pipelineDefinition.pipelineDefinitionBody), null, 2)}\n`;
}

const pipelineInputs = z.object({ pipelineDefinition: z.object({ pipelineDefinitionBody: z.string() }) });

/** Sorts the keys of objects. Arrays keep their order, because it has a meaning. */
function canonical(value: Value): Value {
  if (Array.isArray(value)) {
    return value.map(canonical);
  }
  if (typeof value === "string") {
    return openJson(value);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}

function openJson(text: string): Value {
  if (!/^[{[]/.test(text)) {
    return text;
  }
  try {
    return { json: canonical(z.json().parse(JSON.parse(text))) };
  } catch {
    return text;
  }
}

function withoutContent(value: Value): Value {
  if (typeof value === "string") {
    return value.replaceAll(contentHash, "[hash]");
  }
  if (Array.isArray(value)) {
    return value.map(withoutContent);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === "asset" ? withoutText(inner) : withoutContent(inner),
    ]),
  );
}

/** Hexadecimal, and too long for a word or a number that a person wrote. */
const contentHash = /(?<![0-9a-f])[0-9a-f]{16,}(?![0-9a-f])/g;

function withoutText(asset: Value): Value {
  const isText = z.object({ text: z.string() }).safeParse(asset).success;
  return isText ? { text: "[text]" } : withoutContent(asset);
}
