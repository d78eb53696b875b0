/** The difference of two texts by lines. */

export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}
/** Unchanged lines that are not shown. */
interface Gap {
  readonly kind: 'gap';
  readonly count: number;
}

/** Comparing each line with each takes time and memory in proportion: beyond it a middle is replaced as a whole. */
const MOST_PAIRS = 4_000_000;

/** The lines of both texts in their order. What is the same in both is as long as it can be. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const old = linesOf(before);
  const next = linesOf(after);
  let start = 0;
  while (start < old.length && start < next.length && old[start] === next[start]) start++;
  let end = 0;
  while (end < old.length - start && end < next.length - start && old.at(-1 - end) === next.at(-1 - end)) end++;
  const same = (lines: readonly string[]): readonly DiffLine[] => lines.map((text) => ({ kind: 'same', text }));
  return [
    ...same(old.slice(0, start)),
    ...middle(old.slice(start, old.length - end), next.slice(start, next.length - end)),
    ...same(old.slice(old.length - end)),
  ];
}

/** The last line break ends a line and begins none. */
const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/));

/** By the longest common subsequence. */
function middle(old: readonly string[], next: readonly string[]): readonly DiffLine[] {
  const removed = old.map((text): DiffLine => ({ kind: 'removed', text }));
  const added = next.map((text): DiffLine => ({ kind: 'added', text }));
  if (old.length * next.length > MOST_PAIRS) return [...removed, ...added];
  const width = next.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  const lengthAt = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = next.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        old[i] === next[j] ? lengthAt(i + 1, j + 1) + 1 : Math.max(lengthAt(i + 1, j), lengthAt(i, j + 1));
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length && j < next.length) {
    if (old[i] === next[j]) {
      lines.push({ kind: 'same', text: old[i] ?? '' });
      i++;
      j++;
    } else if (lengthAt(i + 1, j) >= lengthAt(i, j + 1)) lines.push({ kind: 'removed', text: old[i++] ?? '' });
    else lines.push({ kind: 'added', text: next[j++] ?? '' });
  }
  return [...lines, ...removed.slice(i), ...added.slice(j)];
}

/** The changed lines with so many unchanged ones around them; the others as gaps. A gap of one line is the line itself. */
export function folded(lines: readonly DiffLine[], around = 3): readonly (DiffLine | Gap)[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some(({ kind }) => kind !== 'same'),
  );
  const shown: (DiffLine | Gap)[] = [];
  for (let index = 0; index < lines.length;) {
    let end = index;
    while (end < lines.length && near[end] !== true) end++;
    if (end - index > 1) shown.push({ kind: 'gap', count: end - index });
    else shown.push(...lines.slice(index, end));
    const line = lines[end];
    if (line !== undefined) shown.push(line);
    index = end + 1;
  }
  return shown;
}
