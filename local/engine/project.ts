import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { UserError } from "../../scripts/messages/user-error";
import { secretMark } from "./property-values";

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml` as the Pulumi CLI does before it starts a program: defaults,
 * types and required keys. It knows only what this project uses of these files, and refuses the rest. A
 * problem of a stack has the CLI's own words (pulumi/pulumi: pkg/workspace/config.go), but all problems are
 * reported, where the CLI stops at the first.
 */

export interface Project {
  readonly directory: string;
  readonly name: string;
  /** The program, a file or a folder under `directory`. */
  readonly main: string;
  readonly tsconfig: string | undefined;
  /** By the key as it is written: a key of the project has no namespace. */
  readonly config: Readonly<Record<string, ConfigDeclaration>>;
}

/** What a program receives. Every value is text; an array or an object is JSON. */
export interface StackConfig {
  /** By the key with its namespace. */
  readonly values: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
}

/** @throws UserError with a line for each problem of `Pulumi.yaml` */
export function loadProject(directory: string): Project {
  return parseProject(readFileSync(join(directory, "Pulumi.yaml"), "utf8"), directory);
}

/** The stacks that have a file in the project's folder, in alphabetical order. */
export function stackNames(directory: string): readonly string[] {
  return readdirSync(directory)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/** @throws UserError with a line for each problem of the stack's config */
export function loadStackConfig(project: Project, stack: string): StackConfig {
  const file = join(project.directory, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) {
    const known = stackNames(project.directory).join(", ");
    throw new UserError(`There is no stack '${stack}'; the stacks of this project are ${known}.`);
  }
  return parseStackConfig(project, stack, readFileSync(file, "utf8"));
}

/** @throws UserError as `loadProject` does */
export function parseProject(text: string, directory: string): Project {
  const { name, main, runtime, config } = parseFile("Pulumi.yaml", projectSchema, text);
  return { directory, name, main, tsconfig: runtime.options.tsconfig, config };
}

/** @throws UserError as `loadStackConfig` does */
export function parseStackConfig(project: Project, stack: string, text: string): StackConfig {
  const own = stackValues(project, stack, text);
  const declared = Object.entries(project.config).map(([name, declaration]) => ({
    name,
    key: namespaced(project, name),
    ...declaration,
  }));

  const problems = declared
    .filter(({ key, type }) => type !== undefined && !isSecret(own.get(key)) && !hasType(own.get(key), type))
    .map(
      ({ name, type }) => `Stack '${stack}' with configuration key '${name}' must be of type '${type ?? ""}'`,
    );
  const missing = declared
    .filter((declaration) => !own.has(declaration.key) && inheritedValue(declaration) === undefined)
    .map(({ name }) => `'${name}'`)
    .sort();
  if (missing.length > 0) {
    const values = missing.length === 1 ? "value" : "values";
    problems.push(
      `Stack '${stack}' is missing configuration ${values} ${missing.join(", ").replace(/, (?=[^,]*$)/, " and ")}`,
    );
  }
  if (problems.length > 0) {
    throw new UserError(problems.join("\n"));
  }

  const inherited = declared.flatMap((declaration) => {
    const value = inheritedValue(declaration);
    return value === undefined ? [] : [[declaration.key, asText(value)] as const];
  });
  const set = [...own].map(([key, value]) => [key, asText(withoutCiphertext(value))] as const);
  return {
    values: Object.fromEntries([...inherited, ...set]),
    secretKeys: [...own].filter(([, value]) => isSecret(value)).map(([key]) => key),
  };
}

const json = z.json();
type Json = z.infer<typeof json>;

const typeName = z.enum(["string", "integer", "boolean"]);
type TypeName = z.infer<typeof typeName>;

const configDeclaration = z
  .strictObject({
    type: typeName.optional(),
    description: z.string().optional(),
    default: z.union([z.string(), z.number(), z.boolean()]).optional(),
    value: json.optional(),
  })
  .refine(({ type, default: byDefault }) => type === undefined || hasType(byDefault, type), {
    error: "the default is not of the declared type",
  });
type ConfigDeclaration = z.infer<typeof configDeclaration>;

const projectSchema = z.object({
  name: z.string(),
  main: z.string().default("."),
  runtime: z.strictObject({
    name: z.literal("nodejs"),
    options: z
      .strictObject({ packagemanager: z.string().optional(), tsconfig: z.string().optional() })
      .prefault({}),
  }),
  config: z.record(z.string(), configDeclaration).default({}),
});

const stackSchema = z.object({ config: z.record(z.string(), json).nullish() }).nullish();

function parseFile<T>(file: string, schema: z.ZodType<T>, text: string, options: object = {}): T {
  const parsed = schema.safeParse(parseYaml(file, text, options));
  if (parsed.success) {
    return parsed.data;
  }
  throw new UserError(
    parsed.error.issues.map(({ path, message }) => `${file}: ${path.join(".")}: ${message}`).join("\n"),
  );
}

function parseYaml(file: string, text: string, options: object): unknown {
  try {
    return parse(text, options);
  } catch (error) {
    throw new UserError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * The values that a stack file sets, by the key with its namespace. A scalar stays text as it is written,
 * such as "0.50".
 */
function stackValues(project: Project, stack: string, text: string): ReadonlyMap<string, Json> {
  const file = `Pulumi.${stack}.yaml`;
  const typed = parseFile(file, stackSchema, text)?.config ?? {};
  const asWritten = parseFile(file, stackSchema, text, { schema: "failsafe" })?.config;
  return new Map(
    Object.entries(typed).map(([key, value]) => {
      const written = asWritten?.[key];
      return [namespaced(project, key), typeof written === "string" ? written : value];
    }),
  );
}

/** Whether a value, if there is one, has the type. An integer and a boolean may be text. */
function hasType(value: Json | undefined, type: TypeName): boolean {
  if (value === undefined) {
    return true;
  }
  switch (type) {
    case "string":
      return typeof value === "string";
    case "integer":
      return Number.isInteger(value) || (typeof value === "string" && /^[+-]?\d+$/.test(value));
    case "boolean":
      return typeof value === "boolean" || value === "true" || value === "false";
  }
}

function inheritedValue({ value, default: byDefault }: ConfigDeclaration): Json | undefined {
  return value ?? byDefault;
}

function namespaced({ name }: Project, key: string): string {
  return key.includes(":") ? key : `${name}:${key}`;
}

function isSecret(value: Json | undefined): boolean {
  return value !== undefined && withoutCiphertext(value) !== value;
}

/**
 * The value with a mark for each `{ secure: <ciphertext> }` at any depth; the same object when it has none.
 */
function withoutCiphertext(value: Json): Json {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (Object.keys(value).join() === "secure") {
    return secretMark;
  }
  const marked = Array.isArray(value)
    ? value.map(withoutCiphertext)
    : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutCiphertext(inner)]));
  return JSON.stringify(marked) === JSON.stringify(value) ? value : marked;
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
