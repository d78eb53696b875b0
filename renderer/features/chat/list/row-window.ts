/** Which rows of a long list are rendered. All rows have one height, and all headings another. */

export interface RowSizes {
  readonly row: number;
  readonly head: number;
}

/** Rows beyond each edge of what is seen: arrows and short scrolls find them there. */
const BEYOND = 12;

/**
 * For groups of so many rows, each below its heading: the rows to render of each, from `top` on for `height` pixels. `kept` is a row that
 * stays wherever the list is scrolled to, because it has the focus: the number of its group, and its own.
 */
export function rowsToRender(
  counts: readonly number[],
  { row, head }: RowSizes,
  { top, height }: { readonly top: number; readonly height: number },
  kept: { readonly group: number; readonly row: number } | null,
): readonly (readonly number[])[] {
  let above = 0;
  return counts.map((count, group) => {
    const start = above + head;
    above = start + count * row;
    const from = Math.max(0, Math.floor((top - start) / row) - BEYOND);
    const to = Math.min(count, Math.ceil((top + height - start) / row) + BEYOND);
    const rows = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
    if (kept?.group !== group || kept.row >= count) return rows;
    if (kept.row < from || rows.length === 0) return [kept.row, ...rows].sort((a, b) => a - b);
    return kept.row >= to ? [...rows, kept.row] : rows;
  });
}
