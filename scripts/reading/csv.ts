import { pipeline } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { withoutGuard } from "../artifacts/spreadsheet";
import { shortened } from "../messages/printable";
import { UserError } from "../messages/user-error";
import { csvOptions, isBlank } from "./csv-records";
import { encodingOf, lineFeedsIn, textOf, type Encoding } from "./encoding";
import { layoutOf, type Layout } from "./layout";
import { countIn, type Row, type Table } from "./row";
import { maxRowLength, type SourceFile } from "./source-file";

/**
 * Reads a CSV: the whole file for its encoding, then its head for its layout, then the whole file for its
 * rows.
 */
export async function readCsv(file: SourceFile): Promise<Table> {
  const encoding = await encodingOf(file);
  const layout = layoutOf(await headOf(file, encoding), file.name);
  const nameOf = (column: number) => shortened(layout.header?.[column] ?? String(column + 1));
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

/** The first lines of a file, about 256 Ki characters. */
async function headOf(file: SourceFile, encoding: Encoding): Promise<string> {
  let head = "";
  for await (const text of textOf(file, encoding)) {
    head += text;
    if (head.length >= 262_144) {
      return head.slice(0, head.lastIndexOf("\n") + 1 || head.length);
    }
  }
  return head;
}

async function* rowsOf(file: SourceFile, encoding: Encoding, layout: Layout): AsyncGenerator<Row> {
  const { utterance, intent, count } = layout.columns;
  let leading = layout.leadingRecords;
  let line = 1;
  for await (const cells of recordsOf(file, encoding, layout.delimiter)) {
    const row = {
      utterance: withoutGuard(cells[utterance] ?? ""),
      intent: (intent === null ? undefined : cells[intent]) ?? null,
      count: countIn(count === null ? undefined : cells[count]),
      line,
    };
    for (const cell of cells) {
      line += lineFeedsIn(cell);
    }
    line++;
    if (!isBlank(cells) && leading-- <= 0) {
      yield row;
    }
  }
}

async function* recordsOf(
  file: SourceFile,
  encoding: Encoding,
  delimiter: string | null,
): AsyncGenerator<string[]> {
  const parser = parse(csvOptions(delimiter));
  // The loop over the parser throws a failure, so the callback has nothing to do.
  pipeline(textOf(file, encoding), parser, () => undefined);
  try {
    yield* parser;
  } catch (error) {
    if (!(error instanceof CsvError)) {
      throw error;
    }
    throw brokenRowError(file, await lineAfter(parser.info.bytes, file, encoding), error);
  }
}

/** The number of the line that starts after `bytes` bytes of the decoded text. */
async function lineAfter(bytes: number, file: SourceFile, encoding: Encoding): Promise<number> {
  let line = 1;
  let left = bytes;
  for await (const text of textOf(file, encoding)) {
    const piece = Buffer.from(text);
    line += lineFeedsIn(piece.toString("utf8", 0, left));
    left -= piece.length;
    if (left <= 0) {
      break;
    }
  }
  return line;
}

function brokenRowError(file: SourceFile, line: number, error: CsvError): Error {
  const correction = "close the quote, or double it if it belongs to the text.";
  switch (error.code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return new UserError(
        `${file.name}, line ${line}: the row that starts here opens a quote (") and never closes it; ${correction}`,
      );
    case "CSV_MAX_RECORD_SIZE":
      return new UserError(
        `${file.name}, line ${line}: the row that starts here is longer than ${maxRowLength} bytes, most likely because a quote (") is never closed; ${correction}`,
      );
    default:
      return new UserError(
        `${file.name}, line ${line}: the row that starts here cannot be read (${error.code}).`,
      );
  }
}
