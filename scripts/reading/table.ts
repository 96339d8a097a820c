import { readCsv } from "./csv";
import { readJsonLines } from "./json-lines";
import type { Table } from "./row";
import type { SourceFile } from "./source-file";

/**
 * Reads a file of misses: JSON Lines when its name says so, otherwise a CSV.
 *
 * @throws UserError when the file cannot be understood
 */
export function readTable(file: SourceFile): Promise<Table> {
  return /\.jsonl(\.gz)?$/i.test(file.name) ? readJsonLines(file) : readCsv(file);
}
