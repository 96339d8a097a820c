/** What is wrong with what the user gave, in a sentence for them. Everything else that is thrown is a bug or an outage. */
export class UserError extends Error {}
