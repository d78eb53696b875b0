import { expect, it } from 'vitest';
import { createRecentMap } from './recent-map.ts';

it('keeps the entries that were used last, and makes each once', () => {
  const made: string[] = [];
  const map = createRecentMap<string, string>(2);
  const get = (key: string): string => map.get(key, () => (made.push(key), key.toUpperCase()));
  expect(['a', 'b', 'a', 'c', 'a'].map(get)).toEqual(['A', 'B', 'A', 'C', 'A']);
  expect(made).toEqual(['a', 'b', 'c']);
  get('b');
  get('a');
  expect(made).toEqual(['a', 'b', 'c', 'b']);
});

it('keeps nothing where an entry cannot be made', () => {
  const map = createRecentMap<string, number>(1);
  const fail = (): number => {
    throw new Error('no');
  };
  expect(() => map.get('a', fail)).toThrow('no');
  expect(map.get('a', () => 1)).toBe(1);
});
