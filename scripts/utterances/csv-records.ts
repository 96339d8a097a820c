import { CsvError, type Options } from "csv-parse";
import { parse } from "csv-parse/sync";
import { maxRowLength } from "./row";

/** One record of a CSV. Lines of nothing but delimiters and white space are none. */
export interface CsvRecord {
  readonly cells: string[];
  /** The line of the file on which it starts, counted from 1. */
  readonly line: number;
}

/** How every CSV is parsed; `null` as the delimiter makes each line one cell. Its text has line feeds for line ends. */
export function csvOptions(delimiter: string | null) {
  return {
    ...(delimiter === null ? { ignore_last_delimiters: 1 } : { delimiter }),
    record_delimiter: "\n",
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: maxRowLength,
  } satisfies Options;
}

/** The record that ends on `lastLine`; undefined for a blank one. */
export function csvRecord(cells: string[], lastLine: number): CsvRecord | undefined {
  if (cells.every((cell) => cell.trim() === "")) return undefined;
  const lineFeeds = cells.reduce((sum, cell) => sum + cell.split("\n").length - 1, 0);
  return { cells, line: lastLine - lineFeeds };
}

/** The first records of a text, at most `count`, as far as they can be told. */
export function firstRecords(text: string, delimiter: string | null, count: number): string[][] {
  const records: string[][] = [];
  try {
    parse(text, {
      ...csvOptions(delimiter),
      to: count,
      on_record: (cells: string[], { lines }) => {
        const record = csvRecord(cells, lines);
        if (record) records.push(record.cells);
        return null;
      },
    });
  } catch (error) {
    // A quote that is not closed here may be closed further on, or belong to another delimiter; reading the file tells.
    if (!(error instanceof CsvError)) throw error;
  }
  return records;
}
