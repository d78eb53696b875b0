/** Arrow keys over a list of links or buttons: every row stays in the tab order of the page, the arrows are the fast way. */
import type { KeyboardEvent } from 'react';

/** Moves the focus between the elements marked `data-row`. Put it on the list as `onKeyDown`. */
export function onListKeys(event: KeyboardEvent<HTMLElement>): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')];
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const there = targetRow(event.key, here, rows.length);
  if (there === null) return;
  event.preventDefault();
  rows[there]?.focus();
}

/** The row to go to from `here` (-1: none has the focus), or null when the key means nothing here. */
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
