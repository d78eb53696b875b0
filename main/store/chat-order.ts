/** Where chats stand in the list: folders, tags, the archive. And who wrote their titles. */
import { randomUUID } from 'node:crypto';
import type { ChatFolder } from '../../preload/contract/chat-order.ts';
import type { ChatSummary } from '../../preload/contract/chat.ts';
import { statement, type Store } from './store.ts';
import { readTime } from './times.ts';

/** A chat as the list shows it, without the facts that only a running app knows. */
export type ListedChat = Omit<ChatSummary, 'busy' | 'usesModelId'>;
/** The place of a chat in the list. */
export type ChatPlace = Pick<ChatSummary, 'folderId' | 'archived' | 'tags'>;
/** Who wrote a title: the first words of the chat, a model, or the user. `unknown`: it is of an earlier version. */
export type TitleBy = 'unknown' | 'words' | 'model' | 'user';

interface Row {
  id: string;
  title: string;
  pinned: number;
  model_id: string | null;
  created_at: number;
  updated_at: number;
  folder_id: string | null;
  archived: number;
}

// Without the system prompt, which may be long. A folder whose deletion can still be undone is none.
const LISTED = `SELECT id, title, pinned, model_id, created_at, updated_at, archived,
    CASE WHEN folder_id IN (SELECT id FROM chat_folders WHERE deleted_at IS NULL) THEN folder_id END AS folder_id
  FROM chats WHERE deleted_at IS NULL`;
const noTags: readonly string[] = [];

const decode = (row: Row, tags: readonly string[]): ListedChat => ({
  id: row.id,
  title: row.title,
  pinned: row.pinned === 1,
  modelId: row.model_id,
  createdAt: readTime(row.created_at),
  updatedAt: readTime(row.updated_at),
  folderId: row.folder_id,
  archived: row.archived === 1,
  tags,
});

/** Chats that are not deleted, newest first. */
export function listedChats(store: Store): ListedChat[] {
  const tags = Map.groupBy(
    statement(store, 'SELECT chat_id AS chatId, tag FROM chat_tags ORDER BY tag').all() as {
      chatId: string;
      tag: string;
    }[],
    ({ chatId }) => chatId,
  );
  const rows = statement(store, `${LISTED} ORDER BY updated_at DESC`).all() as Row[];
  return rows.map((row) => decode(row, tags.get(row.id)?.map(({ tag }) => tag) ?? noTags));
}

const tagsOf = (store: Store, chatId: string): string[] =>
  statement(store, 'SELECT tag FROM chat_tags WHERE chat_id = ? ORDER BY tag', 'values').all(chatId) as string[];

/** One chat as the list shows it; undefined for one that is gone or hidden. */
export function listedChat(store: Store, id: string): ListedChat | undefined {
  const row = statement(store, `${LISTED} AND id = ?`).get(id) as Row | undefined;
  return row && decode(row, tagsOf(store, id));
}

/** What `place` gives of the chat's place; the rest stays. Call it within a transaction. */
export function placeChat(store: Store, id: string, place: Partial<ChatPlace> & { readonly pinned?: boolean }): void {
  const { folderId, archived, pinned, tags } = place;
  if (folderId !== undefined) statement(store, 'UPDATE chats SET folder_id = ? WHERE id = ?').run(folderId, id);
  if (archived !== undefined) statement(store, 'UPDATE chats SET archived = ? WHERE id = ?').run(archived ? 1 : 0, id);
  if (pinned !== undefined) statement(store, 'UPDATE chats SET pinned = ? WHERE id = ?').run(pinned ? 1 : 0, id);
  if (tags === undefined) return;
  statement(store, 'DELETE FROM chat_tags WHERE chat_id = ?').run(id);
  const add = statement(store, 'INSERT INTO chat_tags (chat_id, tag) VALUES (?, ?)');
  for (const tag of tags) add.run(id, tag);
}

/** Every tag that a chat has, hidden chats included. */
export function listTags(store: Store): string[] {
  return statement(store, 'SELECT DISTINCT tag FROM chat_tags ORDER BY tag', 'values').all() as string[];
}

/** The folders that are not deleted, in the order in which they were made. */
export function listFolders(store: Store): ChatFolder[] {
  return statement(
    store,
    'SELECT id, name FROM chat_folders WHERE deleted_at IS NULL ORDER BY created_at, rowid',
  ).all() as ChatFolder[];
}

/** Adds a folder and returns its id. */
export function addFolder(store: Store, name: string, at: number): string {
  const id = randomUUID();
  statement(store, 'INSERT INTO chat_folders (id, name, created_at) VALUES (?, ?, ?)').run(id, name, at);
  return id;
}

/** False when there is no such folder. */
export function renameFolder(store: Store, id: string, name: string): boolean {
  return (
    statement(store, 'UPDATE chat_folders SET name = ? WHERE id = ? AND deleted_at IS NULL').run(name, id).changes > 0
  );
}

/** Hides a folder (`at`), or shows it again (null). False when it is so already, or there is none. */
export function markFolderDeleted(store: Store, id: string, at: number | null): boolean {
  const sql = 'UPDATE chat_folders SET deleted_at = ? WHERE id = ? AND (deleted_at IS NULL) = ?';
  return statement(store, sql).run(at, id, at === null ? 0 : 1).changes > 0;
}

/** Deletes hidden folders for good; their chats are then in none. Without `id` all of them. */
export function purgeFolders(store: Store, id?: string): void {
  statement(store, 'DELETE FROM chat_folders WHERE deleted_at IS NOT NULL AND id = coalesce(?, id)').run(id ?? null);
}

export function titleBy(store: Store, id: string): TitleBy {
  return (statement(store, 'SELECT title_by FROM chats WHERE id = ?', 'values').get(id) ?? 'unknown') as TitleBy;
}

export function setTitleBy(store: Store, id: string, by: TitleBy): void {
  statement(store, 'UPDATE chats SET title_by = ? WHERE id = ?').run(by, id);
}

/** The chats in a folder, that are not deleted. */
export function chatsIn(store: Store, folderId: string): string[] {
  return statement(store, 'SELECT id FROM chats WHERE folder_id = ? AND deleted_at IS NULL', 'values').all(
    folderId,
  ) as string[];
}
