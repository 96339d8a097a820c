import { z } from "zod";

/**
 * What a phrase is asked for: `golden` to see that what was right stays right, `added` to see what the retraining brings, `outOfScope` to
 * see that the bot does not come to answer what it should not.
 */
export const phraseSets = ["golden", "added", "outOfScope"] as const;
export type PhraseSet = (typeof phraseSets)[number];

export const phraseSchema = z.object({
  text: z.string(),
  set: z.enum(phraseSets),
  /** The intent that is the right answer; out of scope it is the FallbackIntent. */
  expected: z.string(),
  /** The row that it stands in; the bot's own utterances stand in none. */
  row: z.object({ file: z.string(), line: z.number().int().positive() }).optional(),
});
export type Phrase = z.infer<typeof phraseSchema>;
