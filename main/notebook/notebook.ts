/** The notebook: documents that models continue as raw text. Several windows may write into one document. The entry of this folder. */
import { randomUUID } from 'node:crypto';
import type { TokenAlternative } from '../../preload/contract/chat.ts';
import type {
  CompletionStep,
  NotebookDocument,
  NotebookEvent,
  NotebookListEvent,
  ScoreStep,
} from '../../preload/contract/notebook.ts';
import { createFeed, type Feed } from '../base/feed.ts';
import { UNDO_MS } from '../base/undo.ts';
import type { Inference } from '../inference/inference.ts';
import { addDocument, getDocument, listDocuments, putDocumentFacts } from '../store/notebook.ts';
import { transaction, type Store } from '../store/store.ts';
import { alternativesBehind, complete, type CompletionOrder } from './complete.ts';
import { createDeletions } from './deletions.ts';
import { score } from './score.ts';
import { beginningOf, createTexts, type Edit } from './texts.ts';

export interface NotebookOptions {
  readonly store: Store;
  readonly inference: Inference;
  readonly builtInModelId: string;
  /** Called when a model is used, with its id. */
  readonly onModelUsed: (modelId: string) => void;
  readonly onDefect: (error: unknown) => void;
  readonly now?: () => number;
  readonly undoMs?: number;
}

export type NewDocument = Pick<NotebookDocument, 'title' | 'modelId' | 'sampling'> & { readonly text: string };
export interface DocumentUpdate extends Partial<Pick<NotebookDocument, 'title' | 'modelId' | 'sampling'>> {
  readonly documentId: string;
}
/** A model by its id; null: the built-in one. */
interface ModelChoice {
  readonly modelId: string | null;
}

export interface Notebook {
  watchList(signal: AbortSignal): AsyncGenerator<NotebookListEvent>;
  /** @throws AppError `not_found`. */
  watch(documentId: string, signal: AbortSignal): AsyncGenerator<NotebookEvent>;
  /** @throws AppError `disk.full`. */
  create(document: NewDocument): NotebookDocument;
  /** @throws AppError `not_found`, `disk.full`. */
  update(update: DocumentUpdate): NotebookDocument;
  /** @throws AppError `not_found`, `disk.full`. */
  delete(documentId: string): { undoMs: number };
  /** @throws AppError `disk.full`. */
  undoDelete(documentId: string): { restored: boolean };
  /** @throws AppError as `notebook.edit`. */
  edit(edit: Edit): { taken: boolean; version: number };
  /** @throws AppError as `notebook.generate`. */
  generate(order: Omit<CompletionOrder, 'modelId'> & ModelChoice, signal: AbortSignal): AsyncGenerator<CompletionStep>;
  /** @throws AppError as `notebook.alternatives`. */
  alternatives(
    order: ModelChoice & { readonly before: string },
    signal: AbortSignal,
  ): Promise<{ alternatives: readonly TokenAlternative[] }>;
  /** @throws AppError as `notebook.score`. */
  score(order: ModelChoice & { readonly text: string }, signal: AbortSignal): AsyncGenerator<ScoreStep>;
  /** Purges deleted documents. */
  close(): void;
}

/** A list tells of a document's edits no more often. */
const LIST_MS = 2000;

/** Editors count a line end as one character. */
const withPlainLines = (text: string): string => text.replaceAll(/\r\n?/g, '\n');

/** The notebook over a store and models. */
export function createNotebook(options: NotebookOptions): Notebook {
  const { store, inference } = options;
  const now = options.now ?? Date.now;
  const undoMs = options.undoMs ?? UNDO_MS;
  const texts = createTexts(store);
  const list: Feed<NotebookListEvent> = createFeed();
  const feeds = new Map<string, Feed<NotebookEvent>>();
  const listedAt = new Map<string, number>();
  const deletions = createDeletions(store, { undoMs, now, onDefect: options.onDefect });
  const modelOf = ({ modelId }: ModelChoice): string => modelId ?? options.builtInModelId;

  function publish(document: NotebookDocument): NotebookDocument {
    list.publish({ type: 'document', document });
    feeds.get(document.id)?.publish({ type: 'document', document });
    return document;
  }

  return {
    async *watchList(signal) {
      const events = list.open(signal);
      try {
        // Nothing is awaited between opening the feed and reading the state: no event is lost.
        yield { type: 'snapshot', documents: listDocuments(store) };
        yield* events;
      } finally {
        events.close();
      }
    },

    async *watch(documentId, signal) {
      const feed = feeds.get(documentId) ?? createFeed<NotebookEvent>();
      feeds.set(documentId, feed);
      const events = feed.open(signal);
      try {
        yield { type: 'snapshot', document: getDocument(store, documentId), ...texts.read(documentId) };
        for await (const event of events) {
          yield event;
          if (event.type === 'removed') return;
        }
      } finally {
        events.close();
        if (feed.size() === 0 && feeds.get(documentId) === feed) feeds.delete(documentId);
      }
    },

    create({ text: given, ...facts }) {
      const at = now();
      const text = withPlainLines(given);
      const document = { ...facts, id: randomUUID(), beginning: beginningOf(text), createdAt: at, updatedAt: at };
      transaction(store, () => addDocument(store, document, text));
      return publish(document);
    },

    update({ documentId, ...patch }) {
      const document = { ...getDocument(store, documentId), ...patch };
      transaction(store, () => putDocumentFacts(store, document));
      return publish(document);
    },

    delete(documentId) {
      getDocument(store, documentId);
      deletions.delete(documentId);
      texts.forget(documentId);
      list.publish({ type: 'removed', documentId });
      feeds.get(documentId)?.publish({ type: 'removed' });
      return { undoMs };
    },

    undoDelete(documentId) {
      const restored = deletions.undo(documentId);
      if (restored) publish(getDocument(store, documentId));
      return { restored: restored || listDocuments(store).some(({ id }) => id === documentId) };
    },

    edit(edit) {
      const { documentId, editId } = edit;
      const changes = edit.changes.map((change) => ({ ...change, text: withPlainLines(change.text) }));
      const at = now();
      const before = getDocument(store, documentId);
      const { taken, applied, version } = texts.edit({ ...edit, changes }, at);
      if (applied) {
        feeds.get(documentId)?.publish({ type: 'edit', version, editId, changes });
        const document = getDocument(store, documentId);
        if (document.beginning !== before.beginning) publish(document);
        else if (at - (listedAt.get(documentId) ?? 0) >= LIST_MS) {
          listedAt.set(documentId, at);
          list.publish({ type: 'document', document });
        }
      }
      return { taken, version };
    },

    async *generate(order, signal) {
      const modelId = modelOf(order);
      for await (const step of complete(inference, { ...order, modelId }, signal)) {
        if (step.type === 'end') options.onModelUsed(modelId);
        yield step;
      }
    },

    alternatives: async (order, signal) => ({
      alternatives: await alternativesBehind(inference, modelOf(order), order.before, signal),
    }),

    score: (order, signal) => score(inference, modelOf(order), order.text, signal),

    close: deletions.close,
  };
}
