/** The memory of the open chat, and the lines that it draws in the conversation. */
import { useMemo, type ReactNode } from 'react';
import type { Message } from '../../../../preload/contract/chat.ts';
import type { ChatMemory } from '../../../../preload/contract/memory.ts';
import { useLive } from '../../../connection/live.ts';
import type { OpenChat } from '../use-open-chat.ts';
import { memoryDividers } from './MemoryDivider.tsx';

export interface OpenMemory {
  /** The messages of the shown path. */
  readonly path: readonly Message[];
  /** Undefined until it is known, and for a chat that is not created yet. */
  readonly memory: ChatMemory | undefined;
  readonly dividers: ReadonlyMap<string, ReactNode>;
}

export function useMemory({ id, chat, path: entries }: Pick<OpenChat, 'id' | 'chat' | 'path'>): OpenMemory {
  const path = useMemo(() => entries.map(({ message }) => message), [entries]);
  const memory = useLive('memory.watch', { chatId: id ?? '' }, { enabled: chat !== null }).value;
  const dividers = useMemo(() => memoryDividers(path, memory), [path, memory]);
  return { path, memory, dividers };
}
