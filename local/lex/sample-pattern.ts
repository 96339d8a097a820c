/** A sample utterance with slots, as runs of words. A slot comes before each run; the first may have none. */
export type SamplePattern = readonly Run[];

interface Run {
  /** The slot before the words. */
  readonly slot: string | undefined;
  readonly words: readonly string[];
}

/** A key that ignores case, spacing and punctuation. */
export function exactKey(text: string): string {
  const words = wordsIn(text).map(({ key }) => key);
  return words.join(" ") || text.trim();
}

/**
 * The pattern of a sample utterance; undefined without a slot, or with only slots, which would match any
 * text.
 */
export function patternOf(utterance: string): SamplePattern | undefined {
  const [head = "", ...rest] = utterance.split(/\{([^{}]*)\}/);
  if (rest.length === 0) {
    return undefined;
  }
  const runs: Run[] = [{ slot: undefined, words: keysIn(head) }];
  for (let i = 0; i < rest.length; i += 2) {
    runs.push({ slot: rest[i], words: keysIn(rest[i + 1] ?? "") });
  }
  return runs.some(({ words }) => words.length > 0) ? runs : undefined;
}

/**
 * One or more words of the text for each slot, if the text fits the pattern. The score, from 0.5 to 1, grows
 * with the share of the text that is not in slots.
 */
export function slotValuesIn(
  text: string,
  pattern: SamplePattern,
): { score: number; slotValues: Map<string, string> } | undefined {
  const words = wordsIn(text);
  const slotValues = new Map<string, string>();
  let at = 0;
  for (const [index, { slot, words: run }] of pattern.entries()) {
    const isLast = index === pattern.length - 1;
    // The first place for a run leaves the most words for the next runs, so no other place has to be tried.
    const found =
      slot === undefined ? 0 : isLast ? words.length - run.length : indexOfRun(words, run, at + 1);
    const start = words[at];
    const end = words[found - 1];
    if (slot !== undefined) {
      if (found <= at || !start || !end) {
        return undefined;
      }
      slotValues.set(slot, text.slice(start.start, end.end));
    }
    if (!hasRunAt(words, run, found)) {
      return undefined;
    }
    at = found + run.length;
  }
  const said = pattern.reduce((sum, { words: run }) => sum + run.length, 0);
  return { score: 0.5 + (0.5 * said) / words.length, slotValues };
}

interface Word {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

function wordsIn(text: string): Word[] {
  return [...text.matchAll(/[\p{L}\p{M}\p{N}]+/gu)].map(({ 0: word, index }) => ({
    key: word.normalize("NFC").toLowerCase(),
    start: index,
    end: index + word.length,
  }));
}

function keysIn(text: string): string[] {
  return wordsIn(text).map(({ key }) => key);
}

function indexOfRun(words: readonly Word[], run: readonly string[], from: number): number {
  for (let at = from; at + run.length <= words.length; at++) {
    if (hasRunAt(words, run, at)) {
      return at;
    }
  }
  return -1;
}

function hasRunAt(words: readonly Word[], run: readonly string[], at: number): boolean {
  return run.every((word, offset) => words[at + offset]?.key === word);
}
