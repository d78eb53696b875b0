/** The saved states of chats (KV cache). The files themselves belong to the chat module. */
import { statement, type Store } from './store.ts';

export interface ChatStateRow {
  readonly chatId: string;
  /** The file's name in the folder of states. */
  readonly fileName: string;
  readonly sizeBytes: number;
  /** Identifies model file, settings and build: a state can only be restored under the same key. */
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

/** All states, least recently used first. */
export function listChatStates(store: Store): ChatStateRow[] {
  return (statement(store, 'SELECT * FROM chat_states ORDER BY last_used_at').all() as Row[]).map(decode);
}

/** Inserts or replaces the state of a chat. */
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

/** Deletes rows whose chat does not exist: a process that is killed between two deletions leaves them. */
export function deleteOrphanedChatStates(store: Store): void {
  statement(store, 'DELETE FROM chat_states WHERE chat_id NOT IN (SELECT id FROM chats)').run();
}

export function deleteChatState(store: Store, chatId: string): void {
  statement(store, 'DELETE FROM chat_states WHERE chat_id = ?').run(chatId);
}
