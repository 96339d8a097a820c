import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";

/** For a spreadsheet: a byte order mark so that it reads UTF-8, the delimiter that it expects, and no cell that it would run as a formula. */
export function spreadsheet(rows: readonly (readonly (string | number)[])[], localeId: string): string {
  return stringify([...rows], {
    bom: true,
    delimiter: delimiterIn(localeId),
    escape_formulas: true,
    record_delimiter: "windows",
    quoted_match: /[\r\n]/,
  });
}

/** Excel splits at semicolons where the decimal sign is a comma. */
function delimiterIn(localeId: string): string {
  return /^(en|es_US|es_419|hi|ja|ko|zh)/.test(localeId) ? "," : ";";
}

/** The rows of a spreadsheet that was written for the locale, by the names of their columns. */
export function spreadsheetRows(text: string, localeId: string): unknown {
  return parse(text, { bom: true, columns: true, delimiter: delimiterIn(localeId) });
}

/** A cell without the apostrophe that our reports, as others do, put before what a spreadsheet would run as a formula. */
export function withoutGuard(cell: string): string {
  return cell.replace(/^'(?=[=+\-@＝＋－＠])/, "");
}
