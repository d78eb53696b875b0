/** Messages and their parts as rows. */
import type { Message, MessageStatus, Timing } from '../../preload/contract/chat.ts';
import type { MessagePart } from '../../preload/contract/message-parts.ts';
import { AppError, type ErrorBody } from '../../preload/wire/errors.ts';
import { readJsonObject } from './json.ts';
import { statement, type Store } from './store.ts';
import { readTime } from './times.ts';

interface Row {
  seq: number;
  id: string;
  chat_id: string;
  parent_id: string | null;
  role: Message['role'];
  status: MessageStatus;
  error: string | null;
  model_id: string | null;
  model_name: string | null;
  sampling: string | null;
  timing: string | null;
  persona: string | null;
  created_at: number;
  edited: number;
  comparison: string | null;
}

interface PartRow {
  message_seq: number;
  type: MessagePart['type'];
  text: string | null;
  details: string | null;
}

const text = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

function decode(row: Row, parts: readonly MessagePart[]): Message {
  const persona = readJsonObject<NonNullable<Message['persona']>>(row.persona);
  return {
    id: row.id,
    chatId: row.chat_id,
    parentId: row.parent_id,
    role: row.role,
    parts,
    status: row.status,
    error: readJsonObject<ErrorBody>(row.error),
    modelId: row.model_id,
    modelName: row.model_name,
    sampling: readJsonObject<NonNullable<Message['sampling']>>(row.sampling),
    timing: decodeTiming(row.timing),
    createdAt: readTime(row.created_at),
    ...(row.edited === 1 ? { edited: true as const } : {}),
    ...(row.comparison === null ? {} : { comparison: row.comparison }),
    ...(persona && { persona }),
  };
}

/** Rows that were written before the rename have `guessedTokens` in place of `draftedTokens`. */
function decodeTiming(column: string | null): Message['timing'] {
  const timing = readJsonObject<Timing>(column);
  const speculation = timing?.speculation as (Timing['speculation'] & { guessedTokens?: number }) | undefined;
  if (!timing || speculation?.guessedTokens === undefined) return timing;
  const { guessedTokens: draftedTokens, ...rest } = speculation;
  return { ...timing, speculation: { ...rest, draftedTokens } };
}

/** Decodes a row of `encodePart`: none for a part that consists of details alone when they are unreadable. Only this file writes these rows. */
function decodePart({ type, text: words, details }: PartRow): MessagePart[] {
  const fields = readJsonObject<object>(details);
  if (type === 'reasoning') return [{ type, text: words ?? '', durationMs: null, ...fields }];
  if (type === 'text') return [{ type, text: words ?? '', ...fields }];
  return fields === null ? [] : [{ type, ...fields } as MessagePart];
}

function encodePart(part: MessagePart): { text: string | null; details: string | null } {
  switch (part.type) {
    case 'text':
      return { text: part.text, details: part.name === undefined ? null : JSON.stringify({ name: part.name }) };
    case 'reasoning':
      return { text: part.text, details: JSON.stringify({ durationMs: part.durationMs }) };
    case 'attachment':
    case 'image':
    case 'audio':
    case 'tool_call':
    case 'tool_result':
    case 'citation': {
      const { type: _type, ...details } = part;
      return { text: null, details: JSON.stringify(details) };
    }
    default:
      return part satisfies never;
  }
}

/** Joins messages with their parts, which must come in the order of the parts' positions. */
function assemble(rows: readonly Row[], partRows: readonly PartRow[]): Message[] {
  const parts = new Map<number, MessagePart[]>();
  for (const row of partRows) {
    const before = parts.get(row.message_seq);
    if (before) before.push(...decodePart(row));
    else parts.set(row.message_seq, decodePart(row));
  }
  return rows.map((row) => decode(row, parts.get(row.seq) ?? []));
}

const PART_COLUMNS = 'message_parts.message_seq, message_parts.type, message_parts.text, message_parts.details';

