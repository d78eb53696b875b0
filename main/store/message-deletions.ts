/** Deleting a message with all that follows it: hidden at first, deleted for good in slices. */
import type { PurgedSlice } from './chats.ts';
import { statement, type Store } from './store.ts';

const DOWN = `WITH RECURSIVE down (id) AS (
  SELECT @id UNION
  SELECT messages.id FROM down JOIN messages ON messages.parent_id = down.id
)`;

/** The ids of a message and of all shown messages below it. */
export function listBelow(store: Store, id: string): string[] {
  const rows = statement(
    store,
    `${DOWN} SELECT messages.id FROM down JOIN messages ON messages.id = down.id
     WHERE messages.deleted_at IS NULL ORDER BY messages.seq`,
  ).all({ id }) as { id: string }[];
  return rows.map((row) => row.id);
}

/** Hides a message and all shown messages below it. False when there is none. */
export function hideMessages(store: Store, id: string, at: number): boolean {
  // What was deleted before keeps its own time, so that it does not come back with this one.
  return (
    statement(
      store,
      `${DOWN} UPDATE messages SET deleted_at = @at WHERE id IN (SELECT id FROM down) AND deleted_at IS NULL`,
    ).run({ id, at }).changes > 0
  );
}

/**
 * Shows a message again, with what was hidden together with it. Where its parent was deleted since then, they become part of that deletion.
 * False when there is none.
 */
export function showMessages(store: Store, id: string): boolean {
  return (
    statement(
      store,
      `${DOWN} UPDATE messages SET deleted_at = (
         SELECT parent.deleted_at FROM messages AS top JOIN messages AS parent ON parent.id = top.parent_id WHERE top.id = @id
       )
       WHERE id IN (SELECT id FROM down) AND deleted_at = (SELECT deleted_at FROM messages WHERE id = @id)`,
    ).run({ id }).changes > 0
  );
}

/** The topmost messages of each deletion: what an earlier process had no time to delete for good. */
export function listHiddenMessages(store: Store): string[] {
  const rows = statement(
    store,
    `SELECT messages.id FROM messages LEFT JOIN messages AS parent ON parent.id = messages.parent_id
     WHERE messages.deleted_at IS NOT NULL AND parent.deleted_at IS NULL`,
  ).all() as { id: string }[];
  return rows.map(({ id }) => id);
}

/** The chat of a message, also of a hidden one; null when there is no such message. */
export function chatOfMessage(store: Store, id: string): string | null {
  const row = statement(store, 'SELECT chat_id AS chatId FROM messages WHERE id = ?').get(id);
  return (row as { chatId: string } | undefined)?.chatId ?? null;
}

/** As for `purgeSlice` of chats: the index of words takes its time, on main's only thread. */
const SLICE_MESSAGES = 50;
const SLICE_BYTES = 20_000;

/**
 * Deletes a hidden message for good, with all below it and their words in the index, one slice at each call: the newest first. To be called
 * within a transaction.
 */
export function purgeMessagesSlice(store: Store, id: string): PurgedSlice {
  const hidden = statement(store, 'SELECT 1 FROM messages WHERE id = ? AND deleted_at IS NOT NULL').get(id);
  if (hidden === undefined) return { files: [], done: true };
  // A child was written after its parent, and so goes before it.
  const newest = statement(
    store,
    `${DOWN} SELECT messages.seq, messages.id,
       (SELECT sum(octet_length(text)) FROM message_parts WHERE message_seq = messages.seq) AS bytes
     FROM down JOIN messages ON messages.id = down.id ORDER BY messages.seq DESC LIMIT @limit`,
  ).all({ id, limit: SLICE_MESSAGES }) as { seq: number; id: string; bytes: number | null }[];
  let bytes = 0;
  const fits = newest.filter((row, index) => {
    bytes += row.bytes ?? 0;
    return index === 0 || bytes <= SLICE_BYTES;
  });
  const named = statement(
    store,
    `SELECT DISTINCT part_files.sha256 FROM message_parts JOIN part_files ON part_files.part_seq = message_parts.seq
     WHERE message_parts.message_seq = ?`,
  );
  // A database that was mended may show a hidden message.
  const unshow = statement(store, 'UPDATE chats SET leaf_id = NULL WHERE leaf_id = ?');
  const remove = statement(store, 'DELETE FROM messages WHERE seq = ?');
  const files = new Set<string>();
  for (const row of fits) {
    for (const { sha256 } of named.all(row.seq) as { sha256: string }[]) files.add(sha256);
    unshow.run(row.id);
    remove.run(row.seq);
  }
  return { files: [...files], done: fits.some((row) => row.id === id) };
}
