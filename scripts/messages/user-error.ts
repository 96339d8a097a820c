/** What a person can mend, in a sentence for them. Whatever else is thrown is a bug or an outage. */
export class UserError extends Error {}

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
