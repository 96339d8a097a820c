import { chmodSync, copyFileSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../scripts/messages/user-error";

/** S3 on one machine: a folder for each bucket. */
export type Buckets = Readonly<Record<string, string>>;

/**
 * Does what SageMaker does with an S3Prefix input: copies every object whose key starts with the URI's key. A
 * single object keeps its name; objects under a prefix keep their path below it. No file is executable
 * afterwards, because S3 does not keep that bit, and only its owner can read it.
 */
export function download(buckets: Buckets, uri: string, folder: string): void {
  const { root, key: prefix } = locate(buckets, uri);
  const keys = keysUnder(root, prefix);
  if (keys.length === 0) {
    throw new UserError(`No S3 objects found under ${uri}.`);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const key of keys) {
    copyObject(join(root, key), join(folder, pathBelow(prefix, key)));
  }
}

/** Does what SageMaker does with an EndOfJob output: copies what is in the folder to keys below the URI's. */
export function upload(buckets: Buckets, folder: string, uri: string): void {
  const { root, key } = locate(buckets, uri);
  for (const path of keysUnder(folder, "")) {
    copyObject(join(folder, path), join(root, key, path));
  }
}

/** The file or folder of an S3 URI. */
export function pathOf(buckets: Buckets, uri: string): string {
  const { root, key } = locate(buckets, uri);
  return join(root, key);
}

function locate(buckets: Buckets, uri: string): { root: string; key: string } {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(uri) ?? [];
  const root = buckets[bucket];
  if (root === undefined) {
    throw new UserError(`There is no bucket for ${uri} on this machine.`);
  }
  return { root, key };
}

/**
 * Keys that start with the prefix, sorted as S3 lists them. A link to a file is an object, since S3 has no
 * links; what is neither file nor folder is none. Skips folders that cannot hold one.
 */
function keysUnder(root: string, prefix: string, folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const key = `${folder}${entry.name}`;
      if (!entry.isDirectory()) {
        return key.startsWith(prefix) && isFile(join(root, key)) ? [key] : [];
      }
      return key.startsWith(prefix) || prefix.startsWith(`${key}/`) ? keysUnder(root, prefix, `${key}/`) : [];
    })
    .sort();
}

function pathBelow(prefix: string, key: string): string {
  const below = key.slice(prefix.length);
  const isBelowFolder = prefix === "" || prefix.endsWith("/") || below.startsWith("/");
  return isBelowFolder ? below.replace(/^\//, "") : key.slice(prefix.lastIndexOf("/") + 1);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function copyObject(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  copyFileSync(from, to);
  chmodSync(to, 0o600);
}
