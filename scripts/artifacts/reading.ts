import { z } from "zod";
import { JsonArtifact } from "./artifact";
import { rejections } from "./utterances";

const fileSchema = z.object({
  file: z.string(),
  encoding: z.string(),
  /** What separates the columns. Null for a file of one column and for JSON Lines. */
  delimiter: z.string().nullable(),
  /** The names of the columns that are read. */
  columns: z.object({ utterance: z.string(), intent: z.string().nullable(), count: z.string().nullable() }),
  rows: z.number(),
});
export type FileReport = z.infer<typeof fileSchema>;

const readingSchema = z.object({
  files: z.array(fileSchema).readonly(),
  /** The names of the input's files that were not read. */
  ignored: z.array(z.string()).readonly(),
  rows: z.number(),
  /** How many distinct utterances there are. */
  utterances: z.number(),
  /** How many of the utterances no bot can take, by reason. */
  rejected: z.partialRecord(z.enum(rejections), z.number()),
  /** How many of the other utterances do not have an intent in any row. */
  unlabelled: z.number(),
});
export type ReadingReport = z.infer<typeof readingSchema>;

/** What preprocess read, and how it understood it. */
export const readingFile = new JsonArtifact("preprocess", "report", "preprocess.json", readingSchema);
