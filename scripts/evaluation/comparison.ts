import type { Answer } from "../artifacts/answers";
import type { Changes } from "../artifacts/changes";
import type { Comparison, Flip, Score } from "../artifacts/evaluation";
import type { Phrase, PhraseSet } from "../artifacts/phrases";
import { IntentMatcher, minScore } from "../utterances/matcher";

/** A phrase with its answers before and after the retraining. */
export interface TwiceAsked extends Phrase {
  readonly before: Answer;
  readonly after: Answer;
}

/** Compares the answers before and after a retraining. */
export function comparisonOf(asked: readonly TwiceAsked[], changes: Changes): Comparison {
  const understood = asked.flatMap(({ before, after, ...phrase }) =>
    "intent" in before && "intent" in after
      ? [{ ...phrase, before: before.intent, after: after.intent }]
      : [],
  );
  const nearestTo = nearestAdditionIn(changes);
  return {
    sets: {
      golden: scoreOf("golden", understood),
      added: scoreOf("added", understood),
      outOfScope: scoreOf("outOfScope", understood),
    },
    flips: understood
      .filter(({ expected, before, after }) => before === expected && after !== expected)
      .sort((a, b) => flipOrder.indexOf(a.set) - flipOrder.indexOf(b.set))
      .map(({ text, ...flip }) => ({ phrase: text, ...flip, nearest: nearestTo(text, flip.after) })),
    recovered: understood
      .filter(
        ({ set, expected, before, after }) => set === "added" && before !== expected && after === expected,
      )
      .map(({ text, expected }) => ({ phrase: text, intent: expected })),
    executionErrors: asked
      .filter(({ before, after }) => "error" in before || "error" in after)
      .map(({ text, set, before, after }) => ({
        phrase: text,
        set,
        before: errorIn(before),
        after: errorIn(after),
      })),
    answeredByBedrock: {
      before: asked.filter(({ before }) => isByBedrock(before)).length,
      after: asked.filter(({ after }) => isByBedrock(after)).length,
    },
  };
}

const flipOrder: readonly PhraseSet[] = ["golden", "outOfScope", "added"];

/** A phrase with the intents that answered it. */
interface Understood extends Phrase {
  readonly before: string;
  readonly after: string;
}

function scoreOf(set: PhraseSet, understood: readonly Understood[]): Score {
  const phrases = understood.filter((phrase) => phrase.set === set);
  return {
    asked: phrases.length,
    before: phrases.filter(({ expected, before }) => before === expected).length,
    after: phrases.filter(({ expected, after }) => after === expected).length,
  };
}

function errorIn(answer: Answer): string | undefined {
  return "error" in answer ? answer.error : undefined;
}

function isByBedrock(answer: Answer): boolean {
  return "byBedrock" in answer && answer.byBedrock;
}

/** Finds the added utterance that most likely caused an intent to answer a phrase. */
function nearestAdditionIn({ intents }: Changes): (phrase: string, intent: string) => Flip["nearest"] {
  const matcher = new IntentMatcher(
    intents.map(({ name, added }) => [name, added.map(({ utterance }) => utterance)]),
  );
  return (phrase, intent) => {
    const match = matcher
      .rank(phrase)
      .find((candidate) => candidate.intent === intent && candidate.score >= minScore);
    const addition = intents
      .find(({ name }) => name === intent)
      ?.added.find(({ utterance }) => utterance === match?.nearest);
    if (!match || !addition) {
      return undefined;
    }
    const { utterance, file, line } = addition;
    return { utterance, intent, file, line, score: match.score };
  };
}
