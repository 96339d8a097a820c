import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Stage } from "../stage/stage";
import { phraseSchema } from "./phrase";

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

/** `answers.json`: the phrases, and what the bot answered before it is changed. */
export const answersSchema = z.object({
  goldenFile: z.string().nullable(),
  leftOut: z.number(),
  phrases: z.array(phraseSchema.extend({ before: answerSchema })),
});
export type Answers = z.infer<typeof answersSchema>;

const file = "answers.json";

export function writeAnswers(stage: Stage, answers: Answers): void {
  writeFileSync(join(stage.output("answers"), file), JSON.stringify(answers, null, 2));
}

/** What the baseline left in the input `baseline`. */
export function readAnswers(stage: Stage): Answers {
  return answersSchema.parse(JSON.parse(readFileSync(join(stage.input("baseline"), file), "utf8")));
}
