/** Names of chats: their first words, or what a model wrote. */
import type { Message } from '../../preload/contract/chat.ts';
import { textOf, typedTextOf } from '../../preload/contract/message-parts.ts';
import { UNSPACED } from '../store/search-query.ts';

const MAX_TITLE_CHARS = 60;
/** UTF-16 units of the line that are read. */
const MAX_LINE_UNITS = 2000;

/** The title of a chat that begins with this message: what was typed, or else the text of its files. */
export function titleOfChat(first: Pick<Message, 'parts'>): string {
  const typed = typedTextOf(first);
  return titleFrom(typed.trim() === '' ? textOf(first) : typed);
}

/** The first line of `text` in at most 60 characters, cut at a word where there is one. Never empty. */
export function titleFrom(text: string): string {
  // Two million line breaks are no reason to look at each: the search ends at the first visible character.
  const start = text.search(/[^\s\p{Cc}]/u);
  if (start < 0) return 'New chat';
  const end = text.indexOf('\n', start);
  // A character is at most two units. What is beyond the limit only decides whether the title is cut.
  const line = text
    .slice(start, Math.min(end < 0 ? text.length : end, start + MAX_LINE_UNITS))
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  const characters = [...line];
  if (characters.length <= MAX_TITLE_CHARS) return line;
  const cut = characters.slice(0, MAX_TITLE_CHARS).join('');
  const lastSpace = cut.lastIndexOf(' ');
  return `${(lastSpace > MAX_TITLE_CHARS / 2 ? cut.slice(0, lastSpace) : cut).trimEnd()}…`;
}

const MOST_TITLE_WORDS = 12;
/** Words of a language that is written with spaces, and letters of others. */
const WORDS = /[\p{L}\p{N}]+/gu;
const UNSPACED_LETTER = new RegExp(UNSPACED, 'u');

/**
 * The title in a model's answer about a conversation of `texts`; null where it is none. A small model answers the question again, repeats
 * itself, or writes of something else: a title is one short line that shares a word with the conversation.
 */
export function titleFromModel(answer: string, texts: readonly string[]): string | null {
  const lines = answer.split('\n').map((line) => line.trim());
  const [line = '', ...more] = lines.filter((one) => one !== '');
  if (more.length > 0) return null;
  const title = line
    .replace(/^#+\s*/, '')
    .replace(/^\**title\**\s*:\s*/i, '')
    .replace(/^["'“”„«*_`\s]+|["'“”„»*_`\s.。]+$/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ');
  const words = (title.match(WORDS) ?? []).map((word) => word.toLowerCase());
  const characters = [...title].length;
  if (characters < 2 || characters > MAX_TITLE_CHARS || words.length > MOST_TITLE_WORDS || /[:：]$/.test(title))
    return null;
  if (!/\p{L}/u.test(title) || (words.length > 3 && new Set(words).size <= words.length / 2)) return null;
  const spoken = texts.join('\n').slice(0, MAX_COMPARED_UNITS).toLowerCase();
  // A word may have another ending in the title, and of a script without spaces two letters are a word.
  const beginnings = new Set((spoken.match(WORDS) ?? []).map(beginningOf));
  const pairs = [...title].flatMap((letter, at, all) =>
    UNSPACED_LETTER.test(letter) ? letter + (all[at + 1] ?? '') : [],
  );
  const isOfIt =
    words.some((word) => [...word].length >= 3 && beginnings.has(beginningOf(word))) ||
    pairs.some((pair) => spoken.includes(pair));
  return isOfIt ? title : null;
}

/** UTF-16 units of a conversation that are compared with its title. */
const MAX_COMPARED_UNITS = 20_000;
const beginningOf = (word: string): string => [...word].slice(0, 4).join('');
