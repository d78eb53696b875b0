/** A copy of a chat with its whole tree. */
import { randomUUID } from 'node:crypto';
import { placeChat, listedChat, setTitleBy } from './chat-order.ts';
import { getChat, putChat } from './chats.ts';
import { statement, type Store } from './store.ts';

/** Copies a chat in which no reply is being written, and returns the id of the copy. Call it within a transaction. @throws AppError `not_found`. */
export function copyChat(store: Store, chatId: string, title: string, at: number): string {
  const chat = getChat(store, chatId);
  const copyId = randomUUID();
  // The leaf is set when its message is there.
  putChat(store, { ...chat, id: copyId, title, pinned: false, leafId: null, createdAt: at, updatedAt: at });
  setTitleBy(store, copyId, 'user');
  const place = listedChat(store, chatId);
  if (place) placeChat(store, copyId, { folderId: place.folderId, tags: place.tags });
  const rows = statement(
    store,
    'SELECT seq, id, parent_id AS parentId FROM messages WHERE chat_id = ? AND deleted_at IS NULL ORDER BY seq',
  ).all(chatId) as { seq: number; id: string; parentId: string | null }[];
  const copies = new Map(rows.map(({ id }) => [id, randomUUID()]));
  const copyOf = (id: string | null): string | null => (id === null ? null : (copies.get(id) ?? null));
  const copyMessage = statement(
    store,
    `INSERT INTO messages (id, chat_id, parent_id, role, status, error, model_id, model_name, sampling, timing, edited, created_at)
     SELECT @copy, @copyId, @parent, role, status, error, model_id, model_name, sampling, timing, edited, created_at
     FROM messages WHERE seq = @seq RETURNING seq`,
    'values',
  );
  const copyParts = statement(
    store,
    `INSERT INTO message_parts (message_seq, position, type, text, details)
     SELECT @copySeq, position, type, text, details FROM message_parts WHERE message_seq = @seq ORDER BY position`,
  );
  for (const { seq, id, parentId } of rows) {
    const copySeq = copyMessage.get({ copy: copyOf(id), copyId, parent: copyOf(parentId), seq });
    copyParts.run({ copySeq, seq });
  }
  statement(store, 'UPDATE chats SET leaf_id = ? WHERE id = ?').run(copyOf(chat.leafId), copyId);
  return copyId;
}
