/**
 * A pseudo-language: English with accents, brackets and a third more letters. Text without brackets on a screen does
 * not come from the words; text that is cut off would be cut off in German too.
 */

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

/** A sentence in it: `Send` becomes `⟦Séñd··⟧`. A text without letters stays as it is. */
export function pseudoText(text: string): string {
  if (!/\p{L}/u.test(text) || text.startsWith('⟦')) return text;
  const changed = [...text].map((letter) => accents[letter] ?? letter).join('');
  return `⟦${changed}${'·'.repeat(Math.ceil(text.length * 0.3))}⟧`;
}

/** The same words with every sentence changed, also the results of functions. */
export function pseudo<T>(words: T): T {
  return changed(words) as T;
}

function changed(words: unknown): unknown {
  if (typeof words === 'string') return pseudoText(words);
  if (typeof words === 'function') {
    const make = words as (...facts: unknown[]) => unknown;
    return (...facts: unknown[]) => changed(make(...facts));
  }
  if (Array.isArray(words)) return words.map(changed);
  if (typeof words === 'object' && words !== null) {
    return Object.fromEntries(Object.entries(words).map(([key, value]) => [key, changed(value)]));
  }
  return words;
}
