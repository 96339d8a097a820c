import { setTimeout as sleep } from "node:timers/promises";
import { LexModelsV2Client } from "@aws-sdk/client-lex-models-v2";
import { LexRuntimeV2Client } from "@aws-sdk/client-lex-runtime-v2";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { UserError } from "../messages/user-error";

/** How long a call waits for a locale that is busy. */
const conflictTime = 10 * 60_000;

/** Transfers that break are tried this often. */
const transferAttempts = 5;

const firstPause = 100;
const longestPause = 5_000;

/**
 * The model-building API of Lex, at the place that the environment of the AWS SDK names. The SDK itself tries
 * again after throttling and outages, with jitter and by Retry-After.
 */
export function lexModels(maxAttempts = 10): LexModelsV2Client {
  return new LexModelsV2Client({ maxAttempts });
}

/**
 * The API of Lex that answers utterances. The SDK finds it and tries again in the same way. Times are in
 * milliseconds; a Lambda function of the bot's may take 30 seconds.
 *
 * The SDK's own handler speaks HTTP/2, with one connection for all calls: when that breaks, all of them fail.
 */
export function lexRuntime({ maxAttempts = 10, requestTimeout = 60_000 } = {}): LexRuntimeV2Client {
  return new LexRuntimeV2Client({
    maxAttempts,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 10_000,
      requestTimeout,
      // Without this the handler only warns.
      throwOnRequestTimeout: true,
    }),
  });
}

/**
 * A call of Lex that waits while the resource is busy. `doing` completes "could not ...".
 *
 * @throws UserError with Lex's own words.
 */
export async function callLex<T>(doing: string, call: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + conflictTime;
  for (let pause = firstPause; ; pause = longer(pause)) {
    try {
      return await call();
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) {
        throw new UserError(`Could not ${doing}: ${explanationOf(error)}`, { cause: error });
      }
    }
    await sleep(jittered(pause));
  }
}

/**
 * Asks until there is an answer. Times are in milliseconds, the pauses between the first and the longest
 * growing; `what` completes "waited in vain for ...".
 */
export async function poll<T>(
  what: string,
  timeout: number,
  ask: () => Promise<T | undefined>,
  { first = firstPause, longest = longestPause } = {},
): Promise<T> {
  const deadline = Date.now() + timeout;
  for (let pause = first; ; pause = longer(pause, longest)) {
    const answer = await ask();
    if (answer !== undefined) {
      return answer;
    }
    if (Date.now() > deadline) {
      throw new UserError(`Waited in vain for ${what}.`);
    }
    await sleep(Math.min(pause, Math.max(0, deadline - Date.now())));
  }
}

/**
 * A download from or an upload to a presigned URL, tried again when the connection breaks or the server
 * fails.
 */
export async function transferred(doing: string, transfer: () => Promise<Response>): Promise<Response> {
  for (let attempt = 1, pause = firstPause; ; attempt++, pause = longer(pause)) {
    try {
      const response = await transfer();
      if (response.status < 500 || attempt === transferAttempts) {
        return response;
      }
    } catch (error) {
      if (attempt === transferAttempts) {
        throw new UserError(`Could not ${doing}: ${explanationOf(error)}`, { cause: error });
      }
    }
    await sleep(jittered(pause));
  }
}

/** Lex answers 409, and sometimes 412, while another operation runs. The SDK tries neither again. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && ["ConflictException", "PreconditionFailedException"].includes(error.name);
}

function explanationOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const { name, message } = error;
  if (message === "Region is missing") {
    return "no AWS region is set: set AWS_REGION to that of the bot.";
  }
  switch (name) {
    case "ResourceNotFoundException":
      return `${message} Check the bot's id, its locale and the region. (${name})`;
    case "AccessDeniedException":
      return `${message} The role that runs this may not do it. (${name})`;
    case "CredentialsProviderError":
      return "there are no AWS credentials here: sign in, or set AWS_PROFILE.";
    case "TimeoutError":
      return `Lex gave no answer, however often it was asked. Look at the network and start again. (${name})`;
    default:
      return `${message || causeOf(error)} (${name})`;
  }
}

/** A refused connection is an AggregateError without a message, or has its reason one level down. */
function causeOf(error: Error): string {
  if (error instanceof AggregateError) {
    return error.errors.map(String).join(", ");
  }
  return error.cause instanceof Error ? error.cause.message || causeOf(error.cause) : "no reason given";
}

function longer(pause: number, longest = longestPause): number {
  return Math.min(pause * 1.5, longest);
}

function jittered(pause: number): number {
  return pause * (0.5 + Math.random());
}
