import type { Intent, Locale } from "../../scripts/lex/locale";
import { isFallback } from "../../scripts/lex/sample-utterances";
import { IntentMatcher } from "../../scripts/utterances/matcher";
import { type SamplePattern, exactKey, patternOf, slotValuesIn } from "./sample-pattern";

/**
 * Below this score an intent is not recognised, whatever threshold the locale sets: the scores here measure
 * how similar two texts are, and one or two common words already give almost this score.
 */
export const leastScore = 0.4;

/** An intent that a text may mean. The FallbackIntent has no score. */
export interface Candidate {
  readonly intent: Intent;
  readonly score: number | undefined;
  /** What the text says for slots, by their names. */
  readonly slotValues: ReadonlyMap<string, string>;
}

/**
 * The result of a build: tells which intent a text means.
 *
 * A sample utterance scores 1, whatever its case, spacing and punctuation. With its slots filled it scores
 * less, the more of the text the slots take. Any other text scores its similarity to the nearest sample
 * utterance. A slot takes any words, and there is no machine learning.
 */
export class Recognizer {
  private readonly exact = new Map<string, Set<string>>();
  private readonly patterns: { readonly intent: string; readonly pattern: SamplePattern }[] = [];
  private readonly matcher: IntentMatcher;
  private readonly fallback: Candidate;

  /** @param locale one that can be built: it has a FallbackIntent */
  constructor(readonly locale: Locale) {
    const intent = [...locale.intents.values()].find(isFallback);
    if (!intent) {
      throw new Error(`The locale ${locale.id} has no FallbackIntent.`);
    }
    this.fallback = { intent, score: undefined, slotValues: new Map() };
    for (const { name, sampleUtterances } of locale.intents.values()) {
      for (const utterance of sampleUtterances) {
        const pattern = patternOf(utterance);
        if (pattern) {
          this.patterns.push({ intent: name, pattern });
        }
        const key = exactKey(utterance);
        this.exact.set(key, (this.exact.get(key) ?? new Set()).add(name));
      }
    }
    this.matcher = new IntentMatcher(
      [...locale.intents.values()].map(({ name, sampleUtterances }) => [name, sampleUtterances] as const),
    );
  }

  /**
   * Up to five candidates, best first. The FallbackIntent comes before those below the threshold.
   *
   * @param activeContexts names of contexts; an intent counts only when all of its input contexts are active
   * @param exactOnly recognises only sample utterances themselves, as Lex does before a build has ended
   */
  recognize(
    text: string,
    activeContexts: ReadonlySet<string>,
    exactOnly: boolean,
  ): [Candidate, ...Candidate[]] {
    const threshold = Math.max(this.locale.nluConfidenceThreshold, leastScore);
    const ranked = this.rank(text, exactOnly).filter(({ intent }) =>
      intent.inputContexts.every((context) => activeContexts.has(context)),
    );
    const isAbove = ({ score = 0 }: Candidate) => score >= threshold;
    const above = ranked.filter(isAbove);
    const below = ranked.filter((candidate) => !isAbove(candidate));
    const [best = this.fallback, ...others] = above.concat(this.fallback, below);
    return [best, ...others.slice(0, 4)];
  }

  private rank(text: string, exactOnly: boolean): Candidate[] {
    const best = new Map<string, { score: number; slotValues: ReadonlyMap<string, string> }>();
    const offer = (intent: string, score: number, slotValues: ReadonlyMap<string, string> = new Map()) => {
      const rounded = Math.round(score * 100) / 100;
      if (rounded > (best.get(intent)?.score ?? 0)) {
        best.set(intent, { score: rounded, slotValues });
      }
    };
    for (const intent of this.exact.get(exactKey(text)) ?? []) {
      offer(intent, 1);
    }
    if (!exactOnly) {
      for (const { intent, pattern } of this.patterns) {
        const match = slotValuesIn(text, pattern);
        if (match) {
          offer(intent, match.score, match.slotValues);
        }
      }
      for (const { intent, score } of this.matcher.rank(text)) {
        offer(intent, score);
      }
    }
    return [...best]
      .flatMap(([name, match]) => {
        const intent = this.locale.intents.get(name);
        return intent ? [{ intent, ...match }] : [];
      })
      .sort((a, b) => b.score - a.score);
  }
}
