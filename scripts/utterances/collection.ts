import type { Utterance } from "../artifacts/utterances";
import { maxUtteranceLength } from "../lex/quotas";
import { isFallbackLabel } from "../lex/sample-utterances";
import type { Row } from "../reading/row";
import { cleanText, comparisonKey } from "./comparison-key";
import { rejectionOf } from "./rejection";

/** Two labels are already a conflict. The limit keeps a file from filling the memory with labels. */
const maxLabels = 10;
/** Longer than any intent's name, so a label that is cut off does not name an intent. */
const maxLabelLength = 200;

/** The distinct utterances of any number of rows. Only they take memory; repeated rows do not. */
export class UtteranceCollection {
  readonly #utterances = new Map<string, Utterance>();

  /** How many distinct utterances there are. */
  get size(): number {
    return this.#utterances.size;
  }

  /** The distinct utterances, in the order they were first seen. */
  utterances(): Iterable<Utterance> {
    return this.#utterances.values();
  }

  /** Adds a row of the file `file`: a new utterance, or more misses of a known one. */
  add(row: Row, file: string): void {
    const cleaned = cleanText(row.utterance);
    const rejection = rejectionOf(cleaned);
    const text = rejection === "too-long" ? cutOff(cleaned) : cleaned;
    // The mark keeps a text that was cut off apart from an utterance of exactly that length. No other key
    // ends with it.
    const key = rejection === "too-long" ? `${comparisonKey(text)}…` : comparisonKey(text);
    const known = this.#utterances.get(key);
    const utterance = known ?? {
      key,
      text,
      count: 0,
      file,
      line: row.line,
      labels: [],
      ...(rejection && { rejection }),
    };
    if (!known) {
      this.#utterances.set(key, utterance);
    }
    utterance.count = Math.min(utterance.count + row.count, Number.MAX_SAFE_INTEGER);
    addLabel(utterance, row, file);
  }
}

/** The beginning of a text that is too long. Does not cut a character in two. */
function cutOff(text: string): string {
  return `${beginningOf(text, maxUtteranceLength).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** A copy of the beginning, because the result of `slice` keeps the whole text in memory. */
function beginningOf(text: string, length: number): string {
  return Buffer.from(text.slice(0, length), "utf16le").toString("utf16le");
}

function addLabel(utterance: Utterance, row: Row, file: string): void {
  if (row.intent === null || utterance.labels.length === maxLabels) {
    return;
  }
  const intent = beginningOf(cleanText(row.intent), maxLabelLength);
  // Every miss went to the FallbackIntent, so as a label it does not say where the utterance belongs.
  if (intent === "" || isFallbackLabel(intent)) {
    return;
  }
  if (utterance.labels.every((label) => label.intent !== intent)) {
    utterance.labels.push({ intent, file, line: row.line });
  }
}
