import { schedule } from "./schedule";
import {
  boolean,
  integer,
  type notAllowed,
  oneOf,
  optional,
  prefix,
  text,
  type SettingType,
} from "./setting-types";
import { steps, type StageName, type StepName } from "./stages";

/** A row of the table of settings. */
interface Setting {
  readonly type: SettingType<unknown>;
  /** As in Pulumi.yaml. A setting without a default is required. "" means that it may be left out. */
  readonly default?: string | number | boolean;
  /** A value for the command that corrects a mistake. Without one, the default is the example. */
  readonly example?: string;
  /** The stages that read it from their environment. The Pulumi program may read every setting. */
  readonly stages?: readonly StageName[];
  /** The pipeline's parameter, when its name is not the setting's. */
  readonly parameter?: string;
  /** The description in Pulumi.yaml. */
  readonly meaning: string;
}

/** The stages that work on the bot. */
const botStages = ["package", "baseline", "import", "evaluate", "publish"] as const;

/** The alias that every bot has. It always answers from the DRAFT. */
export const testAliasId = "TSTALIASID";

const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

const aliasId = /^[0-9A-Z]{10}$/;

/**
 * Every setting of a stack, one row each, by its key in the stack's config.
 *
 * A new setting needs only a row here. The parser of the config and its error message, the parameter of the
 * pipeline, the environment variable, the typed value that a stage reads, and the default of a local run come
 * from the row. Pulumi.yaml and the documents have their own text. Tests compare it with this table.
 */
