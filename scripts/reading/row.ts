import type { Encoding } from "./encoding";

/** One row of a file of misses, as the file has it. */
export interface Row {
  readonly utterance: string;
  /** The intent that the row names for the utterance. */
  readonly intent: string | null;
  /** How often the utterance was missed. */
  readonly count: number;
  /** The line of the file on which the row starts, counted from 1. */
  readonly line: number;
}

/** A file of misses, and how it was understood. */
export interface Table {
  readonly encoding: Encoding;
  /** What separates its columns; null where there is but one, or for JSON Lines. */
  readonly delimiter: string | null;
  /** The names of the columns that are read; a column without a name is called by its number, counted from 1. */
  readonly columns: {
    readonly utterance: string;
    readonly intent: string | null;
    readonly count: string | null;
  };
  readonly rows: AsyncIterable<Row>;
}

/** A cell that is no whole number from 1 up counts as one miss: a row that is there was meant, and none is lost for its count. */
export function countIn(cell: string | undefined): number {
  const digits = cell?.trim() ?? "";
  return /^\d{1,15}$/.test(digits) ? Math.max(1, Number(digits)) : 1;
}
