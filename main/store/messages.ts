/** Messages as rows, and the full-text search over them. */
import type { Message, MessageStatus, SearchHit } from '../../preload/contract/chat.ts';
import { AppError, type ErrorBody } from '../../preload/wire/errors.ts';
import { statement, type Store } from './store.ts';

interface Row {
  id: string;
  chat_id: string;
  parent_id: string | null;
  role: Message['role'];
  content: string;
  reasoning: string;
  reasoning_ms: number | null;
  status: MessageStatus;
  error: string | null;
  model_id: string | null;
  model_name: string | null;
  sampling: string | null;
  timing: string | null;
  created_at: number;
}

const json = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T));
const text = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

function decode(row: Row): Message {
  return {
    id: row.id,
    chatId: row.chat_id,
    parentId: row.parent_id,
    role: row.role,
    content: row.content,
    reasoning: row.reasoning,
    reasoningMs: row.reasoning_ms,
    status: row.status,
    error: json<ErrorBody>(row.error),
    modelId: row.model_id,
    modelName: row.model_name,
    sampling: json<NonNullable<Message['sampling']>>(row.sampling),
    timing: json<NonNullable<Message['timing']>>(row.timing),
    createdAt: row.created_at,
  };
}

/** All messages of a chat in the order they were written. */
export function listMessages(store: Store, chatId: string): Message[] {
  return (statement(store, 'SELECT * FROM messages WHERE chat_id = ? ORDER BY seq').all(chatId) as Row[]).map(decode);
}

/** @throws AppError `not_found`. */
export function getMessage(store: Store, id: string): Message {
  const row = statement(store, 'SELECT * FROM messages WHERE id = ?').get(id) as Row | undefined;
  if (!row) throw new AppError('not_found', 'This message is no longer here.');
  return decode(row);
}

/** Messages from the first of a branch down to `id`, which is the last. */
export function pathTo(store: Store, id: string): Message[] {
  const rows = statement(
    store,
    `WITH RECURSIVE up (id, depth) AS (
       SELECT ?, 0 UNION ALL
       SELECT messages.parent_id, depth + 1 FROM up JOIN messages ON messages.id = up.id WHERE messages.parent_id IS NOT NULL
     )
     SELECT messages.* FROM up JOIN messages ON messages.id = up.id ORDER BY depth DESC`,
  ).all(id) as Row[];
  return rows.map(decode);
}

/** The newest leaf below `id` (or `id` itself), following the newest child each time. */
export function newestLeaf(store: Store, id: string): string {
  const child = statement(store, 'SELECT id FROM messages WHERE parent_id = ? ORDER BY seq DESC LIMIT 1');
  let leaf = id;
  for (
    let next = child.get(leaf) as { id: string } | undefined;
    next;
    next = child.get(leaf) as { id: string } | undefined
  )
    leaf = next.id;
  return leaf;
}

/** Inserts a message, or replaces what a reply may change of itself. */
export function putMessage(store: Store, message: Message): void {
  statement(
    store,
    `INSERT INTO messages (id, chat_id, parent_id, role, content, reasoning, reasoning_ms, status, error, model_id, model_name, sampling, timing, created_at)
     VALUES (@id, @chatId, @parentId, @role, @content, @reasoning, @reasoningMs, @status, @error, @modelId, @modelName, @sampling, @timing, @createdAt)
     ON CONFLICT (id) DO UPDATE SET content = excluded.content, reasoning = excluded.reasoning, reasoning_ms = excluded.reasoning_ms,
       status = excluded.status, error = excluded.error, model_name = excluded.model_name, sampling = excluded.sampling, timing = excluded.timing`,
  ).run({ ...message, error: text(message.error), sampling: text(message.sampling), timing: text(message.timing) });
}

/** Marks the replies that were being written when the app ended. Answers how many. */
export function markInterrupted(store: Store): number {
  return statement(store, `UPDATE messages SET status = 'interrupted' WHERE status IN ('pending', 'streaming')`).run()
    .changes;
}

/** U+2068 and U+2069 (isolates) mark hits: unlike tags they cannot be confused with text that looks like markup. */
const HIT_OPEN = '\u2068';
const HIT_CLOSE = '\u2069';

/** Messages with all words of `query` (the last as a beginning), best first, at most 50. Any text is a valid query. */
export function searchMessages(store: Store, query: string): SearchHit[] {
  const words = query.match(/[\p{L}\p{N}_]+/gu) ?? [];
  if (words.length === 0) return [];
  // Quoted, so that no word is read as an operator of the query language.
  const match = words.map((word, index) => `"${word}"${index === words.length - 1 ? '*' : ''}`).join(' ');
  return statement(
    store,
    `SELECT messages.chat_id AS chatId, chats.title AS chatTitle, messages.id AS messageId, messages.role AS role,
            snippet(messages_fts, 0, @open, @close, '…', 16) AS snippet, messages.created_at AS createdAt
     FROM messages_fts
     JOIN messages ON messages.seq = messages_fts.rowid
     JOIN chats ON chats.id = messages.chat_id
     WHERE messages_fts MATCH @match AND chats.deleted_at IS NULL
     ORDER BY rank LIMIT 50`,
  ).all({ match, open: HIT_OPEN, close: HIT_CLOSE }) as SearchHit[];
}
