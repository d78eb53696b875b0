/** The texts of documents: an edit is stored by itself, and the whole text once in a while. */
import type { TextChange } from '../../preload/contract/notebook.ts';
import { addEdit, readText, recentEditIds, writeText } from '../store/notebook.ts';
import { transaction, type Store } from '../store/store.ts';
import { withChanges } from './text-changes.ts';

/** Edits and their characters that are stored beside a text, at most, before the text is written with them. */
const MOST_EDITS = 400;
const MOST_EDITED_CHARS = 200_000;
/** Texts that are kept in memory. Each is of two million characters at most. */
const KEPT_TEXTS = 8;
const BEGINNING_CHARS = 120;

interface OpenText {
  readonly text: string;
  readonly version: number;
  /** Edits that are not in the stored text. */
  readonly edits: number;
  readonly editedChars: number;
}

export interface Edit {
  readonly documentId: string;
  readonly version: number;
  readonly editId: string;
  readonly changes: readonly TextChange[];
}

export interface Texts {
  /** @throws AppError `not_found`. */
  read(documentId: string): { readonly text: string; readonly version: number; readonly editIds: readonly string[] };
  /**
   * Stores an edit. `applied`: the text was at its version; otherwise nothing was changed. `taken`: the edit is in the text.
   * @throws AppError `not_found`, `invalid_input`, `disk.full`.
   */
  edit(edit: Edit, at: number): { readonly taken: boolean; readonly applied: boolean; readonly version: number };
  /** Forgets what is in memory of a document. */
  forget(documentId: string): void;
}

/** The beginning of a text, by which a document without a title is named. */
export const beginningOf = (text: string): string => text.slice(0, 2000).trim().slice(0, BEGINNING_CHARS);

const lengthOf = (changes: readonly TextChange[]): number => changes.reduce((sum, { text }) => sum + text.length, 0);

/** Texts over a store. */
export function createTexts(store: Store): Texts {
  const open = new Map<string, OpenText>();

  function keep(documentId: string, one: OpenText): OpenText {
    open.delete(documentId);
    open.set(documentId, one);
    const [oldest] = open.keys();
    if (open.size > KEPT_TEXTS && oldest !== undefined) open.delete(oldest);
    return one;
  }

  function find(documentId: string): OpenText {
    const known = open.get(documentId);
    if (known) return known;
    const { text, textVersion, edits } = readText(store, documentId);
    return keep(documentId, {
      text: edits.reduce(withChanges, text),
      version: textVersion + edits.length,
      edits: edits.length,
      editedChars: lengthOf(edits.flat()),
    });
  }

  return {
    read(documentId) {
      const { text, version } = find(documentId);
      return { text, version, editIds: recentEditIds(store, documentId) };
    },

    edit({ documentId, version, editId, changes }, at) {
      const before = find(documentId);
      if (recentEditIds(store, documentId).includes(editId))
        return { taken: true, applied: false, version: before.version };
      if (before.version !== version) return { taken: false, applied: false, version: before.version };
      const text = withChanges(before.text, changes);
      const next = version + 1;
      const editedChars = before.editedChars + lengthOf(changes);
      const isDue = before.edits + 1 >= MOST_EDITS || editedChars > MOST_EDITED_CHARS;
      transaction(store, () => {
        addEdit(store, { documentId, version: next, editId, changes, beginning: beginningOf(text), at });
        if (isDue) writeText(store, documentId, text, next);
      });
      const left = isDue ? { edits: 0, editedChars: 0 } : { edits: before.edits + 1, editedChars };
      keep(documentId, { text, version: next, ...left });
      return { taken: true, applied: true, version: next };
    },

    forget: (documentId) => void open.delete(documentId),
  };
}
