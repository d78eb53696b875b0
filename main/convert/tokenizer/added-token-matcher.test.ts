import { expect, it } from 'vitest';
import { createMatcher } from './added-token-matcher.ts';

it('takes a long run of white space to a token that strips it, in one pass', () => {
  const mask = {
    ...{ id: 4, content: '<mask>', special: true, normalized: false, singleWord: false },
    ...{ leftStrip: true, rightStrip: false },
  };
  const spaces = ' '.repeat(200_000);
  const begun = performance.now();
  const sections = createMatcher([['<mask>', mask]])(`${spaces}x${spaces}<mask>`);
  expect(sections.map(({ start, end }) => [start, end])).toEqual([
    [0, spaces.length + 1],
    [spaces.length + 1, 2 * spaces.length + 7],
  ]);
  // Each space tried as the beginning takes minutes.
  expect(performance.now() - begun).toBeLessThan(10_000);
});
