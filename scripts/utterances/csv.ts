import { CsvError, parse, type Parser } from "csv-parse";
import { UserError } from "../user-error";
import { csvOptions, csvRecord, type CsvRecord } from "./csv-records";
import { encodingOf, textOf, type Encoding } from "./encoding";
import { layoutOf, type Layout } from "./layout";
import { printable } from "./printable";
import { countIn, maxRowLength, type Row, type Table } from "./row";
import type { SourceFile } from "./source-file";

/** Reads a CSV: once to tell its encoding, its beginning to tell its layout, and once for its rows. */
export async function readCsv(file: SourceFile): Promise<Table> {
  const encoding = await encodingOf(file);
  const layout = layoutOf(await headOf(file, encoding), file.name);
  const nameOf = (column: number) => printable(layout.header?.[column] ?? String(column + 1));
  const { utterance, intent, count } = layout.columns;
  return {
    encoding,
    delimiter: layout.delimiter,
    columns: {
      utterance: nameOf(utterance),
      intent: intent === null ? null : nameOf(intent),
      count: count === null ? null : nameOf(count),
    },
    rows: rowsOf(file, encoding, layout),
  };
}

/** The first lines of a file, about 256 Ki characters of them. */
async function headOf(file: SourceFile, encoding: Encoding): Promise<string> {
  let head = "";
  for await (const text of textOf(file, encoding)) {
    head += text;
    if (head.length >= 262_144) return head.slice(0, head.lastIndexOf("\n") + 1 || head.length);
  }
  return head;
}

async function* rowsOf(file: SourceFile, encoding: Encoding, layout: Layout): AsyncGenerator<Row> {
  const { utterance, intent, count } = layout.columns;
  let leading = layout.leadingRecords;
  for await (const { cells, line } of recordsOf(file, encoding, layout.delimiter)) {
    if (leading-- > 0) continue;
    yield {
      utterance: cells[utterance] ?? "",
      intent: (intent === null ? undefined : cells[intent]) ?? null,
      count: countIn(count === null ? undefined : cells[count]),
      line,
    };
  }
}

async function* recordsOf(
  file: SourceFile,
  encoding: Encoding,
  delimiter: string | null,
): AsyncGenerator<CsvRecord> {
  const records: CsvRecord[] = [];
  // Where the record that is being read starts: after the last one and the blank lines since.
  let lastRecord = { line: 0, blankLines: 0 };
  const parser = parse({
    ...csvOptions(delimiter),
    on_record: (cells: string[], { lines, empty_lines }) => {
      lastRecord = { line: lines, blankLines: empty_lines };
      const record = csvRecord(cells, lines);
      if (record) records.push(record);
      return null;
    },
  });
  try {
    for await (const text of textOf(file, encoding)) {
      await fed(parser, text);
      yield* records.splice(0);
    }
    await fed(parser, null);
    yield* records;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = lastRecord.line + 1 + parser.info.empty_lines - lastRecord.blankLines;
    throw brokenRow(file, line, error);
  }
}

/** Resolves when the parser has seen every record that ends in `text`; null is the end of the file. */
function fed(parser: Parser, text: string | null): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.once("error", reject);
    const done = () => {
      parser.off("error", reject);
      resolve();
    };
    if (text === null) parser.end(done);
    else parser.write(text, done);
  });
}

function brokenRow(file: SourceFile, line: number, error: CsvError): Error {
  const mend = "close the quote, or double it if it belongs to the text.";
  switch (error.code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return new UserError(
        `${file.name}, line ${line}: the row that starts here opens a quote (") and never closes it; ${mend}`,
      );
    case "CSV_MAX_RECORD_SIZE":
      return new UserError(
        `${file.name}, line ${line}: the row that starts here is longer than ${maxRowLength} bytes, most likely for a quote (") that is never closed; ${mend}`,
      );
    default:
      return error;
  }
}
