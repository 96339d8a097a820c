import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { parse } from "yaml";
import { loadConfig, type RetrainingConfig } from "../../components/config";
import { definitionText } from "../../components/retraining-pipeline";
import { eachStep } from "../../pipeline/stages";
import { declare } from "./mocks";

/** The smallest config: the defaults that the Pulumi CLI adds, and the keys that a stack must set. */
const config = {
  ...defaults(),
  "aws:region": "eu-west-1",
  "aws-native:region": "eu-west-1",
  "lex-retraining:botId": "ABCDEFGHIJ",
  "lex-retraining:botLocaleId": "es_ES",
};

describe("the stack's config", () => {
  it("needs a bot and a locale, and has a default for the rest", async () => {
    expect(await load()).to.deep.equal({
      botId: "ABCDEFGHIJ",
      botLocaleId: "es_ES",
      existingBucketName: undefined,
      inputPrefix: "inbox/",
      outputPrefix: "runs/",
      runRetentionDays: 90,
      kmsKeyArn: undefined,
      accessLogBucketName: undefined,
      unlabelledUtterances: "review",
      buildTimeoutMinutes: 60,
      instanceType: "ml.t3.medium",
      volumeSizeInGb: 10,
      imageUri: undefined,
      startOnUpload: true,
      schedule: undefined,
      notificationEmail: undefined,
      protectData: false,
      attachSageMakerFullAccess: false,
      permissionsBoundaryArn: undefined,
      goldenSetKey: undefined,
      evaluationAliasId: "TSTALIASID",
      evaluateWithCodeHook: false,
      evaluationConcurrency: 10,
      maxRegressions: 0,
      maxLeakage: 0,
      botAliasId: undefined,
      keepVersions: 20,
    });
  });

  it("takes values of every kind", async () => {
    const loaded = await load({
      existingBucketName: "our.bucket-1",
      inputPrefix: "lex/misses/",
      runRetentionDays: "3650",
      unlabelledUtterances: "companion",
      volumeSizeInGb: "1",
      imageUri: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/lex-retraining:1.2",
      kmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
      startOnUpload: "false",
      schedule: "cron(0 6 ? * MON *)",
      notificationEmail: "bot-team@example.com",
      attachSageMakerFullAccess: "true",
    });
    expect(loaded).to.include({
      existingBucketName: "our.bucket-1",
      inputPrefix: "lex/misses/",
      runRetentionDays: 3650,
      unlabelledUtterances: "companion",
      volumeSizeInGb: 1,
      imageUri: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/lex-retraining:1.2",
      kmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
      startOnUpload: false,
      schedule: "cron(0 6 ? * MON *)",
      notificationEmail: "bot-team@example.com",
      attachSageMakerFullAccess: true,
    });
  });

  it("makes a definition that SageMaker accepts, also with the longest values", async () => {
    const longest = {
      inputPrefix: `${"i".repeat(99)}/`,
      outputPrefix: `${"o".repeat(99)}/`,
      imageUri: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/".padEnd(253, "n") + ":1",
      volumeSizeInGb: "16384",
    };
    const loaded = await load(longest);
    const definition = () =>
      definitionText("eu-west-1", {
        ...loaded,
        pipelineName: "lex-retraining-dev",
        roleArn: "arn:aws:iam::111122223333:role/execution",
        bucketName: "b".repeat(63),
        imageUri: longest.imageUri,
        nodeUri: "s3://data/runtime/0123456789abcdef/node",
        scriptUris: eachStep((step) => `s3://data/code/0123456789abcdef/${step}.cjs`),
      });
    expect(definition).not.to.throw();
    expect(await refusal({ imageUri: `${longest.imageUri}2` })).to.contain("imageUri is ");
    expect(await refusal({ inputPrefix: `i${longest.inputPrefix}` })).to.contain("inputPrefix is ");
  });

  it("is refused with every problem at once, each with the command that corrects it", async () => {
    const message = await refusal({
      botId: undefined,
      botLocaleId: "español",
      runRetentionDays: "90 days",
      volumeSizeInGb: "0",
      startOnUpload: "yes",
      schedule: "every monday",
      notificationEmail: "bot-team",
      inputPrefix: "runs/in/",
      protectData: "true",
      existingBucketName: "our-bucket",
      unlabelledUtterances: "assign",
      instanceTyp: "ml.m5.large",
      assignThreshold: "0.5",
    });
    expect(message).to.equal(
      `The configuration of the stack dev has 12 problems:
- botId is missing: it must be the id of a Lex V2 bot, ten capital letters and digits.
    pulumi config set lex-retraining:botId ABCDEFGHIJ
- botLocaleId is "español": it must be a locale of the bot, such as es_ES or en_US.
    pulumi config set lex-retraining:botLocaleId es_ES
- runRetentionDays is "90 days": it must be a whole number from 1 to 3650.
    pulumi config set lex-retraining:runRetentionDays 90
- unlabelledUtterances is "assign": it must be review or companion. Assigning the likeliest intent comes in a later version.
    pulumi config set lex-retraining:unlabelledUtterances review
- volumeSizeInGb is "0": it must be a whole number from 1 to 16384.
    pulumi config set lex-retraining:volumeSizeInGb 10
- startOnUpload is "yes": it must be true or false.
    pulumi config set lex-retraining:startOnUpload true
- schedule is "every monday": it must be rate(7 days), a cron expression of six fields in UTC, or empty for no schedule.
    pulumi config set lex-retraining:schedule "cron(0 6 ? * MON *)"
- notificationEmail is "bot-team": it must be an e-mail address, or empty for none.
    pulumi config set lex-retraining:notificationEmail bot-team@example.com
- assignThreshold is not a key of this project.
    pulumi config rm lex-retraining:assignThreshold
- instanceTyp is not a key of this project: did you mean instanceType?
    pulumi config set lex-retraining:instanceType ml.m5.large
    pulumi config rm lex-retraining:instanceTyp
- protectData is true, but this stack did not create the bucket our-bucket and cannot protect it.
    pulumi config set lex-retraining:protectData false
- inputPrefix runs/in/ and outputPrefix runs/ overlap: a run would start another run.
    pulumi config set lex-retraining:inputPrefix inbox/`,
    );
  });

  const single: readonly { what: string; values: Values; message: string }[] = [
    {
      what: "an input prefix where the code is",
      values: { inputPrefix: "code/new/" },
      message: `- inputPrefix code/new/ overlaps code/, where the stages' code is.
    pulumi config set lex-retraining:inputPrefix inbox/`,
    },
    {
      what: "an output prefix where Node.js is",
      values: { outputPrefix: "runtime/" },
      message: `- outputPrefix runtime/ overlaps runtime/, where the stages' code is.
    pulumi config set lex-retraining:outputPrefix runs/`,
    },
    {
      what: "an input prefix where the leases are",
      values: { inputPrefix: "bots/inbox/" },
      message: `- inputPrefix bots/inbox/ overlaps bots/, where the lease and the journal of each bot are.
    pulumi config set lex-retraining:inputPrefix inbox/`,
    },
    {
      what: "an output prefix where the leases are",
      values: { outputPrefix: "bots/" },
      message: `- outputPrefix bots/ overlaps bots/, where the lease and the journal of each bot are.
    pulumi config set lex-retraining:outputPrefix runs/`,
    },
    {
      what: "a golden set among the leases",
      values: { goldenSetKey: "bots/golden.csv" },
      message: `- goldenSetKey bots/golden.csv overlaps bots/, where the lease and the journal of each bot are.
    pulumi config set lex-retraining:goldenSetKey golden/golden.csv`,
    },
    {
      what: "a golden set with a key that those of the leases begin with",
      values: { goldenSetKey: "bots" },
      message: `- goldenSetKey bots overlaps bots/, where the lease and the journal of each bot are.
    pulumi config set lex-retraining:goldenSetKey golden/golden.csv`,
    },
    {
      what: "outputs among the inputs",
      values: { outputPrefix: "inbox/done/" },
      message: `- inputPrefix inbox/ and outputPrefix inbox/done/ overlap: a run would start another run.
    pulumi config set lex-retraining:outputPrefix runs/`,
    },
    {
      what: "a prefix without a slash at its end",
      values: { inputPrefix: "inbox" },
      message: `- inputPrefix is "inbox": it must be folders of letters, digits, '.', '_' and '-', with a slash at the end, up to 100 characters.
    pulumi config set lex-retraining:inputPrefix inbox/`,
    },
    {
      what: "a prefix that EventBridge would read as a pattern",
      values: { inputPrefix: "in*/" },
      message: `- inputPrefix is "in*/": it must be folders of letters, digits, '.', '_' and '-', with a slash at the end, up to 100 characters.
    pulumi config set lex-retraining:inputPrefix inbox/`,
    },
    {
      what: "a protection that is neither on nor off, and is told how to turn it on",
      values: { protectData: "yes" },
      message: `- protectData is "yes": it must be true or false.
    pulumi config set lex-retraining:protectData true`,
    },
    {
      what: "a required key left empty",
      values: { botId: "" },
      message: `- botId is "": it must be the id of a Lex V2 bot, ten capital letters and digits.
    pulumi config set lex-retraining:botId ABCDEFGHIJ`,
    },
    {
      what: "an image in another region",
      values: { imageUri: "111122223333.dkr.ecr.us-east-1.amazonaws.com/node:24" },
      message: `- imageUri is in us-east-1: SageMaker accepts it only in eu-west-1, where the stack is.
    pulumi config set lex-retraining:imageUri 111122223333.dkr.ecr.eu-west-1.amazonaws.com/lex-retraining:1`,
    },
    {
      what: "a key in another region",
      values: { kmsKeyArn: "arn:aws:kms:us-east-1:111122223333:key/1234abcd" },
      message: `- kmsKeyArn is in us-east-1: SageMaker accepts it only in eu-west-1, where the stack is.
    pulumi config set lex-retraining:kmsKeyArn arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab`,
    },
    {
      what: "the alias of the evaluation to publish to",
      values: { botAliasId: "KLMNOPQRST", evaluationAliasId: "KLMNOPQRST" },
      message: `- evaluationAliasId and botAliasId are both KLMNOPQRST: its users would get a retraining that is not proven yet.
    pulumi config set lex-retraining:evaluationAliasId TSTALIASID`,
    },
    {
      what: "the test alias to publish to",
      values: { botAliasId: "TSTALIASID", evaluationAliasId: "EVALUATE00" },
      message: `- botAliasId is TSTALIASID, which always answers from the DRAFT: nothing can be published to it.
    pulumi config set lex-retraining:botAliasId KLMNOPQRST`,
    },
    {
      what: "a golden set among the misses",
      values: { goldenSetKey: "inbox/golden.csv" },
      message: `- goldenSetKey inbox/golden.csv is under inputPrefix inbox/, where every file is read as misses.
    pulumi config set lex-retraining:goldenSetKey golden/golden.csv`,
    },
    {
      what: "a golden set among the files of the runs",
      values: { goldenSetKey: "runs/golden.csv" },
      message: `- goldenSetKey runs/golden.csv is under outputPrefix runs/, where files are deleted after runRetentionDays.
    pulumi config set lex-retraining:goldenSetKey golden/golden.csv`,
    },
    {
      what: "an access log of a bucket that the stack does not configure",
      values: { existingBucketName: "ours", accessLogBucketName: "our-access-logs" },
      message: `- accessLogBucketName is our-access-logs, but this stack did not create the bucket ours and does not configure it.
    pulumi config rm lex-retraining:accessLogBucketName`,
    },
    {
      what: "two providers in two regions",
      values: { "aws-native:region": "us-east-1" },
      message: `- aws-native:region is us-east-1: it must be the same as aws:region.
    pulumi config set aws-native:region eu-west-1`,
    },
  ];
  for (const { what, values, message } of single) {
    it(`is refused with ${what}`, async () => {
      expect(await refusal(values)).to.equal(`The configuration of the stack dev has a problem:\n${message}`);
    });
  }

  it("is refused without a region, unless the environment names one as the providers read it", async () => {
    const nowhere = { "aws:region": undefined, "aws-native:region": undefined };
    expect(await withRegion(undefined, () => refusal(nowhere))).to
      .equal(`The configuration of the stack dev has 2 problems:
- aws:region is missing: it must be the region of the bot.
    pulumi config set aws:region eu-west-1
- aws-native:region is missing: it must be the same as aws:region.
    pulumi config set aws-native:region eu-west-1`);
    expect(await withRegion("eu-south-2", () => load(nowhere))).to.include({ botId: "ABCDEFGHIJ" });
  });

  const badNames = {
    "that a bucket cannot have": "Prod_1",
    "with two hyphens in a row": "prod--1",
    "with a hyphen at its end": "prod-",
    "that is too long for a rule's": "a".repeat(24),
    "of many parts that is too long for a rule's": "a-".repeat(11) + "ab",
  };
  for (const [what, name] of Object.entries(badNames)) {
    it(`is refused in a stack with a name ${what}`, async () => {
      expect(await refusal({}, name)).to.equal(
        `The configuration of the stack ${name} has a problem:
- The stack is named ${name}: its name must have up to 23 small letters, digits and single hyphens.
    pulumi stack rename dev`,
      );
    });
  }

  it("is loaded in a stack with the longest name", async () => {
    expect(await load({}, "mybot-es-2-abcdefghijkl")).to.include({ botId: "ABCDEFGHIJ" });
  });

  const bounds = {
    runRetentionDays: [1, 3650],
    buildTimeoutMinutes: [5, 150],
    evaluationConcurrency: [1, 50],
    maxRegressions: [0, 10_000],
    maxLeakage: [0, 10_000],
    keepVersions: [1, 90],
    volumeSizeInGb: [1, 16_384],
  } as const;
  for (const [name, [min, max]] of Object.entries(bounds)) {
    it(`takes ${name} from ${min} to ${max}, and nothing beyond`, async () => {
      for (const value of [min, max]) {
        expect(await load({ [name]: String(value) })).to.include({ [name]: value });
      }
      for (const value of [min - 1, max + 1]) {
        expect(await refusal({ [name]: String(value) })).to.contain(
          `\n- ${name} is "${value}": it must be a whole number from ${min} to ${max}.\n`,
        );
      }
    });
  }
});

