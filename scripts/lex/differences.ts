import { Archive } from "./archive";
import type { Locale } from "./locale";

/** How a locale differs from the expected one. */
export interface Differences {
  /** What is missing or not as expected, a sentence each. */
  readonly lost: readonly string[];
  /** Keys that nobody asked for, such as a setting that Lex fills in. */
  readonly gained: readonly string[];
}

/**
 * Compares two states of a locale, each an export of its own.
 *
 * These are equal: a key with null and a missing key, since Lex writes both; two identifiers, since Lex makes
 * new ones; two versions, since an export of a numbered version may name it; the same sample utterances in
 * another order. Everything else counts, also in files that this project does not know.
 */
export function differences(expected: Locale, actual: Locale): Differences {
  const lost: string[] = [];
  const gained: string[] = [];
  const expectedFiles = filesOf(expected);
  const actualFiles = filesOf(actual);
  for (const [path, content] of expectedFiles) {
    const other = actualFiles.get(path);
    if (other === undefined) {
      lost.push(`${path} is missing.`);
    } else if (!content.equals(other)) {
      compareFiles(path, expectedFiles, actualFiles, lost, gained);
    }
  }
  for (const path of actualFiles.keys()) {
    if (!expectedFiles.has(path)) {
      lost.push(`${path} was not there before.`);
    }
  }
  return { lost, gained };
}

/**
 * By path below the locale's folder, which has another name in another export. The manifest describes the
 * archive, not the locale.
 */
function filesOf({ archive, root }: Locale): Archive {
  return new Archive(
    archive.name,
    [...archive]
      .filter(([path]) => path.startsWith(root) && path !== "Manifest.json")
      .map(([path, content]) => [path.slice(root.length), content]),
  );
}

function compareFiles(
  path: string,
  expected: Archive,
  actual: Archive,
  lost: string[],
  gained: string[],
): void {
  if (!path.endsWith(".json")) {
    lost.push(`${path} has another content.`);
    return;
  }
  compare(withoutOrigin(expected.json(path)), withoutOrigin(actual.json(path)), path, {
    lost,
    gained,
  });
}

function compare(
  expected: unknown,
  actual: unknown,
  at: string,
  result: { lost: string[]; gained: string[] },
): void {
  if (isAbsent(expected)) {
    if (!isAbsent(actual)) {
      result.gained.push(`${at} is ${briefly(actual)}.`);
    }
  } else if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    const [one, other] = at.endsWith(".sampleUtterances")
      ? [sorted(expected), sorted(actual)]
      : [expected, actual];
    one.forEach((item, index) => {
      compare(item, other[index], `${at}[${index}]`, result);
    });
  } else if (isObject(expected) && isObject(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      compare(expected[key], actual[key], `${at}.${key}`, result);
    }
  } else if (expected !== actual) {
    result.lost.push(`${at} is ${briefly(actual)} instead of ${briefly(expected)}.`);
  }
}

function withoutOrigin(content: unknown): unknown {
  return isObject(content) ? { ...content, identifier: null, version: null } : content;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sorted(items: readonly unknown[]): string[] {
  return items.map((item) => JSON.stringify(item)).sort();
}

/** It stands in messages, so it quotes no text: that may be an utterance. */
function briefly(value: unknown): string {
  if (Array.isArray(value) && value.length > 0) {
    return `a list of ${value.length}`;
  }
  if (isAbsent(value)) {
    return "missing";
  }
  if (typeof value === "string") {
    return `a text of ${value.length} characters`;
  }
  return isObject(value) ? "an object" : JSON.stringify(value);
}
