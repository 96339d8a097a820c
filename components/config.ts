import * as pulumi from "@pulumi/pulumi";
import { notAllowed } from "../pipeline/setting-types";
import {
  exampleOf,
  parseSetting,
  requirementOf,
  settingNames,
  testAliasId,
  type Settings,
} from "../pipeline/settings";
import { nearest } from "./nearest";
import { fixedPrefixes } from "./prefixes";

/** The stack's config, every value checked. */
export type RetrainingConfig = Settings;

/**
 * Reads the whole config of the stack.
 *
 * @throws pulumi.RunError that names every problem, each with the command that corrects it.
 */
export function loadConfig(): RetrainingConfig {
  const { config, problems } = readKeys();
  problems.push(
    ...unknownKeys(),
    ...contradictions(config),
    ...regionProblems(config),
    ...stackNameProblems(),
  );
  if (problems.length > 0) {
    throw new pulumi.RunError(messageOf(problems));
  }
  // When there are no problems, every key has its value.
  return config as RetrainingConfig;
}

/** The values that are allowed each by itself. */
type Given = Partial<RetrainingConfig>;

/** What is wrong, and the commands that correct it. */
interface Problem {
  readonly sentence: string;
  readonly command: string | readonly string[];
}

function readKeys(): { config: Given; problems: Problem[] } {
  const config = new pulumi.Config();
  const problems: Problem[] = [];
  const values = settingNames.flatMap((name) => {
    const command = setCommand(name, exampleOf(name));
    const given = config.get(name);
    if (given === undefined) {
      problems.push({ sentence: `${name} is missing: ${requirementOf(name)}`, command });
      return [];
    }
    const value = parseSetting(name, given);
    if (value !== notAllowed) {
      return [[name, value]];
    }
    problems.push({
      sentence: `${name} is ${JSON.stringify(given)}: ${requirementOf(name, given)}`,
      command,
    });
    return [];
  });
  return { config: Object.fromEntries(values) as Given, problems };
}

/** Without this check, a misspelt key would have no effect and give no message. */
function unknownKeys(): Problem[] {
  const namespace = `${pulumi.getProject()}:`;
  return Object.keys(pulumi.runtime.allConfig())
    .filter((key) => key.startsWith(namespace))
    .map((key) => key.slice(namespace.length))
    .filter((name) => !settingNames.some((known) => known === name))
    .sort()
    .map((name) => {
      const remove = removeCommand(name);
      const meant = nearest(name, settingNames);
      if (meant === undefined) {
        return { sentence: `${name} is not a key of this project.`, command: remove };
      }
      const value = new pulumi.Config().get(name) ?? "";
      return {
        sentence: `${name} is not a key of this project: did you mean ${meant}?`,
        command: [setCommand(meant, value), remove],
      };
    });
}

function contradictions(config: Given): Problem[] {
  return [...bucketProblems(config), ...placeProblems(config), ...aliasProblems(config)];
}

/** The stack does not configure a bucket that it did not create. */
function bucketProblems({ existingBucketName, accessLogBucketName, protectData }: Given): Problem[] {
  const problems: Problem[] = [];
  if (existingBucketName !== undefined && protectData) {
    problems.push({
      sentence: `protectData is true, but this stack did not create the bucket ${existingBucketName} and cannot protect it.`,
      command: setCommand("protectData", "false"),
    });
  }
  if (existingBucketName !== undefined && accessLogBucketName !== undefined) {
    problems.push({
      sentence: `accessLogBucketName is ${accessLogBucketName}, but this stack did not create the bucket ${existingBucketName} and does not configure it.`,
      command: removeCommand("accessLogBucketName"),
    });
  }
  return problems;
}

