import pMap from "p-map";
import type { Answer } from "../artifacts/answers";
import { UserError } from "../messages/user-error";

/**
 * This share of the phrases may fail, such as those of an intent whose Lambda function is missing. With more
 * errors, nobody can judge the bot.
 */
const allowedErrors = 0.05;

/** How many phrases come between two lines of progress. */
const progressStep = 50;

interface Asking {
  readonly ask: (text: string) => Promise<Answer>;
  /** How many phrases to ask at the same time. */
  readonly atOnce: number;
  readonly say: (line: string) => void;
}

/**
 * Asks every phrase once, a few at a time. Returns the phrases in the same order, each with its answer.
 *
 * @throws UserError when all or too many phrases fail, or any error that `ask` throws; both stop the asking
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
        throw tooManyErrors(errors, done + 1, answer);
      }
      if (++done % progressStep === 0 || done === phrases.length) {
        say(`Asked ${done} of ${phrases.length} phrases.`);
      }
      return { ...phrase, answer };
    },
    { concurrency: atOnce },
  );
}

function tooManyErrors(
  errors: number,
  asked: number,
  { error, exception }: Extract<Answer, { error: string }>,
): UserError {
  const last = exception === undefined ? "" : ` The last one: ${exception}.`;
  return new UserError(
    `The bot cannot be judged: ${errors} of the first ${asked} phrases failed instead of being answered.${last}`,
    { details: error },
  );
}
