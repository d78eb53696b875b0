/** Acts on chats and messages, for those who do not wait for an answer: what goes wrong is said in a toast. */
import type { ChatSummary } from '../../../preload/contract/chat.ts';
import { client } from '../../api.ts';
import { navigate, parseHash } from '../../app/router.ts';
import { toAppError, type AnyCall, type CallInput } from '../../live.ts';
import { toast } from '../../ui/toast.ts';
import { wordsFor } from '../../ui/words.ts';

/** Calls, and says in a toast why when it fails. True when it went well. Never rejects. */
export async function attempt<R extends AnyCall>(route: R, input: CallInput<R>): Promise<boolean> {
  try {
    await client.call(route, input);
    return true;
  } catch (cause) {
    const words = wordsFor(toAppError(cause));
    toast({ text: words.title, detail: words.text, tone: 'red' });
    return false;
  }
}

/** What a chat is called, also before it has a title. */
export function titleOf(chat: Pick<ChatSummary, 'title'>): string {
  return chat.title === '' ? 'New chat' : chat.title;
}

/** Deletes a chat, leaves it when it is the one that is open, and offers to take it back. */
export async function deleteChat(chat: Pick<ChatSummary, 'id' | 'title'>): Promise<void> {
  let undoMs: number;
  try {
    ({ undoMs } = await client.call('chat.delete', { chatId: chat.id }));
  } catch (cause) {
    const words = wordsFor(toAppError(cause));
    toast({ text: words.title, detail: words.text, tone: 'red' });
    return;
  }
  const route = parseHash(window.location.hash);
  const wasOpen = route.screen === 'chat' && route.chatId === chat.id;
  if (wasOpen) navigate({ screen: 'chat', chatId: null }, { replace: true });
  toast({
    text: `“${titleOf(chat)}” is deleted`,
    ms: undoMs,
    act: {
      label: 'Undo',
      run: () => {
        void client.call('chat.undoDelete', { chatId: chat.id }).then(
          ({ restored }) => {
            if (!restored) toast({ text: 'It is too late to undo this', tone: 'red' });
            else if (wasOpen) navigate({ screen: 'chat', chatId: chat.id });
          },
          () => toast({ text: 'The chat could not be restored', tone: 'red' }),
        );
      },
    },
  });
}
