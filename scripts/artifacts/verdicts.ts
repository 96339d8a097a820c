import { writeFileSync } from "node:fs";
import type { Stage } from "../stage/stage";
import { Artifact } from "./artifact";
import { spreadsheet } from "./spreadsheet";
import type { Rejection, Utterance } from "./utterances";

export const verdictNames = ["add", "known", "conflict", "review", "reject"] as const;
export type VerdictName = (typeof verdictNames)[number];

/** What happens to an utterance, and why. */
export interface Verdict {
  readonly utterance: Utterance;
  readonly verdict: VerdictName;
  readonly reason: Reason;
  /** The intent that gets the utterance, has it already or is in conflict with it. Otherwise the label. */
  readonly intent: string | undefined;
  readonly explanation: string;
  /** For `review`: up to three intents that may fit, best first. */
  readonly suggestions: readonly Suggestion[];
}

/** An intent, its score from 0 to 1, and the sample utterance with that score. */
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

/** Writes one row for every distinct utterance. */
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
