/**
 * Ranks intents by how similar their sample utterances are to an utterance. It gives suggestions to a person,
 * and the local Lex answers with it.
 *
 * The features of a text are its words and their three-letter pieces. Rare features weigh more, so "renuevo"
 * finds "renovar", and a word that every intent has hardly counts. The score is the cosine of the two texts,
 * from 0 to 1. Only the same words give 1.
 */
export class IntentMatcher {
  private readonly samples: Sample[] = [];
  private readonly samplesWith = new Map<string, number[]>();
  private readonly weights: ReadonlyMap<string, number>;
  private readonly rarest: number;

  constructor(utterancesByIntent: Iterable<readonly [intent: string, utterances: Iterable<string>]>) {
    const texts = [...utterancesByIntent].flatMap(([intent, utterances]) =>
      [...utterances].map((utterance) => ({ intent, utterance, features: featuresOf(utterance) })),
    );
    this.weights = rarity(texts.map(({ features }) => features));
    this.rarest = rarityOf(1, texts.length);
    for (const { intent, utterance, features } of texts) {
      const id = this.samples.push({ intent, utterance, features, length: this.lengthOf(features) }) - 1;
      for (const feature of features.keys()) {
        const ids = this.samplesWith.get(feature);
        if (ids) {
          ids.push(id);
        } else {
          this.samplesWith.set(feature, [id]);
        }
      }
    }
  }

  /**
   * The intents that have a feature in common with the text, best first. Equal scores keep the order of the
   * intents.
   */
  rank(text: string): Match[] {
    const features = featuresOf(text);
    const length = this.lengthOf(features);
    const products = new Map<number, number>();
    for (const [feature, count] of features) {
      const weight = this.weights.get(feature) ?? 0;
      for (const id of this.samplesWith.get(feature) ?? []) {
        const product = count * (this.samples[id]?.features.get(feature) ?? 0) * weight ** 2;
        products.set(id, (products.get(id) ?? 0) + product);
      }
    }
    const best = new Map<string, Match>();
    for (const [id, product] of products) {
      const sample = this.samples[id];
      if (!sample) {
        continue;
      }
      const score = Math.min(1, product / (length * sample.length));
      if (score > (best.get(sample.intent)?.score ?? 0)) {
        best.set(sample.intent, { intent: sample.intent, score, nearest: sample.utterance });
      }
    }
    return [...best.values()].sort((a, b) => b.score - a.score);
  }

  private lengthOf(features: Features): number {
    let sum = 0;
    // A feature that no sample has still makes the text different from all samples, so it weighs like the
    // rarest one.
    for (const [feature, count] of features) {
      sum += (count * (this.weights.get(feature) ?? this.rarest)) ** 2;
    }
    return Math.sqrt(sum);
  }
}

/** Below this score, two texts share little more than an article, so a suggestion would only distract. */
export const minScore = 0.2;

/** An intent, its score from 0 to 1, and the sample utterance with that score. */
export interface Match {
  readonly intent: string;
  readonly score: number;
  readonly nearest: string;
}

interface Sample {
  readonly intent: string;
  readonly utterance: string;
  readonly features: Features;
  readonly length: number;
}

/** How often a text has each word and piece. */
type Features = ReadonlyMap<string, number>;

const pieceShare = 0.3;

function featuresOf(text: string): Features {
  const features = new Map<string, number>();
  const add = (feature: string, share: number) => features.set(feature, (features.get(feature) ?? 0) + share);
  for (const word of wordsIn(text)) {
    add(word, 1);
    const padded = ` ${word} `;
    for (let start = 0; start + 3 <= padded.length; start++) {
      add(`~${padded.slice(start, start + 3)}`, pieceShare);
    }
  }
  return features;
}

/**
 * The words of a text, without slots, which stand for any words, and without accents, which people often do
 * not type.
 */
function wordsIn(text: string): string[] {
  const plain = text
    .replace(/\{[^{}]*\}/g, " ")
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "");
  return plain.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

function rarity(texts: readonly Features[]): ReadonlyMap<string, number> {
  const occurrences = new Map<string, number>();
  for (const features of texts) {
    for (const feature of features.keys()) {
      occurrences.set(feature, (occurrences.get(feature) ?? 0) + 1);
    }
  }
  return new Map([...occurrences].map(([feature, count]) => [feature, rarityOf(count, texts.length)]));
}

function rarityOf(occurrences: number, texts: number): number {
  return Math.log(1 + texts / occurrences);
}
