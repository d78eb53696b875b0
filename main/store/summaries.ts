/** Summaries of conversations, and what the user chose for the memory of a chat. */
import type { ConversationSummary } from '../../preload/contract/memory.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { statement, type Store } from './store.ts';
import { readTime } from './times.ts';

export interface SummaryRow extends ConversationSummary {
  readonly chatId: string;
  readonly createdAt: number;
}

interface Row {
  id: string;
  chat_id: string;
  until_message_id: string;
  text: string;
  source: ConversationSummary['source'];
  is_on: number;
  model_name: string | null;
  created_at: number;
  updated_at: number;
}

const decode = (row: Row): SummaryRow => ({
  id: row.id,
  chatId: row.chat_id,
  untilMessageId: row.until_message_id,
  text: row.text,
  source: row.source,
  isOn: row.is_on === 1,
  modelName: row.model_name,
  createdAt: readTime(row.created_at),
  updatedAt: readTime(row.updated_at),
});

/** The summaries of a chat in the order in which they were made. */
export function listSummaries(store: Store, chatId: string): SummaryRow[] {
  const rows = statement(
    store,
    'SELECT * FROM conversation_summaries WHERE chat_id = ? ORDER BY created_at, rowid',
  ).all(chatId) as Row[];
  return rows.map(decode);
}

/** @throws AppError `not_found`. */
export function getSummary(store: Store, id: string): SummaryRow {
  const row = statement(store, 'SELECT * FROM conversation_summaries WHERE id = ?').get(id) as Row | undefined;
  if (!row) throw new AppError('not_found', 'This summary is no longer here.');
  return decode(row);
}

/** Inserts a summary, or replaces its text, its source and whether it is on. */
export function putSummary(store: Store, row: SummaryRow): void {
  statement(
    store,
    `INSERT INTO conversation_summaries (id, chat_id, until_message_id, text, source, is_on, model_name, created_at, updated_at)
     VALUES (@id, @chatId, @untilMessageId, @text, @source, @isOn, @modelName, @createdAt, @updatedAt)
     ON CONFLICT (id) DO UPDATE SET text = excluded.text, source = excluded.source, is_on = excluded.is_on,
       updated_at = excluded.updated_at`,
  ).run({ ...row, isOn: Number(row.isOn) });
}

export function deleteSummary(store: Store, id: string): void {
  statement(store, 'DELETE FROM conversation_summaries WHERE id = ?').run(id);
}

export interface MemoryChoice {
  readonly automatic: boolean;
  readonly findsAgain: boolean;
}

/** What the user chose for the chat; undefined for the defaults. */
export function getMemoryChoice(store: Store, chatId: string): MemoryChoice | undefined {
  const row = statement(store, 'SELECT automatic, finds_again FROM chat_memory WHERE chat_id = ?').get(chatId) as
    { automatic: number; finds_again: number } | undefined;
  return row && { automatic: row.automatic === 1, findsAgain: row.finds_again === 1 };
}

export function putMemoryChoice(store: Store, chatId: string, { automatic, findsAgain }: MemoryChoice): void {
  statement(
    store,
    `INSERT INTO chat_memory (chat_id, automatic, finds_again) VALUES (?, ?, ?)
     ON CONFLICT (chat_id) DO UPDATE SET automatic = excluded.automatic, finds_again = excluded.finds_again`,
  ).run(chatId, Number(automatic), Number(findsAgain));
}