export const settings = {
  botId: {
    type: text(/^[0-9A-Z]{10}$/, "the id of a Lex V2 bot, ten capital letters and digits"),
    example: "ABCDEFGHIJ",
    stages: botStages,
    meaning: "Id of the Lex V2 bot to retrain, ten capital letters and digits, as the Lex console shows it.",
  },
  botLocaleId: {
    type: text(/^[a-z]{2,3}_[0-9A-Z]{2,3}$/, "a locale of the bot, such as es_ES or en_US"),
    example: "es_ES",
    stages: botStages,
    meaning:
      "Locale of the bot to retrain, such as es_ES or en_US. Another locale or bot needs its own stack.",
  },
  existingBucketName: {
    type: optional(text(bucketName, "the name of a bucket"), "to create one"),
    default: "",
    example: "my-bucket",
    meaning:
      "Bucket to use instead of creating one. The stack does not configure it; turn on its notifications to Amazon EventBridge yourself.",
  },
  inputPrefix: {
    type: prefix(),
    default: "inbox/",
    meaning: "Where in the bucket the CSVs of missed utterances are dropped, with a slash at the end.",
  },
  outputPrefix: {
    type: prefix(),
    default: "runs/",
    meaning:
      "Where in the bucket every run leaves its reports and its backup of the bot, with a slash at the end.",
  },
  runRetentionDays: {
    type: integer(1, 3650),
    default: 90,
    meaning:
      "Days after which a created bucket deletes the files of a run, also its backup of the bot; 1 to 3650.",
  },
  kmsKeyArn: {
    type: optional(
      text(/^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[0-9a-z-]+$/, "the ARN of a KMS key"),
      "for keys that S3 manages",
    ),
    default: "",
    example: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    meaning:
      "KMS key that encrypts the bucket and the alerts topic. Empty means keys that S3 manages, and a topic that is not encrypted at rest.",
  },
  accessLogBucketName: {
    type: optional(text(bucketName, "the name of a bucket"), "for no access log"),
    default: "",
    example: "my-access-logs",
    meaning:
      "Bucket that gets the access log of a created bucket. Its policy must let the logging service of S3 write there. Empty means no access log.",
  },
  unlabelledUtterances: {
    type: {
      ...oneOf("review", "companion"),
      advice: (given) =>
        given === "assign" ? "Assigning the likeliest intent comes in a later version." : undefined,
    },
    default: "review",
    stages: ["package"],
    meaning:
      'What happens to an utterance without an intent. "review" writes it to review.csv with suggestions, for a person to label; ' +
      '"companion" files it under an intent of its own that answers like the FallbackIntent.',
  },
  buildTimeoutMinutes: {
    // The import stage must have time for two builds: one to retrain and one for a rollback.
    type: integer(5, 150),
    default: 60,
    stages: ["import", "evaluate", "publish"],
    meaning:
      "How long Lex may take to build the locale before the run gives up and restores the backup; 5 to 150 minutes.",
  },
  goldenSetKey: {
    type: optional(
      text(/^[\w.-][\w./ -]{0,199}$/, "the key of a CSV in the bucket"),
      "to ask the bot's own utterances",
    ),
    default: "",
    example: "golden/golden.csv",
    // A whole URI, because an execution may use another file, in any bucket.
    parameter: "GoldenSetUri",
    meaning:
      "Key in the bucket of a CSV (utterance,intent) of phrases that the bot must get right; a row labelled FallbackIntent must stay " +
      "unanswered. Empty means a sample of the bot's own utterances.",
  },
  evaluationAliasId: {
    type: text(aliasId, "the id of an alias of the bot, ten capital letters and digits"),
    default: testAliasId,
    stages: ["baseline", "evaluate"],
    meaning:
      `Alias that answers the phrases before and after a retraining. ${testAliasId} answers from the DRAFT; another alias is pointed to a ` +
      "version made for the purpose, so give it one that nobody uses.",
  },
  evaluateWithCodeHook: {
    type: boolean(),
    default: false,
    stages: ["baseline", "evaluate"],
    meaning: "Whether that alias may run its Lambda function for every phrase that is asked.",
  },
  evaluationConcurrency: {
    // Lex allows 50 text conversations on an alias at the same time, and the bot's users need some of them.
    type: integer(1, 50),
    default: 10,
    stages: ["baseline", "evaluate"],
    meaning: `How many phrases that alias is asked at once, 1 to 50. ${testAliasId} always takes 2.`,
  },
  maxRegressions: {
    type: integer(0, 10_000),
    default: 0,
    stages: ["evaluate"],
    meaning: "How many golden phrases may turn from right to wrong before the retraining is rolled back.",
  },
  maxLeakage: {
    type: integer(0, 10_000),
    default: 0,
    stages: ["evaluate"],
    meaning:
      "How many more out-of-scope phrases than before an intent may answer before the retraining is rolled back.",
  },
  botAliasId: {
    type: optional(text(aliasId, "the id of the alias to publish to"), "to publish nothing"),
    default: "",
    example: "KLMNOPQRST",
    // Baseline checks the alias early. Otherwise a run would find out hours later that it cannot publish to
    // it.
    stages: ["baseline", "publish"],
    meaning:
      "Alias that a retraining is published to once it is proven. Empty means that it stays in the DRAFT.",
  },
  keepVersions: {
    // Lex keeps 100 versions. The new one and those of other aliases need room too.
    type: integer(1, 90),
    default: 20,
    stages: ["baseline", "evaluate", "publish"],
    meaning: "How many of the newest versions of the bot are never deleted to make room; 1 to 90.",
  },
  instanceType: {
    type: text(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/, "an instance type of SageMaker Processing"),
    default: "ml.t3.medium",
    meaning: "Instance type of the processing jobs. A new account may need a higher quota for it.",
  },
  volumeSizeInGb: {
    type: integer(1, 16_384),
    default: 10,
    meaning: "Size of the processing jobs' disks in GB, 1 to 16384.",
  },
  imageUri: {
    type: optional(
      text(
        /^(?=.{1,255}$)\d{12}\.dkr\.ecr\.[a-z0-9-]+\.[a-z.]+\/[a-z0-9._/-]+[:@][A-Za-z0-9_.:-]+$/,
        "an image of a private ECR repository with its tag or digest",
      ),
      "for AWS's own image",
    ),
    default: "",
    example: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/lex-retraining:1",
    meaning:
      "Your own image, in a private ECR repository of the region, with `node` in it. Empty means AWS's image and a Node.js that the stack uploads.",
  },
  startOnUpload: {
    type: boolean(),
    default: true,
    meaning: "Whether a file dropped under inputPrefix starts the pipeline.",
  },
  schedule: {
    type: optional(schedule(), "for no schedule"),
    default: "",
    example: "cron(0 6 ? * MON *)",
    meaning:
      "When the pipeline starts by itself, such as rate(7 days) or cron(0 6 ? * MON *), in UTC. Empty means never.",
  },
  notificationEmail: {
    type: optional(text(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, "an e-mail address"), "for none"),
    default: "",
    example: "bot-team@example.com",
    meaning:
      "Address that gets an e-mail when a run fails or is stopped. Empty means that you subscribe to the alerts topic yourself.",
  },
  protectData: {
    type: boolean(),
    default: false,
    // Whoever set it wrongly meant to protect the bucket.
    example: "true",
    meaning: "Whether Pulumi refuses to delete or replace the bucket that it created.",
  },
  attachSageMakerFullAccess: {
    type: boolean(),
    default: false,
    meaning: "Whether the role also gets AmazonSageMakerFullAccess, which nothing here needs.",
  },
  permissionsBoundaryArn: {
    type: optional(
      text(/^arn:[a-z-]+:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/, "the ARN of an IAM policy"),
      "for no limit",
    ),
    default: "",
    example: "arn:aws:iam::111122223333:policy/pulumi-deploy-lex-retraining-dev-boundary",
    meaning:
      "Policy that limits every role of the stack, whatever else a role is allowed. Empty means no limit. A deployment by deploy/ needs the " +
      "one that deploy/ made.",
  },
} as const satisfies Readonly<Record<string, Setting>>;

