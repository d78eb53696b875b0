// @vitest-environment node
import { expect, it } from 'vitest';
import { sectionInView } from './sections.ts';

it('marks the section that is read, and the last one at the end of the page', () => {
  const starts = [-300, -20, 480, 900];
  expect(sectionInView(starts, 40, false)).toBe(1);
  expect(sectionInView(starts, 480, false)).toBe(2);
  expect(sectionInView([60, 500], 40, false)).toBe(0);
  expect(sectionInView(starts, 40, true)).toBe(3);
});
