/** The table of messages that wait for the end of a reply. */
import type { QueuedMessage } from '../../preload/contract/chat.ts';
import type { UserPart } from '../../preload/contract/message-parts.ts';
import { statement, type Store } from './store.ts';
import { readTime } from './times.ts';

export interface QueuedRow extends QueuedMessage {
  readonly chatId: string;
}

interface Row {
  id: string;
  chat_id: string;
  parts: string;
  created_at: number;
}

/** None where another program made the parts unreadable. */
function decode(row: Row): QueuedRow[] {
  try {
    const parts: unknown = JSON.parse(row.parts);
    if (!Array.isArray(parts)) return [];
    return [
      { id: row.id, chatId: row.chat_id, parts: parts as readonly UserPart[], createdAt: readTime(row.created_at) },
    ];
  } catch {
    return [];
  }
}

/** The messages that wait in a chat, in their order. */
export function listQueued(store: Store, chatId: string): QueuedRow[] {
  const rows = statement(store, 'SELECT * FROM queued_messages WHERE chat_id = ? ORDER BY seq').all(chatId) as Row[];
  return rows.flatMap(decode);
}

/** Null when no message with this id waits. */
export function findQueued(store: Store, id: string): QueuedRow | null {
  const row = statement(store, 'SELECT * FROM queued_messages WHERE id = ?').get(id) as Row | undefined;
  return row ? (decode(row)[0] ?? null) : null;
}

/** Adds a message behind the others of its chat. */
export function putQueued(store: Store, { id, chatId, parts, createdAt }: QueuedRow): void {
  statement(store, 'INSERT INTO queued_messages (id, chat_id, parts, created_at) VALUES (?, ?, ?, ?)').run(
    id,
    chatId,
    JSON.stringify(parts),
    createdAt,
  );
}

/** Removes a message. */
export function deleteQueued(store: Store, id: string): void {
  statement(store, 'DELETE FROM queued_messages WHERE id = ?').run(id);
}
