/** The state of the open chat: the facts from main, and the text that main has not stored yet. */
import { useEffect, useMemo } from 'react';
import type { Chat, ChatSummary, Message } from '../../../preload/contract/chat.ts';
import type { AppError } from '../../../preload/wire/errors.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import type { ProviderEntry } from '../../../preload/contract/providers.ts';
import { useLive } from '../../connection/live.ts';
import type { ChatView } from './markdown/fold.ts';
import { chooseModel, type ModelChoice } from './composer/model-choice.ts';
import { lastOf, shownPath, type PathEntry } from './messages/path.ts';
import { comparedAt } from './versions/compared.ts';
import { useChatList, useProviders } from '../../parts/watched.ts';
import { useChat } from './use-chat.ts';
import type { Draft } from './composer/draft.ts';
import { hasArrived, messagesSeen, type Outgoing } from './composer/use-sender.ts';

export interface OpenChat {
  readonly id: string | null;
  readonly view: ChatView | null;
  readonly chat: Chat | null;
  /** From the list, which arrives before the chat itself. */
  readonly summary: ChatSummary | undefined;
  /** It was deleted, or never existed. */
  readonly removed: boolean;
  readonly failure: AppError | undefined;
  readonly retry: () => void;
  readonly path: readonly PathEntry[];
  /** The replies at the end of the path that are shown side by side. */
  readonly compared: readonly [Message, Message] | undefined;
  readonly lastReply: Message | undefined;
  readonly lastUserMessage: Message | undefined;
  /** Text that main has not stored yet. */
  readonly sending: Draft | null;
  /** A reply is being written or about to start. */
  readonly busy: boolean;
  readonly models: readonly LocalModel[] | undefined;
  /** The servers elsewhere; undefined until their list arrives. */
  readonly servers: readonly ProviderEntry[] | undefined;
  readonly choice: ModelChoice;
}

const noPath: readonly PathEntry[] = [];

/** `freshModelId`: the chosen model of a chat that does not exist yet. */
export function useOpenChat(id: string | null, outgoing: Outgoing | null, freshModelId: string | null): OpenChat {
  const live = useChat(id);
  const summary = useChatList().value?.get(id ?? '');
  const models = useLive('library.watch', {}).value?.models;
  const servers = useProviders().value?.providers;
  const view = live.value ?? null;
  const { retry } = live;

  const wasRemoved = view?.outcome === 'removed';
  const isBack = wasRemoved && summary !== undefined;
  useEffect(() => {
    // The deletion was undone while this window still shows the chat.
    if (isBack) retry();
  }, [isBack, retry]);

  const messages = view?.messages;
  useEffect(() => {
    if (messages) messagesSeen(messages);
  }, [messages]);

  const path = useMemo(() => (view ? shownPath(view.messages, view.chat.leafId) : noPath), [view]);
  const choice = useMemo<ModelChoice>(() => {
    const known = view?.chat ?? summary;
    if (id !== null && !known) return { state: 'unknown' };
    const names = new Map<string, string>();
    for (const message of view?.messages.values() ?? []) {
      if (message.modelId !== null && message.modelName !== null) names.set(message.modelId, message.modelName);
    }
    return chooseModel(models, known ? known.usesModelId : freshModelId, names, servers);
  }, [id, view, summary, models, servers, freshModelId]);

  const sending = outgoing?.chatId === id && !(view && hasArrived(outgoing, view.messages)) ? outgoing.draft : null;
  const lastStatus = path.at(-1)?.message.status;
  return {
    id,
    view,
    chat: view?.chat ?? null,
    summary,
    // An invalid chat id is refused as invalid input.
    removed: wasRemoved || live.error?.code === 'not_found' || live.error?.code === 'invalid_input',
    failure: live.error,
    retry,
    path,
    compared: view ? comparedAt(view.messages, path) : undefined,
    lastReply: lastOf(path, 'assistant')?.message,
    lastUserMessage: lastOf(path, 'user')?.message,
    sending,
    busy: sending !== null || view?.chat.busy === true || lastStatus === 'pending' || lastStatus === 'streaming',
    models,
    servers,
    choice,
  };
}
