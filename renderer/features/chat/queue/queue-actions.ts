/** The actions on messages that wait for the end of a reply. */
import type { QueuedMessage } from '../../../../preload/contract/chat.ts';
import { attempt } from '../../../connection/attempt.ts';
import { toast } from '../../../ui/layers/toast.ts';
import { words } from '../../../words/words.ts';
import { draftOf, emptyDraft, partsOf, type Draft } from '../composer/draft.ts';
import { randomId } from '../composer/message-ids.ts';
import { drafts } from '../composer/use-sender.ts';

/** Puts a draft in front of what the field has. */
function backToField(chatId: string, { text, files }: Draft): void {
  const since = drafts.get(chatId);
  drafts.set(chatId, {
    text: since.text === '' ? text : `${text}\n\n${since.text}`,
    files: [...files, ...since.files],
  });
}

/** Takes the draft out of the field, and lets it wait. Never rejects. */
export async function enqueueDraft(chatId: string, draft: Draft): Promise<void> {
  drafts.set(chatId, emptyDraft);
  const queued = await attempt('chat.enqueue', { chatId, messageId: randomId(), parts: partsOf(draft) });
  if (queued !== undefined) return;
  backToField(chatId, draft);
  toast({ text: words.queue.notKept, tone: 'red' });
}

/** Takes a message out of the queue into the field. */
export async function editQueued(chatId: string, { id }: QueuedMessage): Promise<void> {
  const taken = await attempt('chat.takeQueued', { messageId: id });
  if (taken) backToField(chatId, draftOf(taken));
}

/** Removes a message, and offers to undo. */
export async function removeQueued(chatId: string, { id }: QueuedMessage): Promise<void> {
  const taken = await attempt('chat.takeQueued', { messageId: id });
  if (!taken) return;
  const undo = (): void => void attempt('chat.enqueue', { chatId, messageId: id, parts: taken.parts, waits: true });
  toast({ text: words.queue.removed, action: { label: words.ui.undo, run: undo } });
}

/** Sends a message before the others. */
export const sendQueued = ({ id }: QueuedMessage): void => void attempt('chat.sendQueued', { messageId: id });
