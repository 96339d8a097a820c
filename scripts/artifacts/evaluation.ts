import { z } from "zod";
import { gate } from "../../pipeline/stages";
import { Artifact, JsonArtifact } from "./artifact";
import { phraseSchema, phraseSets } from "./phrases";

/** The phrases that the bot answered both times, and how many of the answers were right. */
const scoreSchema = z.object({ asked: z.number(), before: z.number(), after: z.number() });
export type Score = z.infer<typeof scoreSchema>;

const flipSchema = z.object({
  phrase: z.string(),
  set: z.enum(phraseSets),
  expected: z.string(),
  row: phraseSchema.shape.row,
  /** The intents that answered. */
  before: z.string(),
  after: z.string(),
  /**
   * The addition to the intent that answers now that is most similar to the phrase. Its score is from 0 to 1.
   */
  nearest: z
    .object({
      utterance: z.string(),
      intent: z.string(),
      file: z.string(),
      line: z.number(),
      score: z.number(),
    })
    .optional(),
});
export type Flip = z.infer<typeof flipSchema>;

const comparisonSchema = z.object({
  sets: z.record(z.enum(phraseSets), scoreSchema),
  /** Phrases that were right and are wrong now: golden phrases first, then those that are out of scope. */
  flips: z.array(flipSchema),
  /** Added utterances that were wrong and are right now. */
  recovered: z.array(z.object({ phrase: z.string(), intent: z.string() })),
  /**
   * Phrases that failed at least once. The other fields leave them out, because an error does not show the
   * intent.
   */
  executionErrors: z.array(
    z.object({
      phrase: z.string(),
      set: z.enum(phraseSets),
      before: z.string().optional(),
      after: z.string().optional(),
    }),
  ),
  /** How many answers a language model chose. */
  answeredByBedrock: z.object({ before: z.number(), after: z.number() }),
});
export type Comparison = z.infer<typeof comparisonSchema>;

const evaluationSchema = comparisonSchema.extend({
  gate: z.enum([gate.passed, "refused"]),
  /** The gate's judgement, for people. */
  summary: z.string(),
  /** The summary and the first flips. */
  message: z.string(),
  /** The golden set's file; null when a sample of the bot's own utterances took its place. */
  goldenFile: z.string().nullable(),
  /** How many phrases could not be asked. */
  leftOut: z.number(),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

/** The gate's judgement and the comparison behind it. */
export const evaluationFile = new JsonArtifact(
  gate.output.stage,
  gate.output.output,
  gate.file,
  evaluationSchema,
);

/** The evaluation as a page for the bot's owner. */
export const evaluationPage = new Artifact("evaluate", "report", "report.html");
