/**
 * Where in the bucket the stages' scripts and their Node.js are. The stack's config sets the other two
 * prefixes.
 */
export const codePrefix = "code/";
export const runtimePrefix = "runtime/";
