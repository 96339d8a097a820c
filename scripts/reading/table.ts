import { readCsv } from "./csv";
import { readJsonLines } from "./json-lines";
import type { Table } from "./row";
import type { SourceFile } from "./source-file";

/** Reads a file of misses, a CSV or, if it is named so, JSON Lines. Throws a UserError for a file that cannot be understood. */
export function readTable(file: SourceFile): Promise<Table> {
  return /\.jsonl(\.gz)?$/i.test(file.name) ? readJsonLines(file) : readCsv(file);
}
