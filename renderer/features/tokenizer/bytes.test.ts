import { expect, it } from 'vitest';
import { shownBytes } from './bytes.ts';

it.each([
  ['e697', '<E6 97>'],
  ['a5', '<A5>'],
  ['20e6', ' <E6>'],
  ['a5e69cac', '<A5>本'],
  ['f09f9982f09f', '🙂<F0 9F>'],
  ['ff0a', '<FF>\n'],
])('shows the bytes %s as %s', (hex, shown) => expect(shownBytes(hex)).toBe(shown));
