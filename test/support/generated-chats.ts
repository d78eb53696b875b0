/** A store with many chats, made without a model: for benches and for lists of their length. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { addFolder, placeChat } from '../../main/store/chat-order.ts';
import { putChat } from '../../main/store/chats.ts';
import { putMessage } from '../../main/store/messages.ts';
import { openStore, transaction, type Store } from '../../main/store/store.ts';

const HOUR_MS = 3_600_000;

/** Numbers from 0 to below 1, the same in each run: Lehmer's generator with the multiplier of Park and Miller. */
export function createRandom(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Opens the store of a data folder, and closes it after `work`. */
export function inStore(dataFolder: string, work: (store: Store) => void): void {
  mkdirSync(dataFolder, { recursive: true });
  const store = openStore(dataFolder, path.join(import.meta.dirname, '../../main/store/migrations'));
  try {
    work(store);
  } finally {
    store.close();
  }
}

/**
 * Adds so many chats of one message each, the newest of now and each other three hours older: every tenth in a folder, every twentieth
 * with a tag, every hundredth pinned, every fiftieth archived.
 */
export function addChats(store: Store, count: number): void {
  const now = Date.now();
  transaction(store, () => {
    const folders = ['Work', 'Recipes', 'Travel'].map((name, index) => addFolder(store, name, index));
    for (let index = 0; index < count; index++) {
      const [id, at] = [`chat-${index}`, now - index * 3 * HOUR_MS];
      putChat(store, {
        ...{ id, title: `Chat number ${index}`, pinned: index % 100 === 7, modelId: null, systemPrompt: '' },
        ...{ sampling: null, contextPolicy: 'roll', leafId: null, createdAt: at, updatedAt: at },
      });
      putMessage(store, {
        ...{ id: `message-${index}`, chatId: id, parentId: null, role: 'user', status: 'complete', error: null },
        ...{ parts: [{ type: 'text', text: `The words of chat ${index}` }], createdAt: at },
        ...{ modelId: null, modelName: null, sampling: null, timing: null },
      });
      store.prepare('UPDATE chats SET leaf_id = ? WHERE id = ?').run(`message-${index}`, id);
      placeChat(store, id, {
        ...(index % 10 === 3 && { folderId: folders[index % 3] ?? null }),
        ...(index % 20 === 5 && { tags: ['later'] }),
        ...(index % 50 === 9 && { archived: true }),
      });
    }
  });
}
