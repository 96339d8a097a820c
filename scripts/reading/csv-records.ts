import { CsvError, parse, type Options } from "csv-parse/sync";
import { maxRowLength } from "./source-file";

/** How every CSV is parsed; `null` as the delimiter makes each line one cell. Its text has line feeds for line ends. */
export function csvOptions(delimiter: string | null) {
  return {
    ...(delimiter === null ? { ignore_last_delimiters: 1 } : { delimiter }),
    record_delimiter: "\n",
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: maxRowLength,
  } satisfies Options;
}

/** Whether a record is a line of nothing but delimiters and white space, such as Excel leaves at the end. */
export function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === "");
}

/** The first records of a text, at most `count`, as far as they can be told. */
export function firstRecords(text: string, delimiter: string | null, count: number): string[][] {
  const records: string[][] = [];
  try {
    parse(text, {
      ...csvOptions(delimiter),
      to: count,
      skip_empty_lines: true,
      on_record: (cells: string[]) => {
        if (!isBlank(cells)) {
          records.push(cells);
        }
        return null;
      },
    });
  } catch (error) {
    // A quote that is not closed here may be closed further on, or belong to another delimiter; reading the file tells.
    if (!(error instanceof CsvError)) {
      throw error;
    }
  }
  return records;
}
