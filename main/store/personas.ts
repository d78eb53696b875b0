/** The tables of personas, presets of sampling, defaults of models, and lorebooks. */
import type { z } from 'zod';
import {
  lorebookDefinitionSchema,
  modelDefaultsSchema,
  personaDefinitionSchema,
  presetSchema,
  type Lorebook,
  type ModelDefaults,
  type Persona,
  type Picture,
  type SamplingPreset,
} from '../../preload/contract/personas.ts';
import { readJson } from './json.ts';
import { statement, transaction, type Store } from './store.ts';

/** The tables whose rows are hidden first and deleted later. */
export type DeletableTable = 'personas' | 'lorebooks' | 'sampling_presets';

interface Row {
  readonly id: string;
  readonly definition: string;
  readonly changed_at: number;
}
interface PersonaRow extends Row {
  readonly picture_sha256: string | null;
  readonly picture_width: number | null;
  readonly picture_height: number | null;
}

export interface PersonaRecords {
  /** Those that are not hidden, in the order they were added. One that cannot be read any more is left out. */
  personas(): readonly Persona[];
  lorebooks(): readonly Lorebook[];
  /** The user's own, without those that come with the app. */
  presets(): readonly SamplingPreset[];
  modelDefaults(): readonly ModelDefaults[];
  putPersona(persona: Persona): void;
  putLorebook(lorebook: Lorebook): void;
  putPreset(preset: Pick<SamplingPreset, 'id' | 'name' | 'sampling'>, changedAt: number): void;
  /** Null removes them. */
  setModelDefaults(modelId: string, defaults: ModelDefaults | null, changedAt: number): void;
  /** Hides a row (`at`), or shows it again (null). False where there is none. */
  markDeleted(table: DeletableTable, id: string, at: number | null): boolean;
  /** Deletes the hidden rows with this id, or all of them. Returns the pictures that they named. */
  purge(table: DeletableTable, id?: string): readonly string[];
}

/** The records of a store. Every write is whole or not at all. @throws AppError `disk.full` and others of the store. */
export function createPersonaRecords(store: Store): PersonaRecords {
  const rows = <T extends Row>(table: DeletableTable): T[] =>
    statement(store, `SELECT * FROM ${table} WHERE deleted_at IS NULL ORDER BY rowid`).all() as T[];

  function put(table: DeletableTable, { id, definition, changed_at }: Row): void {
    statement(
      store,
      `INSERT INTO ${table} (id, definition, changed_at) VALUES (?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET definition = excluded.definition, changed_at = excluded.changed_at`,
    ).run(id, definition, changed_at);
  }

  return {
    personas: () =>
      rows<PersonaRow>('personas').flatMap((row) =>
        read(personaDefinitionSchema, row, (definition) => ({ ...definition, picture: pictureOf(row) })),
      ),
    lorebooks: () =>
      rows('lorebooks').flatMap((row) => read(lorebookDefinitionSchema, row, (definition) => definition)),
    presets: () =>
      rows('sampling_presets').flatMap((row) => read(presetSchema, row, (preset) => ({ ...preset, builtIn: false }))),
    modelDefaults: () =>
      (
        statement(store, 'SELECT model_id AS id, definition FROM model_defaults ORDER BY model_id').all() as Row[]
      ).flatMap(({ definition }) => modelDefaultsSchema.safeParse(readJson(definition)).data ?? []),

    putPersona({ id, changedAt, picture, ...definition }) {
      transaction(store, () => {
        put('personas', { id, definition: JSON.stringify(definition), changed_at: changedAt });
        statement(
          store,
          'UPDATE personas SET picture_sha256 = ?, picture_width = ?, picture_height = ? WHERE id = ?',
        ).run(picture?.sha256 ?? null, picture?.width ?? null, picture?.height ?? null, id);
      });
    },
    putLorebook({ id, changedAt, ...definition }) {
      transaction(store, () => put('lorebooks', { id, definition: JSON.stringify(definition), changed_at: changedAt }));
    },
    putPreset({ id, ...preset }, changedAt) {
      transaction(store, () =>
        put('sampling_presets', { id, definition: JSON.stringify(preset), changed_at: changedAt }),
      );
    },
    setModelDefaults(modelId, defaults, changedAt) {
      transaction(store, () => {
        if (defaults === null) statement(store, 'DELETE FROM model_defaults WHERE model_id = ?').run(modelId);
        else
          statement(
            store,
            `INSERT INTO model_defaults (model_id, definition, changed_at) VALUES (?, ?, ?)
             ON CONFLICT (model_id) DO UPDATE SET definition = excluded.definition, changed_at = excluded.changed_at`,
          ).run(modelId, JSON.stringify(defaults), changedAt);
      });
    },

    markDeleted: (table, id, at) =>
      transaction(
        store,
        () => statement(store, `UPDATE ${table} SET deleted_at = ? WHERE id = ?`).run(at, id).changes > 0,
      ),

    purge(table, id) {
      return transaction(store, () => {
        const which = id === undefined ? 'deleted_at IS NOT NULL' : 'deleted_at IS NOT NULL AND id = ?';
        const values = id === undefined ? [] : [id];
        const pictures =
          table === 'personas'
            ? (statement(store, `SELECT picture_sha256 FROM personas WHERE ${which}`, 'values').all(...values) as (
                string | null
              )[])
            : [];
        if (table === 'personas')
          statement(
            store,
            `UPDATE chats SET persona_id = NULL WHERE persona_id IN (SELECT id FROM personas WHERE ${which})`,
          ).run(...values);
        statement(store, `DELETE FROM ${table} WHERE ${which}`).run(...values);
        return pictures.filter((picture) => picture !== null);
      });
    },
  };
}

/** The row with its definition, or none where that cannot be read any more. */
function read<Definition, Value>(
  schema: z.ZodType<Definition>,
  row: Row,
  valueOf: (definition: Definition) => Value,
): (Value & { readonly id: string; readonly changedAt: number })[] {
  const { data } = schema.safeParse(readJson(row.definition));
  return data === undefined ? [] : [{ ...valueOf(data), id: row.id, changedAt: row.changed_at }];
}

function pictureOf({
  picture_sha256: sha256,
  picture_width: width,
  picture_height: height,
}: PersonaRow): Picture | null {
  return sha256 === null || width === null || height === null ? null : { sha256, width, height };
}
