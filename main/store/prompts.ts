/** The prompts of the library as rows. */
import type { Prompt, PromptSummary } from '../../preload/contract/prompts.ts';
import { statement, transaction, type Store } from './store.ts';
import { readTime } from './times.ts';

export interface StoredPrompt extends Prompt {
  readonly changedAt: number;
}

export interface PromptRecords {
  /** By name. */
  list(): readonly PromptSummary[];
  all(): readonly StoredPrompt[];
  find(id: string): StoredPrompt | undefined;
  /** The prompt with a name; upper and lower case are the same. */
  named(name: string): StoredPrompt | undefined;
  count(): number;
  /** Adds prompts, or replaces those with their ids, all or none. @throws AppError `disk.full`. */
  put(prompts: readonly StoredPrompt[]): void;
  /** @throws AppError `disk.full`. */
  remove(ids: readonly string[]): void;
}

const BEGINNING_LENGTH = 160;
const COLUMNS = 'id, name, description, text, changed_at AS changedAt';

const withTime = (row: StoredPrompt): StoredPrompt => ({ ...row, changedAt: readTime(row.changedAt) });

export function createPromptRecords(store: Store): PromptRecords {
  const one = (sql: string, value: string): StoredPrompt | undefined => {
    const row = statement(store, sql).get(value) as StoredPrompt | undefined;
    return row && withTime(row);
  };
  return {
    list() {
      const rows = statement(
        store,
        `SELECT id, name, description, substr(text, 1, ${BEGINNING_LENGTH}) AS beginning, changed_at AS changedAt
         FROM prompts ORDER BY name`,
      ).all() as PromptSummary[];
      return rows.map((row) => ({
        ...{ ...row, changedAt: readTime(row.changedAt) },
        beginning: row.beginning.replace(/\s+/g, ' ').trim(),
      }));
    },
    all: () => (statement(store, `SELECT ${COLUMNS} FROM prompts ORDER BY name`).all() as StoredPrompt[]).map(withTime),
    find: (id) => one(`SELECT ${COLUMNS} FROM prompts WHERE id = ?`, id),
    named: (name) => one(`SELECT ${COLUMNS} FROM prompts WHERE name = ?`, name),
    count: () => statement(store, 'SELECT count(*) FROM prompts', 'values').get() as number,
    put(prompts) {
      transaction(store, () => {
        const put = statement(
          store,
          `INSERT INTO prompts (id, name, description, text, changed_at) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET name = excluded.name, description = excluded.description, text = excluded.text,
             changed_at = excluded.changed_at`,
        );
        for (const { id, name, description, text, changedAt } of prompts)
          put.run(id, name, description, text, changedAt);
      });
    },
    remove(ids) {
      transaction(store, () => {
        const remove = statement(store, 'DELETE FROM prompts WHERE id = ?');
        for (const id of ids) remove.run(id);
      });
    },
  };
}
