/**
 * The accepted names for the columns of a CSV and for the keys of a JSON object. Case, accents, spaces, "-"
 * and "_" do not matter.
 */
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

/** The index of each column, counted from 0. Null means that the file does not have the column. */
export interface Columns {
  readonly utterance: number | null;
  readonly intent: number | null;
  readonly count: number | null;
}

/** Finds the columns in a header. When two names mean one column, the first in `columnNames` counts. */
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