type Table = typeof settings;
export type SettingName = keyof Table;

/** The names of the settings, in the order of the table. */
export const settingNames = Object.keys(settings) as readonly SettingName[];

type ValueOf<Name extends SettingName> = Table[Name]["type"] extends SettingType<infer Value> ? Value : never;

/** The value of every setting. A setting that may be left out is optional. */
export type Settings = {
  readonly [Name in SettingName as undefined extends ValueOf<Name> ? never : Name]: ValueOf<Name>;
} & {
  readonly [Name in SettingName as undefined extends ValueOf<Name> ? Name : never]?: ValueOf<Name>;
};

/** The settings that a stage reads from its environment. */
export type StageSettingName = {
  [Name in SettingName]: Table[Name] extends { readonly stages: unknown } ? Name : never;
}[SettingName];

/** Only the settings that stages read. */
export type StageSettings = Pick<Settings, StageSettingName>;

export type UnlabelledMode = Settings["unlabelledUtterances"];

export function isStageSetting(name: SettingName): name is StageSettingName {
  return "stages" in settings[name];
}

/** Leaves out the settings that no stage reads. */
export function stageSettingsOf(all: StageSettings): StageSettings {
  return Object.fromEntries(
    settingNames.filter(isStageSetting).map((name) => [name, all[name]]),
  ) as StageSettings;
}

/** The value that the text of a setting gives, or `notAllowed`. */
export function parseSetting<Name extends SettingName>(
  name: Name,
  given: string,
): Settings[Name] | typeof notAllowed {
  // TypeScript does not know that the name and the row's type belong together.
  return settings[name].type.parse(given) as Settings[Name] | typeof notAllowed;
}

/** What a value of a setting must be, to complete a sentence. */
export function requirementOf(name: SettingName, given = ""): string {
  const { allowed, advice } = rowOf(name).type;
  const more = advice?.(given);
  return `it must be ${allowed}.${more === undefined ? "" : ` ${more}`}`;
}

/** The defaults. A setting that may be left out is undefined. */
export const settingDefaults = Object.fromEntries(
  settingNames.flatMap((name) => {
    const { default: value } = rowOf(name);
    return value === undefined ? [] : [[name, parseSetting(name, String(value))]];
  }),
) as Pick<
  Settings,
  { [Name in SettingName]: Table[Name] extends { readonly default: unknown } ? Name : never }[SettingName]
>;

/** An allowed value of a setting, to show in a message. */
export function exampleOf(name: SettingName): string {
  const { example, default: value = "" } = rowOf(name);
  return example ?? String(value);
}

/** The row of a setting, with the type that all rows share. */
export function rowOf(name: SettingName): Setting {
  return settings[name];
}

/** The environment variable that gives a stage the setting, such as `BOT_ALIAS_ID`. */
/**
 * Whether a step is told a setting: those that its stages read, and all of them in Prepare, which finds a
 * wrong value before anything is sent.
 */
export function readsSetting(step: StepName, name: SettingName): boolean {
  const readers = rowOf(name).stages ?? [];
  return readers.some((stage) => step === "prepare" || steps[step].stages.includes(stage));
}

export function variableOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
