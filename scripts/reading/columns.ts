/** The names by which the columns of a CSV, or the keys of a JSON object, are known. Case, accents, spaces, "-" and "_" do not matter. */
export const columnNames = {
  utterance: [
    "utterance",
    "utterances",
    "text",
    "phrase",
    "transcript",
    "inputTranscript",
    "input",
    "user_input",
    "frase",
    "texto",
    "enunciado",
  ],
  intent: ["intent", "target_intent", "label", "intención", "etiqueta"],
  count: ["count", "missedCount", "n", "total", "veces"],
} as const;

/** Where the columns stand, counted from 0; null is a column that the file does not have. */
export interface Columns {
  readonly utterance: number | null;
  readonly intent: number | null;
  readonly count: number | null;
}

/** Finds the columns in a header. Of two names for one column, the one that stands first in `columnNames` is taken. */
export function columnsIn(header: readonly string[]): Columns {
  const names = header.map(normalised);
  const find = (accepted: readonly string[]) => {
    const name = accepted.map(normalised).find((candidate) => names.includes(candidate));
    return name === undefined ? null : names.indexOf(name);
  };
  return {
    utterance: find(columnNames.utterance),
    intent: find(columnNames.intent),
    count: find(columnNames.count),
  };
}

function normalised(name: string): string {
  return name
    .normalize("NFD")
    .replace(/[\p{M}\p{Cf}\s_-]/gu, "")
    .toLowerCase();
}
