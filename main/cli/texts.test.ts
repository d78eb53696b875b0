import { expect, it } from 'vitest';
import { MAX_TEXT_LENGTH } from '../../preload/contract/message-parts.ts';
import { inGroups } from './texts.ts';

it('puts texts in groups that a request carries, in order and none left out', () => {
  const lengths = (texts: readonly string[], most: number): number[][] =>
    [...inGroups(texts, most)].map((group) => group.map((text) => text.length));
  expect(lengths([], 3)).toEqual([]);
  expect(lengths(['a', 'bb', 'ccc', 'dddd'], 3)).toEqual([[1, 2, 3], [4]]);
  const long = 'x'.repeat(MAX_TEXT_LENGTH);
  expect(lengths([long, long, 'a', long], 64)).toEqual([
    [MAX_TEXT_LENGTH, MAX_TEXT_LENGTH],
    [1, MAX_TEXT_LENGTH],
  ]);
});
