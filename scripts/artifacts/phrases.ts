import { z } from "zod";

/**
 * Why the evaluation asks a phrase: `golden` checks that right answers stay right, `added` shows what the
 * retraining recovers, and `outOfScope` checks that no intent answers phrases that are not for the bot.
 */
export const phraseSets = ["golden", "added", "outOfScope"] as const;
export type PhraseSet = (typeof phraseSets)[number];

export const phraseSchema = z.object({
  text: z.string(),
  set: z.enum(phraseSets),
  /** The intent that is the right answer: for a phrase out of scope, the FallbackIntent. */
  expected: z.string(),
  /** The row of the phrase. The bot's own utterances do not have one. */
  row: z.object({ file: z.string(), line: z.number().int().positive() }).optional(),
});
export type Phrase = z.infer<typeof phraseSchema>;
