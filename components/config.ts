import * as pulumi from "@pulumi/pulumi";
import { unlabelledModes } from "../pipeline/stages";
import { nearest } from "./nearest";
import { codePrefix, runtimePrefix } from "./prefixes";

const aliasId = /^[0-9A-Z]{10}$/;

/**
 * The keys of the stack's config. A new key needs a line here and its declaration in Pulumi.yaml, which has its type, description and
 * default; a default of "" there means that the key may be left out.
 */
const keys = {
  botId: text(/^[0-9A-Z]{10}$/, "the id of a Lex V2 bot, ten capital letters and digits", "ABCDEFGHIJ"),
  botLocaleId: text(/^[a-z]{2,3}_[0-9A-Z]{2,3}$/, "a locale of the bot, such as es_ES or en_US", "es_ES"),
  existingBucketName: optional(
    text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "the name of a bucket, or empty to create one", "my-bucket"),
  ),
  inputPrefix: prefix("inbox/"),
  outputPrefix: prefix("runs/"),
  runRetentionDays: integer(1, 3650, 90),
  kmsKeyArn: optional(
    text(
      /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[0-9a-z-]+$/,
      "the ARN of a KMS key, or empty for keys that S3 manages",
      "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    ),
  ),
  unlabelledUtterances: oneOf(unlabelledModes, "review"),
  // Two builds, one to retrain and one to restore, must fit into the time that the import stage has.
  buildTimeoutMinutes: integer(5, 150, 60),
  goldenSetKey: optional(
    text(
      /^[\w.-][\w./ -]{0,199}$/,
      "the key of a CSV in the bucket, or empty to ask the bot's own utterances",
      "golden/golden.csv",
    ),
  ),
  evaluationAliasId: text(
    aliasId,
    "the id of an alias of the bot, ten capital letters and digits",
    "TSTALIASID",
  ),
  evaluateWithCodeHook: boolean(false),
  // Lex holds 50 text conversations on an alias at once, of which the bot's own callers need some.
  evaluationConcurrency: integer(1, 50, 10),
  maxRegressions: integer(0, 10_000, 0),
  maxLeakage: integer(0, 10_000, 0),
  botAliasId: optional(
    text(aliasId, "the id of the alias to publish to, or empty to publish nothing", "KLMNOPQRST"),
  ),
  // Lex keeps 100 versions; the new one and what other aliases use need room too.
  keepVersions: integer(1, 90, 20),
  instanceType: text(
    /^ml\.[a-z0-9-]+\.[a-z0-9]+$/,
    "an instance type of SageMaker Processing",
    "ml.t3.medium",
  ),
  volumeSizeInGb: integer(1, 16_384, 10),
  imageUri: optional(
    text(
      /^(?=.{1,255}$)\d{12}\.dkr\.ecr\.[a-z0-9-]+\.[a-z.]+\/[a-z0-9._/-]+[:@][A-Za-z0-9_.:-]+$/,
      "an image of a private ECR repository with its tag or digest, or empty for AWS's own image",
      "111122223333.dkr.ecr.eu-west-1.amazonaws.com/lex-retraining:1",
    ),
  ),
  startOnUpload: boolean(true),
  schedule: optional(
    text(
      /^(rate\([1-9]\d* (minute|hour|day)s?\)|cron\(\S+( \S+){5}\))$/,
      "rate(7 days), a cron expression of six fields in UTC, or empty for no schedule",
      "cron(0 6 ? * MON *)",
    ),
  ),
  notificationEmail: optional(
    text(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, "an e-mail address, or empty for none", "bot-team@example.com"),
  ),
  protectData: boolean(true),
  attachSageMakerFullAccess: boolean(false),
};

type Keys = typeof keys;
type KeyName = keyof Keys;

/** The stack's config, every value checked. */
export type RetrainingConfig = {
  readonly [Name in KeyName]: Keys[Name] extends Key<infer Value> ? Value : never;
};

/** The names of all keys. */
export const configKeys: readonly string[] = Object.keys(keys);

/**
 * Reads the whole config of the stack.
 *
 * @throws pulumi.RunError that names everything that is wrong with it, each with the command that mends it.
 */
export function loadConfig(): RetrainingConfig {
  const { config, problems } = readKeys();
  problems.push(...unknownKeys(), ...contradictions(config), ...placeProblems(config));
  if (problems.length > 0) {
    throw new pulumi.RunError(report(problems));
  }
  // Without a problem every key has its value.
  return config as RetrainingConfig;
}

