/** Which of some names was meant by one that is none of them. */

/**
 * The names that differ from `text` in few letters, nearest first and at most `limit`: a letter more, less, another, or two swapped, up
 * to a third of the longer one's letters. Case does not count.
 */
export function nearestNames(text: string, names: readonly string[], limit: number): string[] {
  // A longer text is no slip of the keys, and the distance takes the square of the length.
  if (text.length > 200) return [];
  return names
    .map((name) => ({ name, distance: distanceOf(text.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(Math.max(name.length, text.length) / 3)))
    .sort((one, other) => one.distance - other.distance)
    .slice(0, limit)
    .map(({ name }) => name);
}

/** The optimal string alignment distance: insertions, deletions, substitutions, and swaps of neighbors. */
function distanceOf(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row += 1) {
    const now = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const costs = [now[column - 1]! + 1, last[column]! + 1, last[column - 1]! + (isSame ? 0 : 1)];
      const isSwap = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (row > 1 && column > 1 && isSwap) costs.push(beforeLast[column - 2]! + 1);
      now.push(Math.min(...costs));
    }
    beforeLast = last;
    last = now;
  }
  return last[other.length]!;
}
