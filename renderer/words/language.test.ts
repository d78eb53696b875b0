import { describe, expect, it } from 'vitest';
import { languageOf, languages, spoken } from './language.ts';
import { wordsOf } from './words.ts';

describe('the language of the page', () => {
  it('is the chosen one, else the first of the system that has words, else English', () => {
    expect(languageOf('pseudo-rtl', ['fr'])).toBe('pseudo-rtl');
    expect(languageOf('system', ['en-GB', 'fr'])).toBe('en');
    expect(languageOf('system', ['fr-FR', 'nl'])).toBe('en');
    for (const stored of [undefined, null, 7, 'xx', 'fr']) expect(languageOf(stored, [])).toBe('en');
  });

  it('is never a pseudo-language because of the system', () => {
    expect(languageOf('system', ['pseudo', 'pseudo-rtl', 'pseudo-XA'])).toBe('en');
    expect(spoken).not.toContain('pseudo');
  });

  it('has every sentence of English', async () => {
    const names = (words: unknown, at = ''): string[] =>
      typeof words === 'object' && words !== null
        ? Object.entries(words).flatMap(([name, value]) => names(value, `${at}.${name}`))
        : [at];
    const english = names(await wordsOf('en'));
    for (const language of languages) expect(names(await wordsOf(language))).toEqual(english);
  });
});
