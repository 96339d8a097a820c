/** Text of the user's or of Lex's as a terminal or a log may show it: one line, no control characters. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\u2028\u2029]/gu, "?");
}

/** The same of at most 100 characters, for a name or a cell within a sentence. */
export function shortened(text: string): string {
  const line = printable(text);
  return line.length > 100 ? `${line.slice(0, 100)}…` : line;
}

/** Such as "1 row" and "2,000 rows". */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
