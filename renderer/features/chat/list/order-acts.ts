/** Acts on the order of chats, each with an undo in its notice. A failure is shown in a toast. */
import type { ChatFolder } from '../../../../preload/contract/chat-order.ts';
import type { ChatSummary } from '../../../../preload/contract/chat.ts';
import { attempt } from '../../../connection/attempt.ts';
import type { CallInput } from '../../../connection/live.ts';
import { createLayerState } from '../../../navigation/layer-state.ts';
import { navigate } from '../../../navigation/router.ts';
import { toast } from '../../../ui/layers/toast.ts';
import { words } from '../../../words/words.ts';
import { deleteChat, forgetDeleted, titleOf } from '../actions.ts';
import { drafts } from '../composer/use-sender.ts';

type Change = Omit<CallInput<'chat.arrange'>, 'chatIds'>;
type Chats = readonly ChatSummary[];

/** The dialog that is open: where to move chats, or their tags. */
const dialog = createLayerState<{ readonly kind: 'move' | 'tags'; readonly chats: Chats } | null>(null);
export const useOrderDialog = dialog.useValue;
export const closeOrderDialog = (): void => dialog.set(null);
export const openMove = (chats: Chats): void => dialog.set({ kind: 'move', chats });
export const openTags = (chats: Chats): void => dialog.set({ kind: 'tags', chats });

/** Changes what is given of the chats; `done` tells it. Answers whether it went well. */
export async function arrange(chats: Chats, change: Change, done: (count: number) => string): Promise<boolean> {
  const answer = await attempt('chat.arrange', { chatIds: chats.map(({ id }) => id), ...change });
  if (!answer) return false;
  const { undoId, undoMs, count } = answer;
  if (count === 0) return true;
  const undo = async (): Promise<void> => {
    const undone = await attempt('chat.undoArrange', { undoId });
    if (undone?.restored === false) toast({ text: words.chat.tooLate, tone: 'red' });
  };
  toast({ text: done(count), ms: undoMs, action: { label: words.ui.undo, run: () => void undo() } });
  return true;
}

/** Puts chats into a folder, or takes them out of theirs (null). */
export const moveTo = (chats: Chats, folder: ChatFolder | null): Promise<boolean> =>
  arrange(chats, { folderId: folder?.id ?? null }, (count) =>
    folder ? words.chatList.moved(count, folder.name) : words.chatList.movedOut(count),
  );

/** Puts chats into the archive, or takes them out of it where they are all in it. */
export function archive(chats: Chats): void {
  const archived = chats.some((chat) => !chat.archived);
  const title = chats[0] ? titleOf(chats[0]) : '';
  void arrange(chats, { archived }, (count) =>
    archived ? words.chatList.archived(count, title) : words.chatList.unarchived(count, title),
  );
}

/** Pins and unpins without a notice: the row shows it, and the same act takes it back. */
export const pin = (chat: ChatSummary): void => void attempt('chat.update', { chatId: chat.id, pinned: !chat.pinned });

export async function duplicate(chat: ChatSummary): Promise<void> {
  const copy = await attempt('chat.duplicate', { chatId: chat.id, title: words.chatList.copyOf(titleOf(chat)) });
  if (!copy) return;
  navigate({ screen: 'chat', chatId: copy.chatId });
  toast({ text: words.chatList.duplicated(titleOf(chat)), tone: 'green' });
}

/** Deletes chats, closes the open one if it is among them, and offers to undo. */
export async function deleteChats(chats: Chats): Promise<void> {
  const [only] = chats;
  if (only && chats.length === 1) return await deleteChat(only);
  const chatIds = chats.map(({ id }) => id);
  const deleted = await attempt('chat.deleteMany', { chatIds });
  if (!deleted) return;
  const reopen = forgetDeleted(chatIds, deleted.undoMs);
  const undo = async (): Promise<void> => {
    for (const id of chatIds) drafts.keep(id);
    const undone = await attempt('chat.undoDeleteMany', { chatIds });
    if (undone && undone.restored > 0) reopen();
    else toast({ text: undone ? words.chat.tooLate : words.chat.notRestored, tone: 'red' });
  };
  toast({
    text: words.chatList.deletedMany(deleted.count),
    ms: deleted.undoMs,
    action: { label: words.ui.undo, run: () => void undo() },
  });
}

/** Makes a folder and answers it; undefined after a failure. */
export async function createFolder(name: string): Promise<ChatFolder | undefined> {
  const made = await attempt('chat.createFolder', { name });
  return made && { id: made.folderId, name };
}

/** Deletes a folder and offers to undo. Its chats stay. */
export async function deleteFolder({ id, name }: ChatFolder): Promise<void> {
  const deleted = await attempt('chat.deleteFolder', { folderId: id });
  if (!deleted) return;
  const undo = async (): Promise<void> => {
    const undone = await attempt('chat.undoDeleteFolder', { folderId: id });
    if (undone?.restored === false) toast({ text: words.chat.tooLate, tone: 'red' });
  };
  toast({
    text: words.chatList.folderDeleted(name),
    ms: deleted.undoMs,
    action: { label: words.ui.undo, run: () => void undo() },
  });
}
