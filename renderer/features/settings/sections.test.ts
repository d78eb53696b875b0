// @vitest-environment node
import { expect, it } from 'vitest';
import { sectionInView } from './sections.ts';

it('marks the section that is read, and the last one at the end of the page', () => {
  const starts = [-300, -20, 480, 900];
  expect(sectionInView(starts, 40, 'middle')).toBe(1);
  expect(sectionInView(starts, 480, 'middle')).toBe(2);
  expect(sectionInView([60, 500], 40, 'middle')).toBe(0);
  expect(sectionInView(starts, 40, 'end')).toBe(3);
  // A short first section: the second one starts high in the view too.
  expect(sectionInView([20, 38, 600], 40, 'top')).toBe(0);
});
