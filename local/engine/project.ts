import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isMap, isScalar, parse, parseDocument, type Node } from "yaml";
import { z } from "zod";
import { UserError } from "../../scripts/messages/user-error";

/**
 * What the Pulumi CLI does with `Pulumi.yaml` and `Pulumi.<stack>.yaml` before it starts a program, by its own rules and, where it has
 * them, in its own words (pulumi/pulumi: sdk/go/common/workspace/project.{go,json} and pkg/workspace/config.go). It differs where the
 * CLI stops at the first problem: here all of them are reported; and where it ignores an unknown runtime option: here that is a problem.
 */

/** A project file that the CLI would accept. */
export interface Project {
  readonly directory: string;
  readonly name: string;
  /** The program, a file or a folder under `directory`. */
  readonly main: string;
  readonly runtimeOptions: RuntimeOptions;
  /** By key as written, so with its namespace only if it is not the project's. */
  readonly config: Readonly<Record<string, ConfigDeclaration>>;
}

/** What a program receives: every value is text, that of arrays and objects JSON. */
export interface StackConfig {
  /** By key with its namespace. */
  readonly values: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
}

/** Stands in the config for every secret, of which a stack file only has the ciphertext. */
export const secretFixture = "[secret]";

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
  const parsed = projectSchema.safeParse(parse(text));
  if (!parsed.success) {
    throw new UserError(
      parsed.error.issues
        .map(({ path, message }) => `Pulumi.yaml: #/${path.join("/")}: ${message}`)
        .join("\n"),
    );
  }
  const { name, main, runtime, config } = parsed.data;
  const problems = Object.entries(config).flatMap(([key, declaration]) =>
    declarationProblems(name, key, declaration),
  );
  if (problems.length > 0) {
    throw new UserError(problems.map((problem) => `Pulumi.yaml: ${problem}`).join("\n"));
  }
  return { directory, name, main, runtimeOptions: runtime.options, config };
}

/** @throws UserError as `loadStackConfig` does */
export function parseStackConfig(project: Project, stack: string, text: string): StackConfig {
  const own = readStackValues(project, text);
  const declared = Object.entries(project.config).map(([name, declaration]) => ({
    name,
    key: namespaced(project.name, name),
    declaration,
  }));

  const problems = declared.flatMap(({ name, key, declaration }) => {
    const value = own.get(key);
    return value === undefined ? [] : valueProblems(stack, name, declaration, value);
  });
  const missing = declared.filter(
    ({ name, key, declaration }) =>
      !own.has(key) && inheritedValue(declaration) === undefined && belongsToProject(project.name, name),
  );
  if (missing.length > 0) {
    problems.push(missingKeys(stack, missing.map(({ name }) => name).sort()));
  }
  if (problems.length > 0) {
    throw new UserError(problems.join("\n"));
  }

  const inherited = declared.flatMap(({ key, declaration }) => {
    const value = inheritedValue(declaration);
    return value === undefined || own.has(key) ? [] : [[key, asText(value)] as const];
  });
  const set = [...own].map(([key, { content }]) => [key, asText(content)] as const);
  return {
    values: Object.fromEntries([...inherited, ...set]),
    secretKeys: [...own].filter(([, { secure }]) => secure).map(([key]) => key),
  };
}

type Json = z.infer<typeof json>;
const json = z.json();

const typeName = z.enum(["string", "integer", "boolean", "array", "object"]);
interface ValueType {
  readonly type: z.infer<typeof typeName>;
  readonly items?: ValueType | undefined;
}
const itemsType = z.object({
  type: typeName,
  get items(): z.ZodOptional<typeof itemsType> {
    return itemsType.optional();
  },
});

type ConfigDeclaration = z.infer<typeof configDeclaration>;
const configDeclaration = z.strictObject({
  type: typeName.optional(),
  items: itemsType.optional(),
  description: z.string().optional(),
  secret: z.boolean().optional(),
  default: json.optional(),
  value: json.optional(),
});

type RuntimeOptions = z.infer<typeof runtimeOptions>;
/** pulumi-language-nodejs: `parseOptions`. */
const runtimeOptions = z.strictObject({
  typescript: z.boolean().default(true),
  tsconfig: z.string().optional(),
  nodeargs: z.string().default(""),
  packagemanager: z.enum(["auto", "npm", "yarn", "pnpm", "bun"]).default("auto"),
  production: z.boolean().default(false),
});

const runtime = z.preprocess(
  (value) => (typeof value === "string" ? { name: value } : value),
  z.strictObject({ name: z.literal("nodejs"), options: runtimeOptions.prefault({}) }),
);

/** Ranges of github.com/blang/semver, such as ">=3.248.0 <4.0.0 || >5.x". */
const version = String.raw`(?:[<>]=?|==?|!=?)?\s*v?\d+(?:\.(?:\d+|x)){0,2}(?:-[\w.-]+)?`;
const versionRange = new RegExp(String.raw`^\s*${version}(?:\s+(?:\|\|\s*)?${version})*\s*$`);

const projectSchema = z.preprocess(
  expandShorthands,
  z.looseObject({
    name: z
      .string()
      .regex(/^[\w.-]{1,100}$/, "project names hold letters, digits, hyphens, underscores and periods"),
    description: z.string().optional(),
    main: z.string().default("."),
    runtime,
    config: z.record(z.string(), configDeclaration).default({}),
    options: z.strictObject({ refresh: z.literal("always").optional() }).optional(),
    backend: z.strictObject({ url: z.string().optional() }).optional(),
    requiredPulumiVersion: z
      .string()
      .regex(versionRange, 'not a range of versions such as ">=3.248.0"')
      .optional(),
  }),
);

