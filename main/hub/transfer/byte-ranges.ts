/** Sets of byte ranges of one file. The ranges of a set are sorted, never empty, and neither overlap nor touch. */

export interface ByteRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** The set with `added` merged into it. */
export function addRange(ranges: readonly ByteRange[], added: ByteRange): readonly ByteRange[] {
  if (added.start >= added.end) return ranges;
  let { start, end } = added;
  const before: ByteRange[] = [];
  const after: ByteRange[] = [];
  for (const range of ranges) {
    if (range.end < start) before.push(range);
    else if (range.start > end) after.push(range);
    else [start, end] = [Math.min(start, range.start), Math.max(end, range.end)];
  }
  return [...before, { start, end }, ...after];
}

/** The parts of `within` that the set does not cover. */
export function missingRanges(ranges: readonly ByteRange[], within: ByteRange): readonly ByteRange[] {
  const missing: ByteRange[] = [];
  let at = within.start;
  for (const range of ranges) {
    if (range.end <= at) continue;
    if (range.start >= within.end) break;
    if (range.start > at) missing.push({ start: at, end: range.start });
    at = range.end;
  }
  if (at < within.end) missing.push({ start: at, end: within.end });
  return missing;
}

export function coveredBytes(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** The number of bytes that the set covers from 0 without a gap. */
export function prefixBytes(ranges: readonly ByteRange[]): number {
  const first = ranges[0];
  return first?.start === 0 ? first.end : 0;
}
