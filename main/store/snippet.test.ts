import { describe, expect, it } from 'vitest';
import { termsOf } from './search-query.ts';
import { searchedWords, snippetOf } from './snippet.ts';

const OPEN = '\u2068';
const CLOSE = '\u2069';
/** With square brackets for the marks. */
function snippet(text: string, query: string): string {
  const words = searchedWords(termsOf(query));
  if (!words) throw new Error('no words');
  return snippetOf(text, words).replaceAll(OPEN, '[').replaceAll(CLOSE, ']');
}
const filler = (count: number): string => Array.from({ length: count }, (_, index) => `w${index}`).join(' ');

describe('snippetOf', () => {
  it('marks whole words, and the last as a beginning', () => {
    expect(snippet('The Café burns quietly at 451 degrees', 'cafe qui')).toBe(
      'The [Café] burns [quietly] at 451 degrees',
    );
    expect(snippet('caféteria cafe', 'cafe qui')).toBe('caféteria [cafe]');
    expect(snippet('a decaf cafe', 'caf')).toBe('a decaf [cafe]');
  });

  it('shows 16 words around the first place, with signs where it was cut', () => {
    expect(snippet(`${filler(30)} ember ${filler(30)}`, 'ember')).toBe(
      '…w23 w24 w25 w26 w27 w28 w29 [ember] w0 w1 w2 w3 w4 w5 w6 w7…',
    );
    expect(snippet(`ember ${filler(30)}`, 'ember')).toBe(`[ember] ${filler(15)}…`);
    expect(snippet(`${filler(30)} ember.`, 'ember').endsWith(' w28 w29 [ember].')).toBe(true);
    expect(snippet('x\n'.repeat(20), 'nothing')).toBe(`${'x\n'.repeat(15)}x…`);
  });

  it('prefers a place with all the words', () => {
    const shown = snippet(`ember ${filler(100)} coal and ember ${filler(30)}`, 'ember coal');
    expect(shown).toContain('[coal] and [ember]');
    expect(snippet('coal '.repeat(9000) + filler(40), 'ember coal').split(' ')).toHaveLength(16);
  });

  it.each(['Résumé', 'Việt Nam', '한국어', 'がくせい', 'नमस्ते', 'Й', 'foo_bar', 'ÅNGSTRÖM', 'C'])(
    'marks %s, composed or not, in either form',
    (word) => {
      for (const form of ['NFC', 'NFD'] as const)
        for (const other of ['NFC', 'NFD'] as const)
          expect(snippet(`Of ${word.normalize(form)} here`, word.toLowerCase().normalize(other))).toMatch(
            /^Of \[.*\] here$/u,
          );
    },
  );

  it('shows little of a text that is one word, and takes little time', () => {
    const before = process.cpuUsage();
    for (const text of ['a'.repeat(1_000_000), `${' '.repeat(1_000_000)}b a${'!'.repeat(1_000_000)}`, 'ab'.repeat(9e5)])
      for (const query of ['a', 'aa', 'zz', 'b a'])
        expect(snippet(text, query).length, `${text.slice(0, 5)} ${query}`).toBeLessThan(1500);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(1000);
  });
});
