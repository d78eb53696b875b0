import { describe, expect, it } from 'vitest';
import { en } from './en/en.ts';
import { pseudo, pseudoText } from './pseudo.ts';

/** Every string of a tree of words, without functions. */
function strings(words: unknown): readonly string[] {
  if (typeof words === 'string') return [words];
  return typeof words === 'object' && words !== null ? Object.values(words).flatMap(strings) : [];
}

describe('the pseudo-language', () => {
  it('changes every sentence, and makes it a third longer', () => {
    const english = strings(en);
    const other = strings(pseudo(en));
    expect(other).toHaveLength(english.length);
    expect(english.length).toBeGreaterThan(500);
    for (const [index, text] of english.entries()) {
      if (!/\p{L}/u.test(text)) continue;
      expect(other[index]).toMatch(/^⟦.*⟧$/su);
      expect(other[index]?.length).toBeGreaterThanOrEqual(text.length * 1.3);
    }
  });

  it('changes the units of figures', () => {
    const { byteSymbols, minutesAgo } = pseudo(en).units;
    expect(byteSymbols[2]).toBe(pseudoText('MB'));
    expect(minutesAgo('3')).toMatch(/^⟦3/);
    expect(en.units.byteSymbols[2]).toBe('MB');
  });

  it('turns the letters round where it runs from right to left', () => {
    expect(pseudo(en, 'pseudo-rtl').ui.save).toBe(`\u202e${pseudoText(en.ui.save)}\u202c`);
    expect(pseudoText(pseudoText('Send', 'pseudo-rtl'), 'pseudo-rtl')).toBe(pseudoText('Send', 'pseudo-rtl'));
  });

  it('changes the results of functions', () => {
    const { models, errors } = pseudo(en);
    expect(models.tokens(32_768)).toBe(pseudoText('32,768 tokens'));
    const { text } = errors.byCode['disk.full'];
    expect(typeof text === 'function' && text({ neededBytes: 4e9, freeBytes: 1e9 })).toMatch(/^⟦4\.00\u00a0GB/);
  });
});
