/** Names a chat after its first message. */
import type { Message } from '../../preload/contract/chat.ts';
import { textOf, typedTextOf } from '../../preload/contract/message-parts.ts';

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
