/**
 * Keeps the text of this window and that of main alike, while other windows write into the same document. Main takes an edit if it was made
 * in the newest text; otherwise the edit is moved over those that came before it, and sent again.
 */
import { ChangeSet, Text } from '@codemirror/state';
import type { NotebookEvent, TextChange } from '../../../../preload/contract/notebook.ts';

export interface DocumentSyncOptions {
  /** Sends an edit. Rejects when nobody knows whether it arrived, or when it was refused. */
  readonly send: (edit: {
    readonly version: number;
    readonly editId: string;
    readonly changes: TextChange[];
  }) => Promise<{ readonly taken: boolean; readonly version: number }>;
  /** Applies what another window has written. */
  readonly apply: (changes: ChangeSet) => void;
  /** Called when all is stored, or no longer is. */
  readonly onChange: (isStored: boolean) => void;
  /** Gets the error of an edit that was not stored. */
  readonly onError: (error: unknown) => void;
  readonly newId: () => string;
  /** How long changes are collected before they are sent, in milliseconds. */
  readonly waitMs?: number;
}

export interface DocumentSync {
  /** A change that the user or a model made in this window. */
  local(changes: ChangeSet): void;
  /** The document as main has it: after a lost connection, too. */
  snapshot(event: Pick<Extract<NotebookEvent, { type: 'snapshot' }>, 'version' | 'text' | 'editIds'>): void;
  /** An edit that main has taken, of any window. */
  edit(event: Extract<NotebookEvent, { type: 'edit' }>): void;
  /** Sends what is collected now. */
  flush(): void;
}

const WAIT_MS = 300;
/** An edit of more changes is sent as one. Main takes 10,000. */
const MOST_CHANGES = 5000;

/** The text in lines, as the editor has it: other line ends than `\n` become that. */
export const textOf = (text: string): Text => Text.of(text.split(/\r\n?|\n/));

/** Changes as the contract has them. */
export function asTextChanges(changes: ChangeSet): TextChange[] {
  const list: TextChange[] = [];
  changes.iterChanges((from, to, _fromB, _toB, inserted) => list.push({ from, to, text: inserted.toString() }), true);
  return list;
}

/** Changes of a text as long as `length`. */
const asChangeSet = (changes: readonly TextChange[], length: number): ChangeSet =>
  ChangeSet.of(
    changes.map(({ from, to, text }) => ({ from, to, insert: textOf(text) })),
    length,
  );

/** The one change that makes the one text of the other. */
export function difference(before: Text, after: Text): ChangeSet {
  const [one, other] = [before.toString(), after.toString()];
  const most = Math.min(one.length, other.length);
  let start = 0;
  while (start < most && one.charCodeAt(start) === other.charCodeAt(start)) start++;
  let end = 0;
  while (end < most - start && one.charCodeAt(one.length - 1 - end) === other.charCodeAt(other.length - 1 - end)) end++;
  if (start === one.length && start === other.length) return ChangeSet.empty(one.length);
  const insert = after.slice(start, other.length - end);
  return ChangeSet.of({ from: start, to: one.length - end, insert }, one.length);
}

interface Sent {
  readonly editId: string;
  readonly version: number;
  changes: ChangeSet;
}

/** Begins with the text of main; the window must show it. */
export function createDocumentSync(
  start: { readonly version: number; readonly text: string },
  options: DocumentSyncOptions,
): DocumentSync {
  const { send, apply, onChange, onError, newId, waitMs = WAIT_MS } = options;
  /** What main has, as far as this window knows. */
  let base = textOf(start.text);
  let version = start.version;
  let sent: Sent | null = null;
  /** Behind what was sent. */
  let pending: ChangeSet | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasStored = true;
  /** Main has a newer text than this window: an edit would be refused. */
  let waitsFor = 0;

  const tell = (): void => {
    const isStored = sent === null && pending === null;
    if (isStored === wasStored) return;
    wasStored = isStored;
    onChange(isStored);
  };
  const schedule = (): void => {
    timer ??= setTimeout(flush, waitMs);
  };
  const takeBack = (): void => {
    if (sent) pending = pending ? sent.changes.compose(pending) : sent.changes;
    sent = null;
  };

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (sent || !pending || waitsFor > version) return;
    let changes = asTextChanges(pending);
    if (changes.length > MOST_CHANGES) changes = asTextChanges(difference(base, pending.apply(base)));
    // What was written and taken away again needs no edit.
    if (changes.length === 0) {
      pending = null;
      tell();
      return;
    }
    const mine: Sent = { editId: newId(), version, changes: pending };
    sent = mine;
    pending = null;
    send({ version, editId: mine.editId, changes }).then(
      (answer) => {
        if (sent !== mine) return;
        if (answer.taken) confirm(mine.version + 1);
        else {
          takeBack();
          waitsFor = answer.version;
        }
        if (pending) schedule();
        tell();
      },
      // It stays sent: the next snapshot tells whether it arrived.
      (error: unknown) => onError(error),
    );
  }

  /** What was sent is in main's text. */
  function confirm(at: number): void {
    if (!sent) return;
    base = sent.changes.apply(base);
    version = at;
    sent = null;
  }

  /** Moves what is not stored over a change of main's text, and shows that change. */
  function rebase(changes: ChangeSet): void {
    base = changes.apply(base);
    let shown = changes;
    if (sent) {
      const moved = sent.changes.map(shown);
      shown = shown.map(sent.changes, true);
      sent.changes = moved;
    }
    if (pending) {
      const moved = pending.map(shown);
      shown = shown.map(pending, true);
      pending = moved;
    }
    if (!shown.empty) apply(shown);
  }

  return {
    local(changes) {
      pending = pending ? pending.compose(changes) : changes;
      schedule();
      tell();
    },

    snapshot({ version: at, text, editIds }) {
      if (sent && editIds.includes(sent.editId)) confirm(version + 1);
      else takeBack();
      rebase(difference(base, textOf(text)));
      version = at;
      waitsFor = 0;
      if (pending) schedule();
      tell();
    },

    edit({ version: at, editId, changes }) {
      if (at <= version) return;
      if (sent?.editId === editId) confirm(at);
      else {
        rebase(asChangeSet(changes, base.length));
        version = at;
      }
      if (pending) schedule();
      tell();
    },

    flush,
  };
}
