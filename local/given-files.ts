import { accessSync, constants, readdirSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "../scripts/messages/user-error";
import { isSystemError, reasonOf } from "./system-error";

/**
 * A file that a person names, without the links on the way to it.
 *
 * @param advice what to name instead
 * @throws UsageError when there is none that can be read
 */
export function givenFile(path: string, advice: string): string {
  const real = realPathOf(path, advice);
  if (!isReadableFile(real, path)) {
    throw new UsageError(`${path} is not a file: ${advice}.`);
  }
  return real;
}

/**
 * A file of rows that a person names, or a folder of them, without the links on the way to it.
 *
 * @throws UsageError when it cannot be read, and when something in the folder could not be read with it
 */
export function givenInput(path: string): string {
  const advice = "name a CSV, or a folder of them";
  const real = realPathOf(path, advice);
  if (!statSync(real).isDirectory()) {
    return givenFile(path, advice);
  }
  if (checkFolder(real, path) === 0) {
    throw new UsageError(`${path} is an empty folder: put a CSV of missed utterances into it.`);
  }
  return real;
}

/** How many entries the folder has. `shown` is what the person calls it. */
function checkFolder(folder: string, shown: string): number {
  const entries = readable(shown, () => readdirSync(folder, { withFileTypes: true }));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const name = join(shown, entry.name);
    if (entry.name.includes("\uFFFD")) {
      throw new UsageError(`${name} has a name that is not UTF-8: rename it.`);
    }
    if (entry.isDirectory()) {
      checkFolder(path, name);
    } else if (!isReadableFile(path, name)) {
      const what = entry.isSymbolicLink()
        ? "is a link that leads to no file"
        : "is neither a file nor a folder";
      throw new UsageError(`${name} ${what}: take it out of the folder.`);
    }
  }
  return entries.length;
}

function realPathOf(path: string, advice: string): string {
  return readable(path, () => {
    if (!statSync(path, { throwIfNoEntry: false })) {
      throw new UsageError(`${path} does not exist: ${advice}.`);
    }
    return realpathSync(resolve(path));
  });
}

function isReadableFile(path: string, shown: string): boolean {
  return readable(shown, () => {
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
      return false;
    }
    accessSync(path, constants.R_OK);
    return true;
  });
}

/** @throws UsageError when the operating system refuses */
function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isSystemError(error)) {
      throw error;
    }
    throw new UsageError(`${path} cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
}
