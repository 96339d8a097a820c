import { isLexName } from "../lex/quotas";
import { shortened } from "../messages/printable";
import { UserError } from "../messages/user-error";
import { columnNames, columnsIn, type Columns } from "./columns";
import { firstRecords } from "./csv-records";

/** How a CSV is laid out. */
export interface Layout {
  /** Null where the whole line is the utterance. */
  readonly delimiter: string | null;
  readonly columns: Columns & { readonly utterance: number };
  /** The cells of the header; undefined without one. */
  readonly header?: readonly string[];
  /** Records before the first row: Excel's `sep=` line, the header. */
  readonly leadingRecords: number;
}

const delimiters = [";", "\t", "|", ","];

/** Records that are looked at to tell the delimiter of a file without a header. */
const sampleSize = 100;

/**
 * Tells how a CSV is laid out from its beginning, `head`: by Excel's `sep=` line; else by the delimiter under which its first record is a
 * header; else by the one under which every record is an utterance and the name of an intent. Else the whole line is the utterance, commas
 * and all.
 *
 * Throws a UserError, which calls the file `name`, for a table in which the utterances cannot be found.
 */
export function layoutOf(head: string, name: string): Layout {
  const separator = /^"?sep=([^"\n])"?(?:\n|$)/i.exec(head)?.[1];
  return separator === undefined ? inferred(head, name) : declared(head, separator, name);
}

function inferred(head: string, name: string): Layout {
  const samples = delimiters.map((delimiter) => ({
    delimiter,
    records: firstRecords(head, delimiter, sampleSize),
  }));
  return withHeader(samples, name) ?? ofPairs(samples) ?? ofWholeLines(samples, name);
}

function declared(head: string, delimiter: string, name: string): Layout {
  const [, ...records] = firstRecords(head, delimiter, 1 + sampleSize);
  const width = Math.max(0, ...records.map((cells) => cells.length));
  const layout = withHeader([{ delimiter, records }], name) ?? {
    delimiter,
    columns: { utterance: 0, intent: width > 1 ? 1 : null, count: null },
    leadingRecords: 0,
  };
  if (!layout.header && width > 2) {
    throw noUtterances(name, records[0]);
  }
  return { ...layout, leadingRecords: layout.leadingRecords + 1 };
}

/** The first records of a file as one delimiter would have them. */
interface Sample {
  readonly delimiter: string;
  readonly records: readonly (readonly string[])[];
}

function withHeader(samples: readonly Sample[], name: string): Layout | undefined {
  const headers = samples.map(({ delimiter, records: [header = []] }) => ({
    delimiter,
    header,
    columns: columnsIn(header),
  }));
  for (const { delimiter, header, columns } of headers) {
    if (columns.utterance !== null) {
      return {
        delimiter: header.length > 1 ? delimiter : null,
        columns: { ...columns, utterance: columns.utterance },
        header,
        leadingRecords: 1,
      };
    }
  }
  const mute = headers.find(({ columns }) => columns.intent !== null);
  if (mute) {
    throw noUtterances(name, mute.header);
  }
  return undefined;
}

function ofPairs(samples: readonly Sample[]): Layout | undefined {
  const pairs = samples.find(
    ({ records }) =>
      records.every(
        ([, intent, ...more]) =>
          intent !== undefined && more.length === 0 && (intent === "" || isLexName(intent)),
      ) && records.some(([, intent]) => intent),
  );
  return (
    pairs && {
      delimiter: pairs.delimiter,
      columns: { utterance: 0, intent: 1, count: null },
      leadingRecords: 0,
    }
  );
}

function ofWholeLines(samples: readonly Sample[], name: string): Layout {
  const table = samples.find(isTable);
  if (table) {
    throw noUtterances(name, table.records[0]);
  }
  return { delimiter: null, columns: { utterance: 0, intent: null, count: null }, leadingRecords: 0 };
}

/** Whether the records are certainly more than sentences: a comma in each of them is still prose, two in each are not. */
function isTable({ delimiter, records }: Sample): boolean {
  const width = records[0]?.length ?? 0;
  return (
    records.length > 1 &&
    width > (delimiter === "," ? 2 : 1) &&
    records.every((cells) => cells.length === width)
  );
}

function noUtterances(name: string, columns: readonly string[] = []): UserError {
  const found = columns.slice(0, 10).map((column) => `"${shortened(column)}"`);
  return new UserError(
    `${name} has no column that is known to hold utterances; its first line has ${found.join(", ")}. ` +
      `Give the file a header that calls the utterances ${orList(columnNames.utterance)}, and their intents, if any, ${orList(columnNames.intent)}.`,
  );
}

function orList(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} or ${names.slice(-1).join("")}`;
}
