/** The table of imported chats: which import brought each, and the digest by which a second import knows it. */
import { statement, type Store } from './store.ts';

export interface ChatOrigin {
  readonly chatId: string;
  readonly importId: string;
  readonly digest: string;
  readonly updatedAt: number;
}

/** Call it within the transaction that stores the chat. */
export function putChatOrigin(store: Store, origin: ChatOrigin): void {
  statement(
    store,
    'INSERT INTO chat_origins (chat_id, import_id, digest, updated_at) VALUES (@chatId, @importId, @digest, @updatedAt)',
  ).run(origin);
}

/** Whether a chat that is not hidden came with these words. */
export function hasOrigin(store: Store, digest: string): boolean {
  const row = statement(
    store,
    `SELECT 1 FROM chat_origins JOIN chats ON chats.id = chat_origins.chat_id
     WHERE chat_origins.digest = ? AND chats.deleted_at IS NULL LIMIT 1`,
  ).get(digest);
  return row !== undefined;
}

/** The shown chats of an import, and whether each is as it came. */
export function listImported(
  store: Store,
  importId: string,
): { readonly chatId: string; readonly isUnchanged: boolean }[] {
  const rows = statement(
    store,
    `SELECT chats.id AS chatId, chats.updated_at = chat_origins.updated_at AS isUnchanged
     FROM chat_origins JOIN chats ON chats.id = chat_origins.chat_id
     WHERE chat_origins.import_id = ? AND chats.deleted_at IS NULL`,
  ).all(importId) as { chatId: string; isUnchanged: number }[];
  return rows.map(({ chatId, isUnchanged }) => ({ chatId, isUnchanged: isUnchanged === 1 }));
}
