/** What the user typed in messages that were sent. */
import { statement, type Store } from './store.ts';

interface Wanted {
  /** Texts of this chat come first. */
  readonly chatId: string | null;
  readonly limit: number;
  /** Longer texts are left out. */
  readonly maxLength: number;
}

/** Of so many of the newest messages the texts are read: with few different ones among them there are fewer than `limit`. */
const NEWEST_READ = 1000;

/** Typed texts of sent messages, newest first and each once; named texts are files, and not among them. */
export function listSentTexts(store: Store, { chatId, limit, maxLength }: Wanted): string[] {
  const select = (where: string): string =>
    `SELECT trim(message_parts.text, char(10) || ' ') AS text FROM messages
     JOIN chats ON chats.id = messages.chat_id
     JOIN message_parts ON message_parts.message_seq = messages.seq
     WHERE messages.role = 'user' AND chats.deleted_at IS NULL AND message_parts.type = 'text'
       AND message_parts.details IS NULL AND length(message_parts.text) <= ? AND ${where}
     ORDER BY messages.seq DESC LIMIT ${NEWEST_READ}`;
  const read = (where: string, ...values: readonly string[]): string[] =>
    statement(store, select(where), 'values').all(maxLength, ...values) as string[];
  const here = chatId === null ? [] : read('messages.chat_id = ?', chatId);
  const all = new Set([...here, ...read('true')]);
  all.delete('');
  return [...all].slice(0, limit);
}
