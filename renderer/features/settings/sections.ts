/** The sections of the settings as elements of the page. */
import type { SettingsSection } from '../../navigation/router.ts';

export const sectionId = (name: SettingsSection): string => `settings-${name}`;

/** Scrolls to a section and moves the focus there: to the field that waits for input, if there is one. */
export function showSection(name: SettingsSection): void {
  const section = document.getElementById(sectionId(name));
  const wanted = section?.querySelector<HTMLElement>('[data-autofocus]') ?? section;
  wanted?.focus({ preventScroll: true });
  section?.scrollIntoView({ block: 'start' });
}

/**
 * The section that is read now: the last one whose start has passed the upper edge of the view. At the top of the page
 * it is the first section, however short; at the end the last one, whose start may never get there.
 */
export function sectionInView(starts: readonly number[], edge: number, at: 'top' | 'middle' | 'end'): number {
  if (at === 'top') return 0;
  if (at === 'end') return starts.length - 1;
  return Math.max(
    0,
    starts.findLastIndex((start) => start <= edge),
  );
}
