/** The open document: its editor, kept alike with main, over lost connections too. */
import type { ChangeSet, EditorState } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { redoDepth, undoDepth } from '@codemirror/commands';
import { useEffect, useState, type RefObject } from 'react';
import { isAppError, type AppError } from '../../../preload/wire/errors.ts';
import type { NotebookDocument, NotebookEvent } from '../../../preload/contract/notebook.ts';
import { client, link } from '../../connection/api.ts';
import { toAppError } from '../../connection/live.ts';
import { words } from '../../words/words.ts';
import { applyFromElsewhere, createEditor, type EditorOptions } from './editor/create-editor.ts';
import { createDocumentSync, type DocumentSync } from './editor/document-sync.ts';
import { hasGenerated, hasScored } from './editor/token-marks.ts';
import { writtenIn } from './editor/written-text.ts';

/** What the tools around the editor need to know of it. */
export interface EditorFacts {
  readonly characters: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly canRetry: boolean;
  readonly hasGenerated: boolean;
  readonly hasScored: boolean;
}

const factsOf = (state: EditorState): EditorFacts => ({
  characters: state.doc.length,
  canUndo: undoDepth(state) > 0,
  canRedo: redoDepth(state) > 0,
  canRetry: writtenIn(state) !== null,
  hasGenerated: hasGenerated(state),
  hasScored: hasScored(state),
});
const isSame = (one: EditorFacts, other: EditorFacts): boolean => JSON.stringify(one) === JSON.stringify(other);

export interface OpenDocument {
  /** Null until the text has come. */
  readonly view: EditorView | null;
  readonly document: NotebookDocument | null;
  readonly facts: EditorFacts;
  readonly isStored: boolean;
  readonly isGone: boolean;
  /** Why the document cannot be shown, or what was written cannot be stored. */
  readonly error: AppError | null;
}

const noFacts: EditorFacts = {
  ...{ characters: 0, canUndo: false, canRedo: false, canRetry: false, hasGenerated: false, hasScored: false },
};

export type EditorHooks = Pick<EditorOptions, 'generate' | 'retry' | 'stop' | 'fillCard'> & {
  readonly onEdit: (changes: ChangeSet, isTyped: boolean) => void;
};

/** Opens a document in `host`. It stays the same one: another document is another component. `hooks` stay the same. */
export function useDocument(
  documentId: string,
  host: RefObject<HTMLDivElement | null>,
  hooks: EditorHooks,
): OpenDocument {
  const [view, setView] = useState<EditorView | null>(null);
  const [document, setDocument] = useState<NotebookDocument | null>(null);
  const [facts, setFacts] = useState(noFacts);
  const [isStored, setStored] = useState(true);
  const [isGone, setGone] = useState(false);
  const [error, setError] = useState<AppError | null>(null);

  useEffect(() => {
    const abort = new AbortController();
    let editor: EditorView | null = null;
    let sync: DocumentSync | null = null;
    const open = (text: string, version: number): void => {
      if (!host.current) return;
      const made = createEditor({
        ...{ parent: host.current, text, label: words.notebook.text, placeholder: words.notebook.placeholder },
        onEdit(changes, isTyped) {
          sync?.local(changes);
          hooks.onEdit(changes, isTyped);
        },
        onUpdate: (state) => setFacts((before) => (isSame(before, factsOf(state)) ? before : factsOf(state))),
        ...{ fillCard: hooks.fillCard, generate: hooks.generate, retry: hooks.retry, stop: hooks.stop },
      });
      sync = createDocumentSync(
        { version, text },
        {
          send: (edit) => client.call('notebook.edit', { documentId, ...edit }),
          apply: (changes) => applyFromElsewhere(made, changes),
          onChange: setStored,
          onError: (cause) => void (isAppError(cause, 'disconnected') || setError(toAppError(cause))),
          newId: () => crypto.randomUUID(),
        },
      );
      editor = made;
      setFacts(factsOf(made.state));
      setView(made);
      // The text is what the screen is for. A touch screen would open its keyboard.
      if (window.matchMedia('(pointer: fine)').matches) made.focus();
    };
    const onEvent = (event: NotebookEvent): void => {
      switch (event.type) {
        case 'snapshot':
          setDocument(event.document);
          if (sync) sync.snapshot(event);
          else open(event.text, event.version);
          return;
        case 'edit':
          sync?.edit(event);
          return;
        case 'document':
          setDocument(event.document);
          return;
        case 'removed':
          setGone(true);
          return;
        default:
          event satisfies never;
      }
    };
    void follow(documentId, onEvent, abort.signal).catch((cause: unknown) => {
      if (abort.signal.aborted) return;
      if (isAppError(cause, 'not_found')) setGone(true);
      else setError(toAppError(cause));
    });
    const flush = (): void => sync?.flush();
    window.addEventListener('pagehide', flush);
    window.document.addEventListener('visibilitychange', flush);
    return () => {
      flush();
      window.removeEventListener('pagehide', flush);
      window.document.removeEventListener('visibilitychange', flush);
      abort.abort();
      editor?.destroy();
    };
  }, [documentId, host, hooks]);

  return { view, document, facts, isStored, isGone, error };
}

/** The events of a document, with a new snapshot after each lost connection. Ends when it is deleted. */
async function follow(documentId: string, onEvent: (event: NotebookEvent) => void, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      for await (const event of client.stream('notebook.watch', { documentId }, { signal })) onEvent(event);
      return;
    } catch (cause) {
      if (signal.aborted) return;
      if (!isAppError(cause, 'disconnected')) throw cause;
      await reconnected(signal);
    }
  }
}

function reconnected(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (link.connection() !== 'connected' && !signal.aborted) return;
      leave();
      resolve();
    };
    const leave = link.subscribe(check);
    signal.addEventListener('abort', check, { once: true });
    check();
  });
}
