/** A chat without messages. The page creates none any more, but older versions did. */
import { randomUUID } from 'node:crypto';
import { putChat } from '../../main/store/chats.ts';
import { transaction, type Store } from '../../main/store/store.ts';

/** Stores the chat without an event. */
export function emptyChat(store: Store, modelId: string | null): { readonly id: string } {
  const id = randomUUID();
  const now = Date.now();
  const chosen = { modelId, systemPrompt: '', sampling: null, contextPolicy: 'roll' } as const;
  const chat = { ...chosen, id, title: '', pinned: false, leafId: null, createdAt: now, updatedAt: now };
  transaction(store, () => putChat(store, chat));
  return { id };
}
