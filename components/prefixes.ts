/** Where in the bucket the stages' scripts and their Node.js lie, beside the two prefixes that the stack's config names. */
export const codePrefix = "code/";
export const runtimePrefix = "runtime/";
