/** What a search says: its terms, and the forms of them in the query language of the indexes. */

/**
 * Letters of scripts that are written without spaces, and of Korean, which joins words to their endings: Thai and Lao, Burmese, Khmer,
 * Chinese, Japanese. The index `unspaced_fts` has the texts with any of them (migration 0012, which has the same list).
 */
export const UNSPACED = String.raw`[\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\u{20000}-\u{3ffff}]`;
const unspaced = new RegExp(UNSPACED, 'u');

export interface SearchTerm {
  /** As it was typed, without the mark before it. Words in quotation marks are one term. */
  readonly text: string;
  readonly words: readonly string[];
  /** It is found within longer words. */
  readonly isUnspaced: boolean;
  /** It may go on: the last word of a search is still being typed. */
  readonly isBeginning: boolean;
  /** It must not be there. */
  readonly isExcluded: boolean;
}

/** A search of so many terms is as narrow as any. */
const MAX_TERMS = 32;

/** The terms of a search; none without a word. Any text is a search. */
export function termsOf(query: string): readonly SearchTerm[] {
  const terms: SearchTerm[] = [];
  for (const [found, minus = '', quoted, plain = ''] of query.matchAll(/(?<!\S)(-?)(?:"([^"]*)"|(\S+))|\S+/gu)) {
    const text = quoted ?? (plain === '' ? found : plain);
    const words = text.match(/[\p{L}\p{N}_][\p{L}\p{N}\p{M}_]*/gu) ?? [];
    const facts = { isExcluded: minus !== '', isBeginning: false };
    if (quoted !== undefined && words.length > 0)
      terms.push({ text: text.trim(), words, isUnspaced: unspaced.test(text), ...facts });
    else for (const word of words) terms.push({ text: word, words: [word], isUnspaced: unspaced.test(word), ...facts });
  }
  const last = terms.at(-1);
  if (last && !last.isExcluded && !query.trimEnd().endsWith('"'))
    terms[terms.length - 1] = { ...last, isBeginning: true };
  return terms.slice(-MAX_TERMS);
}

/**
 * A text in the forms in which it may be stored: the indexes ignore marks on letters, but they distinguish composed and decomposed
 * letters of Korean and Japanese.
 */
export const formsOf = (text: string): readonly string[] => [
  ...new Set([text.normalize('NFC'), text.normalize('NFD')]),
];

/** Quoted for an index, so that no word is taken for an operator. */
export const quotedForIndex = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** The terms in the language of an index, each by `expression`; null when there is none that must be there. */
export function matchOf(
  terms: readonly SearchTerm[],
  expression: (term: SearchTerm, form: string) => string | null,
): string | null {
  const each = (wanted: readonly SearchTerm[]): string[] =>
    wanted.flatMap((term) => {
      const forms = formsOf(term.text).flatMap((form) => expression(term, form) ?? []);
      return forms.length === 0 ? [] : [`(${forms.join(' OR ')})`];
    });
  const [positive, negative] = [
    each(terms.filter(({ isExcluded }) => !isExcluded)),
    each(terms.filter(({ isExcluded }) => isExcluded)),
  ];
  if (positive.length === 0) return null;
  const all = positive.join(' AND ');
  return negative.length === 0 ? all : `(${all}) NOT (${negative.join(' OR ')})`;
}
