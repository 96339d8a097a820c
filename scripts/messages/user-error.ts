/** What is wrong with what the user gave, in a sentence for them. Everything else that is thrown is a bug or an outage. */
export class UserError extends Error {}

/** The words of whatever was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
