import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";

/**
 * A CSV for a spreadsheet program: with a byte order mark for UTF-8 and the expected delimiter, and without
 * cells that would run as formulas.
 */
export function spreadsheet(rows: readonly (readonly (string | number)[])[], localeId: string): string {
  return stringify([...rows], {
    bom: true,
    delimiter: delimiterIn(localeId),
    escape_formulas: true,
    record_delimiter: "windows",
    quoted_match: /[\r\n]/,
  });
}

/** Excel expects semicolons in languages whose decimal sign is a comma. */
function delimiterIn(localeId: string): string {
  return /^(en|es_US|es_419|hi|ja|ko|zh)/.test(localeId) ? "," : ";";
}

/** The rows of a spreadsheet for the locale, as objects whose keys are the column names. */
export function spreadsheetRows(text: string, localeId: string): unknown {
  return parse(text, { bom: true, columns: true, delimiter: delimiterIn(localeId) });
}

/**
 * Removes the apostrophe that our reports, like those of others, put before a cell that would run as a
 * formula.
 */
export function withoutGuard(cell: string): string {
  return cell.replace(/^'(?=[=+\-@＝＋－＠])/, "");
}
