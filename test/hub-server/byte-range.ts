/** The Range header (RFC 9110, section 14). */

export interface ByteRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * The ranges of a file that a Range header requests. `whole`: the header is missing, malformed, or in another unit, and
 * the server must answer with the whole file. `none`: no requested range lies within the file (416).
 */
export function parseRange(header: string | undefined, sizeBytes: number): 'whole' | 'none' | readonly ByteRange[] {
  const match = /^bytes\s*=\s*(.+)$/i.exec(header?.trim() ?? '');
  if (match?.[1] === undefined) return 'whole';
  const ranges: ByteRange[] = [];
  for (const text of match[1].split(',')) {
    const parts = /^\s*(\d*)\s*-\s*(\d*)\s*$/.exec(text);
    const first = parts?.[1] ?? '';
    const last = parts?.[2] ?? '';
    if (parts === null || (first === '' && last === '')) return 'whole';
    if (first !== '' && last !== '' && Number(last) < Number(first)) return 'whole';
    const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
    const end = first === '' || last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
    if (start < end) ranges.push({ start, end });
  }
  return ranges.length === 0 ? 'none' : ranges;
}

/** The value of Content-Range for one range. */
export function contentRange(range: ByteRange, sizeBytes: number): string {
  return `bytes ${String(range.start)}-${String(range.end - 1)}/${String(sizeBytes)}`;
}
