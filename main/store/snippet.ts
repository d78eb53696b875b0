/** Where a text has the words of a search: a few words around them, cut in time that grows with the way to the first place. */

import { UNSPACED, type SearchTerm } from './search-query.ts';

/** U+2068 and U+2069 (isolates) mark hits: unlike tags they cannot be confused with text that looks like markup. */
export const HIT_OPEN = '\u2068';
export const HIT_CLOSE = '\u2069';

const SNIPPET_WORDS = 16;
/** A snippet around one place begins this many words before it. */
const WORDS_BEFORE = 7;
/** A text may be one word of a megabyte. */
const MAX_CHARS_BESIDE = 400;
/** Two words of a search that are this close are shown together. */
const NEAR_CHARS = 120;
/** Places that are looked at for one where all words are together. */
const MAX_PLACES = 500;

/** A word as the index divides texts: letters and numbers, and the accents that it takes off. */
const LETTER = String.raw`(?!${UNSPACED})[\p{L}\p{N}\p{Co}]`;
const WORD = String.raw`${LETTER}(?:(?!${UNSPACED})[\p{L}\p{N}\p{Co}\u0300-\u0331])*`;
/** A snippet counts two letters of a script without spaces as a word. */
const TOKEN = String.raw`(?:(?=${UNSPACED})[\p{L}\p{N}]\p{M}*){1,2}|${WORD}`;

const bare = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .normalize('NFC')
    .toLowerCase();

let variants: ReadonlyMap<string, string> | undefined;
/** By a bare letter: the letters that are it with accents. */
function accented(letter: string): string {
  if (!variants) {
    const found = new Map<string, string>();
    // The last letters with accents of the first plane, apart from Korean, which is composed otherwise.
    for (let code = 0xc0; code < 0x3100; code++) {
      const composed = String.fromCodePoint(code);
      const base = bare(composed);
      if (base.length === 1 && base !== composed.toLowerCase()) found.set(base, (found.get(base) ?? '') + composed);
    }
    variants = found;
  }
  return variants.get(letter) ?? '';
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);

/** Matches a bare word in a text with or without accents, in either form. */
function patternOf(word: string): string {
  const letters = [...word].map((letter) => `[${escaped(letter)}${accented(letter)}]\\p{M}*`).join('');
  const decomposed = word.normalize('NFD');
  return decomposed === word ? letters : `(?:${letters}|${escaped(decomposed)})`;
}

/** The words of a search as one pattern; each is a group of its own, and the last of them is a beginning. */
export interface SearchedWords {
  readonly pattern: RegExp;
}

/** Null for a search without a word that must be there. */
export function searchedWords(terms: readonly SearchTerm[]): SearchedWords | null {
  const phrases = terms.flatMap((term) => {
    // For the index an underscore divides words, which then follow each other.
    const tokens = term.words
      .flatMap((word) => word.split('_'))
      .map(bare)
      .filter(Boolean)
      .map(patternOf);
    if (term.isExcluded || tokens.length === 0) return [];
    if (term.isUnspaced) return [`(${tokens.join(String.raw`[^\p{L}\p{N}\p{Co}]{0,9}`)})`];
    const phrase = tokens.join(String.raw`[^\p{L}\p{N}\p{Co}]{1,9}`);
    return [`((?<!${LETTER})${phrase}${term.isBeginning ? `(?:${WORD})?` : `(?!${LETTER})`})`];
  });
  if (phrases.length === 0) return null;
  return { pattern: new RegExp(phrases.join('|'), 'giu') };
}

interface Place {
  readonly start: number;
  readonly end: number;
  /** Which of the words. */
  readonly word: number;
}

/** The places of the words in `text`, from the best on: the first with the most different words close by. */
function bestPlaces(text: string, { pattern }: SearchedWords): Place[] {
  let best: Place[] = [];
  let near: Place[] = [];
  let bestCount = 0;
  let words = 0;
  let looked = 0;
  for (const match of text.matchAll(pattern)) {
    words = match.length - 1;
    const place = {
      start: match.index,
      end: match.index + Math.min(match[0].length, MAX_CHARS_BESIDE),
      word: match.slice(1).findIndex((group) => group !== undefined),
    };
    near = [...near.filter(({ start }) => place.start - start < NEAR_CHARS), place];
    const count = new Set(near.map(({ word }) => word)).size;
    if (count > bestCount) [best, bestCount] = [near, count];
    if (count === words || ++looked === MAX_PLACES) break;
  }
  return best;
}

/** Some 16 words of `text` around the places of the words, which are marked. Without a place: the beginning. */
export function snippetOf(text: string, words: SearchedWords): string {
  const places = bestPlaces(text, words);
  const first = places[0]?.start ?? 0;
  const from = Math.max(0, first - MAX_CHARS_BESIDE);
  const until = Math.min(text.length, (places.at(-1)?.end ?? 0) + MAX_CHARS_BESIDE);
  const shown = text.slice(from, until);
  const tokens = [...shown.matchAll(new RegExp(TOKEN, 'gu'))].map(({ index, 0: token }) => ({
    start: from + index,
    end: from + index + token.length,
  }));
  // What was cut by the limit of characters is no word.
  if (from > 0 && tokens[0]?.start === from && from < first) tokens.shift();
  const at = Math.max(
    0,
    tokens.findLastIndex(({ start }) => start <= first),
  );
  const last = tokens.findLastIndex(({ start }) => start <= (places.at(-1)?.start ?? 0));
  const before = Math.max(0, Math.min(WORDS_BEFORE, Math.floor((SNIPPET_WORDS - (last - at + 1)) / 2)));
  const begin = Math.max(0, Math.min(at - before, tokens.length - SNIPPET_WORDS));
  const end = Math.min(tokens.length, begin + SNIPPET_WORDS);
  const isWholeStart = from === 0 && begin === 0;
  const isWholeEnd = until === text.length && end === tokens.length;
  const start = isWholeStart ? 0 : (tokens[begin]?.start ?? from);
  const stop = isWholeEnd ? until : (tokens[end - 1]?.end ?? until);
  return `${isWholeStart ? '' : '…'}${marked(text.slice(start, stop), words)}${isWholeEnd ? '' : '…'}`;
}

const marked = (text: string, { pattern }: SearchedWords): string =>
  text.replaceAll(pattern, (hit: string) => HIT_OPEN + hit + HIT_CLOSE);
