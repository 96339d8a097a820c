import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import type { Stage } from "../stage/stage";
import { Artifact } from "./artifact";

/** Why no intent can use an utterance. */
export const rejections = [
  "empty",
  "too-long",
  "invalid-characters",
  "no-letter-or-digit",
  "braces",
] as const;
export type Rejection = (typeof rejections)[number];

/** The place of a row: the file's name and the line, counted from 1. */
const place = { file: z.string(), line: z.number().int().positive() };

/**
 * One distinct utterance: a line of `utterances.jsonl`, which preprocess writes and package reads.
 *
 * Two utterances with the same `key` are the same (see `comparison-key.ts`). `text`, `file` and `line` come
 * from the first row, and `count` is the number of misses. `labels` holds the distinct intents that rows name
 * for the utterance, in the order of the rows. An utterance without labels is unlabelled, and two labels are
 * a conflict.
 */
export const utteranceSchema = z.object({
  key: z.string(),
  text: z.string(),
  count: z.number().int().positive(),
  ...place,
  labels: z.array(z.object({ intent: z.string(), ...place })),
  rejection: z.enum(rejections).optional(),
});
export type Utterance = z.infer<typeof utteranceSchema>;

/** The distinct utterances of a run, each on one line. */
export const utterancesFile = new Artifact("preprocess", "utterances", "utterances.jsonl");

export async function writeUtterances(stage: Stage, utterances: Iterable<Utterance>): Promise<void> {
  await pipeline(Readable.from(jsonLines(utterances)), createWriteStream(utterancesFile.outputPath(stage)));
}

function* jsonLines(utterances: Iterable<Utterance>): Generator<string> {
  for (const utterance of utterances) {
    yield `${JSON.stringify(utterance)}\n`;
  }
}

export async function readUtterances(stage: Stage): Promise<Utterance[]> {
  const input = createReadStream(utterancesFile.inputPath(stage));
  const utterances: Utterance[] = [];
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    utterances.push(utteranceSchema.parse(JSON.parse(line)));
  }
  return utterances;
}
