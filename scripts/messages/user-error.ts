/**
 * What a person can mend, in a sentence for them. Whatever else is thrown is a bug or an outage.
 *
 * The sentence goes into logs and e-mails, so it names places and intents, and never quotes an utterance.
 */
export class UserError extends Error {
  /** More for the bot's owner alone, such as Lex's own words: these may quote an utterance. */
  readonly details: string | undefined;

  constructor(message: string, { details, ...options }: ErrorOptions & { details?: string } = {}) {
    super(message, options);
    this.details = details;
  }

  /** All that it says, for the owner's own screen. */
  get inFull(): string {
    return [this.message, this.details].filter((part) => part !== undefined).join(" ");
  }
}

/**
 * A command that cannot start as it was called: a wrong option, or a file that it names and that cannot be
 * used.
 */
export class UsageError extends UserError {}

/** The exit codes of every process of this project. */
export const exitCodes = { success: 0, failure: 1, usage: 2, interrupted: 130 } as const;

export function exitCodeOf(error: unknown): number {
  return error instanceof UsageError ? exitCodes.usage : exitCodes.failure;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
