/** Where in the bucket the stages' scripts and their Node.js are. */
export const codePrefix = "code/";
export const runtimePrefix = "runtime/";

/** Where each bot has a folder for what outlives a run: its lease and its journal. */
export const botsPrefix = "bots/";

/** The prefixes that the stack's config cannot change, and what is under each. */
export const fixedPrefixes = [
  [codePrefix, "where the stages' code is"],
  [runtimePrefix, "where the stages' code is"],
  [botsPrefix, "where the lease and the journal of each bot are"],
] as const;
