/** Sending: the text appears in the conversation at once, and returns to the composer when it could not be stored. */
import { useCallback, useState, useSyncExternalStore } from 'react';
import type { FreshChat, Message } from '../../../../preload/contract/chat.ts';
import { textOf } from '../../../../preload/contract/message-parts.ts';
import type { AppError } from '../../../../preload/wire/errors.ts';
import { client } from '../../../connection/api.ts';
import { navigate, parseHash } from '../../../navigation/router.ts';
import { toAppError } from '../../../connection/live.ts';
import { toast } from '../../../ui/layers/toast.ts';
import { words } from '../../../words/words.ts';
import { emptyDraft, keyOf, partsOf, type Draft } from './draft.ts';
import { createDrafts } from './drafts.ts';
import { createMessageIds, randomId } from './message-ids.ts';

/** A message that was sent and is not stored yet. */
export interface Outgoing {
  readonly chatId: string | null;
  readonly draft: Draft;
  /** The number of messages that the chat had before. */
  readonly after: number;
  readonly messageId: string | null;
}

export interface SendTarget {
  readonly chatId: string | null;
  readonly messageCount: number;
  /** The settings of a new chat. */
  readonly fresh: FreshChat;
}

export interface Sender {
  readonly outgoing: Outgoing | null;
  readonly failure: { readonly chatId: string | null; readonly error: AppError } | null;
  readonly clearFailure: () => void;
  /** The message is in the chat: it is not to be shown again as one that is being sent, also when it is deleted there. */
  readonly clearOutgoing: () => void;
  /** Resolves with the chat of the stored message; null where it was not stored. Never rejects. */
  readonly send: (target: SendTarget, draft: Draft) => Promise<string | null>;
}

export const drafts = createDrafts(storageOrNull(), {
  onFull: () => toast({ text: words.files.notKept, detail: words.files.notKeptText, tone: 'red' }),
});
window.addEventListener('pagehide', () => drafts.flush());
window.addEventListener('storage', ({ key }) => key !== null && drafts.storedElsewhere(key));

function storageOrNull(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null; // a browser that forbids storage throws on access
  }
}

const messageIds = createMessageIds(randomId);

/** Tells which messages are in the open chat. */
export const messagesSeen = (messages: ReadonlyMap<string, Message>): void => messageIds.seen(messages);

/** The draft of a chat and its setter. */
export function useDraft(chatId: string | null): readonly [Draft, (draft: Draft) => void] {
  const draft = useSyncExternalStore(drafts.subscribe, () => drafts.get(chatId));
  const set = useCallback(
    (next: Draft) => {
      messageIds.edited(chatId, keyOf(next));
      drafts.set(chatId, next);
    },
    [chatId],
  );
  return [draft, set];
}

/** Whether main has stored the message of `outgoing`. */
export function hasArrived(outgoing: Outgoing, messages: ReadonlyMap<string, Message>): boolean {
  if (outgoing.messageId !== null && messages.has(outgoing.messageId)) return true;
  // The message may arrive before the answer to the call does.
  const text = textOf({ parts: partsOf(outgoing.draft) });
  return [...messages.values()]
    .slice(outgoing.after)
    .some((message) => message.role === 'user' && textOf(message) === text);
}

/** Sends messages. A chat that does not exist yet is created with its first one. */
export function useSender(): Sender {
  const [outgoing, setOutgoing] = useState<Outgoing | null>(null);
  const [failure, setFailure] = useState<Sender['failure']>(null);

  const send = useCallback(async (target: SendTarget, draft: Draft) => {
    const { chatId } = target;
    const sent: Outgoing = { chatId, draft, after: target.messageCount, messageId: null };
    setFailure(null);
    setOutgoing(sent);
    // A suggestion is sent without changing the draft.
    if (drafts.get(chatId) === draft) drafts.set(chatId, emptyDraft);
    try {
      const stored = await client.call('chat.send', {
        chat: chatId === null ? { fresh: target.fresh } : { id: chatId },
        parts: partsOf(draft),
        messageId: messageIds.idOf(target, keyOf(draft)),
      });
      messageIds.forget();
      setOutgoing((now) => (now === null ? null : { ...now, chatId: stored.chatId, messageId: stored.messageId }));
      const route = parseHash(window.location.hash);
      // Only if the user has not left the screen in the meantime.
      if (chatId === null && route.screen === 'chat' && route.chatId === null)
        navigate({ screen: 'chat', chatId: stored.chatId }, { replace: true });
      return stored.chatId;
    } catch (cause) {
      setOutgoing(null);
      const error = toAppError(cause);
      // Its chat was deleted meanwhile: the next try is a message of its own.
      if (error.code === 'not_found') messageIds.forget();
      else messageIds.lost();
      setFailure({ chatId, error });
      const since = drafts.get(chatId);
      const text = since.text === '' ? draft.text : `${draft.text}\n\n${since.text}`;
      drafts.set(chatId, { text, files: [...draft.files, ...since.files] });
      return null;
    }
  }, []);

  const clearFailure = useCallback(() => setFailure(null), []);
  const clearOutgoing = useCallback(() => setOutgoing(null), []);
  return { outgoing, failure, clearFailure, clearOutgoing, send };
}
