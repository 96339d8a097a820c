/** The word that was likely meant: the one that takes the fewest changes of a letter, at most a third of it; undefined when none does. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const [best] = words
    .map((candidate) => ({
      candidate,
      distance: editDistance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ candidate, distance }) => distance <= candidate.length / 3)
    .sort((one, other) => one.distance - other.distance);
  return best?.candidate;
}

/** Levenshtein's distance, a row at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [line, letter] of from.split("").entries()) {
    const next = [line + 1];
    for (let column = 1; column <= to.length; column++) {
      next.push(
        Math.min(
          at(next, column - 1) + 1,
          at(row, column) + 1,
          at(row, column - 1) + (letter === to[column - 1] ? 0 : 1),
        ),
      );
    }
    row = next;
  }
  return at(row, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
