/** The tables of the notebook: documents and the edits of their texts. */
import type { NotebookDocument, TextChange } from '../../preload/contract/notebook.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { readJson, readJsonObject } from './json.ts';
import { statement, type Store } from './store.ts';
import { readTime } from './times.ts';

interface Row {
  readonly id: string;
  readonly title: string;
  readonly model_id: string | null;
  readonly sampling: string | null;
  readonly beginning: string;
  readonly created_at: number;
  readonly updated_at: number;
}

/** A stored text, and the edits that are not in it yet, oldest first. */
export interface StoredText {
  readonly text: string;
  readonly textVersion: number;
  readonly edits: readonly (readonly TextChange[])[];
}

export interface StoredEdit {
  readonly documentId: string;
  /** The version after the edit. */
  readonly version: number;
  readonly editId: string;
  readonly changes: readonly TextChange[];
  readonly beginning: string;
  readonly at: number;
}

/** Edits that stay once they are in the text, by which a window learns that its edit arrived. */
const KEPT_EDITS = 64;

const FACTS = 'id, title, model_id, sampling, beginning, created_at, updated_at';

function decode(row: Row): NotebookDocument {
  return {
    ...{ id: row.id, title: row.title, beginning: row.beginning, modelId: row.model_id },
    sampling: readJsonObject<NonNullable<NotebookDocument['sampling']>>(row.sampling),
    createdAt: readTime(row.created_at),
    updatedAt: readTime(row.updated_at),
  };
}

/** Documents that are not deleted, the last changed first. */
export function listDocuments(store: Store): NotebookDocument[] {
  const rows = statement(
    store,
    `SELECT ${FACTS} FROM notebook_documents WHERE deleted_at IS NULL ORDER BY updated_at DESC, id`,
  ).all() as Row[];
  return rows.map(decode);
}

/** @throws AppError `not_found`, also for a document whose deletion can still be undone. */
export function getDocument(store: Store, id: string): NotebookDocument {
  const row = statement(store, `SELECT ${FACTS} FROM notebook_documents WHERE id = ? AND deleted_at IS NULL`).get(
    id,
  ) as Row | undefined;
  if (!row) throw new AppError('not_found', 'This document is no longer here.', { reason: 'document' });
  return decode(row);
}

/** Adds a document with its text, at version 0. */
export function addDocument(store: Store, document: NotebookDocument, text: string): void {
  statement(
    store,
    `INSERT INTO notebook_documents (id, title, model_id, sampling, beginning, created_at, updated_at)
     VALUES (@id, @title, @modelId, @sampling, @beginning, @createdAt, @updatedAt)`,
  ).run({ ...document, sampling: encoded(document.sampling) });
  statement(store, 'INSERT INTO notebook_texts (document_id, text, version) VALUES (?, ?, 0)').run(document.id, text);
}

/** Stores the title, the model and the sampling. */
export function putDocumentFacts(store: Store, { id, title, modelId, sampling }: NotebookDocument): void {
  statement(store, 'UPDATE notebook_documents SET title = ?, model_id = ?, sampling = ? WHERE id = ?').run(
    ...[title, modelId, encoded(sampling), id],
  );
}

const encoded = (sampling: NotebookDocument['sampling']): string | null =>
  sampling === null ? null : JSON.stringify(sampling);

/**
 * An edit that is lost or cannot be read ends the list: those after it have their places in a text that nobody knows.
 * @throws AppError `not_found`.
 */
export function readText(store: Store, id: string): StoredText {
  getDocument(store, id);
  const row = statement(store, 'SELECT text, version AS textVersion FROM notebook_texts WHERE document_id = ?').get(
    id,
  ) as Pick<StoredText, 'text' | 'textVersion'> | undefined;
  // A damaged disk may have taken the text and left the edits, which have their places in it.
  if (!row) return { text: '', textVersion: 0, edits: [] };
  const rows = statement(
    store,
    'SELECT version, changes FROM notebook_edits WHERE document_id = ? AND version > ? ORDER BY version',
  ).all(id, row.textVersion) as { version: number; changes: string }[];
  const edits: (readonly TextChange[])[] = [];
  for (const { version, changes: column } of rows) {
    const changes = readJson(column);
    if (!Array.isArray(changes) || version !== row.textVersion + edits.length + 1) break;
    edits.push(changes as TextChange[]);
  }
  return { ...row, edits };
}

/** The ids of the last edits, oldest first. */
export function recentEditIds(store: Store, id: string): string[] {
  const ids = statement(
    store,
    'SELECT edit_id FROM notebook_edits WHERE document_id = ? ORDER BY version DESC LIMIT ?',
    'values',
  ).all(id, KEPT_EDITS) as string[];
  return ids.reverse();
}

/** Adds an edit. It takes the place of one that could not be read. */
export function addEdit(store: Store, edit: StoredEdit): void {
  const { documentId, version, editId, changes, beginning, at } = edit;
  statement(
    store,
    'INSERT OR REPLACE INTO notebook_edits (document_id, version, edit_id, changes) VALUES (?, ?, ?, ?)',
  ).run(...[documentId, version, editId, JSON.stringify(changes)]);
  statement(store, 'UPDATE notebook_documents SET beginning = ?, updated_at = ? WHERE id = ?').run(
    ...[beginning, at, documentId],
  );
}

/** Writes the whole text, which is that of `version`, and drops older edits that are in it. */
export function writeText(store: Store, id: string, text: string, version: number): void {
  statement(store, 'INSERT OR REPLACE INTO notebook_texts (document_id, text, version) VALUES (?, ?, ?)').run(
    ...[id, text, version],
  );
  statement(store, 'DELETE FROM notebook_edits WHERE document_id = ? AND (version <= ? OR version > ?)').run(
    ...[id, version - KEPT_EDITS, version],
  );
}

/** Hides a document (`at`), or shows it again (null). False when there is none. */
export function markDocumentDeleted(store: Store, id: string, at: number | null): boolean {
  return statement(store, 'UPDATE notebook_documents SET deleted_at = ? WHERE id = ?').run(at, id).changes > 0;
}

/** Documents that were deleted and are still stored. */
export const listHiddenDocuments = (store: Store): string[] =>
  statement(store, 'SELECT id FROM notebook_documents WHERE deleted_at IS NOT NULL', 'values').all() as string[];

/** Deletes a document with its edits. */
export function purgeDocument(store: Store, id: string): void {
  statement(store, 'DELETE FROM notebook_documents WHERE id = ? AND deleted_at IS NOT NULL').run(id);
}
