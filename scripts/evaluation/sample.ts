import { createHash } from "node:crypto";
import type { Phrase } from "../artifacts/phrases";
import type { Locale } from "../lex/locale";
import { slotsNamedIn } from "../lex/sample-utterances";

export const maxPerIntent = 5;
export const maxSample = 300;

/**
 * A sample of the bot's own utterances, in place of a golden set. A hash chooses them, so the same bot always
 * gives the same sample, whatever the order of its export.
 *
 * The sample leaves out built-in intents, utterances with slots, and intents that need a context, because a
 * new session does not have a context.
 */
export function sampleOf({ intents }: Locale): Phrase[] {
  const chosen = [...intents.values()]
    .filter(
      ({ parentIntentSignature, inputContexts }) =>
        parentIntentSignature === undefined && inputContexts.length === 0,
    )
    .flatMap(({ name, sampleUtterances }) => {
      const plain = new Set(sampleUtterances.filter((utterance) => slotsNamedIn(utterance).length === 0));
      return firstByHash([...plain], maxPerIntent, (utterance) => utterance).map((text) => ({
        text,
        set: "golden" as const,
        expected: name,
      }));
    });
  return firstByHash(chosen, maxSample, ({ expected, text }) => `${expected} ${text}`);
}

function firstByHash<T>(items: readonly T[], count: number, textOf: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, hash: createHash("sha256").update(textOf(item)).digest("hex") }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
    .slice(0, count)
    .map(({ item }) => item);
}
