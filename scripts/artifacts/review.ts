import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Stage } from "../stage/stage";
import { Artifact } from "./artifact";
import { spreadsheet, spreadsheetRows, withoutGuard } from "./spreadsheet";
import type { Verdict } from "./verdicts";

const reviewFile = new Artifact("package", "report", "review.csv");

/**
 * Writes the utterances that need a person. With `intent` filled in, the file is a CSV of misses for the next
 * run.
 */
export function writeReview(stage: Stage, verdicts: readonly Verdict[], localeId: string): void {
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
  writeFileSync(reviewFile.outputPath(stage), spreadsheet([columns, ...rows], localeId));
}

const reviewRow = z.object({
  utterance: z.string().transform(withoutGuard),
  count: z.coerce.number(),
  suggestion: z.string(),
  "looks like": z.string(),
});
export type ReviewRow = z.infer<typeof reviewRow>;

/**
 * The rows that a run on this locale left in its folder. There are none when the run ended before package.
 */
export function findReview(runFolder: string, localeId: string): ReviewRow[] {
  const file = join(runFolder, reviewFile.runPath);
  return existsSync(file)
    ? z.array(reviewRow).parse(spreadsheetRows(readFileSync(file, "utf8"), localeId))
    : [];
}
