import { describe, expect, it } from 'vitest';
import { languageOf, languages, spoken } from './language.ts';
import { wordsOf } from './words.ts';

describe('the language of the page', () => {
  it('is the chosen one, else the first of the system that has words, else English', () => {
    expect(languageOf('pseudo-rtl', ['fr'])).toBe('pseudo-rtl');
    expect(languageOf('system', ['en-GB', 'fr'])).toBe('en');
    expect(languageOf('system', ['fr-FR', 'de-AT', 'en'])).toBe('de');
    expect(languageOf('system', ['fr-FR', 'nl'])).toBe('en');
    for (const stored of [undefined, null, 7, 'xx', 'fr']) expect(languageOf(stored, [])).toBe('en');
  });

  it('is never a pseudo-language because of the system', () => {
    expect(languageOf('system', ['pseudo', 'pseudo-rtl', 'pseudo-XA'])).toBe('en');
    expect(spoken).not.toContain('pseudo');
  });

  it('has every sentence of English', async () => {
    const names = (words: unknown, at = ''): string[] =>
      // A list of words to search by may be longer in one language.
      typeof words === 'object' && words !== null && !Array.isArray(words)
        ? Object.entries(words).flatMap(([name, value]) => names(value, `${at}.${name}`))
        : [at];
    const english = names(await wordsOf('en'));
    for (const language of languages) expect(names(await wordsOf(language))).toEqual(english);
  });

  it('is German in every sentence', async () => {
    const sentences = (words: unknown, at = ''): (readonly [string, string])[] =>
      typeof words === 'string'
        ? [[at, words]]
        : typeof words === 'object' && words !== null
          ? Object.entries(words).flatMap(([name, value]) => sentences(value, `${at}.${name}`))
          : [];
    const german = new Map(sentences(await wordsOf('de')));
    // Licenses and drivers have their own names, and the model that ships with the app was trained in English.
    const own = /^\.(?:models\.licenses|settings\.backends\.names|emptyChat\.forBuiltIn)\./;
    const same = sentences(await wordsOf('en')).filter(
      ([at, english]) => !own.test(at) && german.get(at) === english && english.split(/\s+/).length > 3,
    );
    expect(same).toEqual([]);
    // Names of things are the same in both languages, sentences are not.
    const english = [...german].filter(
      ([at, text]) => !own.test(at) && /(?<!-)\b(?:the|and|with|this|of)\b(?!-)/.test(text),
    );
    expect(english).toEqual([]);
  });
});
