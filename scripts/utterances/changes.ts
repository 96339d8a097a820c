import { z } from "zod";

/** A sample utterance that a run adds: the row that brought it and how often it was missed. */
export const additionSchema = z.object({
  utterance: z.string(),
  count: z.number().int().positive(),
  file: z.string(),
  line: z.number().int().positive(),
});
export type Addition = z.infer<typeof additionSchema>;

/** `changes.json`: what package decided and the later stages carry out. No intents means that there is nothing to do. */
export const changesSchema = z.object({
  botId: z.string(),
  localeId: z.string(),
  /** Of the DRAFT that was packed, ISO 8601. */
  lastUpdatedDateTime: z.iso.datetime(),
  intents: z.array(z.object({ name: z.string(), added: z.array(additionSchema).min(1), isNew: z.boolean() })),
});
export type Changes = z.infer<typeof changesSchema>;
