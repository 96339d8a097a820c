import { accessSync, constants, copyFileSync, mkdirSync, statSync, writeFileSync } from "node:fs";
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
import { workFolderIn } from "./work-folder";

export interface LocalRetraining {
  /** A CSV of misses or a folder of them, and no link. */
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
 *
 * @throws the reason of the signal when it stops the run before a step has begun
 */
export async function retrainLocally(request: LocalRetraining): Promise<Outcome> {
  checkOut(request.out);
  const workFolder = workFolderIn(request.out);
  const buckets = {
    input: folderOf(request.input),
    runs: resolve(request.out),
    artifacts: join(workFolder.path, "artifacts"),
    ...(request.golden === undefined ? {} : { golden: folderOf(request.golden) }),
  };
  // The local Lex ends with the run, and so do the leases and journals of its bots.
  mkdirSync(join(workFolder.path, "bots"));
  const [lex, s3] = await Promise.all([
    startLocalLex({ bots: [request.bot], faults: request.faults }),
    startLocalS3({ runs: buckets.runs, bots: join(workFolder.path, "bots") }),
  ]);
  try {
    const definition = await localDefinition(request, buckets);
    request.signal.throwIfAborted();
    const execution = await execute({
      definition,
      parameters: {},
      buckets,
      workFolder: workFolder.path,
      environment: localEnvironment(lex.url, s3.url),
      signal: request.signal,
      onEvent: request.onEvent,
    });
    return outcomeOf(execution, pathOf(buckets, `s3://runs/${execution.id}`), request.localeId);
  } catch (error) {
    // Ctrl+C reaches the processes that this one waits for too, and what they end with is no news.
    request.signal.throwIfAborted();
    throw error;
  } finally {
    await Promise.all([lex.close(), s3.close()]);
    workFolder.remove();
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
  return dirname(resolve(path));
}

function inputKey(input: string): string {
  return statSync(input).isDirectory() ? `${basename(resolve(input))}/` : basename(resolve(input));
}

function checkOut(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  } catch {
    throw new UsageError(`${folder} cannot be written to, or is not a folder: name another with --out.`);
  }
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

/** Stands for the Node.js that runs the steps: on this machine that is the one that runs this. */
function nodeIn(buckets: Buckets): string {
  const uri = `s3://artifacts/runtime/${process.version}/node`;
  mkdirSync(dirname(pathOf(buckets, uri)), { recursive: true });
  writeFileSync(pathOf(buckets, uri), "");
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
