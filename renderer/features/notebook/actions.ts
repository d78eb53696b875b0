/** Acts on documents whose result nobody waits for. A failure is shown in a toast. */
import type { NotebookDocument } from '../../../preload/contract/notebook.ts';
import { attempt } from '../../connection/attempt.ts';
import { client } from '../../connection/api.ts';
import { toAppError } from '../../connection/live.ts';
import { navigate, parseHash } from '../../navigation/router.ts';
import { toast } from '../../ui/layers/toast.ts';
import { wordsFor } from '../../words/error-words.ts';
import { words } from '../../words/words.ts';

/** The name of a document: its title, or else the first line of its text. */
export function nameOf({ title, beginning }: Pick<NotebookDocument, 'title' | 'beginning'>): string {
  if (title !== '') return title;
  return beginning.split('\n', 1)[0]?.trim() || words.notebook.untitled;
}

/** Documents that this window has deleted, and that the list may still have for a moment. */
const deletedHere = new Set<string>();
export const isDeletedHere = (documentId: string): boolean => deletedHere.has(documentId);

/** Adds a document and opens it. */
export async function createDocument(from?: NotebookDocument, text = ''): Promise<void> {
  const made = await attempt('notebook.create', {
    title: from ? words.notebook.copyOf(nameOf(from)).slice(0, 200) : '',
    ...{ text, modelId: from?.modelId ?? null, sampling: from?.sampling ?? null },
  });
  if (made) navigate({ screen: 'notebook', documentId: made.id });
}

/** Adds a copy with the same text, model and sampling, and opens it. */
export async function duplicateDocument(document: NotebookDocument): Promise<void> {
  try {
    for await (const event of client.stream('notebook.watch', { documentId: document.id })) {
      if (event.type === 'snapshot') await createDocument(document, event.text);
      return;
    }
  } catch (cause) {
    const { title, text } = wordsFor(toAppError(cause));
    toast({ text: title, detail: text, tone: 'red' });
  }
}

/** Deletes a document, closes it if it is open, and offers to undo. */
export async function deleteDocument(document: NotebookDocument): Promise<void> {
  const deleted = await attempt('notebook.delete', { documentId: document.id });
  if (!deleted) return;
  deletedHere.add(document.id);
  const route = parseHash(window.location.hash);
  const wasOpen = route.screen === 'notebook' && route.documentId === document.id;
  if (wasOpen) navigate({ screen: 'notebook', documentId: null }, { replace: true });
  const undo = async (): Promise<void> => {
    const answer = await attempt('notebook.undoDelete', { documentId: document.id });
    if (answer?.restored) deletedHere.delete(document.id);
    if (answer?.restored === false) toast({ text: words.notebook.tooLate, tone: 'red' });
    else if (answer && wasOpen) navigate({ screen: 'notebook', documentId: document.id });
  };
  toast({
    text: words.notebook.deleted(nameOf(document)),
    ms: deleted.undoMs,
    action: { label: words.ui.undo, run: () => void undo() },
  });
}
