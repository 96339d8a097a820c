import { LexModelsV2Client, LexModelsV2ServiceException } from "@aws-sdk/client-lex-models-v2";
import { LexRuntimeV2Client, LexRuntimeV2ServiceException } from "@aws-sdk/client-lex-runtime-v2";
import { UserError } from "../messages/user-error";
import {
  callTime,
  firstPause,
  httpHandler,
  jittered,
  longer,
  longestPause,
  pauseBeforeLooking,
  pauseFor,
  requestTimes,
  within,
} from "../stage/waiting";

/** A question that breaks is asked this often. */
const askingAttempts = 10;

/** What each request to Lex is sent with, so that it ends when its time is over. */
export interface SendOptions {
  readonly abortSignal: AbortSignal;
}

/**
 * The model-building API of Lex, at the place that the environment of the AWS SDK names. The SDK itself tries
 * again after throttling, outages and lost answers, with jitter and by Retry-After: what must not be done
 * twice goes through {@link sendOnce}.
 */
export function lexModels({ maxAttempts = 10, requestTime = requestTimes.models } = {}): LexModelsV2Client {
  return new LexModelsV2Client({ maxAttempts, requestHandler: httpHandler(requestTime) });
}

/**
 * The API of Lex that answers utterances. It does not try again, since that would be in the same session:
 * {@link askLex} does.
 *
 * The SDK's own handler speaks HTTP/2, with one connection for all calls: when that breaks, all of them fail.
 */
export function lexRuntime(requestTime = requestTimes.runtime): LexRuntimeV2Client {
  return new LexRuntimeV2Client({ maxAttempts: 1, requestHandler: httpHandler(requestTime) });
}

/**
 * A call of Lex that waits while the resource is busy. `doing` completes "could not ...".
 *
 * @throws UserError with Lex's own words.
 */
export function callLex<T>(doing: string, call: (options: SendOptions) => Promise<T>): Promise<T> {
  return repeated(doing, call, isBusy);
}

/** A question to the bot, asked again when the answer gets lost. Each call needs a session of its own. */
export function askLex<T>(doing: string, call: (options: SendOptions) => Promise<T>): Promise<T> {
  return repeated(
    doing,
    call,
    (error, attempt) => isBusy(error) || isThrottled(error) || (attempt < askingAttempts && isPassing(error)),
  );
}

/** A request of which it matters whether Lex carries it out once or twice. */
export interface SendingOnce<T> {
  readonly send: (lex: LexModelsV2Client, options: SendOptions) => Promise<T>;
  /** The result of a request that was carried out, or undefined when it was not. */
  readonly look: () => Promise<T | undefined>;
  readonly say: (line: string) => void;
}

/**
 * Sends such a request. When its answer gets lost, looks whether Lex carried it out before it sends another.
 * `doing` completes "could not ...".
 *
 * @throws UserError with Lex's own words.
 */
export function sendOnce<T>(doing: string, { send, look, say }: SendingOnce<T>): Promise<T> {
  const lex = lexModels({ maxAttempts: 1 });
  let mayBeDone = false;
  return repeated(
    doing,
    async (options) => {
      const done = mayBeDone ? await look() : undefined;
      if (done !== undefined) {
        return done;
      }
      try {
        return await send(lex, options);
      } catch (error) {
        // A second request can be refused because the first was carried out, though nobody saw that yet.
        const doneBefore = mayBeDone && isRefusal(error) ? await look() : undefined;
        if (doneBefore !== undefined) {
          return doneBefore;
        }
        if (!isRefusal(error) && !isThrottled(error) && !isBusy(error)) {
          mayBeDone = true;
          say(`Lex gave no answer when it was asked to ${doing}: looking whether it did.`);
          await pauseFor(pauseBeforeLooking);
        }
        throw error;
      }
    },
    (error) => !isRefusal(error),
  );
}

async function repeated<T>(
  doing: string,
  attempt: (options: SendOptions) => Promise<T>,
  mayRepeat: (error: unknown, attempt: number) => boolean,
): Promise<T> {
  let last: unknown;
  const late = () =>
    last === undefined
      ? new UserError(`Could not ${doing}: Lex gave no answer in ${callTime / 60_000} minutes. Start again.`)
      : failure(doing, last);
  return within(callTime, late, async (abortSignal) => {
    for (let count = 1, pause = firstPause; ; count++, pause = longer(pause)) {
      abortSignal.throwIfAborted();
      try {
        return await attempt({ abortSignal });
      } catch (error) {
        if (!mayRepeat(error, count)) {
          throw failure(doing, error);
        }
        last = error;
      }
      await pauseFor(jittered(pause));
    }
  });
}

/**
 * Asks until there is an answer. Times are in milliseconds, the pauses between the first and the longest
 * growing; `what` completes "waited in vain for ...".
 */
export function poll<T>(
  what: string,
  timeout: number,
  ask: () => Promise<T | undefined>,
  { first = firstPause, longest = longestPause } = {},
): Promise<T> {
  return within(
    timeout,
    () => new UserError(`Waited in vain for ${what}.`),
    async (abortSignal) => {
      for (let pause = first; ; pause = longer(pause, longest)) {
        abortSignal.throwIfAborted();
        const answer = await ask();
        if (answer !== undefined) {
          return answer;
        }
        await pauseFor(pause);
      }
    },
  );
}

/** Lex answers 409, and sometimes 412, while another operation runs. The SDK tries neither again. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && ["ConflictException", "PreconditionFailedException"].includes(error.name);
}

function isThrottled(error: unknown): boolean {
  return error instanceof Error && error.name === "ThrottlingException";
}

/**
 * When Lex refuses, it has done nothing, and says the same again. After an outage or a broken connection,
 * nobody knows what it did.
 */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof UserError ||
    (error instanceof LexModelsV2ServiceException &&
      error.$fault === "client" &&
      !isThrottled(error) &&
      !isBusy(error))
  );
}

/** An outage, a broken connection or an answer that did not come. */
function isPassing(error: unknown): boolean {
  return error instanceof LexRuntimeV2ServiceException
    ? error.$fault === "server"
    : error instanceof Error && (error.name === "TimeoutError" || "code" in error);
}

function failure(doing: string, error: unknown): UserError {
  return error instanceof UserError
    ? error
    : new UserError(`Could not ${doing}: ${explanationOf(error)}`, { cause: error });
}

export function explanationOf(error: unknown): string {
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
export function causeOf(error: Error): string {
  if (error instanceof AggregateError) {
    return error.errors.map(String).join(", ");
  }
  return error.cause instanceof Error ? error.cause.message || causeOf(error.cause) : "no reason given";
}
