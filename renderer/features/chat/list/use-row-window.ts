import { useEffect, useState, type RefObject } from 'react';
import { rowsToRender, type RowSizes } from './row-window.ts';

/** As the style sheet makes them; what is rendered is measured, because the size of text can be changed. */
const firstSizes: RowSizes = { row: 32, head: 34 };

export interface RowWindow {
  /** The rows to render of each group. */
  readonly rows: readonly (readonly number[])[];
  readonly sizes: RowSizes;
}

/** Follows the scrolling of `body`, and renders only the rows that are seen there. `kept` is the row with the focus. */
export function useRowWindow(
  body: RefObject<HTMLElement | null>,
  counts: readonly number[],
  kept: { readonly group: number; readonly row: number } | null,
): RowWindow {
  const [sizes, setSizes] = useState(firstSizes);
  const [seen, setSeen] = useState({ top: 0, height: 800 });
  // Not before the painting: the list around these rows has its element only then.
  useEffect(() => {
    const element = body.current;
    if (!element) return undefined;
    const look = (): void => {
      // In steps of some rows, so that a scroll of a few pixels renders nothing.
      const step = firstSizes.row * 4;
      const top = Math.floor(element.scrollTop / step) * step;
      const height = Math.ceil((element.clientHeight + step) / step) * step;
      setSeen((before) => (before.top === top && before.height === height ? before : { top, height }));
      const row = element.querySelector<HTMLElement>('.chat-row')?.offsetHeight ?? 0;
      const head = element.querySelector<HTMLElement>('[data-head]')?.offsetHeight ?? 0;
      // A hidden list has no sizes.
      if (row === 0 || head === 0) return;
      setSizes((before) => (before.row === row && before.head === head ? before : { row, head }));
    };
    look();
    element.addEventListener('scroll', look, { passive: true });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    // What is in it grows with the first rows, and with the size of text.
    if (element.firstElementChild) observer.observe(element.firstElementChild);
    return () => {
      element.removeEventListener('scroll', look);
      observer.disconnect();
    };
  }, [body]);
  return { rows: rowsToRender(counts, sizes, seen, kept), sizes };
}
