/** The table of chats. */
import type { Chat } from '../../preload/contract/chat.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { readJsonObject } from './json.ts';
import { statement, type Store } from './store.ts';
import { readTime } from './times.ts';

/** A stored chat, without the facts that only a running app knows, and without its place in the list (`chat-order.ts`). */
export type ChatRow = Omit<Chat, 'busy' | 'usesModelId' | 'folderId' | 'archived' | 'tags'>;

interface Row {
  id: string;
  title: string;
  pinned: number;
  model_id: string | null;
  system_prompt: string;
  sampling: string | null;
  context_policy: Chat['contextPolicy'];
  leaf_id: string | null;
  persona_id: string | null;
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
    createdAt: readTime(row.created_at),
    updatedAt: readTime(row.updated_at),
    ...(row.persona_id !== null && { personaId: row.persona_id }),
  };
}

/** Chats that are not deleted, newest first. */
export function listChats(store: Store): ChatRow[] {
  const rows = statement(store, 'SELECT * FROM chats WHERE deleted_at IS NULL ORDER BY updated_at DESC').all() as Row[];
  return rows.map(decode);
}

/** The model of the chat that changed last; undefined without chats. */
export function newestChatModel(store: Store): string | null | undefined {
  const sql = 'SELECT model_id FROM chats WHERE deleted_at IS NULL ORDER BY updated_at DESC LIMIT 1';
  return (statement(store, sql).get() as { model_id: string | null } | undefined)?.model_id;
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

/** Whether the chat exists and is not hidden. */
export function isShown(store: Store, id: string): boolean {
  return statement(store, 'SELECT 1 FROM chats WHERE id = ? AND deleted_at IS NULL').get(id) !== undefined;
}

/** Inserts or replaces all of a chat's own fields. */
export function putChat(store: Store, chat: ChatRow): void {
  statement(
    store,
    `INSERT INTO chats (id, title, pinned, model_id, system_prompt, sampling, context_policy, leaf_id, persona_id, created_at, updated_at)
     VALUES (@id, @title, @pinned, @modelId, @systemPrompt, @sampling, @contextPolicy, @leafId, @personaId, @createdAt, @updatedAt)
     ON CONFLICT (id) DO UPDATE SET title = excluded.title, pinned = excluded.pinned, model_id = excluded.model_id,
       system_prompt = excluded.system_prompt, sampling = excluded.sampling,
       context_policy = excluded.context_policy, leaf_id = excluded.leaf_id, persona_id = excluded.persona_id,
       updated_at = excluded.updated_at`,
  ).run({
    ...chat,
    pinned: chat.pinned ? 1 : 0,
    personaId: chat.personaId ?? null,
    sampling: chat.sampling === null ? null : JSON.stringify(chat.sampling),
  });
}

/** Hides a chat (`at`), or shows it again (null). False when there is none. */
export function markChatDeleted(store: Store, id: string, at: number | null): boolean {
  return statement(store, 'UPDATE chats SET deleted_at = ? WHERE id = ?').run(at, id).changes > 0;
}

/** Hides many chats (`at`), or shows them again (null). */
export function markChatsDeleted(store: Store, ids: readonly string[], at: number | null): void {
  statement(store, 'UPDATE chats SET deleted_at = ? WHERE id IN (SELECT value FROM json_each(?))').run(
    at,
    JSON.stringify(ids),
  );
}

/** The ids of all chats that are not deleted, newest first. */
export function listChatIds(store: Store): string[] {
  return statement(
    store,
    'SELECT id FROM chats WHERE deleted_at IS NULL ORDER BY updated_at DESC, seq DESC',
    'values',
  ).all() as string[];
}

/** The chats that are hidden: what an earlier process had no time to delete for good. */
export function listHiddenChats(store: Store): string[] {
  const rows = statement(store, 'SELECT id FROM chats WHERE deleted_at IS NOT NULL').all() as { id: string }[];
  return rows.map(({ id }) => id);
}

/** Of one slice. The index of words takes some 30 µs for each word, and it is done on main's only thread. */
const SLICE_MESSAGES = 50;
const SLICE_BYTES = 20_000;

export interface PurgedSlice {
  /** The files that the messages of this slice named. */
  readonly files: readonly string[];
  /** The chat is gone, or was not hidden. */
  readonly done: boolean;
}

/**
 * Deletes a hidden chat for good, with its messages and their words in the index, one slice at each call: the newest messages, and
 * with the last of them the chat. To be called within a transaction.
 */
export function purgeSlice(store: Store, id: string): PurgedSlice {
  // The leaf points into the messages that go.
  const { changes } = statement(store, 'UPDATE chats SET leaf_id = NULL WHERE id = ? AND deleted_at IS NOT NULL').run(
    id,
  );
  if (changes === 0) return { files: [], done: true };
  // A child was written after its parent, and so goes before it.
  const newest = statement(
    store,
    `SELECT seq, (SELECT sum(octet_length(text)) FROM message_parts WHERE message_seq = messages.seq) AS bytes
     FROM messages WHERE chat_id = ? ORDER BY seq DESC LIMIT ?`,
  ).all(id, SLICE_MESSAGES) as { seq: number; bytes: number | null }[];
  let bytes = 0;
  const fits = newest.filter((row, index) => {
    bytes += row.bytes ?? 0;
    return index === 0 || bytes <= SLICE_BYTES;
  });
  const from = fits.at(-1)?.seq ?? 0;
  const named = statement(
    store,
    `SELECT DISTINCT part_files.sha256 FROM messages
     JOIN message_parts ON message_parts.message_seq = messages.seq
     JOIN part_files ON part_files.part_seq = message_parts.seq
     WHERE messages.chat_id = ? AND messages.seq >= ?`,
  ).all(id, from) as { sha256: string }[];
  statement(store, 'DELETE FROM messages WHERE chat_id = ? AND seq >= ?').run(id, from);
  const done = statement(store, 'SELECT 1 FROM messages WHERE chat_id = ?').get(id) === undefined;
  if (done) statement(store, 'DELETE FROM chats WHERE id = ?').run(id);
  return { files: named.map(({ sha256 }) => sha256), done };
}
