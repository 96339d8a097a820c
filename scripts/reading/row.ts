import type { Encoding } from "./encoding";

/** One row of a file of misses, unchanged. */
export interface Row {
  readonly utterance: string;
  /** The intent that the row names for the utterance. */
  readonly intent: string | null;
  /** How often the utterance was missed. */
  readonly count: number;
  /** The line of the file where the row starts, counted from 1. */
  readonly line: number;
}

/** The rows of a file of misses, and how the file was understood. */
export interface Table {
  readonly encoding: Encoding;
  /** What separates the columns. Null for a file of one column and for JSON Lines. */
  readonly delimiter: string | null;
  /** The names of the columns that are read. A column without a name has its number, counted from 1. */
  readonly columns: {
    readonly utterance: string;
    readonly intent: string | null;
    readonly count: string | null;
  };
  readonly rows: AsyncIterable<Row>;
}

/** The count in a cell. Anything but a whole number from 1 up counts as one miss, so that no row is lost. */
export function countIn(cell: string | undefined): number {
  const digits = cell?.trim() ?? "";
  return /^\d{1,15}$/.test(digits) ? Math.max(1, Number(digits)) : 1;
}
