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
import { codePrefix, runtimePrefix } from "./prefixes";

/** The stack's config, every value checked. */
export type RetrainingConfig = Settings;

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

/** What is wrong, and the commands that mend it. */
interface Problem {
  readonly sentence: string;
  readonly command: string | readonly string[];
}

function readKeys(): { config: Partial<RetrainingConfig>; problems: Problem[] } {
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
  return { config: Object.fromEntries(values) as Partial<RetrainingConfig>, problems };
}

/** A misspelt key would otherwise have no effect, and nobody would be told. */
function unknownKeys(): Problem[] {
  const namespace = `${pulumi.getProject()}:`;
  return Object.keys(pulumi.runtime.allConfig())
    .filter((key) => key.startsWith(namespace))
    .map((key) => key.slice(namespace.length))
    .filter((name) => !settingNames.some((known) => known === name))
    .sort()
    .map((name) => {
      const remove = `pulumi config rm ${namespace}${name}`;
      const meant = nearest(name, settingNames);
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
  if (botAliasId === testAliasId) {
    problems.push({
      sentence: `botAliasId is ${testAliasId}, which always answers from the DRAFT: nothing can be published to it.`,
      command: setCommand("botAliasId", "KLMNOPQRST"),
    });
  }
  if (botAliasId !== undefined && evaluationAliasId === botAliasId) {
    problems.push({
      sentence: `evaluationAliasId and botAliasId are both ${botAliasId}: what is not proven yet would reach its users.`,
      command: setCommand("evaluationAliasId", testAliasId),
    });
  }
  const chosen = { inputPrefix, outputPrefix };
  for (const name of ["inputPrefix", "outputPrefix"] as const) {
    for (const taken of [codePrefix, runtimePrefix]) {
      if (chosen[name] !== undefined && overlap(chosen[name], taken)) {
        problems.push({
          sentence: `${name} ${chosen[name]} overlaps ${taken}, where the stages' code lies.`,
          command: setCommand(name, exampleOf(name)),
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
        command: setCommand(name, exampleOf(name).replace("eu-west-1", region)),
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
