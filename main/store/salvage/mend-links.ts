/** Mends what rows refer to in a salvaged database, where other rows were lost. */
import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';

/** The title of the chat for texts whose message was lost. It is the user's data from here on, and may be changed. */
const LOOSE_TEXTS_TITLE = 'Salvaged texts';

/** Leaves no row that refers to a missing one. Messages without their chat, and texts without their message, get new ones. */
export function mendLinks(database: Database): void {
  const hasTable = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").pluck();
  if (hasTable.get('messages') !== undefined) {
    if (hasTable.get('message_parts') !== undefined) giveMessages(database);
    database.exec(`
      INSERT INTO chats (id, title, created_at, updated_at)
        SELECT chat_id, '', min(created_at), max(created_at) FROM messages
        WHERE chat_id NOT IN (SELECT id FROM chats) GROUP BY chat_id;
      -- The message before it, so that a chat is read in one go across what is missing.
      UPDATE messages SET parent_id = (
          SELECT earlier.id FROM messages AS earlier
          WHERE earlier.chat_id = messages.chat_id AND earlier.seq < messages.seq ORDER BY earlier.seq DESC LIMIT 1
        )
        WHERE parent_id IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM messages AS parent
          WHERE parent.id = messages.parent_id AND parent.chat_id = messages.chat_id AND parent.seq < messages.seq
        );
      UPDATE chats SET leaf_id = (SELECT id FROM messages WHERE chat_id = chats.id ORDER BY seq DESC LIMIT 1)
        WHERE leaf_id IS NULL
          OR NOT EXISTS (SELECT 1 FROM messages WHERE messages.id = chats.leaf_id AND messages.chat_id = chats.id);
    `);
  }
  // All other rows are of no use without what they refer to: lines of jobs, states of chats.
  const dangling = database.pragma('foreign_key_check') as { readonly table: string; readonly rowid: number | null }[];
  for (const { table, rowid } of dangling)
    if (rowid !== null) database.prepare(`DELETE FROM "${table}" WHERE rowid = ?`).run(rowid);
}

/** One chat with a message for each text whose message was lost, in their order. */
function giveMessages(database: Database): void {
  const loose = database
    .prepare(
      'SELECT DISTINCT message_seq FROM message_parts WHERE message_seq NOT IN (SELECT seq FROM messages) ORDER BY 1',
    )
    .pluck()
    .all() as number[];
  if (loose.length === 0) return;
  const chatId = randomUUID();
  const now = Date.now();
  database
    .prepare('INSERT INTO chats (id, title, created_at, updated_at) VALUES (?, ?, ?, ?)')
    .run(chatId, LOOSE_TEXTS_TITLE, now, now);
  const insert = database.prepare(
    "INSERT INTO messages (seq, id, chat_id, parent_id, role, status, created_at) VALUES (?, ?, ?, ?, 'user', 'complete', ?)",
  );
  let parent: string | null = null;
  for (const seq of loose) {
    const id = randomUUID();
    insert.run(seq, id, chatId, parent, now);
    parent = id;
  }
}
