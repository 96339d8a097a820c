/** A text that is safe in a terminal or a log: one line without control characters. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\u2028\u2029]/gu, "?");
}

/** A printable text of at most 100 characters, for a name or a cell inside a sentence. */
export function shortened(text: string): string {
  const line = printable(text);
  return line.length > 100 ? `${line.slice(0, 100)}…` : line;
}

/** A count with its noun, such as "1 row" and "2,000 rows". */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
