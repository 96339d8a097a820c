import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { bundleSteps } from "../pipeline/bundle";
import { pipelineDefinition, type PipelineDefinitionArgs } from "../pipeline/definition";
import { settingDefaults, stageSettingsOf, type UnlabelledMode } from "../pipeline/settings";
import { eachStep } from "../pipeline/stages";
import { definitionProblems } from "../pipeline/validate";
import { answersFile, type Answers } from "../scripts/artifacts/answers";
import { changesFile, type Changes } from "../scripts/artifacts/changes";
import { evaluationFile, type Evaluation } from "../scripts/artifacts/evaluation";
import { findReview, type ReviewRow } from "../scripts/artifacts/review";
import { summaryFile, type Summary } from "../scripts/artifacts/summary";
import { UsageError } from "../scripts/messages/user-error";
import { pathOf, type Buckets } from "./buckets";
import type { FaultSettings } from "./lex/faults";
import type { LocalBot } from "./lex/load-bot";
import { startLocalLex } from "./lex/server";
import { execute, type Execution, type ExecutionEvent } from "./runner";
import { startLocalS3 } from "./s3";

export interface LocalRetraining {
  /** A CSV of misses or a folder of them. */
  readonly input: string;
  readonly bot: LocalBot;
  readonly localeId: string;
  /** The folder that keeps the files of the runs, each run in its own folder. */
  readonly out: string;
  readonly unlabelled: UnlabelledMode;
  /**
   * A CSV of phrases that the bot must get right. Without it, the evaluation asks some of the bot's
   * utterances.
   */
  readonly golden: string | undefined;
  readonly faults: FaultSettings;
  readonly signal: AbortSignal;
  readonly onEvent: (event: ExecutionEvent) => void;
}

type DefinitionRequest = Pick<LocalRetraining, "input" | "bot" | "localeId" | "unlabelled" | "golden">;

export interface Outcome {
  readonly execution: Execution;
  readonly runFolder: string;
  /** What package reported; undefined when the run failed before that. */
  readonly summary: Summary | undefined;
  readonly changes: Changes | undefined;
  readonly reviews: readonly ReviewRow[];
  readonly evaluation: Evaluation | undefined;
  /** The recovered utterance with the most misses, and the intents that answered it before and after. */
  readonly asked: { readonly utterance: string; readonly before: string; readonly after: string } | undefined;
}

/**
 * Retrains a bot on this machine: the pipeline that is deployed to AWS, against a local Lex that holds the
 * bot.
 */
export async function retrainLocally(request: LocalRetraining): Promise<Outcome> {
  checkOut(request.out);
  const workFolder = mkdtempSync(join(tmpdir(), "lex-retraining-"));
  const buckets = {
    input: folderOf(request.input),
    runs: resolve(request.out),
    artifacts: join(workFolder, "artifacts"),
    ...(request.golden === undefined ? {} : { golden: goldenFolder(request.golden) }),
  };
  // The local Lex ends with the run, and so do the leases and journals of its bots.
  mkdirSync(join(workFolder, "bots"));
  const [lex, s3] = await Promise.all([
    startLocalLex({ bots: [request.bot], faults: request.faults }),
    startLocalS3({ runs: buckets.runs, bots: join(workFolder, "bots") }),
  ]);
  try {
    const execution = await execute({
      definition: await localDefinition(request, buckets),
      parameters: {},
      buckets,
      workFolder,
      environment: localEnvironment(lex.url, s3.url),
      signal: request.signal,
      onEvent: request.onEvent,
    });
    return outcomeOf(execution, pathOf(buckets, `s3://runs/${execution.id}`), request.localeId);
  } finally {
    await Promise.all([lex.close(), s3.close()]);
    rmSync(workFolder, { recursive: true, force: true });
  }
}

function outcomeOf(execution: Execution, runFolder: string, localeId: string): Outcome {
  const changes = changesFile.find(runFolder);
  const evaluation = evaluationFile.find(runFolder);
  return {
    execution,
    runFolder,
    summary: summaryFile.find(runFolder),
    changes,
    reviews: findReview(runFolder, localeId),
    evaluation,
    asked: askedOf(changes, evaluation, answersFile.find(runFolder)),
  };
}

