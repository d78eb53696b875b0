/** The handlers of `notebook.*`: they hand a request to the module of that name. */
import type { HearthHandlers } from '../../preload/contract/contract.ts';
import type { Notebook } from '../notebook/notebook.ts';

type NotebookHandlers = Pick<HearthHandlers, Extract<keyof HearthHandlers, `notebook.${string}`>>;

/** The handlers over `notebook`. */
export const createNotebookHandlers = (notebook: Notebook): NotebookHandlers => ({
  'notebook.watchList': (_input, { signal }) => notebook.watchList(signal),
  'notebook.watch': ({ documentId }, { signal }) => notebook.watch(documentId, signal),
  'notebook.create': (document) => notebook.create(document),
  'notebook.update': (update) => notebook.update(update),
  'notebook.delete': ({ documentId }) => notebook.delete(documentId),
  'notebook.undoDelete': ({ documentId }) => notebook.undoDelete(documentId),
  'notebook.edit': (edit) => notebook.edit(edit),
  'notebook.generate': (order, { signal }) => notebook.generate(order, signal),
  'notebook.alternatives': (order, { signal }) => notebook.alternatives(order, signal),
  'notebook.score': (order, { signal }) => notebook.score(order, signal),
});
