/**
 * Finds what of a conversation's left-out messages a question needs, by words: BM25 over pieces of the exchanges. Words are weighed within
 * the conversation itself, so that no list of common words of a language is needed.
 */
import type { Message } from '../../../preload/contract/chat.ts';
import { textOf } from '../../../preload/contract/message-parts.ts';

/** A piece of a left-out message. */
export interface FoundPiece {
  readonly message: Message;
  /** At most 1,000 UTF-16 units of the message. */
  readonly text: string;
  /** Where it stands in the message: a message's pieces are quoted in their order. */
  readonly start: number;
  readonly score: number;
}

const PIECE_CHARS = 1000;
/** Limits of what is searched before a reply, the newest first: about 50 ms. */
const MAX_SEARCHED_CHARS = 2_000_000;
const MAX_QUESTION_WORDS = 64;
const MAX_QUESTION_CHARS = 4000;
/** The usual constants of BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009). */
const K1 = 1.2;
const B = 0.75;

/**
 * The words of a text in lower case without marks on letters. Scripts that write without spaces are read as pairs of characters. A word
 * of one letter says nothing; a digit may.
 */
export function searchWords(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  const words: string[] = [];
  for (const [word] of plain.matchAll(
    /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}]+|(?:(?![\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}])[\p{L}\p{N}_])+/gu,
  )) {
    if (!/^[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}]/u.test(word)) {
      if (word.length > 1 || /\p{N}/u.test(word)) words.push(word);
      continue;
    }
    const characters = [...word];
    if (characters.length === 1) words.push(word);
    for (let at = 1; at < characters.length; at++) words.push(`${characters[at - 1]}${characters[at]}`);
  }
  return words;
}

/** `text` in pieces of at most 1,000 units, cut at a line, a sentence or a word where there is one in the second half. */
function piecesOf(text: string): { text: string; start: number }[] {
  const pieces: { text: string; start: number }[] = [];
  let start = 0;
  while (start < text.length) {
    let end = Math.min(text.length, start + PIECE_CHARS);
    if (end < text.length) {
      const window = text.slice(start, end);
      const cut = [window.lastIndexOf('\n'), window.lastIndexOf('. ') + 1, window.lastIndexOf(' ')].find(
        (at) => at > PIECE_CHARS / 2,
      );
      if (cut !== undefined) end = start + cut + 1;
      // Never between the halves of a character.
      else if (/[\uD800-\uDBFF]/.test(text[end - 1] ?? '')) end--;
    }
    const piece = text.slice(start, end).trim();
    if (piece !== '') pieces.push({ text: piece, start });
    start = end;
  }
  return pieces;
}

/**
 * The pieces of `leftOut` (oldest first) that share telling words with `question`, best first. A piece must have a word of the question
 * that at most a third of the pieces have; where there are fewer than three pieces any word counts.
 */
export function findAgain(question: string, leftOut: readonly Message[]): FoundPiece[] {
  const wanted = new Set(searchWords(question.slice(0, MAX_QUESTION_CHARS)).slice(0, MAX_QUESTION_WORDS));
  if (wanted.size === 0) return [];
  let left = MAX_SEARCHED_CHARS;
  const pieces: { message: Message; text: string; start: number; counts: Map<string, number>; length: number }[] = [];
  for (const message of leftOut.toReversed()) {
    const whole = textOf(message);
    if (whole.length > left) break;
    left -= whole.length;
    for (const piece of piecesOf(whole)) {
      const words = searchWords(piece.text);
      const counts = new Map<string, number>();
      for (const word of words) if (wanted.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
      pieces.push({ message, ...piece, counts, length: words.length });
    }
  }
  const total = pieces.length;
  const frequency = new Map<string, number>();
  for (const { counts } of pieces)
    for (const word of counts.keys()) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  const meanLength = pieces.reduce((sum, { length }) => sum + length, 0) / Math.max(1, total) || 1;
  const isTelling = (word: string): boolean => total < 3 || (frequency.get(word) ?? 0) <= total / 3;
  return pieces
    .flatMap(({ message, text, start, counts, length }) => {
      if (![...counts.keys()].some(isTelling)) return [];
      let score = 0;
      for (const [word, count] of counts) {
        const has = frequency.get(word) ?? 0;
        const idf = Math.log(1 + (total - has + 0.5) / (has + 0.5));
        score += (idf * count * (K1 + 1)) / (count + K1 * (1 - B + (B * length) / meanLength));
      }
      return [{ message, text, start, score }];
    })
    .sort((a, b) => b.score - a.score);
}
