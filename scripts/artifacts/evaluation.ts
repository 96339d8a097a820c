import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { gate } from "../../pipeline/stages";
import { comparisonSchema } from "../evaluation/comparison";
import type { Stage } from "../stage/stage";

/** `evaluation.json`: what the gate goes by, and what came of the phrases. */
export const evaluationSchema = comparisonSchema.extend({
  gate: z.enum([gate.passed, "refused"]),
  /** Whether nothing was added, so that there was nothing to ask. */
  unchanged: z.boolean(),
  /** The verdict, for people. */
  summary: z.string(),
  /** The same with the first flips. */
  message: z.string(),
  /** The golden set's file; null where a sample of the bot's own utterances stood for one. */
  goldenFile: z.string().nullable(),
  /** Phrases that could not be asked. */
  leftOut: z.number(),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

/** What evaluate left in the input `evaluation`. */
export function readEvaluation(stage: Stage): Evaluation {
  return evaluationSchema.parse(JSON.parse(readFileSync(join(stage.input("evaluation"), gate.file), "utf8")));
}
