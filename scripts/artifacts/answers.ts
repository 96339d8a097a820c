import { z } from "zod";
import { JsonArtifact } from "./artifact";
import { phraseSchema } from "./phrases";

/** What the bot made of a phrase: the intent that it understood, or why there is none, which says nothing of the intent. */
export const answerSchema = z.union([
  z.object({
    intent: z.string(),
    /** Whether a language model chose the intent, which may choose another the next time. */
    byBedrock: z.boolean(),
  }),
  z.object({ error: z.string() }),
]);
export type Answer = z.infer<typeof answerSchema>;

const answersSchema = z.object({
  goldenFile: z.string().nullable(),
  leftOut: z.number(),
  phrases: z.array(phraseSchema.extend({ before: answerSchema })),
});
export type Answers = z.infer<typeof answersSchema>;

/** The phrases, and what the bot answered before it is changed. */
export const answersFile = new JsonArtifact("baseline", "answers", "answers.json", answersSchema);
