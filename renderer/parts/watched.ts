/** Watched lists. Each one is a single stream that all components share. */
import { useMemo } from 'react';
import type { ChatListEvent, ChatSummary } from '../../preload/contract/chat.ts';
import type { LoadedModel } from '../../preload/contract/engine.ts';
import type { ModelsEvent } from '../../preload/contract/library.ts';
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
const noChats: ChatMap = new Map();

function foldChatList(chats: ChatMap, event: ChatListEvent): ChatMap {
  switch (event.type) {
    case 'snapshot':
      return new Map(event.chats.map((chat) => [chat.id, chat]));
    case 'chat':
      return new Map(chats).set(event.chat.id, event.chat);
    case 'removed': {
      const rest = new Map(chats);
      rest.delete(event.chatId);
      return rest;
    }
    default:
      return event satisfies never;
  }
}

/** All chats by id, live. */
export function useChatList(): LiveResult<ChatMap> {
  return useLiveReduce('chat.watchList', {}, foldChatList, noChats);
}