type Values = Readonly<Record<string, string | undefined>>;

async function load(values: Values = {}, stack = "dev"): Promise<RetrainingConfig> {
  let loaded: RetrainingConfig | undefined;
  await declare(
    () => {
      loaded = loadConfig();
    },
    { config: changed(values), stack },
  );
  if (!loaded) {
    throw new Error("Nothing was loaded.");
  }
  return loaded;
}

async function refusal(values: Values, stack = "dev"): Promise<string> {
  let message = "";
  await declare(
    () => {
      try {
        loadConfig();
      } catch (error) {
        if (!pulumi.RunError.isInstance(error)) {
          throw error;
        }
        message = error.message;
      }
    },
    { config: changed(values), stack },
  );
  return message;
}

/**
 * The config with some keys set. An undefined value removes its key. A key without a namespace is the
 * project's.
 */
function changed(values: Values): Record<string, string> {
  const merged = new Map<string, string | undefined>(Object.entries(config));
  for (const [key, value] of Object.entries(values)) {
    merged.set(key.includes(":") ? key : `lex-retraining:${key}`, value);
  }
  return Object.fromEntries(
    [...merged].flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

async function withRegion<T>(region: string | undefined, action: () => Promise<T>): Promise<T> {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) {
      Reflect.deleteProperty(process.env, name);
    } else {
      process.env[name] = value;
    }
  };
  set("AWS_REGION", region);
  set("AWS_DEFAULT_REGION", undefined);
  try {
    return await action();
  } finally {
    set("AWS_REGION", AWS_REGION);
    set("AWS_DEFAULT_REGION", AWS_DEFAULT_REGION);
  }
}

type ProjectConfig = Readonly<Record<string, { readonly default?: string | number | boolean }>>;

function projectConfig(): ProjectConfig {
  const project = parse(readFileSync(join(__dirname, "../../Pulumi.yaml"), "utf8")) as {
    config: ProjectConfig;
  };
  return project.config;
}

/** All values are text, because the CLI gives them to the program like that. */
function defaults(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(projectConfig()).flatMap(([key, declared]) =>
      declared.default === undefined ? [] : [[`lex-retraining:${key}`, String(declared.default)]],
    ),
  );
}
