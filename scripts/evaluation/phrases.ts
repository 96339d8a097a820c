import type { Changes } from "../artifacts/changes";
import type { Phrase } from "../artifacts/phrases";
import type { Locale } from "../lex/locale";
import { maxTextLength } from "../lex/quotas";
import { slotsNamedIn } from "../lex/sample-utterances";
import type { Stage } from "../stage/stage";
import { goldenFileOf, readGolden } from "./golden";
import { sampleOf } from "./sample";

export interface Phrases {
  readonly phrases: readonly Phrase[];
  /** The golden set's file. Null when a sample of the bot's own utterances takes its place. */
  readonly goldenFile: string | null;
  /**
   * How many phrases are too long to ask, or are added utterances with slots, which nobody says in that form.
   */
  readonly leftOut: number;
}

/**
 * The phrases to ask the bot before and after the change.
 *
 * @param locale the locale before the change
 * @throws UserError when the golden set cannot be used
 */
export async function phrasesFor(stage: Stage, changes: Changes, locale: Locale): Promise<Phrases> {
  const file = await goldenFileOf(stage);
  const all = [...(file ? await readGolden(file, locale) : sampleOf(locale)), ...addedBy(changes)];
  const phrases = all.filter(
    ({ set, text }) => text.length <= maxTextLength && (set !== "added" || slotsNamedIn(text).length === 0),
  );
  return { phrases, goldenFile: file?.name ?? null, leftOut: all.length - phrases.length };
}

function addedBy({ intents }: Changes): Phrase[] {
  return intents.flatMap(({ name, added }) =>
    added.map(({ utterance, file, line }) => ({
      text: utterance,
      set: "added" as const,
      expected: name,
      row: { file, line },
    })),
  );
}
