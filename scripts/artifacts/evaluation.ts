import { z } from "zod";
import { gate } from "../../pipeline/stages";
import { Artifact, JsonArtifact } from "./artifact";
import { phraseSchema, phraseSets } from "./phrases";

/** Of the phrases that were answered both times: how many there are, and how many answers were right. */
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
  /** Of the utterances that were added to the intent that answers now, the one most like the phrase. Its score is from 0 to 1. */
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
  /** Phrases that were right and are wrong: the golden ones first, then those that are out of scope. */
  flips: z.array(flipSchema),
  /** Added utterances that were wrong and are right. */
  recovered: z.array(z.object({ phrase: z.string(), intent: z.string() })),
  /** Phrases that failed before, after or both times, which the rest leaves out: they say nothing of what the bot understands. */
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

/** What the gate goes by, and what came of the phrases. */
export const evaluationFile = new JsonArtifact("evaluate", gate.output, gate.file, evaluationSchema);

/** The same as a page for the bot's owner. */
export const evaluationPage = new Artifact("evaluate", "report", "report.html");