/** A scalar or an array alone is the default of a key of the project's, the value of another's. */
function expandShorthands(project: unknown): unknown {
  const shape = z
    .looseObject({ name: z.string(), config: z.record(z.string(), z.unknown()) })
    .safeParse(project);
  if (!shape.success) {
    return project;
  }
  const { name, config } = shape.data;
  const expanded = Object.entries(config).map(([key, value]): [string, unknown] => {
    if (typeof value === "object" && !Array.isArray(value)) {
      return [key, value];
    }
    return [key, belongsToProject(name, key) ? { default: value } : { value }];
  });
  return { ...shape.data, config: Object.fromEntries(expanded) };
}

/** `Project.Validate`. */
function declarationProblems(project: string, key: string, declaration: ConfigDeclaration): string[] {
  const type = valueType(declaration);
  const byDefault = declaration.default ?? undefined;
  const value = declaration.value ?? undefined;
  const problems: string[] = [];
  if (byDefault !== undefined && value !== undefined) {
    problems.push(`project config '${key}' cannot have both a 'default' and 'value' attribute`);
  }
  if (belongsToProject(project, key)) {
    if (type && lacksItems(type)) {
      problems.push(
        `The configuration key '${key}' declares an array but does not specify the underlying type via the 'items' attribute`,
      );
    } else if (type && byDefault !== undefined && !hasType(byDefault, type)) {
      problems.push(
        `The default value specified for configuration key '${key}' is not of the expected type '${fullTypeName(type)}'`,
      );
    }
    return problems;
  }
  if (type) {
    problems.push(`Configuration key '${key}' is not namespaced by the project and should not define a type`);
  }
  if (byDefault !== undefined) {
    problems.push(
      `Configuration key '${key}' is not namespaced by the project and should not define a default value. ` +
        "Did you mean to use the 'value' attribute instead of 'default'?",
    );
  }
  if (value === undefined) {
    problems.push(`Configuration key '${key}' is namespaced and must provide an attribute 'value'`);
  }
  return problems;
}

interface StackValue {
  /** A scalar's text as it was written, or the array or object. */
  readonly content: Json;
  readonly secure: boolean;
}

/** `validateStackConfigValue`; the type of a secret cannot be seen without its key. */
function valueProblems(
  stack: string,
  key: string,
  declaration: ConfigDeclaration,
  value: StackValue,
): string[] {
  const type = valueType(declaration);
  if (type === undefined) {
    return [];
  }
  if (declaration.secret === true && !value.secure) {
    return [`Stack '${stack}' with configuration key '${key}' must be encrypted as it's secret`];
  }
  if (value.secure || hasType(value.content, type)) {
    return [];
  }
  return [`Stack '${stack}' with configuration key '${key}' must be of type '${fullTypeName(type)}'`];
}

/** `missingStackConfigurationKeysError`. */
function missingKeys(stack: string, keys: readonly string[]): string {
  const quoted = keys.map((key) => `'${key}'`);
  const last = quoted.at(-1) ?? "";
  if (quoted.length === 1) {
    return `Stack '${stack}' is missing configuration value ${last}`;
  }
  return `Stack '${stack}' is missing configuration values ${quoted.slice(0, -1).join(", ")} and ${last}`;
}

/** `ValidateConfigValue`: integers and booleans may be strings. */
function hasType(value: Json, type: ValueType): boolean {
  switch (type.type) {
    case "string":
      return typeof value === "string";
    case "integer":
      return Number.isInteger(value) || (typeof value === "string" && /^[+-]?\d+$/.test(value));
    case "boolean":
      return typeof value === "boolean" || value === "true" || value === "false";
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "array": {
      const { items } = type;
      return Array.isArray(value) && items !== undefined && value.every((item) => hasType(item, items));
    }
  }
}

function valueType({ type, items }: ConfigDeclaration): ValueType | undefined {
  return type && { type, items };
}

function lacksItems({ type, items }: ValueType): boolean {
  return items === undefined ? type === "array" : lacksItems(items);
}

function fullTypeName({ type, items }: ValueType): string {
  return items ? `array<${fullTypeName(items)}>` : type;
}

/** `null` counts as absent, as it does in Go. */
function inheritedValue(declaration: ConfigDeclaration): Json | undefined {
  return declaration.value ?? declaration.default ?? undefined;
}

function belongsToProject(project: string, key: string): boolean {
  return !key.includes(":") || key.startsWith(`${project}:`);
}

function namespaced(project: string, key: string): string {
  return key.includes(":") ? key : `${project}:${key}`;
}

function readStackValues(project: Project, text: string): ReadonlyMap<string, StackValue> {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) {
    throw new UserError(`Stack file of '${project.name}': ${error.message}`);
  }
  const config: unknown = document.get("config");
  if (!isMap<Node, Node | null>(config)) {
    return new Map();
  }
  return new Map(
    config.items.map(({ key, value }) => [
      namespaced(project.name, String(key)),
      stackValue(value, value?.toJS(document)),
    ]),
  );
}

/** `config.Value`: a scalar keeps the text as it was written ("0.50"), and `{ secure: <ciphertext> }` at any depth is a secret. */
function stackValue(node: Node | null, value: unknown): StackValue {
  if (node === null) {
    return { content: "", secure: false };
  }
  if (isScalar(node)) {
    return { content: node.source ?? "", secure: false };
  }
  const parsed = json.parse(value);
  const content = withoutCiphertext(parsed);
  return { content, secure: JSON.stringify(content) !== JSON.stringify(parsed) };
}

function withoutCiphertext(value: Json): Json {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(withoutCiphertext);
  }
  if (Object.keys(value).join() === "secure") {
    return secretFixture;
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutCiphertext(inner)]));
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
