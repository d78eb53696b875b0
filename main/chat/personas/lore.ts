/**
 * Finds the entries of lorebooks that a conversation calls for. Keywords are plain texts: a regular expression of a stranger may run for
 * ever, so imports leave those out.
 */
import type { Lorebook, LoreEntry } from '../../../preload/contract/personas.ts';

export interface FoundLore {
  readonly lorebook: string;
  readonly entry: LoreEntry;
  /** The keyword that was said; null for an entry that is always told. */
  readonly key: string | null;
  /** The entry's text as the model gets it. */
  readonly text: string;
}

/** Entries that call for entries: as deep as this. Each entry is found once, so circles end anyhow. */
const MOST_PASSES = 5;
/** Of the newest messages. With the next limit it bounds the time in which main does nothing else to some tenths of a second. */
const MOST_SCANNED_LETTERS = 50_000;
const MOST_LOOKED_UP_KEYS = 50_000;

/**
 * The entries for the messages `texts`, the newest first, in the order in which they are told. `expand` replaces the macros of a text or a
 * keyword.
 */
export function findLore(
  books: readonly Lorebook[],
  texts: readonly string[],
  expand: (text: string) => string,
): readonly FoundLore[] {
  const budget = { keys: MOST_LOOKED_UP_KEYS };
  const found = books.flatMap((book) => withinBudget(book, ofBook(book, texts, expand, budget)));
  return found.sort((a, b) => a.entry.order - b.entry.order);
}

function ofBook(
  book: Lorebook,
  texts: readonly string[],
  expand: (text: string) => string,
  budget: { keys: number },
): FoundLore[] {
  const open = new Set(book.entries.filter(({ enabled, text }) => enabled && text.trim() !== ''));
  const found: FoundLore[] = [];
  const scanned = new Map<number, Haystack>();
  const said = (depth: number): Haystack => {
    const known = scanned.get(depth);
    if (known) return known;
    const text = texts.slice(0, depth).join('\n').slice(0, MOST_SCANNED_LETTERS);
    const haystack = haystackOf(text);
    scanned.set(depth, haystack);
    return haystack;
  };
  const take = (entry: LoreEntry, key: string | null): void => {
    open.delete(entry);
    found.push({ lorebook: book.name, entry, key, text: expand(entry.text) });
  };
  for (const entry of [...open]) if (entry.constant) take(entry, null);
  for (const entry of [...open]) {
    const key = calledBy(entry, book, [said(entry.scanDepth ?? book.scanDepth)], expand, budget);
    if (key !== null) take(entry, key);
  }
  let fresh = found.slice();
  for (let pass = 0; book.recursive && fresh.length > 0 && pass < MOST_PASSES; pass++) {
    const told = haystackOf(
      fresh
        .map(({ text }) => text)
        .join('\n')
        .slice(0, MOST_SCANNED_LETTERS),
    );
    const before = found.length;
    for (const entry of [...open]) {
      const key = calledBy(entry, book, [told, said(entry.scanDepth ?? book.scanDepth)], expand, budget);
      if (key !== null) take(entry, key);
    }
    fresh = found.slice(before);
  }
  return found;
}

/** A text as it is, and in lower case for the keywords that do not care. */
interface Haystack {
  readonly exact: string;
  readonly lower: string;
}
const haystackOf = (text: string): Haystack => ({ exact: text, lower: text.toLowerCase() });

/** The keyword by which an entry is called; null where it is not. */
function calledBy(
  entry: LoreEntry,
  book: Lorebook,
  haystacks: readonly Haystack[],
  expand: (text: string) => string,
  budget: { keys: number },
): string | null {
  const matchCase = entry.matchCase ?? book.matchCase;
  const wholeWords = entry.wholeWords ?? book.wholeWords;
  const isSaid = (key: string): boolean => {
    if (--budget.keys < 0) return false;
    const wanted = expand(key).trim();
    if (wanted === '') return false;
    return haystacks.some(({ exact, lower }) =>
      occurs(matchCase ? exact : lower, matchCase ? wanted : wanted.toLowerCase(), wholeWords),
    );
  };
  const key = entry.keys.find(isSaid);
  if (key === undefined) return null;
  return entry.secondaryKeys.length === 0 || entry.secondaryKeys.some(isSaid) ? key : null;
}

const WORD_LETTER = /[\p{L}\p{N}_]/u;

function occurs(text: string, wanted: string, wholeWords: boolean): boolean {
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    if (!wholeWords) return true;
    const before = text.charAt(at - 1);
    const after = text.charAt(at + wanted.length);
    if (!WORD_LETTER.test(before) && !WORD_LETTER.test(after)) return true;
  }
  return false;
}

/** Those that fit into the book's budget: what is always told first, then by priority. */
function withinBudget(book: Lorebook, found: readonly FoundLore[]): readonly FoundLore[] {
  const ranked = found.toSorted(
    (a, b) =>
      Number(b.entry.constant) - Number(a.entry.constant) ||
      b.entry.priority - a.entry.priority ||
      b.entry.order - a.entry.order,
  );
  let left = book.tokenBudget;
  return ranked.filter(({ text }) => {
    const tokens = estimatedTokens(text);
    if (tokens > left) return false;
    left -= tokens;
    return true;
  });
}

/**
 * About as many tokens as a text has: four letters of the Latin alphabet make one, and each other letter one. A budget need not be exact,
 * and the model that would count may not be loaded.
 */
export function estimatedTokens(text: string): number {
  const others = text.match(/[^\0-ɏ]/gu)?.length ?? 0;
  return Math.ceil((text.length - others) / 4) + others;
}
