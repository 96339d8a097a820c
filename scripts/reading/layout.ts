import { isLexName } from "../lex/quotas";
import { counted } from "../messages/printable";
import { UserError } from "../messages/user-error";
import { columnNames, columnsIn, type Columns } from "./columns";
import { firstRecords } from "./csv-records";

export interface Layout {
  /** Null when the whole line is the utterance. */
  readonly delimiter: string | null;
  readonly columns: Columns & { readonly utterance: number };
  /** The cells of the header, if there is one. */
  readonly header?: readonly string[];
  /** How many records come before the first row: Excel's `sep=` line and the header. */
  readonly leadingRecords: number;
}

const delimiters = [";", "\t", "|", ","];

/** How many records decide the delimiter of a file without a header. */
const maxRecords = 100;

/**
 * Finds the layout of a CSV from its first lines, `head`. The first of these rules that fits counts:
 *
 * 1. Excel's `sep=` line names the delimiter.
 * 2. With one of the delimiters, the first record is a header.
 * 3. With one of the delimiters, every record is an utterance and the name of an intent.
 * 4. The whole line is the utterance, with its commas.
 *
 * @throws UserError, which calls the file `name`, when the utterances cannot be found
 */
export function layoutOf(head: string, name: string): Layout {
  const separator = /^"?sep=([^"\n])"?(?:\n|$)/i.exec(head)?.[1];
  return separator === undefined ? inferLayout(head, name) : declaredLayout(head, separator, name);
}

function inferLayout(head: string, name: string): Layout {
  const candidates = delimiters.map((delimiter) => ({
    delimiter,
    records: firstRecords(head, delimiter, maxRecords),
  }));
  return (
    layoutWithHeader(candidates, name) ?? layoutOfPairs(candidates) ?? layoutOfWholeLines(candidates, name)
  );
}

function declaredLayout(head: string, delimiter: string, name: string): Layout {
  const [, ...records] = firstRecords(head, delimiter, 1 + maxRecords);
  const width = Math.max(0, ...records.map((cells) => cells.length));
  const layout = layoutWithHeader([{ delimiter, records }], name) ?? {
    delimiter,
    columns: { utterance: 0, intent: width > 1 ? 1 : null, count: null },
    leadingRecords: 0,
  };
  if (!layout.header && width > 2) {
    throw noUtterancesError(name, records[0]);
  }
  return { ...layout, leadingRecords: layout.leadingRecords + 1 };
}

/** A delimiter that the file may have, and the first records that it gives. */
interface Candidate {
  readonly delimiter: string;
  readonly records: readonly (readonly string[])[];
}

function layoutWithHeader(candidates: readonly Candidate[], name: string): Layout | undefined {
  const headers = candidates.map(({ delimiter, records: [header = []] }) => ({
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
  const withoutUtterances = headers.find(({ columns }) => columns.intent !== null);
  if (withoutUtterances) {
    throw noUtterancesError(name, withoutUtterances.header);
  }
  return undefined;
}

function layoutOfPairs(candidates: readonly Candidate[]): Layout | undefined {
  const pairs = candidates.find(
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

function layoutOfWholeLines(candidates: readonly Candidate[], name: string): Layout {
  const table = candidates.find(isTable);
  if (table) {
    throw noUtterancesError(name, table.records[0]);
  }
  return { delimiter: null, columns: { utterance: 0, intent: null, count: null }, leadingRecords: 0 };
}

/**
 * Whether the records are certainly not sentences. Every sentence may have one comma; two in every one make a
 * table.
 */
function isTable({ delimiter, records }: Candidate): boolean {
  const width = records[0]?.length ?? 0;
  return (
    records.length > 1 &&
    width > (delimiter === "," ? 2 : 1) &&
    records.every((cells) => cells.length === width)
  );
}

/** The first line may be an utterance already, so it is not quoted. */
function noUtterancesError(name: string, columns: readonly string[] = []): UserError {
  return new UserError(
    `${name} has no column that is known to hold utterances; its first line has ${counted(columns.length, "column")}. ` +
      `Give the file a header that calls the utterances ${joinedWithOr(columnNames.utterance)}, and their intents, if any, ${joinedWithOr(columnNames.intent)}.`,
  );
}

function joinedWithOr(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} or ${names.slice(-1).join("")}`;
}
