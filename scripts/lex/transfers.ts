import { UserError } from "../messages/user-error";
import { firstPause, jittered, longer, pauseFor, transferTime, within } from "../stage/waiting";
import { archiveLimits } from "./archive";
import { causeOf } from "./calls";

/** Transfers that break are tried this often. */
const transferAttempts = 5;

/** What a presigned URL answered. */
export interface Transferred {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * A download from or an upload to a presigned URL, tried again when the connection breaks, also in the middle
 * of the body, or when the server fails. `doing` completes "could not ...".
 *
 * @throws UserError when it keeps breaking, or when the body is larger than any archive of Lex
 */
export async function transferred(
  doing: string,
  url: string,
  { body }: { readonly body?: Uint8Array<ArrayBuffer> } = {},
): Promise<Transferred> {
  const request = body === undefined ? {} : { method: "PUT", body };
  const late = () => new Error(`it took longer than ${transferTime / 60_000} minutes`);
  for (let attempt = 1, pause = firstPause; ; attempt++, pause = longer(pause)) {
    try {
      const answer = await within(transferTime, late, (signal) =>
        answerOf(doing, url, { ...request, signal }),
      );
      if (answer.status < 500 || attempt === transferAttempts) {
        return answer;
      }
    } catch (error) {
      if (error instanceof UserError || attempt === transferAttempts) {
        throw failure(doing, error);
      }
    }
    await pauseFor(jittered(pause));
  }
}

async function answerOf(doing: string, url: string, request: RequestInit): Promise<Transferred> {
  const response = await fetch(url, request);
  const chunks: Uint8Array[] = [];
  let size = 0;
  // These bytes are counted after fetch has inflated them, if the server compresses.
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > archiveLimits.zippedBytes) {
      throw new UserError(
        `Could not ${doing}: the answer is larger than any export of Lex, of which at most ${archiveLimits.zippedBytes / 2 ** 20} MiB are read.`,
      );
    }
    chunks.push(chunk);
  }
  return { status: response.status, body: Buffer.concat(chunks) };
}

/** `fetch` says only "fetch failed" or "terminated", and has the reason one level down. */
function failure(doing: string, error: unknown): UserError {
  if (error instanceof UserError) {
    return error;
  }
  const reason = error instanceof Error ? (error.cause ? causeOf(error) : error.message) : String(error);
  return new UserError(
    `Could not ${doing}, however often it was tried: ${reason}. Look at the network and start again.`,
    { cause: error },
  );
}