/** All messages of a chat in the order they were written, without deleted ones. */
export function listMessages(store: Store, chatId: string): Message[] {
  const rows = statement(store, 'SELECT * FROM messages WHERE chat_id = ? AND deleted_at IS NULL ORDER BY seq').all(
    chatId,
  ) as Row[];
  const partRows = statement(
    store,
    `SELECT ${PART_COLUMNS} FROM messages JOIN message_parts ON message_parts.message_seq = messages.seq
     WHERE messages.chat_id = ? AND messages.deleted_at IS NULL ORDER BY messages.seq, message_parts.position`,
  ).all(chatId) as PartRow[];
  return assemble(rows, partRows);
}

/** @throws AppError `not_found`, also for a message whose deletion can still be undone. */
export function getMessage(store: Store, id: string): Message {
  const row = statement(store, 'SELECT * FROM messages WHERE id = ? AND deleted_at IS NULL').get(id) as Row | undefined;
  if (!row) throw new AppError('not_found', 'This message is no longer here.');
  const partRows = statement(
    store,
    `SELECT ${PART_COLUMNS} FROM message_parts WHERE message_seq = ? ORDER BY position`,
  ).all(row.seq) as PartRow[];
  return decode(row, partRows.flatMap(decodePart));
}

/**
 * The chat, the id and the first reply of a stored question; null when no message has this id. @throws AppError `not_found` for another
 * message, or one of a deleted chat.
 */
export function findQuestion(store: Store, id: string): { chatId: string; messageId: string; replyId: string } | null {
  if (statement(store, 'SELECT 1 FROM messages WHERE id = ?').get(id) === undefined) return null;
  const found = statement(
    store,
    `SELECT question.chat_id AS chatId, question.id AS messageId, reply.id AS replyId
     FROM messages AS question
     JOIN messages AS reply ON reply.parent_id = question.id AND reply.role = 'assistant'
     JOIN chats ON chats.id = question.chat_id
     WHERE question.id = ? AND question.role = 'user' AND chats.deleted_at IS NULL AND question.deleted_at IS NULL
     ORDER BY reply.seq LIMIT 1`,
  ).get(id) as { chatId: string; messageId: string; replyId: string } | undefined;
  if (!found) throw new AppError('not_found', 'This message is no longer here.');
  return found;
}

const UP = `WITH RECURSIVE up (id, depth) AS (
  SELECT ?, 0 UNION ALL
  SELECT messages.parent_id, depth + 1 FROM up JOIN messages ON messages.id = up.id WHERE messages.parent_id IS NOT NULL
)`;

/** Messages from the first of a branch down to `id`, which is the last. */
export function pathTo(store: Store, id: string): Message[] {
  const rows = statement(
    store,
    `${UP} SELECT messages.* FROM up JOIN messages ON messages.id = up.id ORDER BY depth DESC`,
  ).all(id) as Row[];
  const partRows = statement(
    store,
    `${UP} SELECT ${PART_COLUMNS} FROM up JOIN messages ON messages.id = up.id
     JOIN message_parts ON message_parts.message_seq = messages.seq ORDER BY message_parts.position`,
  ).all(id) as PartRow[];
  return assemble(rows, partRows);
}

/** The newest leaf below `id` (or `id` itself), following the newest child each time. */
export function newestLeaf(store: Store, id: string): string {
  const child = statement(
    store,
    'SELECT id FROM messages WHERE parent_id = ? AND deleted_at IS NULL ORDER BY seq DESC LIMIT 1',
  );
  let leaf = id;
  for (
    let next = child.get(leaf) as { id: string } | undefined;
    next;
    next = child.get(leaf) as { id: string } | undefined
  )
    leaf = next.id;
  return leaf;
}

/** Whether the message exists, even if it is hidden. */
export function hasMessage(store: Store, id: string): boolean {
  return statement(store, 'SELECT 1 FROM messages WHERE id = ?').get(id) !== undefined;
}

/** Whether the message exists and is not hidden. */
export function isShownMessage(store: Store, id: string): boolean {
  return statement(store, 'SELECT 1 FROM messages WHERE id = ? AND deleted_at IS NULL').get(id) !== undefined;
}

