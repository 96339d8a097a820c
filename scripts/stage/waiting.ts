import { NodeHttpHandler } from "@smithy/node-http-handler";

/** How long things may take. All times here are in milliseconds, and nothing waits without one of them. */
const second = 1_000;
const minute = 60 * second;

/** Until a connection to AWS stands. */
const connectionTime = 10 * second;

/** Until one request is answered, and the longest silence within the answer. */
export const requestTimes = {
  models: 30 * second,
  // A Lambda function of the bot's may take 30 seconds.
  runtime: 60 * second,
  // The largest object is the archive of a locale.
  s3: 60 * second,
};

/** A call of Lex with all its repetitions, also while the resource is busy. */
export const callTime = 10 * minute;

/** A read or a write of an object in S3 with all its repetitions. Much shorter than a lease lives. */
export const objectTime = 5 * minute;

/** One attempt to download or upload an archive, its body included. */
export const transferTime = 5 * minute;

/**
 * An export, an import, a version, the update of an alias ("a few minutes" in the Lex V2 Developer Guide) or
 * somebody else's change, before it counts as stuck.
 */
export const settlingTime = 15 * minute;

/**
 * An alias may answer with its former version for "a few minutes" (quotas page of the guide), and nothing
 * tells when that is over.
 */
export const propagationTime = 5 * minute;

/** Pauses between two attempts grow from the first to the longest. */
export const firstPause = 0.1 * second;
export const longestPause = 5 * second;

/** After a lost answer: what Lex was asked to make is not to be found at once. */
export const pauseBeforeLooking = 2 * second;

/** Speaks HTTP/1.1. Fails a request that is not answered in time, and an answer that stops halfway. */
export function httpHandler(requestTime: number): NodeHttpHandler {
  return new NodeHttpHandler({
    connectionTimeout: connectionTime,
    requestTimeout: requestTime,
    socketTimeout: requestTime,
    // Without this the handler only warns.
    throwOnRequestTimeout: true,
  });
}

/** The work's result, or the error that `late` makes when the time is over, whatever the work does then. */
export async function within<T>(
  time: number,
  late: () => Error,
  work: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(late());
      abort.abort();
    }, time);
  });
  try {
    return await Promise.race([work(abort.signal), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

export function pauseFor(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}

export function longer(pause: number, longest = longestPause): number {
  return Math.min(pause * 1.5, longest);
}

/** So that many who wait do not come back at the same moment. */
export function jittered(pause: number): number {
  return pause * (0.5 + Math.random());
}
