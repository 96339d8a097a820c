import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { z } from "zod";
import { withoutGuard } from "../reading/formula-guard";
import { verdictNames, type Verdict } from "../utterances/verdicts";
import type { Changes } from "./changes";

/** `summary.json`: what came of the utterances, in numbers. */
export const summarySchema = z.object({
  botId: z.string(),
  localeId: z.string(),
  /** Distinct utterances, all verdicts together. */
  utterances: z.number(),
  verdicts: z.record(z.enum(verdictNames), z.number()),
  /** How many distinct utterances had each reason. */
  reasons: z.record(z.string(), z.number()),
  /** How many each intent gets. */
  additions: z.record(z.string(), z.number()),
});
export type Summary = z.infer<typeof summarySchema>;

export function summaryOf(verdicts: readonly Verdict[], { botId, localeId, intents }: Changes): Summary {
  const count = (name: string) => verdicts.filter(({ verdict }) => verdict === name).length;
  const reasons: Record<string, number> = {};
  for (const { reason } of verdicts) {
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  return {
    botId,
    localeId,
    utterances: verdicts.length,
    verdicts: {
      add: count("add"),
      known: count("known"),
      conflict: count("conflict"),
      review: count("review"),
      reject: count("reject"),
    },
    reasons,
    additions: Object.fromEntries(intents.map(({ name, added }) => [name, added.length])),
  };
}

/** `verdicts.csv`: a row for every distinct utterance. */
export function verdictsTable(verdicts: readonly Verdict[], localeId: string): string {
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
  return table([columns, ...rows], localeId);
}

/** `review.csv`: the utterances that need a person. With `intent` filled in it is a CSV of misses to drop in again. */
export function reviewTable(verdicts: readonly Verdict[], localeId: string): string {
  const columns = [
    "utterance",
    "intent",
    "count",
    "suggestion",
    "score",
    "suggestion 2",
    "suggestion 3",
    "looks like",
  ];
  const rows = verdicts
    .filter(({ verdict }) => verdict === "review")
    .map(({ utterance: { text, count }, suggestions: [first, second, third] }) => [
      text,
      "",
      count,
      first?.intent ?? "",
      first?.score.toFixed(2) ?? "",
      second?.intent ?? "",
      third?.intent ?? "",
      first?.nearest ?? "",
    ]);
  return table([columns, ...rows], localeId);
}

const reviewRow = z.object({
  utterance: z.string().transform(withoutGuard),
  count: z.coerce.number(),
  suggestion: z.string(),
  "looks like": z.string(),
});
export type ReviewRow = z.infer<typeof reviewRow>;

/** The rows of a `review.csv` that was written for the locale. */
export function reviewRows(text: string, localeId: string): ReviewRow[] {
  return z
    .array(reviewRow)
    .parse(parse(text, { bom: true, columns: true, delimiter: delimiterIn(localeId) }));
}

/** For a spreadsheet: a byte order mark so that it reads UTF-8, the delimiter that it expects, and no cell that it would run as a formula. */
function table(rows: readonly (readonly (string | number)[])[], localeId: string): string {
  return stringify([...rows], {
    bom: true,
    delimiter: delimiterIn(localeId),
    escape_formulas: true,
    record_delimiter: "windows",
    quoted_match: /[\r\n]/,
  });
}

/** Excel splits at semicolons where the decimal sign is a comma. */
function delimiterIn(localeId: string): string {
  return /^(en|es_US|es_419|hi|ja|ko|zh)/.test(localeId) ? "," : ";";
}
