/** Arrow keys over a list of links or buttons. Every row stays in the page's tab order; the arrows are faster. */
import type { KeyboardEvent } from 'react';

/** Moves the focus between the elements marked `data-row`. Use it as the list's `onKeyDown`. */
export function onListKeys(event: KeyboardEvent<HTMLElement>): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')];
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const there = targetRow(event.key, here, rows.length);
  if (there === null) return;
  event.preventDefault();
  rows[there]?.focus();
}

/** The row to focus from `here` (-1: no row has the focus), or null when the key has no meaning here. */
export function targetRow(key: string, here: number, count: number): number | null {
  if (count === 0) return null;
  switch (key) {
    case 'ArrowDown':
      return Math.min(count - 1, here + 1);
    case 'ArrowUp':
      return Math.max(0, here - 1);
    case 'Home':
      return here === -1 ? null : 0;
    case 'End':
      return here === -1 ? null : count - 1;
    default:
      return null;
  }
}