function askedOf(changes?: Changes, evaluation?: Evaluation, answers?: Answers): Outcome["asked"] {
  const recovered = new Map(evaluation?.recovered.map(({ phrase, intent }) => [phrase, intent]));
  const additions = (changes?.intents ?? []).flatMap(({ added }) => added).sort((a, b) => b.count - a.count);
  const utterance = additions.find((addition) => recovered.has(addition.utterance))?.utterance;
  const before = answers?.phrases.find(({ set, text }) => set === "added" && text === utterance)?.before;
  if (utterance === undefined || before === undefined || !("intent" in before)) {
    return undefined;
  }
  return { utterance, before: before.intent, after: recovered.get(utterance) ?? "" };
}

/** The definition that is deployed to AWS, with the names and places of this machine. */
export async function localDefinition(
  { input, bot, localeId, unlabelled, golden }: DefinitionRequest,
  buckets: Buckets,
) {
  const definition = pipelineDefinition({
    settings: stageSettingsOf({
      ...settingDefaults,
      botId: bot.id,
      botLocaleId: localeId,
      unlabelledUtterances: unlabelled,
    }),
    places: {
      InputBucket: "input",
      InputKey: inputKey(input),
      OutputDataUri: "s3://runs",
      GoldenSetUri: golden === undefined ? undefined : `s3://golden/${basename(resolve(golden))}`,
    },
    botsUri: "s3://bots",
    region,
    roleArn: "arn:aws:iam::000000000000:role/local",
    imageUri: "local",
    nodeUri: nodeIn(buckets),
    scriptUris: await scriptsIn(buckets),
    instanceType: "ml.t3.medium",
    volumeSizeInGb: 10,
  });
  const problems = definitionProblems(definition);
  if (problems.length > 0) {
    throw new Error(problems.join("\n"));
  }
  return definition;
}

const region = "us-east-1";

/** The folder that contains a file or folder of the user; it serves as a bucket. */
function folderOf(path: string): string {
  if (!existsSync(path)) {
    throw new UsageError(`${path} does not exist: name a CSV, or a folder of them.`);
  }
  return dirname(resolve(path));
}

function goldenFolder(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError(`${path} is not a file: name the CSV of the golden set.`);
  }
  return folderOf(path);
}

function checkOut(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch {
    throw new UsageError(`${folder} cannot be written to, or is not a folder: name another with --out.`);
  }
}

function inputKey(input: string): string {
  if (!statSync(input).isDirectory()) {
    return basename(resolve(input));
  }
  if (readdirSync(input).length === 0) {
    throw new UsageError(`${input} is an empty folder: put a CSV of missed utterances into it.`);
  }
  return `${basename(resolve(input))}/`;
}

async function scriptsIn(buckets: Buckets): Promise<PipelineDefinitionArgs["scriptUris"]> {
  const bundles = await bundleSteps();
  return eachStep((step) => {
    const { fileName, path, hash } = bundles[step];
    const uri = `s3://artifacts/code/${hash}/${fileName}`;
    mkdirSync(dirname(pathOf(buckets, uri)), { recursive: true });
    copyFileSync(path, pathOf(buckets, uri));
    return uri;
  });
}

function nodeIn(buckets: Buckets): string {
  const uri = `s3://artifacts/runtime/${process.version}/node`;
  mkdirSync(dirname(pathOf(buckets, uri)), { recursive: true });
  symlinkSync(process.execPath, pathOf(buckets, uri));
  return uri;
}

/**
 * Leads the SDK to the local Lex and S3, which do not check credentials. The user's own stay out of the
 * stages.
 */
function localEnvironment(lexUrl: string, s3Url: string): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_LEX_MODELS_V2: lexUrl,
    AWS_ENDPOINT_URL_LEX_RUNTIME_V2: lexUrl,
    AWS_ENDPOINT_URL_S3: s3Url,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    // Windows needs it for the network.
    ...(process.env["SystemRoot"] === undefined ? {} : { SystemRoot: process.env["SystemRoot"] }),
  };
}
