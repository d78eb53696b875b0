/**
 * A pseudo-language: English with accents, brackets and a third more letters. Text without brackets on a screen does
 * not come from the words; text that is cut off would be cut off in German too. The right-to-left one also turns the
 * letters of every sentence round, as the scripts of Arabic and Hebrew run.
 */
export type PseudoLanguage = 'pseudo' | 'pseudo-rtl';

const accents: Readonly<Record<string, string>> = {
  a: 'á',
  e: 'é',
  i: 'í',
  o: 'ó',
  u: 'ú',
  y: 'ý',
  A: 'Á',
  E: 'É',
  I: 'Í',
  O: 'Ó',
  U: 'Ú',
  n: 'ñ',
  c: 'ç',
};

/** Right-to-left override and its end. */
const [OVERRIDE, POP] = ['\u202e', '\u202c'];

/** A sentence in it: `Send` becomes `⟦Séñd··⟧`. A text without letters stays as it is. */
export function pseudoText(text: string, language: PseudoLanguage = 'pseudo'): string {
  if (!/\p{L}/u.test(text) || /^\u202e?⟦/.test(text)) return text;
  const changed = [...text].map((letter) => accents[letter] ?? letter).join('');
  const longer = `⟦${changed}${'·'.repeat(Math.ceil(text.length * 0.3))}⟧`;
  return language === 'pseudo' ? longer : `${OVERRIDE}${longer}${POP}`;
}

/** The same words with every sentence changed, also the results of functions. */
export function pseudo<T>(words: T, language: PseudoLanguage = 'pseudo'): T {
  return changed(words, language) as T;
}

function changed(words: unknown, language: PseudoLanguage): unknown {
  if (typeof words === 'string') return pseudoText(words, language);
  if (typeof words === 'function') {
    const make = words as (...facts: unknown[]) => unknown;
    return (...facts: unknown[]) => changed(make(...facts), language);
  }
  if (Array.isArray(words)) return words.map((one) => changed(one, language));
  if (typeof words === 'object' && words !== null) {
    return Object.fromEntries(Object.entries(words).map(([key, value]) => [key, changed(value, language)]));
  }
  return words;
}
