/** Actions on chats whose result nobody waits for. A failure is shown in a toast. */
import type { ChatSummary } from '../../../preload/contract/chat.ts';
import { client } from '../../connection/api.ts';
import { navigate, parseHash } from '../../navigation/router.ts';
import { attempt } from '../../connection/attempt.ts';
import { toast } from '../../ui/layers/toast.ts';
import { words } from '../../words/words.ts';
import { drafts } from './composer/use-sender.ts';

/** The name of a chat, with or without a title. */
export function titleOf(chat: Pick<ChatSummary, 'title'>): string {
  return chat.title === '' ? words.chat.newChat : chat.title;
}

/** After a deletion: the drafts of these chats go later, and the open chat is closed. Returns the function that opens it again. */
export function forgetDeleted(chatIds: readonly string[], undoMs: number): () => void {
  for (const id of chatIds) drafts.removeLater(id, undoMs);
  const route = parseHash(window.location.hash);
  const open = route.screen === 'chat' ? route.chatId : null;
  if (open === null || !chatIds.includes(open)) return () => {};
  navigate({ screen: 'chat', chatId: null }, { replace: true });
  return () => navigate({ screen: 'chat', chatId: open });
}

/** Deletes a chat, closes it if it is open, and offers to undo. */
export async function deleteChat(chat: Pick<ChatSummary, 'id' | 'title'>): Promise<void> {
  const deleted = await attempt('chat.delete', { chatId: chat.id });
  if (!deleted) return;
  const reopen = forgetDeleted([chat.id], deleted.undoMs);
  toast({
    text: words.chat.deleted(titleOf(chat)),
    ms: deleted.undoMs,
    action: { label: words.ui.undo, run: () => undoDelete(chat, deleted.undoMs, reopen) },
  });
}

function undoDelete(chat: Pick<ChatSummary, 'id' | 'title'>, undoMs: number, reopen: () => void): void {
  drafts.keep(chat.id);
  void client.call('chat.undoDelete', { chatId: chat.id }).then(
    ({ restored }) => {
      if (restored) return reopen();
      drafts.removeLater(chat.id, 0);
      toast({ text: words.chat.tooLate, tone: 'red' });
    },
    () => {
      // The chat may be back all the same, so its draft stays as long as another try is offered.
      drafts.removeLater(chat.id, undoMs);
      const run = (): void => undoDelete(chat, undoMs, reopen);
      toast({ text: words.chat.notRestored, tone: 'red', ms: undoMs, action: { label: words.ui.tryAgain, run } });
    },
  );
}
