/** A chat without messages, as no window makes one any more, and older versions left them behind. */
import { randomUUID } from 'node:crypto';
import { putChat } from '../../main/store/chats.ts';
import { transaction, type Store } from '../../main/store/store.ts';

/** Stores the chat, which no watch is told of. */
export function emptyChat(store: Store, modelId: string | null): { readonly id: string } {
  const id = randomUUID();
  const now = Date.now();
  const chosen = { modelId, systemPrompt: '', sampling: null, contextPolicy: 'roll' } as const;
  const chat = { ...chosen, id, title: '', pinned: false, leafId: null, createdAt: now, updatedAt: now };
  transaction(store, () => putChat(store, chat));
  return { id };
}
