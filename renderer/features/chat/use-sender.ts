/** Sending: the words appear at once, and come back into the composer when they could not be stored. */
import { useCallback, useState, useSyncExternalStore } from 'react';
import type { ContextPolicy, Message, Sampling } from '../../../preload/contract/chat.ts';
import type { AppError } from '../../../preload/wire/errors.ts';
import { client } from '../../connection/api.ts';
import { navigate, parseHash } from '../../navigation/router.ts';
import { toAppError } from '../../connection/live.ts';
import { createDrafts } from './drafts.ts';

/** Words that were sent and have not come back as a message yet. */
export interface Outgoing {
  readonly chatId: string | null;
  readonly text: string;
  /** How many messages the chat had before. */
  readonly after: number;
  readonly messageId: string | null;
}

/** What was chosen for a chat that does not exist yet. */
export interface FreshChat {
  readonly modelId: string | null;
  readonly systemPrompt: string;
  readonly sampling: Sampling | null;
  /** Null: the usual one. */
  readonly contextPolicy: ContextPolicy | null;
}

export interface SendTarget {
  readonly chatId: string | null;
  readonly messageCount: number;
  /** For a new chat, everything; for one without a model, its model. */
  readonly fresh: FreshChat;
  readonly needsModel: boolean;
}

export interface Sender {
  readonly outgoing: Outgoing | null;
  readonly failure: { readonly chatId: string | null; readonly error: AppError } | null;
  readonly clearFailure: () => void;
  /** Says whether the message is stored. Never rejects. */
  readonly send: (target: SendTarget, text: string) => Promise<boolean>;
}

const drafts = createDrafts(storageOrNull());
window.addEventListener('pagehide', () => drafts.flush());

function storageOrNull(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null; // a browser that forbids storage throws at the mere mention
  }
}

/** The draft of a chat and how to change it. */
export function useDraft(chatId: string | null): readonly [string, (text: string) => void] {
  const text = useSyncExternalStore(drafts.subscribe, () => drafts.get(chatId));
  const set = useCallback((next: string) => drafts.set(chatId, next), [chatId]);
  return [text, set];
}

/** Whether the message that `outgoing` stands for is among those that main has told of. */
export function hasArrived(outgoing: Outgoing, messages: ReadonlyMap<string, Message>): boolean {
  if (outgoing.messageId !== null && messages.has(outgoing.messageId)) return true;
  // The message may come before the answer to the call does.
  return [...messages.values()]
    .slice(outgoing.after)
    .some((message) => message.role === 'user' && message.content === outgoing.text);
}

/** Sends messages, and creates the chat first where there is none yet. */
export function useSender(): Sender {
  const [outgoing, setOutgoing] = useState<Outgoing | null>(null);
  const [failure, setFailure] = useState<Sender['failure']>(null);

  const send = useCallback(async (target: SendTarget, text: string) => {
    let { chatId } = target;
    const words: Outgoing = { chatId, text, after: target.messageCount, messageId: null };
    setFailure(null);
    setOutgoing(words);
    // A suggestion is sent without touching what is being written.
    if (drafts.get(chatId) === text) drafts.set(chatId, '');
    try {
      if (chatId === null) {
        const { modelId, systemPrompt, sampling, contextPolicy } = target.fresh;
        chatId = (await client.call('chat.create', { modelId })).id;
        if (systemPrompt !== '' || sampling !== null || contextPolicy !== null)
          await client.call('chat.update', {
            chatId,
            systemPrompt,
            sampling,
            ...(contextPolicy === null ? {} : { contextPolicy }),
          });
        setOutgoing({ ...words, chatId });
        const route = parseHash(window.location.hash);
        // Only if the reader has not gone elsewhere in the meantime.
        if (route.screen === 'chat' && route.chatId === null) navigate({ screen: 'chat', chatId }, { replace: true });
      } else if (target.needsModel && target.fresh.modelId !== null) {
        await client.call('chat.update', { chatId, modelId: target.fresh.modelId });
      }
      const { messageId } = await client.call('chat.send', { chatId, text });
      setOutgoing((now) => (now === null ? null : { ...now, messageId }));
      return true;
    } catch (cause) {
      setOutgoing(null);
      setFailure({ chatId, error: toAppError(cause) });
      const typedSince = drafts.get(chatId);
      drafts.set(chatId, typedSince === '' ? text : `${text}\n\n${typedSince}`);
      return false;
    }
  }, []);

  const clearFailure = useCallback(() => setFailure(null), []);
  return { outgoing, failure, clearFailure, send };
}
