import { writeFileSync } from "node:fs";
import type { Stage } from "../stage/stage";
import { Artifact } from "./artifact";
import { spreadsheet } from "./spreadsheet";
import type { Rejection, Utterance } from "./utterances";

export const verdictNames = ["add", "known", "conflict", "review", "reject"] as const;
export type VerdictName = (typeof verdictNames)[number];

/** What becomes of an utterance, and why, in a sentence for people. */
export interface Verdict {
  readonly utterance: Utterance;
  readonly verdict: VerdictName;
  readonly reason: Reason;
  /** The intent that it is added to, is known in or is in conflict with; else the label. */
  readonly intent: string | undefined;
  readonly explanation: string;
  /** For `review`: up to three intents that it may belong to, best first. */
  readonly suggestions: readonly Suggestion[];
}

/** An intent, its score from 0 to 1 and the sample utterance that earned it. */
export interface Suggestion {
  readonly intent: string;
  readonly score: number;
  readonly nearest: string;
}

export type Reason =
  | Rejection
  | "labelled"
  | "companion"
  | "already-there"
  | "in-another-intent"
  | "two-labels"
  | "unlabelled"
  | "unknown-intent"
  | "built-in-intent"
  | "unknown-slot"
  | "intent-full"
  | "locale-full";

const verdictsFile = new Artifact("package", "report", "verdicts.csv");

/** A row for every distinct utterance. */
export function writeVerdicts(stage: Stage, verdicts: readonly Verdict[], localeId: string): void {
  const columns = ["verdict", "reason", "intent", "utterance", "count", "file", "line", "explanation"];
  const rows = verdicts.map(
    ({ verdict, reason, intent = "", explanation, utterance: { text, count, file, line } }) => [
      verdict,
      reason,
      intent,
      text,
      count,
      file,
      line,
      explanation,
    ],
  );
  writeFileSync(verdictsFile.outputPath(stage), spreadsheet([columns, ...rows], localeId));
}
