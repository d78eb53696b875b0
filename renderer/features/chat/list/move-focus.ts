import type { KeyboardEvent } from 'react';

/** Arrows, Home and End move between rows, of which only those that are seen are rendered. */
export function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (!(event.target instanceof HTMLElement) || !event.target.matches('[data-row]')) return;
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const body = event.currentTarget;
  const rowsNow = (): HTMLElement[] => [...body.querySelectorAll<HTMLElement>('[data-row]')];
  const { target } = event;
  const step = (by: number): void => {
    const rows = rowsNow();
    rows[Math.min(rows.length - 1, Math.max(0, rows.indexOf(target) + by))]?.focus();
  };
  switch (event.key) {
    case 'ArrowDown':
    case 'ArrowUp': {
      const by = event.key === 'ArrowDown' ? 1 : -1;
      const [seen, row] = [body.getBoundingClientRect(), target.getBoundingClientRect()];
      if (row.bottom > seen.top && row.top < seen.bottom) step(by);
      else {
        // The list was scrolled away from the row, whose neighbors are not rendered.
        target.scrollIntoView({ block: 'center' });
        requestAnimationFrame(() => requestAnimationFrame(() => step(by)));
      }
      break;
    }
    case 'Home':
    case 'End':
      body.scrollTop = event.key === 'Home' ? 0 : body.scrollHeight;
      requestAnimationFrame(() =>
        requestAnimationFrame(() =>
          rowsNow()
            .at(event.key === 'Home' ? 0 : -1)
            ?.focus(),
        ),
      );
      break;
    default:
      return;
  }
  event.preventDefault();
}
