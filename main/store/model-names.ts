/** The names that programs use for models. */
import { modelNameSchema, type ModelName } from '../../preload/contract/server.ts';
import { readJson } from './json.ts';
import { SELECT_MODEL_NAMES, type ModelNameRow } from './model-name-rows.ts';
import { statement, transaction, type Store } from './store.ts';

export interface StoredName {
  readonly definition: ModelName;
  readonly changedAt: number;
}

export interface ModelNameRecords {
  /** By name. One that cannot be read any more is left out. */
  list(): readonly StoredName[];
  /** Replaces one of the same name; upper and lower case are the same. @throws AppError `disk.full`. */
  save(definition: ModelName, changedAt: number): void;
  remove(name: string): boolean;
}

/** What the rows say, by name. One that cannot be read any more is left out. */
export const storedNamesOf = (rows: readonly ModelNameRow[]): readonly StoredName[] =>
  rows.flatMap((row) => {
    const definition = modelNameSchema.safeParse(readJson(row.definition)).data;
    return definition ? [{ definition, changedAt: row.changed_at }] : [];
  });

export function createModelNameRecords(store: Store): ModelNameRecords {
  return {
    list() {
      return storedNamesOf(statement(store, SELECT_MODEL_NAMES).all() as ModelNameRow[]);
    },
    save(definition, changedAt) {
      transaction(store, () =>
        statement(
          store,
          `INSERT INTO model_names (name, definition, changed_at) VALUES (?, ?, ?)
           ON CONFLICT (name) DO UPDATE SET name = excluded.name, definition = excluded.definition, changed_at = excluded.changed_at`,
        ).run(definition.name, JSON.stringify(definition), changedAt),
      );
    },
    remove: (name) =>
      transaction(store, () => statement(store, 'DELETE FROM model_names WHERE name = ?').run(name).changes > 0),
  };
}
