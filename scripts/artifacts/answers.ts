import { z } from "zod";
import { JsonArtifact } from "./artifact";
import { phraseSchema } from "./phrases";

/**
 * The bot's answer to a phrase: the intent that it understood, or the error that hides which intent it
 * understood.
 */
export const answerSchema = z.union([
  z.object({
    intent: z.string(),
    /** Whether a language model chose the intent. It may choose another intent the next time. */
    byBedrock: z.boolean(),
  }),
  z.object({
    error: z.string(),
    /** The name of Lex's exception, if there was one. The error may quote the phrase; the name does not. */
    exception: z.string().optional(),
  }),
]);
export type Answer = z.infer<typeof answerSchema>;

const answersSchema = z.object({
  goldenFile: z.string().nullable(),
  leftOut: z.number(),
  phrases: z.array(phraseSchema.extend({ before: answerSchema })),
});
export type Answers = z.infer<typeof answersSchema>;

/** The phrases, and the bot's answers before the change. */
export const answersFile = new JsonArtifact("baseline", "answers", "answers.json", answersSchema);
