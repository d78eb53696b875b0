/** The table of chats. */
import type { Chat } from '../../preload/contract/chat.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { readJsonObject } from './json.ts';
import { statement, type Store } from './store.ts';

/** A stored chat, without the facts that only a running app knows. */
export type ChatRow = Omit<Chat, 'busy' | 'usesModelId'>;

interface Row {
  id: string;
  title: string;
  pinned: number;
  model_id: string | null;
  system_prompt: string;
  sampling: string | null;
  context_policy: Chat['contextPolicy'];
  leaf_id: string | null;
  created_at: number;
  updated_at: number;
}

function decode(row: Row): ChatRow {
  return {
    id: row.id,
    title: row.title,
    pinned: row.pinned === 1,
    modelId: row.model_id,
    systemPrompt: row.system_prompt,
    sampling: readJsonObject<NonNullable<Chat['sampling']>>(row.sampling),
    contextPolicy: row.context_policy,
    leafId: row.leaf_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Chats that are not deleted, newest first. */
export function listChats(store: Store): ChatRow[] {
  const rows = statement(store, 'SELECT * FROM chats WHERE deleted_at IS NULL ORDER BY updated_at DESC').all() as Row[];
  return rows.map(decode);
}

/** @throws AppError `not_found`, also for a chat whose deletion can still be undone. */
export function getChat(store: Store, id: string): ChatRow {
  const row = statement(store, 'SELECT * FROM chats WHERE id = ? AND deleted_at IS NULL').get(id) as Row | undefined;
  if (!row) throw new AppError('not_found', 'This chat is no longer here.');
  return decode(row);
}

/** Whether the chat exists, even if it is hidden. */
export function hasChat(store: Store, id: string): boolean {
  return statement(store, 'SELECT 1 FROM chats WHERE id = ?').get(id) !== undefined;
}

/** Inserts or replaces all of a chat's own fields. */
export function putChat(store: Store, chat: ChatRow): void {
  statement(
    store,
    `INSERT INTO chats (id, title, pinned, model_id, system_prompt, sampling, context_policy, leaf_id, created_at, updated_at)
     VALUES (@id, @title, @pinned, @modelId, @systemPrompt, @sampling, @contextPolicy, @leafId, @createdAt, @updatedAt)
     ON CONFLICT (id) DO UPDATE SET title = excluded.title, pinned = excluded.pinned, model_id = excluded.model_id,
       system_prompt = excluded.system_prompt, sampling = excluded.sampling,
       context_policy = excluded.context_policy, leaf_id = excluded.leaf_id, updated_at = excluded.updated_at`,
  ).run({
    ...chat,
    pinned: chat.pinned ? 1 : 0,
    sampling: chat.sampling === null ? null : JSON.stringify(chat.sampling),
  });
}

/** Hides a chat (`at`), or shows it again (null). False when there is none. */
export function markChatDeleted(store: Store, id: string, at: number | null): boolean {
  return statement(store, 'UPDATE chats SET deleted_at = ? WHERE id = ?').run(at, id).changes > 0;
}

/** Deletes one hidden chat or all of them, with their messages and index entries. Returns their ids. */
export function purgeChats(store: Store, id?: string): string[] {
  const one = id ?? null;
  const hidden = statement(store, 'SELECT id FROM chats WHERE deleted_at IS NOT NULL AND id = coalesce(?, id)');
  const ids = (hidden.all(one) as { id: string }[]).map((row) => row.id);
  if (ids.length === 0) return [];
  // The leaf refers to a message of the chat, which is deleted first.
  statement(store, 'UPDATE chats SET leaf_id = NULL WHERE deleted_at IS NOT NULL AND id = coalesce(?, id)').run(one);
  statement(store, 'DELETE FROM chats WHERE deleted_at IS NOT NULL AND id = coalesce(?, id)').run(one);
  return ids;
}