/** A key of the stack's config: what is allowed, in words and in fact. */
interface Key<Value> {
  readonly allowed: string;
  /** A value for the command that mends a mistake. */
  readonly example: string;
  readonly parse: (text: string) => Value | typeof notAllowed;
}

const notAllowed = Symbol("not allowed");

function text(pattern: RegExp, allowed: string, example: string): Key<string> {
  return { allowed, example, parse: (value) => (pattern.test(value) ? value : notAllowed) };
}

function optional<Value>(key: Key<Value>): Key<Value | undefined> {
  return { ...key, parse: (value) => (value === "" ? undefined : key.parse(value)) };
}

/** EventBridge gives `*` and `?` a meaning, and S3 takes every key that begins like the prefix: hence its slash. */
function prefix(example: string): Key<string> {
  const allowed =
    "folders of letters, digits, '.', '_' and '-', with a slash at the end, up to 100 characters";
  return text(/^(?=.{2,100}$)([A-Za-z0-9][\w.-]*\/)+$/, allowed, example);
}

function integer(min: number, max: number, example: number): Key<number> {
  const allows = (value: string) => /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max;
  return {
    allowed: `a whole number from ${min} to ${max}`,
    example: String(example),
    parse: (value) => (allows(value) ? Number(value) : notAllowed),
  };
}

function boolean(example: boolean): Key<boolean> {
  return {
    allowed: "true or false",
    example: String(example),
    parse: (value) => (value === "true" ? true : value === "false" ? false : notAllowed),
  };
}

function oneOf<Value extends string>(values: readonly Value[], example: Value): Key<Value> {
  return {
    allowed: values.join(" or "),
    example,
    parse: (text) => values.find((value) => value === text) ?? notAllowed,
  };
}

/** What is wrong, and the commands that mend it. */
interface Problem {
  readonly sentence: string;
  readonly command: string | readonly string[];
}

function readKeys(): { config: Partial<RetrainingConfig>; problems: Problem[] } {
  const settings = new pulumi.Config();
  const problems: Problem[] = [];
  const values = Object.entries<Key<unknown>>(keys).flatMap(([name, { allowed, example, parse }]) => {
    const command = setCommand(name, example);
    const given = settings.get(name);
    if (given === undefined) {
      problems.push({ sentence: `${name} is missing: it must be ${allowed}.`, command });
      return [];
    }
    const value = parse(given);
    if (value !== notAllowed) {
      return [[name, value]];
    }
    problems.push({
      sentence: `${name} is ${JSON.stringify(given)}: it must be ${allowed}.${notYet(name, given)}`,
      command,
    });
    return [];
  });
  return { config: Object.fromEntries(values) as Partial<RetrainingConfig>, problems };
}

/** The one value that the documents of this project name and that cannot be chosen yet. */
function notYet(name: string, value: string): string {
  return name === "unlabelledUtterances" && value === "assign"
    ? " Assigning the likeliest intent comes in a later version."
    : "";
}

/** A misspelt key would otherwise have no effect, and nobody would be told. */
function unknownKeys(): Problem[] {
  const namespace = `${pulumi.getProject()}:`;
  return Object.keys(pulumi.runtime.allConfig())
    .filter((key) => key.startsWith(namespace))
    .map((key) => key.slice(namespace.length))
    .filter((name) => !configKeys.includes(name))
    .sort()
    .map((name) => {
      const remove = `pulumi config rm ${namespace}${name}`;
      const meant = nearest(name, configKeys);
      if (meant === undefined) {
        return { sentence: `${name} is no key of this project.`, command: remove };
      }
      const value = new pulumi.Config().get(name) ?? "";
      return {
        sentence: `${name} is no key of this project: did you mean ${meant}?`,
        command: [setCommand(meant, value), remove],
      };
    });
}

