/** Deletions over a real store. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import type { Message } from '../../preload/contract/chat.ts';
import { hasChat, listHiddenChats, markChatDeleted, putChat } from '../store/chats.ts';
import { putMessage } from '../store/messages.ts';
import { openStore, transaction, type Store } from '../store/store.ts';
import { createDeletions, type Deletions } from './deletions.ts';

let folder: string;
let store: Store;
let gone: string[];
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-deletions-'));
  store = openStore(folder, path.join(import.meta.dirname, '../store/migrations'));
  gone = [];
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const start = (undoMs: number, closeMs?: number): Deletions =>
  createDeletions({
    ...(closeMs === undefined ? {} : { closeMs }),
    store,
    files: { deleteUnnamed: () => {} },
    undoMs,
    now: () => 1,
    onGone: (id) => gone.push(id),
    onDefect: (error) => {
      throw error;
    },
  });

const count = (): number => (store.prepare('SELECT count(*) AS count FROM messages').get() as { count: number }).count;

function putLongChat(id: string, messages: number): void {
  transaction(store, () => {
    putChat(store, {
      ...{ id, title: id, pinned: false, modelId: null, systemPrompt: '', sampling: null, contextPolicy: 'roll' },
      ...{ leafId: null, createdAt: 1, updatedAt: 1 },
    });
    let parentId: string | null = null;
    for (let index = 0; index < messages; index++) {
      const message: Message = {
        ...{ id: `${id}-${index}`, chatId: id, parentId, role: 'user', status: 'complete', createdAt: index },
        ...{ error: null, modelId: null, modelName: null, sampling: null, timing: null },
        parts: [
          { type: 'text', text: Array.from({ length: 20 }, (_, word) => `w${(index * 31 + word) % 900}`).join(' ') },
        ],
      };
      putMessage(store, message);
      parentId = message.id;
    }
    store.prepare('UPDATE chats SET leaf_id = ? WHERE id = ?').run(parentId, id);
  });
}

it('purges a long chat in slices, between which others have the thread', async () => {
  putLongChat('long', 400);
  const deletions = start(1);
  deletions.delete('long');
  const seen = new Set<number>();
  await expect
    .poll(
      () => {
        seen.add(count());
        return hasChat(store, 'long');
      },
      { interval: 0 },
    )
    .toBe(false);
  expect(seen.size).toBeGreaterThan(3);
  await expect.poll(() => gone).toEqual(['long']);
  expect(count()).toBe(0);
  await deletions.close();
});

it('goes on after a start with what a kill left half purged, and not while the app starts', async () => {
  putLongChat('long', 120);
  putLongChat('kept', 60);
  transaction(store, () => markChatDeleted(store, 'long', 1));
  store.exec(
    "UPDATE chats SET leaf_id = NULL WHERE id = 'long'; DELETE FROM messages WHERE chat_id = 'long' AND seq > 70",
  );
  const deletions = start(60_000);
  deletions.purgeHidden();
  expect(count()).toBe(130);
  await expect.poll(() => gone, { timeout: 20_000 }).toEqual(['long']);
  expect(count()).toBe(60);
  expect(listHiddenChats(store)).toEqual([]);
  await deletions.close();
});

it('purges at the end what could still be undone', async () => {
  putLongChat('one', 1);
  putLongChat('two', 1);
  const deletions = start(60_000);
  deletions.delete('one');
  deletions.delete('two');
  expect(deletions.undo('two')).toEqual(['two']);
  await deletions.close();
  expect([hasChat(store, 'one'), hasChat(store, 'two')]).toEqual([false, true]);
});

it('purges at a close what an earlier process hid, also before the start is over', async () => {
  putLongChat('a', 60);
  transaction(store, () => markChatDeleted(store, 'a', 1));
  const deletions = start(10_000);
  deletions.purgeHidden();
  await deletions.close();
  expect(gone).toEqual(['a']);
  expect(count()).toBe(0);
});

it('leaves to the next start what a close has no time for', async () => {
  putLongChat('long', 120);
  const first = start(60_000, -1);
  first.delete('long');
  await first.close();
  expect([count(), gone, listHiddenChats(store)]).toEqual([120, [], ['long']]);
  const next = start(60_000);
  next.purgeHidden();
  await next.close();
  expect([count(), gone, hasChat(store, 'long')]).toEqual([0, ['long'], false]);
});

it('purges what an earlier process hid once the start is over, and not what was deleted meanwhile', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  putLongChat('hidden', 1);
  putLongChat('new', 1);
  transaction(store, () => markChatDeleted(store, 'hidden', 1));
  const deletions = start(60_000);
  deletions.purgeHidden();
  deletions.delete('new');
  await vi.advanceTimersByTimeAsync(1999);
  expect(gone).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await vi.waitUntil(() => gone.length > 0);
  expect(gone).toEqual(['hidden']);
  await vi.advanceTimersByTimeAsync(50_000);
  expect(deletions.undo('new')).toEqual(['new']);
  await deletions.close();
  expect([gone, hasChat(store, 'new')]).toEqual([['hidden'], true]);
});

it('reports a list of hidden chats that cannot be read, and never throws at the start', async () => {
  store.exec('ALTER TABLE chats RENAME TO chats_gone');
  const defects: unknown[] = [];
  const deletions = createDeletions({
    store,
    ...{ files: { deleteUnnamed: () => {} }, undoMs: 10, now: () => 1, onGone: () => {} },
    onDefect: (error) => defects.push(error),
  });
  deletions.purgeHidden();
  await deletions.close();
  expect(defects).toHaveLength(1);
});
