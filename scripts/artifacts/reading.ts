import { z } from "zod";
import { JsonArtifact } from "./artifact";
import { rejections } from "./utterances";

const fileSchema = z.object({
  file: z.string(),
  encoding: z.string(),
  /** What separates its columns; null where there is but one, or for JSON Lines. */
  delimiter: z.string().nullable(),
  /** The names of the columns that are read. */
  columns: z.object({ utterance: z.string(), intent: z.string().nullable(), count: z.string().nullable() }),
  rows: z.number(),
});
export type FileReport = z.infer<typeof fileSchema>;

const readingSchema = z.object({
  files: z.array(fileSchema).readonly(),
  /** Files of the input that are not misses, by their names. */
  ignored: z.array(z.string()).readonly(),
  rows: z.number(),
  /** Distinct utterances. */
  utterances: z.number(),
  /** Those of them that no bot can take, by the reason. */
  rejected: z.partialRecord(z.enum(rejections), z.number()),
  /** Those of the others for which no row names an intent. */
  unlabelled: z.number(),
});
export type ReadingReport = z.infer<typeof readingSchema>;

/** What was read, and how it was understood. */
export const readingFile = new JsonArtifact("preprocess", "report", "preprocess.json", readingSchema);
