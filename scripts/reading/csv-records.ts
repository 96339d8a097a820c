import { CsvError, parse, type Options } from "csv-parse/sync";
import { maxRowLength } from "./source-file";

/**
 * The options for every CSV. With `null` as the delimiter, each line is one cell. Lines must end with a line
 * feed.
 */
export function csvOptions(delimiter: string | null) {
  return {
    ...(delimiter === null ? { ignore_last_delimiters: 1 } : { delimiter }),
    record_delimiter: "\n",
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: maxRowLength,
  } satisfies Options;
}

/** Whether a record has only empty cells. Excel leaves such lines at the end of a file. */
export function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === "");
}

/** The first records of a text, at most `count`. There are fewer when a record cannot be parsed. */
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
    // The text may end before the quote is closed, or the delimiter may be the wrong one. Reading the whole
    // file finds out.
    if (!(error instanceof CsvError)) {
      throw error;
    }
  }
  return records;
}
