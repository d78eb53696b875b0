/** Watched lists. Each one is a single stream that all components share. */
import { useMemo } from 'react';
import type { ChatFolder } from '../../preload/contract/chat-order.ts';
import type { ChatListEvent, ChatSummary } from '../../preload/contract/chat.ts';
import type { LoadedModel } from '../../preload/contract/engine.ts';
import type { ModelsEvent } from '../../preload/contract/library.ts';
import type { PromptsEvent } from '../../preload/contract/prompts.ts';
import type { ServerState } from '../../preload/contract/server.ts';
import type { ProvidersEvent } from '../../preload/contract/providers.ts';
import { useLive, useLiveReduce, type LiveResult } from '../connection/live.ts';
import { foldJobs, type MaybeJobsState } from './jobs-state.ts';

const nothing = {};

/** The downloads, with their speed samples. */
export function useJobs(): LiveResult<MaybeJobsState> {
  return useLiveReduce<'jobs.watch', MaybeJobsState>('jobs.watch', nothing, foldJobs, null);
}

/** The models on this computer. */
export function useLocalModels(): LiveResult<ModelsEvent> {
  return useLive('library.watch', nothing);
}

/** The servers elsewhere, with their models. */
export function useProviders(): LiveResult<ProvidersEvent> {
  return useLive('providers.watch', nothing);
}

/** The prompt library, without the texts of its prompts. */
export function usePrompts(): LiveResult<PromptsEvent> {
  return useLive('prompts.watch', nothing);
}

/** The loaded models by id; empty until the first snapshot. */
export function useLoadedModels(): ReadonlyMap<string, LoadedModel> {
  const loaded = useLive('engine.watch', nothing).value?.loaded;
  return useMemo(() => new Map((loaded ?? []).map((model) => [model.modelId, model])), [loaded]);
}

/** The API server: its settings, keys and names, and whether it is on. */
export function useServer(): LiveResult<ServerState> {
  return useLive('server.watch', nothing);
}

type ChatMap = ReadonlyMap<string, ChatSummary>;
interface ChatListState {
  readonly chats: ChatMap;
  readonly folders: readonly ChatFolder[];
}
const noChats: ChatListState = { chats: new Map(), folders: [] };

function foldChatList(state: ChatListState, event: ChatListEvent): ChatListState {
  switch (event.type) {
    case 'snapshot':
      return { chats: new Map(event.chats.map((chat) => [chat.id, chat])), folders: event.folders };
    case 'chat':
      return { ...state, chats: new Map(state.chats).set(event.chat.id, event.chat) };
    case 'many': {
      const chats = new Map(state.chats);
      for (const chat of event.chats) chats.set(chat.id, chat);
      for (const id of event.removed) chats.delete(id);
      return { ...state, chats };
    }
    case 'removed': {
      const chats = new Map(state.chats);
      chats.delete(event.chatId);
      return { ...state, chats };
    }
    case 'folders':
      return { ...state, folders: event.folders };
    default:
      return event satisfies never;
  }
}

const useList = (): LiveResult<ChatListState> => useLiveReduce('chat.watchList', {}, foldChatList, noChats);

/** All chats by id, live. */
export function useChatList(): LiveResult<ChatMap> {
  const live = useList();
  return useMemo(
    () => (live.value === undefined ? live : { ...live, value: live.value.chats }) as LiveResult<ChatMap>,
    [live],
  );
}

const noFolders: readonly ChatFolder[] = [];
/** The folders of chats, in the order of the alphabet; none until the list arrives. */
export function useChatFolders(): readonly ChatFolder[] {
  const folders = useList().value?.folders ?? noFolders;
  return useMemo(() => [...folders].sort((a, b) => a.name.localeCompare(b.name)), [folders]);
}
