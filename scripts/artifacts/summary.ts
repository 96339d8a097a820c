import { z } from "zod";
import { outcome } from "../../pipeline/stages";
import { JsonArtifact } from "./artifact";
import type { Changes } from "./changes";
import { verdictNames, type Verdict } from "./verdicts";

const summarySchema = z.object({
  /** Whether the execution goes on. */
  outcome: z.enum([outcome.changes, "unchanged"]),
  botId: z.string(),
  localeId: z.string(),
  /** How many distinct utterances there are, with any verdict. */
  utterances: z.number(),
  verdicts: z.record(z.enum(verdictNames), z.number()),
  /** How many distinct utterances had each reason. */
  reasons: z.record(z.string(), z.number()),
  /** How many additions each intent gets. */
  additions: z.record(z.string(), z.number()),
});
export type Summary = z.infer<typeof summarySchema>;

/** How many utterances have each verdict. */
export const summaryFile = new JsonArtifact(
  outcome.output.stage,
  outcome.output.output,
  outcome.file,
  summarySchema,
);

export function summaryOf(verdicts: readonly Verdict[], { botId, localeId, intents }: Changes): Summary {
  const count = (name: string) => verdicts.filter(({ verdict }) => verdict === name).length;
  const reasons: Record<string, number> = {};
  for (const { reason } of verdicts) {
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  return {
    outcome: intents.length > 0 ? outcome.changes : "unchanged",
    botId,
    localeId,
    utterances: verdicts.length,
    verdicts: {
      add: count("add"),
      known: count("known"),
      conflict: count("conflict"),
      review: count("review"),
      reject: count("reject"),
    },
    reasons,
    additions: Object.fromEntries(intents.map(({ name, added }) => [name, added.length])),
  };
}
