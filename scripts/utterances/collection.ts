import type { Utterance } from "../artifacts/utterances";
import { maxUtteranceLength } from "../lex/quotas";
import { isFallbackLabel } from "../lex/sample-utterances";
import type { Row } from "../reading/row";
import { cleanText, comparisonKey } from "./comparison-key";
import { rejectionOf } from "./rejection";

/** Two labels are a conflict already; no file can fill the memory with more of them. */
const maxLabels = 10;
/** Longer than any intent's name, so that a label cut off here names none. */
const maxLabelLength = 200;

/** The distinct utterances of any number of rows. Its memory depends on them alone. */
export class UtteranceCollection {
  readonly #utterances = new Map<string, Utterance>();

  /** Distinct utterances. */
  get size(): number {
    return this.#utterances.size;
  }

  /** The distinct utterances, in the order they were first seen. */
  utterances(): Iterable<Utterance> {
    return this.#utterances.values();
  }

  /** Adds a row of the file that is called `file`: a new utterance, or one more miss of a known one. */
  add(row: Row, file: string): void {
    const cleaned = cleanText(row.utterance);
    const rejection = rejectionOf(cleaned);
    const text = rejection === "too-long" ? shortened(cleaned) : cleaned;
    // The mark keeps a text that was cut off apart from the utterance of just that length; no other key ends with it.
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

/** A rejected text as it is shown: its beginning, not cut within a character. */
function shortened(text: string): string {
  return `${beginningOf(text, maxUtteranceLength).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** A copy of the beginning, since what `slice` returns keeps the whole text in memory. */
function beginningOf(text: string, length: number): string {
  return Buffer.from(text.slice(0, length), "utf16le").toString("utf16le");
}

function addLabel(utterance: Utterance, row: Row, file: string): void {
  if (row.intent === null || utterance.labels.length === maxLabels) {
    return;
  }
  const intent = beginningOf(cleanText(row.intent), maxLabelLength);
  // The FallbackIntent is why a row exists, and can hold no utterances: it says nothing of where this one belongs.
  if (intent === "" || isFallbackLabel(intent)) {
    return;
  }
  if (utterance.labels.every((label) => label.intent !== intent)) {
    utterance.labels.push({ intent, file, line: row.line });
  }
}
