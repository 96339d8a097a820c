import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { LexRuntimeV2Client, RecognizeTextCommand } from "@aws-sdk/client-lex-runtime-v2";
import { bundleStages } from "../../pipeline/bundle";
import { pipelineDefinition, type PipelineSettings } from "../../pipeline/definition";
import { eachStage, stages, type StageName, type UnlabelledMode } from "../../pipeline/stages";
import { definitionProblems } from "../../pipeline/validate";
import { UserError } from "../user-error";
import { changesSchema, type Changes } from "../utterances/changes";
import { reviewRows, summarySchema, type ReviewRow, type Summary } from "../utterances/reports";
import { pathOf, type Buckets } from "./buckets";
import type { FaultSettings } from "./lex/faults";
import type { LocalBot } from "./lex/load-bot";
import { startLocalLex } from "./lex/server";
import { execute, type Execution, type ExecutionEvent } from "./runner";

export interface LocalRetraining {
  /** A CSV of misses or a folder of them. */
  readonly input: string;
  readonly bot: LocalBot;
  readonly localeId: string;
  /** The folder under which the run's files are kept, each run in one of its own. */
  readonly out: string;
  readonly unlabelled: UnlabelledMode;
  readonly faults: FaultSettings;
  readonly signal: AbortSignal;
  readonly onEvent: (event: ExecutionEvent) => void;
}

type DefinitionRequest = Pick<LocalRetraining, "input" | "bot" | "localeId" | "unlabelled">;

export interface Outcome {
  readonly execution: Execution;
  readonly runFolder: string;
  /** What package reported; undefined when the run failed before that. */
  readonly summary: Summary | undefined;
  readonly changes: Changes | undefined;
  readonly reviews: readonly ReviewRow[];
  /** One of the added utterances, and the intents that answered it before and after. */
  readonly asked: { readonly utterance: string; readonly before: string; readonly after: string } | undefined;
}

/** Retrains a bot on this machine: the pipeline that is deployed to AWS, against a local Lex that holds the bot. */
export async function retrainLocally(request: LocalRetraining): Promise<Outcome> {
  checkOut(request.out);
  const workFolder = mkdtempSync(join(tmpdir(), "lex-retraining-"));
  const lex = await startLocalLex({ bots: [request.bot], faults: request.faults });
  try {
    const buckets = {
      input: dirname(resolve(request.input)),
      runs: resolve(request.out),
      artifacts: join(workFolder, "artifacts"),
    };
    const execution = await execute({
      definition: await localDefinition(request, buckets),
      parameters: {},
      buckets,
      workFolder,
      environment: localEnvironment(lex.url),
      signal: request.signal,
      onEvent: request.onEvent,
    });
    const output = (stage: StageName, file: string) =>
      pathOf(buckets, `s3://runs/${execution.id}/${stages[stage].step.toLowerCase()}/${file}`);
    const reviews = output("package", "report/review.csv");
    const changes = readJson(output("package", "package/changes.json"), changesSchema);
    return {
      execution,
      runFolder: pathOf(buckets, `s3://runs/${execution.id}`),
      summary: readJson(output("package", "report/summary.json"), summarySchema),
      changes,
      reviews: existsSync(reviews) ? reviewRows(readFileSync(reviews, "utf8"), request.localeId) : [],
      asked:
        execution.status === "Succeeded" && changes ? await askOnce(changes, request, lex.url) : undefined,
    };
  } finally {
    await lex.close();
    rmSync(workFolder, { recursive: true, force: true });
  }
}

/** The definition that is deployed to AWS, with the names and places of this machine. */
export async function localDefinition(
  { input, bot, localeId, unlabelled }: DefinitionRequest,
  buckets: Buckets,
) {
  const settings: PipelineSettings = {
    defaults: {
      InputBucket: "input",
      InputKey: inputKey(input),
      OutputDataUri: "s3://runs",
      BotId: bot.id,
      BotLocaleId: localeId,
      UnlabelledUtterances: unlabelled,
      BuildTimeoutMinutes: 60,
    },
    region,
    roleArn: "arn:aws:iam::000000000000:role/local",
    imageUri: "local",
    nodeUri: nodeIn(buckets),
    scriptUris: await scriptsIn(buckets),
    instanceType: "ml.t3.medium",
    volumeSizeInGb: 10,
  };
  const definition = pipelineDefinition(settings);
  const problems = definitionProblems(definition);
  if (problems.length > 0) throw new UserError(problems.join("\n"));
  return definition;
}

const region = "us-east-1";

function checkOut(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch {
    throw new UserError(`${folder} cannot be written to, or is no folder: name another with --out.`);
  }
}

/** The folder in which the user's file or folder lies stands for a bucket. */
function inputKey(input: string): string {
  const stats = statSync(input, { throwIfNoEntry: false });
  if (!stats)
    throw new UserError(`${input} does not exist: name a CSV of missed utterances, or a folder of them.`);
  if (!stats.isDirectory()) return basename(resolve(input));
  if (readdirSync(input).length === 0)
    throw new UserError(`${input} is an empty folder: put a CSV of missed utterances into it.`);
  return `${basename(resolve(input))}/`;
}

async function scriptsIn(buckets: Buckets): Promise<PipelineSettings["scriptUris"]> {
  const bundles = await bundleStages();
  return eachStage((stage) => {
    const { fileName, text, hash } = bundles[stage];
    const uri = `s3://artifacts/code/${hash}/${fileName}`;
    mkdirSync(dirname(pathOf(buckets, uri)), { recursive: true });
    writeFileSync(pathOf(buckets, uri), text);
    return uri;
  });
}

function nodeIn(buckets: Buckets): string {
  const uri = `s3://artifacts/runtime/${process.version}/node`;
  mkdirSync(dirname(pathOf(buckets, uri)), { recursive: true });
  symlinkSync(process.execPath, pathOf(buckets, uri));
  return uri;
}

/** The SDK's own variables lead it to the local Lex, which looks at no credentials; those of the user stay out of the stages. */
function localEnvironment(url: string): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_LEX_MODELS_V2: url,
    AWS_ENDPOINT_URL_LEX_RUNTIME_V2: url,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    // Windows starts no network without it.
    ...(process.env["SystemRoot"] === undefined ? {} : { SystemRoot: process.env["SystemRoot"] }),
  };
}

function readJson<T>(file: string, schema: { parse(content: unknown): T }): T | undefined {
  return existsSync(file) ? schema.parse(JSON.parse(readFileSync(file, "utf8"))) : undefined;
}

/** Asks the most missed of the added utterances, of the bot as it was and as it is. */
async function askOnce(
  { intents }: Changes,
  { bot, localeId }: LocalRetraining,
  url: string,
): Promise<Outcome["asked"]> {
  const [most] = intents.flatMap(({ added }) => added).sort((a, b) => b.count - a.count);
  if (!most) return undefined;
  const before = await startLocalLex({ bots: [bot] });
  try {
    const ask = (endpoint: string) => intentOf(most.utterance, { botId: bot.id, localeId, endpoint });
    return { utterance: most.utterance, before: await ask(before.url), after: await ask(url) };
  } finally {
    await before.close();
  }
}

async function intentOf(
  text: string,
  { botId, localeId, endpoint }: { botId: string; localeId: string; endpoint: string },
): Promise<string> {
  const runtime = new LexRuntimeV2Client({
    endpoint,
    region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const answer = await runtime.send(
    new RecognizeTextCommand({
      botId,
      botAliasId: "TSTALIASID",
      localeId,
      sessionId: "before-and-after",
      text,
    }),
  );
  return answer.interpretations?.[0]?.intent?.name ?? "no intent";
}
