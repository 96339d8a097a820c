import type { Comparison, Flip } from "../artifacts/evaluation";
import { counted, printable, shortened } from "../messages/printable";

/** What a retraining may cost. */
export interface GateLimits {
  /** How many golden phrases may turn from right to wrong. */
  readonly maxRegressions: number;
  /** How many more out-of-scope phrases than before an intent may answer. */
  readonly maxLeakage: number;
}

export interface Verdict {
  readonly gate: "passed" | "refused";
  /** For people: the figures where it passed, all reasons where it was refused. */
  readonly summary: string;
  /** The same and, where it was refused, the first phrases that turned wrong with what most likely turned them. */
  readonly message: string;
}

/** How many flips the message names: it must fit a job's exit message of 1,024 bytes. */
const namedFlips = 3;

/** Decides whether a retraining is kept: it may break nothing beyond the limits, and must recover something. */
export function judge(comparison: Comparison, limits: GateLimits): Verdict {
  const reasons = [
    ...regressionsIn(comparison, limits),
    ...leakageIn(comparison, limits),
    ...noRecoveryIn(comparison),
  ];
  if (reasons.length === 0) {
    const summary = passed(comparison);
    return { gate: "passed", summary, message: summary };
  }
  const summary = ["Refused:", ...reasons].join(" ");
  return { gate: "refused", summary, message: [summary, ...flipped(comparison)].join(" ") };
}

function regressionsIn({ flips }: Comparison, { maxRegressions }: GateLimits): string[] {
  const regressions = flips.filter(({ set }) => set === "golden").length;
  if (regressions <= maxRegressions) {
    return [];
  }
  return [
    `${counted(regressions, "golden phrase")} turned from right to wrong (maxRegressions is ${maxRegressions}).`,
  ];
}

function leakageIn({ sets: { outOfScope } }: Comparison, { maxLeakage }: GateLimits): string[] {
  const leakage = outOfScope.before - outOfScope.after;
  if (leakage <= maxLeakage) {
    return [];
  }
  return [
    `An intent answers ${leakage} more out-of-scope phrase${leakage === 1 ? "" : "s"} than before (maxLeakage is ${maxLeakage}).`,
  ];
}

function noRecoveryIn({ sets: { added }, recovered }: Comparison): string[] {
  if (recovered.length > 0) {
    return [];
  }
  const missed = added.asked - added.before;
  if (added.asked === 0) {
    return ["No added utterance could be asked, so nothing shows that any is recovered."];
  }
  if (missed === 0) {
    return [`No miss is recovered: the bot answered ${all(added.asked)} right before.`];
  }
  return [
    `No miss is recovered: of ${counted(missed, "added utterance")} answered wrong before, none is right now.`,
  ];
}

function all(added: number): string {
  return added === 1 ? "the only added utterance" : `all ${added} added utterances`;
}

function passed({ sets: { golden, added, outOfScope }, recovered }: Comparison): string {
  const kept = [
    { ...golden, noun: "golden phrase" },
    { ...outOfScope, noun: "out-of-scope phrase" },
  ]
    .filter(({ asked }) => asked > 0)
    .map(
      ({ asked, before, after, noun }) =>
        ` Right of ${counted(asked, noun)}: ${before} before, ${after} now.`,
    );
  return `Passed: ${recovered.length} of ${counted(added.asked, "added utterance")} recovered.${kept.join("")}`;
}

function flipped({ flips }: Comparison): string[] {
  const more = flips.length - namedFlips;
  return [...flips.slice(0, namedFlips).map(flipSentence), ...(more > 0 ? [`And ${more} more.`] : [])];
}

function flipSentence({ phrase, before, after, nearest }: Flip): string {
  const culprit = nearest
    ? `, near the added “${shortened(nearest.utterance)}” (${nearest.file}, line ${nearest.line})`
    : "";
  return `“${shortened(phrase)}” went from ${printable(before)} to ${printable(after)}${culprit}.`;
}
