/** Which states of chats (KV cache) lie on the disk. The files themselves are the chat module's. */
import { statement, type Store } from './store.ts';

export interface ChatStateRow {
  readonly chatId: string;
  /** Inside the folder of states. */
  readonly fileName: string;
  readonly sizeBytes: number;
  /** Of the engine that wrote it: a state is used by an equal one alone. */
  readonly engineKey: string;
  readonly tokenCount: number;
  readonly tokenHash: string;
  readonly lastUsedAt: number;
}

interface Row {
  chat_id: string;
  file_name: string;
  size_bytes: number;
  engine_key: string;
  token_count: number;
  token_hash: string;
  last_used_at: number;
}

function decode(row: Row): ChatStateRow {
  return {
    chatId: row.chat_id,
    fileName: row.file_name,
    sizeBytes: row.size_bytes,
    engineKey: row.engine_key,
    tokenCount: row.token_count,
    tokenHash: row.token_hash,
    lastUsedAt: row.last_used_at,
  };
}

/** The state of a chat; undefined when it has none. */
export function getChatState(store: Store, chatId: string): ChatStateRow | undefined {
  const row = statement(store, 'SELECT * FROM chat_states WHERE chat_id = ?').get(chatId) as Row | undefined;
  return row && decode(row);
}

/** All of them, what was used longest ago first. */
export function listChatStates(store: Store): ChatStateRow[] {
  return (statement(store, 'SELECT * FROM chat_states ORDER BY last_used_at').all() as Row[]).map(decode);
}

/** Inserts a chat's state, or replaces the one before. */
export function putChatState(store: Store, state: ChatStateRow): void {
  statement(
    store,
    `INSERT INTO chat_states (chat_id, file_name, size_bytes, engine_key, token_count, token_hash, last_used_at)
     VALUES (@chatId, @fileName, @sizeBytes, @engineKey, @tokenCount, @tokenHash, @lastUsedAt)
     ON CONFLICT (chat_id) DO UPDATE SET file_name = excluded.file_name, size_bytes = excluded.size_bytes,
       engine_key = excluded.engine_key, token_count = excluded.token_count, token_hash = excluded.token_hash,
       last_used_at = excluded.last_used_at`,
  ).run(state);
}

export function touchChatState(store: Store, chatId: string, at: number): void {
  statement(store, 'UPDATE chat_states SET last_used_at = ? WHERE chat_id = ?').run(at, chatId);
}

/** Rows whose chat is gone: a kill between two deletions leaves them. */
export function deleteOrphanedChatStates(store: Store): void {
  statement(store, 'DELETE FROM chat_states WHERE chat_id NOT IN (SELECT id FROM chats)').run();
}

export function deleteChatState(store: Store, chatId: string): void {
  statement(store, 'DELETE FROM chat_states WHERE chat_id = ?').run(chatId);
}