/** The version that was written before this message, else the one after it; null where it has no other. */
export function neighborVersion(store: Store, { id, chatId, parentId }: Message): string | null {
  const row = statement(
    store,
    `SELECT other.id FROM messages AS other JOIN messages AS own ON own.id = @id
     WHERE other.chat_id = @chatId AND other.parent_id IS @parentId AND other.id <> @id AND other.deleted_at IS NULL
     ORDER BY other.seq > own.seq, abs(other.seq - own.seq) LIMIT 1`,
  ).get({ id, chatId, parentId });
  return (row as { id: string } | undefined)?.id ?? null;
}

/** Whether a reply is shown beside another one. */
export function isCompared(store: Store, { id, comparison }: Pick<Message, 'id' | 'comparison'>): boolean {
  if (comparison === undefined) return false;
  const other = statement(store, 'SELECT 1 FROM messages WHERE comparison = ? AND id <> ? AND deleted_at IS NULL');
  return other.get(comparison, id) !== undefined;
}

/** Ends a comparison, and returns the ids of its replies. */
export function endComparison(store: Store, comparison: string): string[] {
  const rows = statement(
    store,
    'UPDATE messages SET comparison = NULL WHERE comparison = ? AND deleted_at IS NULL RETURNING id',
  ).all(comparison) as { id: string }[];
  return rows.map(({ id }) => id);
}

/**
 * Inserts a message, or replaces the fields that change while a reply is written. Unchanged parts are not written again. Call it within
 * a transaction.
 */
export function putMessage(store: Store, message: Message): void {
  const { seq } = statement(
    store,
    `INSERT INTO messages (id, chat_id, parent_id, role, status, error, model_id, model_name, sampling, timing, persona, created_at,
       edited, comparison)
     VALUES (@id, @chatId, @parentId, @role, @status, @error, @modelId, @modelName, @sampling, @timing, @persona, @createdAt,
       @edited, @comparison)
     ON CONFLICT (id) DO UPDATE SET status = excluded.status, error = excluded.error, model_name = excluded.model_name,
       sampling = excluded.sampling, timing = excluded.timing
     RETURNING seq`,
  ).get({
    id: message.id,
    chatId: message.chatId,
    parentId: message.parentId,
    role: message.role,
    status: message.status,
    error: text(message.error),
    modelId: message.modelId,
    modelName: message.modelName,
    sampling: text(message.sampling),
    timing: text(message.timing),
    persona: text(message.persona ?? null),
    createdAt: message.createdAt,
    edited: message.edited ? 1 : 0,
    comparison: message.comparison ?? null,
  }) as { seq: number };
  const put = statement(
    store,
    `INSERT INTO message_parts (message_seq, position, type, text, details) VALUES (@seq, @position, @type, @text, @details)
     ON CONFLICT (message_seq, position) DO UPDATE SET type = excluded.type, text = excluded.text, details = excluded.details
     WHERE type <> excluded.type OR text IS NOT excluded.text OR details IS NOT excluded.details`,
  );
  message.parts.forEach((part, position) => put.run({ seq, position, type: part.type, ...encodePart(part) }));
  statement(store, 'DELETE FROM message_parts WHERE message_seq = ? AND position >= ?').run(seq, message.parts.length);
}

/** Marks the replies that were being written when the app ended. Returns their number. Writes nothing when there are none. */
export function markInterrupted(store: Store): number {
  const found = statement(store, `SELECT 1 FROM messages WHERE status IN ('pending', 'streaming') LIMIT 1`).get();
  if (found === undefined) return 0;
  return statement(store, `UPDATE messages SET status = 'interrupted' WHERE status IN ('pending', 'streaming')`).run()
    .changes;
}

/** The number of parts and personas that refer to a file, messages that wait included. */
export function countFileNames(store: Store, sha256: string): number {
  const row = statement(
    store,
    `SELECT (SELECT count(*) FROM part_files WHERE sha256 = @sha256)
       + (SELECT count(*) FROM personas WHERE picture_sha256 = @sha256)
       + (SELECT count(*) FROM queued_messages, json_tree(queued_messages.parts) AS named
          WHERE named.key = 'sha256' AND named.atom = @sha256) AS count`,
  ).get({ sha256 });
  return (row as { count: number }).count;
}
