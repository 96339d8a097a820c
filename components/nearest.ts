/**
 * The word that a misspelt one most likely means: the one with the fewest letters to change. If every word
 * needs more than a third of its letters changed, the answer is undefined.
 */
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

/** The Levenshtein distance, computed row by row. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [line, letter] of from.split("").entries()) {
    const next = [line + 1];
    for (let column = 1; column <= to.length; column++) {
      next.push(
        Math.min(
          cell(next, column - 1) + 1,
          cell(row, column) + 1,
          cell(row, column - 1) + (letter === to[column - 1] ? 0 : 1),
        ),
      );
    }
    row = next;
  }
  return cell(row, to.length);
}

function cell(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
