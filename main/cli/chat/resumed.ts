/** What a terminal shows of a chat that it goes on with. */
import { shownName } from '../../base/foreign-text.ts';
import type { PlainMessage } from './conversation.ts';

/** Characters of a message that are shown: about a screen of the terminal. */
const MOST_CHARS = 2000;

/**
 * The title and the last message of the user with its reply, if there is one. Of a long message the beginning is shown, of a long reply
 * its end, where the chat goes on.
 */
export function resumedText(title: string, messages: readonly PlainMessage[]): string {
  const from = messages.findLastIndex(({ role }) => role === 'user');
  const last = from === -1 ? messages.slice(-1) : messages.slice(from);
  const shown = last.map(({ role, text }) => {
    const characters = Array.from(text.trim());
    const isLong = characters.length > MOST_CHARS;
    if (role === 'user') return `> ${characters.slice(0, MOST_CHARS).join('')}${isLong ? '…' : ''}`;
    return `${isLong ? '…' : ''}${characters.slice(-MOST_CHARS).join('')}`;
  });
  return [title.trim() === '' ? 'The latest chat' : shownName(title), ...shown, ''].join('\n\n').trimEnd() + '\n';
}
