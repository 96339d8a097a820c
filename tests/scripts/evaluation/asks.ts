import type { Answer } from "../../../scripts/artifacts/answers";
import type { Changes } from "../../../scripts/artifacts/changes";
import type { PhraseSet } from "../../../scripts/artifacts/phrases";
import type { TwiceAsked } from "../../../scripts/evaluation/comparison";

export function understood(intent: string, byBedrock = false): Answer {
  return { intent, byBedrock };
}

/** A phrase for the intent `expected`, with its answers `before` and `after`. */
export function asked(
  set: PhraseSet,
  text: string,
  expected: string,
  before: Answer | string,
  after: Answer | string,
): TwiceAsked {
  const answer = (given: Answer | string) => (typeof given === "string" ? understood(given) : given);
  return { set, text, expected, before: answer(before), after: answer(after) };
}

/**
 * Changes that add these utterances to intents. They come from misses.csv, one on each line from the second.
 */
export function additions(byIntent: Readonly<Record<string, readonly string[]>>): Changes {
  let line = 1;
  return {
    botId: "ABCDEFGHIJ",
    localeId: "es_ES",
    lastUpdatedDateTime: "2026-01-01T00:00:00.000Z",
    intents: Object.entries(byIntent).map(([name, utterances]) => ({
      name,
      isNew: false,
      added: utterances.map((utterance) => ({ utterance, count: 1, file: "misses.csv", line: ++line })),
    })),
  };
}
