/** A name or cell of the user's as it may be shown in a message: one line, no control characters, at most 100 characters. */
export function printable(text: string): string {
  const line = text.replace(/[\p{C}\u2028\u2029]/gu, "?");
  return line.length > 100 ? `${line.slice(0, 100)}…` : line;
}
