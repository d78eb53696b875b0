import { describe, expect, it } from 'vitest';
import type { Lorebook, LoreEntry } from '../../../preload/contract/personas.ts';
import { estimatedTokens, findLore } from './lore.ts';

const entry = (title: string, keys: readonly string[], other: Partial<LoreEntry> = {}): LoreEntry => ({
  title,
  enabled: true,
  keys: [...keys],
  secondaryKeys: [],
  text: `${title}.`,
  constant: false,
  order: 100,
  priority: 0,
  place: 'after',
  matchCase: null,
  wholeWords: null,
  scanDepth: null,
  ...other,
});
const book = (entries: readonly LoreEntry[], other: Partial<Lorebook> = {}): Lorebook => ({
  id: 'b',
  changedAt: 0,
  name: 'World',
  description: '',
  everywhere: false,
  scanDepth: 2,
  tokenBudget: 1000,
  recursive: false,
  matchCase: false,
  wholeWords: true,
  entries: [...entries],
  ...other,
});
const titles = (one: Lorebook, ...texts: readonly string[]): readonly string[] =>
  findLore([one], texts, (text) => text.replaceAll('{{char}}', 'Ada')).map((found) => found.entry.title);

describe('lorebooks', () => {
  it('tell an entry when one of its keywords was said', () => {
    const one = book([
      entry('Dragon', ['dragon', 'wyrm']),
      entry('Tower', ['tower']),
      entry('Off', ['dragon'], { enabled: false }),
    ]);
    expect(titles(one, 'Tell me of the WYRM!')).toEqual(['Dragon']);
    expect(titles(one, 'Nothing here.')).toEqual([]);
    expect(findLore([one], ['a dragon'], (text) => text)[0]).toMatchObject({ key: 'dragon', lorebook: 'World' });
  });

  it('look at whole words and at case as the entry or the book says', () => {
    const one = book([
      entry('Cat', ['cat']),
      entry('Part', ['cat'], { wholeWords: false }),
      entry('Case', ['Cat'], { matchCase: true }),
    ]);
    expect(titles(one, 'concatenate')).toEqual(['Part']);
    expect(titles(one, 'a cat.')).toEqual(['Cat', 'Part']);
    expect(titles(one, 'Cat')).toEqual(['Cat', 'Part', 'Case']);
    expect(titles(book([entry('Örtlich', ['öl'])]), 'Möl öl')).toEqual(['Örtlich']);
    expect(titles(book([entry('Möl', ['öl'])]), 'Möl')).toEqual([]);
  });

  it('look in as many messages as the depth says, the newest first', () => {
    const one = book([
      entry('Near', ['x']),
      entry('Far', ['x'], { scanDepth: 3 }),
      entry('Never', ['x'], { scanDepth: 0 }),
    ]);
    expect(titles(one, 'a', 'b', 'x')).toEqual(['Far']);
    expect(titles(one, 'a', 'x', 'b')).toEqual(['Near', 'Far']);
  });

  it('need a secondary keyword where there are some', () => {
    const one = book([entry('Both', ['dragon'], { secondaryKeys: ['red', 'green'] })]);
    expect(titles(one, 'a dragon')).toEqual([]);
    expect(titles(one, 'a green dragon')).toEqual(['Both']);
  });

  it('are told in their order, and what is constant always', () => {
    const one = book([
      entry('Last', ['x'], { order: 9 }),
      entry('Always', [], { constant: true, order: 5 }),
      entry('First', ['x'], { order: 1 }),
    ]);
    expect(titles(one, 'x')).toEqual(['First', 'Always', 'Last']);
    expect(titles(one, '')).toEqual(['Always']);
  });

  it('call for other entries where the book is recursive, and circles end', () => {
    const entries = [
      entry('A', ['start'], { text: 'beta' }),
      entry('B', ['beta'], { text: 'gamma start' }),
      entry('C', ['gamma']),
    ];
    expect(titles(book(entries), 'start')).toEqual(['A']);
    expect(titles(book(entries, { recursive: true }), 'start')).toEqual(['A', 'B', 'C']);
    const chain = Array.from({ length: 12 }, (_, at) => entry(`E${at}`, [`k${at}k`], { text: `k${at + 1}k` }));
    expect(titles(book(chain, { recursive: true }), 'k0k')).toHaveLength(6);
  });

  it('stay within the budget: the smaller priority is left out', () => {
    const one = book(
      [entry('Low', ['x'], { text: 'a'.repeat(40) }), entry('High', ['x'], { text: 'b'.repeat(40), priority: 5 })],
      { tokenBudget: 15 },
    );
    expect(titles(one, 'x')).toEqual(['High']);
    expect(estimatedTokens('abcdefgh')).toBe(2);
    expect(estimatedTokens('龍の塔')).toBe(3);
  });

  it('have macros in keywords and texts', () => {
    const one = book([entry('Self', ['{{char}}'], { text: 'I am {{char}}.' })]);
    const [found] = findLore([one], ['Hello Ada'], (text) => text.replaceAll('{{char}}', 'Ada'));
    expect(found?.text).toBe('I am Ada.');
  });

  it('are read in bounded time', () => {
    const many = Array.from({ length: 5000 }, (_, at) =>
      entry(
        `E${at}`,
        Array.from({ length: 20 }, (_, key) => `zzz${at}x${key}`),
      ),
    );
    const begun = performance.now();
    expect(titles(book(many), 'lorem ipsum dolor '.repeat(100_000))).toEqual([]);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});
