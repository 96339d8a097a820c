import type { Comparison, Flip } from "../artifacts/evaluation";
import { counted, printable } from "../messages/printable";

/** How much worse a retraining may make the answers. */
export interface GateLimits {
  /** How many golden phrases may turn from right to wrong. */
  readonly maxRegressions: number;
  /** How many out-of-scope phrases more than before may get an intent as their answer. */
  readonly maxLeakage: number;
}

export interface Judgement {
  readonly gate: "passed" | "refused";
  /** For people: the figures if it passed, all reasons if it was refused. */
  readonly summary: string;
  /**
   * The summary. If it was refused, also the places of the first flips, each with that of the addition that
   * most likely caused it. It goes into logs and e-mails, so it quotes no phrase.
   */
  readonly message: string;
}

/** How many flips the message names. The report names all of them. */
const namedFlips = 3;

/** Decides whether to keep a retraining: it must stay within the limits and recover a miss. */
export function judge(comparison: Comparison, limits: GateLimits): Judgement {
  const reasons = [
    ...regressionReasons(comparison, limits),
    ...leakageReasons(comparison, limits),
    ...noRecoveryReasons(comparison),
  ];
  if (reasons.length === 0) {
    const summary = passedSummary(comparison);
    return { gate: "passed", summary, message: summary };
  }
  const summary = ["Refused:", ...reasons].join(" ");
  return { gate: "refused", summary, message: [summary, ...flipSentences(comparison)].join(" ") };
}

function regressionReasons({ flips }: Comparison, { maxRegressions }: GateLimits): string[] {
  const regressions = flips.filter(({ set }) => set === "golden").length;
  if (regressions <= maxRegressions) {
    return [];
  }
  return [
    `${counted(regressions, "golden phrase")} turned from right to wrong (maxRegressions is ${maxRegressions}).`,
  ];
}

function leakageReasons({ sets: { outOfScope } }: Comparison, { maxLeakage }: GateLimits): string[] {
  const leakage = outOfScope.before - outOfScope.after;
  if (leakage <= maxLeakage) {
    return [];
  }
  return [
    `An intent answers ${leakage} more out-of-scope phrase${leakage === 1 ? "" : "s"} than before (maxLeakage is ${maxLeakage}).`,
  ];
}

function noRecoveryReasons({ sets: { added }, recovered }: Comparison): string[] {
  if (recovered.length > 0) {
    return [];
  }
  const missed = added.asked - added.before;
  if (added.asked === 0) {
    return ["No added utterance could be asked, so nothing shows that any is recovered."];
  }
  if (missed === 0) {
    return [`No miss is recovered: the bot already answered ${allAdded(added.asked)} right.`];
  }
  return [
    `No miss is recovered: the bot answered ${counted(missed, "added utterance")} wrong before, and none is right now.`,
  ];
}

function allAdded(added: number): string {
  return added === 1 ? "the only added utterance" : `all ${added} added utterances`;
}

function passedSummary({ sets: { golden, added, outOfScope }, recovered }: Comparison): string {
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

function flipSentences({ flips }: Comparison): string[] {
  const more = flips.length - namedFlips;
  return [...flips.slice(0, namedFlips).map(flipSentence), ...(more > 0 ? [`And ${more} more.`] : [])];
}

function flipSentence({ row, before, after, nearest }: Flip): string {
  const place = row ? ` (${placeOf(row)})` : "";
  const cause = nearest ? `, near what ${placeOf(nearest)}, added` : "";
  return `A phrase for ${printable(before)}${place} now goes to ${printable(after)}${cause}.`;
}

function placeOf({ file, line }: { readonly file: string; readonly line: number }): string {
  return `${file}, line ${line}`;
}
