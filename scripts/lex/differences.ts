import type { Archive } from "./archive";
import { jsonAt, type Locale } from "./locale";

/** How a locale differs from the one that was meant. */
export interface Differences {
  /** What is missing or other than meant, a sentence each. None: nothing is lost. */
  readonly lost: readonly string[];
  /** Keys that are there though nobody asked for them, such as a setting that Lex fills in. */
  readonly gained: readonly string[];
}

/**
 * Compares two states of a locale, each an export of its own.
 *
 * Equal are: a key with null and no such key, since Lex writes either; two identifiers, which Lex gives anew; the same sample utterances in
 * another order. Everything else counts, files of no known kind included.
 */
export function differences(meant: Locale, found: Locale): Differences {
  const lost: string[] = [];
  const gained: string[] = [];
  const meantFiles = filesOf(meant);
  const foundFiles = filesOf(found);
  for (const [path, content] of meantFiles) {
    const other = foundFiles.get(path);
    if (other === undefined) {
      lost.push(`${path} is missing.`);
    } else if (!content.equals(other)) {
      compareFiles(path, meantFiles, foundFiles, lost, gained);
    }
  }
  for (const path of foundFiles.keys()) {
    if (!meantFiles.has(path)) {
      lost.push(`${path} was not there before.`);
    }
  }
  return { lost, gained };
}

/** By path below the locale's folder, which Lex may call otherwise in another export. The manifest tells of the archive, not of the locale. */
function filesOf({ archive, root }: Locale): Archive {
  return new Map(
    [...archive]
      .filter(([path]) => path.startsWith(root) && path !== "Manifest.json")
      .map(([path, content]) => [path.slice(root.length), content]),
  );
}

function compareFiles(path: string, meant: Archive, found: Archive, lost: string[], gained: string[]): void {
  if (!path.endsWith(".json")) {
    lost.push(`${path} has another content.`);
    return;
  }
  const [one, other] = [jsonAt(meant, path, "The archive"), jsonAt(found, path, "Lex's export")];
  compare(withoutIdentifier(one), withoutIdentifier(other), path, { lost, gained });
}

function compare(
  meant: unknown,
  found: unknown,
  at: string,
  result: { lost: string[]; gained: string[] },
): void {
  if (isAbsent(meant)) {
    if (!isAbsent(found)) {
      result.gained.push(`${at} is ${JSON.stringify(found)}.`);
    }
  } else if (Array.isArray(meant) && Array.isArray(found) && meant.length === found.length) {
    const [one, other] = at.endsWith(".sampleUtterances") ? [sorted(meant), sorted(found)] : [meant, found];
    one.forEach((item, index) => {
      compare(item, other[index], `${at}[${index}]`, result);
    });
  } else if (isObject(meant) && isObject(found)) {
    for (const key of new Set([...Object.keys(meant), ...Object.keys(found)])) {
      compare(meant[key], found[key], `${at}.${key}`, result);
    }
  } else if (meant !== found) {
    result.lost.push(`${at} is ${shortened(found)} instead of ${shortened(meant)}.`);
  }
}

function withoutIdentifier(content: unknown): unknown {
  return isObject(content) ? { ...content, identifier: null } : content;
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

function shortened(value: unknown): string {
  if (Array.isArray(value)) {
    return `a list of ${value.length}`;
  }
  const text = isAbsent(value) ? "missing" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
