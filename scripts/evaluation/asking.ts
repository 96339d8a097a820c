import pMap from "p-map";
import type { Answer } from "../artifacts/answers";
import { UserError } from "../messages/user-error";

/** Up to this share of the phrases may fail, for an intent whose Lambda function is not there; more, and the bot cannot be judged. */
const allowedErrors = 0.05;

/** How many phrases a line of progress stands for. */
const progressStep = 50;

interface Asking {
  readonly ask: (text: string) => Promise<Answer>;
  /** How many are asked at the same time. */
  readonly atOnce: number;
  readonly say: (line: string) => void;
}

/**
 * Asks every phrase once, a few at a time, and returns them in their order, each with its answer.
 *
 * @throws UserError when all or too many of them fail, and whatever `ask` throws; then no more are asked.
 */
export async function askAll<P extends { readonly text: string }>(
  phrases: readonly P[],
  { ask, atOnce, say }: Asking,
): Promise<(P & { readonly answer: Answer })[]> {
  const most = Math.min(Math.ceil(phrases.length * allowedErrors), phrases.length - 1);
  let done = 0;
  let errors = 0;
  return pMap(
    phrases,
    async (phrase) => {
      const answer = await ask(phrase.text);
      if ("error" in answer && ++errors > most) {
        throw tooManyErrors(errors, done + 1, answer.error);
      }
      if (++done % progressStep === 0 || done === phrases.length) {
        say(`Asked ${done} of ${phrases.length} phrases.`);
      }
      return { ...phrase, answer };
    },
    { concurrency: atOnce },
  );
}

function tooManyErrors(errors: number, asked: number, last: string): UserError {
  return new UserError(
    `The bot cannot be judged: ${errors} of the first ${asked} phrases failed instead of being answered. The last one: ${last}`,
  );
}