function contradictions({
  existingBucketName,
  protectData,
  inputPrefix,
  outputPrefix,
  goldenSetKey,
  botAliasId,
  evaluationAliasId,
}: Partial<RetrainingConfig>): Problem[] {
  const problems: Problem[] = [];
  if (existingBucketName !== undefined && protectData) {
    problems.push({
      sentence: `protectData is true, but the bucket ${existingBucketName} is not this stack's to protect.`,
      command: setCommand("protectData", "false"),
    });
  }
  if (inputPrefix !== undefined && outputPrefix !== undefined && overlap(inputPrefix, outputPrefix)) {
    problems.push({
      sentence: `inputPrefix ${inputPrefix} and outputPrefix ${outputPrefix} overlap: a run would start the next.`,
      command: overlap("inbox/", outputPrefix)
        ? setCommand("outputPrefix", "runs/")
        : setCommand("inputPrefix", "inbox/"),
    });
  }
  const prefixes = [
    [inputPrefix, "inputPrefix", "where every file is taken for misses"],
    [outputPrefix, "outputPrefix", "where files are deleted after runRetentionDays"],
  ] as const;
  for (const [prefix, name, why] of prefixes) {
    if (goldenSetKey !== undefined && prefix !== undefined && goldenSetKey.startsWith(prefix)) {
      problems.push({
        sentence: `goldenSetKey ${goldenSetKey} lies under ${name} ${prefix}, ${why}.`,
        command: setCommand("goldenSetKey", "golden/golden.csv"),
      });
    }
  }
  if (botAliasId === "TSTALIASID") {
    problems.push({
      sentence:
        "botAliasId is TSTALIASID, which always answers from the DRAFT: nothing can be published to it.",
      command: setCommand("botAliasId", "KLMNOPQRST"),
    });
  }
  if (botAliasId !== undefined && evaluationAliasId === botAliasId) {
    problems.push({
      sentence: `evaluationAliasId and botAliasId are both ${botAliasId}: what is not proven yet would reach its users.`,
      command: setCommand("evaluationAliasId", "TSTALIASID"),
    });
  }
  const chosen = { inputPrefix, outputPrefix };
  for (const name of ["inputPrefix", "outputPrefix"] as const) {
    for (const taken of [codePrefix, runtimePrefix]) {
      if (chosen[name] !== undefined && overlap(chosen[name], taken)) {
        problems.push({
          sentence: `${name} ${chosen[name]} overlaps ${taken}, where the stages' code lies.`,
          command: setCommand(name, keys[name].example),
        });
      }
    }
  }
  return problems;
}

function overlap(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

/** Both providers must work in one region, and what the stack is given must lie in it. */
function placeProblems({ imageUri, kmsKeyArn }: Partial<RetrainingConfig>): Problem[] {
  const region = providerRegion("aws");
  const problems: Problem[] = [];
  if (region === undefined) {
    problems.push({
      sentence: "aws:region is missing: it must be the region of the bot.",
      command: "pulumi config set aws:region eu-west-1",
    });
  }
  const nativeRegion = providerRegion("aws-native");
  if (nativeRegion === undefined || (region !== undefined && nativeRegion !== region)) {
    problems.push({
      sentence: `aws-native:region is ${nativeRegion ?? "missing"}: it must be the same as aws:region.`,
      command: `pulumi config set aws-native:region ${region ?? "eu-west-1"}`,
    });
  }
  const places = { imageUri: imageUri?.split(".")[3], kmsKeyArn: kmsKeyArn?.split(":")[3] };
  for (const name of ["imageUri", "kmsKeyArn"] as const) {
    const place = places[name];
    if (region !== undefined && place !== undefined && place !== region) {
      problems.push({
        sentence: `${name} lies in ${place}: SageMaker takes it in ${region} only, where the stack is.`,
        command: setCommand(name, keys[name].example.replace("eu-west-1", region)),
      });
    }
  }
  // The pipeline, the bucket and the roles are named after the stack, and the bucket has 63 characters.
  if (!/^[a-z0-9](-?[a-z0-9]){0,29}$/.test(pulumi.getStack())) {
    problems.push({
      sentence: `The stack is named ${pulumi.getStack()}: it must have up to 30 small letters, digits and single hyphens.`,
      command: "pulumi stack rename dev",
    });
  }
  return problems;
}

/** As the providers find it. */
function providerRegion(provider: "aws" | "aws-native"): string | undefined {
  return (
    new pulumi.Config(provider).get("region") ??
    process.env["AWS_REGION"] ??
    process.env["AWS_DEFAULT_REGION"]
  );
}

function setCommand(name: string, value: string): string {
  const quoted = /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
  return `pulumi config set ${pulumi.getProject()}:${name} ${quoted}`;
}

function report(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  return [
    `The configuration of the stack ${pulumi.getStack()} has ${count}:`,
    ...problems.map(({ sentence, command }) => [`- ${sentence}`, command].flat().join("\n    ")),
  ].join("\n");
}