/** Each place in the bucket is for one purpose. */
function placeProblems({ inputPrefix, outputPrefix, goldenSetKey }: Given): Problem[] {
  const problems: Problem[] = [];
  if (inputPrefix !== undefined && outputPrefix !== undefined && overlap(inputPrefix, outputPrefix)) {
    problems.push({
      sentence: `inputPrefix ${inputPrefix} and outputPrefix ${outputPrefix} overlap: a run would start another run.`,
      command: overlap("inbox/", outputPrefix)
        ? setCommand("outputPrefix", "runs/")
        : setCommand("inputPrefix", "inbox/"),
    });
  }
  const prefixes = [
    [inputPrefix, "inputPrefix", "where every file is read as misses"],
    [outputPrefix, "outputPrefix", "where files are deleted after runRetentionDays"],
  ] as const;
  for (const [prefix, name, why] of prefixes) {
    if (goldenSetKey !== undefined && prefix !== undefined && goldenSetKey.startsWith(prefix)) {
      problems.push({
        sentence: `goldenSetKey ${goldenSetKey} is under ${name} ${prefix}, ${why}.`,
        command: setCommand("goldenSetKey", exampleOf("goldenSetKey")),
      });
    }
  }
  const chosen = { inputPrefix, outputPrefix, goldenSetKey };
  for (const name of ["inputPrefix", "outputPrefix", "goldenSetKey"] as const) {
    for (const [taken, what] of fixedPrefixes) {
      if (chosen[name] !== undefined && overlap(chosen[name], taken)) {
        problems.push({
          sentence: `${name} ${chosen[name]} overlaps ${taken}, ${what}.`,
          command: setCommand(name, exampleOf(name)),
        });
      }
    }
  }
  return problems;
}

function aliasProblems({ botAliasId, evaluationAliasId }: Given): Problem[] {
  const problems: Problem[] = [];
  if (botAliasId === testAliasId) {
    problems.push({
      sentence: `botAliasId is ${testAliasId}, which always answers from the DRAFT: nothing can be published to it.`,
      command: setCommand("botAliasId", exampleOf("botAliasId")),
    });
  }
  if (botAliasId !== undefined && evaluationAliasId === botAliasId) {
    problems.push({
      sentence: `evaluationAliasId and botAliasId are both ${botAliasId}: its users would get a retraining that is not proven yet.`,
      command: setCommand("evaluationAliasId", testAliasId),
    });
  }
  return problems;
}

function overlap(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

/** Both providers must use the same region, and the image and the key must be in it. */
function regionProblems({ imageUri, kmsKeyArn }: Given): Problem[] {
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
  const regions = { imageUri: imageUri?.split(".")[3], kmsKeyArn: kmsKeyArn?.split(":")[3] };
  for (const name of ["imageUri", "kmsKeyArn"] as const) {
    const given = regions[name];
    if (region !== undefined && given !== undefined && given !== region) {
      problems.push({
        sentence: `${name} is in ${given}: SageMaker accepts it only in ${region}, where the stack is.`,
        command: setCommand(name, exampleOf(name).replace("eu-west-1", region)),
      });
    }
  }
  return problems;
}

/** The names of most resources begin with those of the project and the stack. */
function stackNameProblems(): Problem[] {
  const stack = pulumi.getStack();
  // AWS takes 64 characters for the name of a role, a rule or a schedule, and 63 for that of a bucket. The
  // longest name here is a rule's, made by the pattern in Pulumi.yaml.
  const limit = 64 - `${pulumi.getProject()}---alerts-execution-0123456`.length;
  return stack.length <= limit && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(stack)
    ? []
    : [
        {
          sentence: `The stack is named ${stack}: its name must have up to ${limit} small letters, digits and single hyphens.`,
          command: "pulumi stack rename dev",
        },
      ];
}

/** The region that the provider uses: from its config, or from the environment. */
function providerRegion(provider: "aws" | "aws-native"): string | undefined {
  return (
    new pulumi.Config(provider).get("region") ??
    process.env["AWS_REGION"] ??
    process.env["AWS_DEFAULT_REGION"]
  );
}

function removeCommand(name: string): string {
  return `pulumi config rm ${pulumi.getProject()}:${name}`;
}

function setCommand(name: string, value: string): string {
  const quoted = /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
  return `pulumi config set ${pulumi.getProject()}:${name} ${quoted}`;
}

function messageOf(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  return [
    `The configuration of the stack ${pulumi.getStack()} has ${count}:`,
    ...problems.map(({ sentence, command }) => [`- ${sentence}`, command].flat().join("\n    ")),
  ].join("\n");
}
