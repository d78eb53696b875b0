import { describe, expect, it } from 'vitest';
import { rowsToRender } from './row-window.ts';

const sizes = { row: 10, head: 20 };
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

describe('rowsToRender', () => {
  it('renders what is seen, and a few rows beside it', () => {
    expect(rowsToRender([1000], sizes, { top: 5020, height: 100 }, null)).toEqual([range(488, 522)]);
    expect(rowsToRender([1000], sizes, { top: 0, height: 100 }, null)).toEqual([range(0, 20)]);
    expect(rowsToRender([1000], sizes, { top: 1e9, height: 100 }, null)).toEqual([[]]);
  });

  it('counts the headings and the rows of the groups above', () => {
    // The third group begins at 20 + 500 + 20 + 0 + 20.
    expect(rowsToRender([50, 0, 50], sizes, { top: 560, height: 10 }, null)).toEqual([range(42, 50), [], range(0, 13)]);
  });

  it('keeps the row with the focus', () => {
    const at = (top: number, row: number) =>
      rowsToRender([1000], sizes, { top, height: 10 }, { group: 0, row })[0] ?? [];
    expect(at(5020, 3)).toEqual([3, ...range(488, 513)]);
    expect(at(5020, 900)).toEqual([...range(488, 513), 900]);
    expect(at(5020, 500)).toEqual(range(488, 513));
    expect(at(5020, 2000)).toEqual(range(488, 513));
  });
});
