import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { AppError } from '../../preload/wire/errors.ts';
import { putChat } from '../store/chats.ts';
import { openStore, type Store } from '../store/store.ts';
import { createDeletions, type DeletionsOptions } from './deletions.ts';

function start(more: Partial<DeletionsOptions> = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-deletions-'));
  const store: Store = openStore(folder, path.join(import.meta.dirname, '../store/migrations'));
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });
  for (const id of ['a', 'b'])
    putChat(store, {
      ...{ id, title: 'Fire', pinned: false, modelId: null, systemPrompt: '', sampling: null, contextPolicy: 'roll' },
      ...{ leafId: null, createdAt: 1, updatedAt: 1 },
    });
  const gone: string[] = [];
  const defects: unknown[] = [];
  const stays: unknown[] = [];
  const deletions = createDeletions({
    ...{ store, files: { deleteUnnamed: () => {} }, undoMs: 60_000, now: () => 1 },
    onGone: (chatId) => gone.push(chatId),
    onDefect: (error) => defects.push(error),
    onStays: (error) => stays.push(error),
    ...more,
  });
  return { deletions, store, gone, defects, stays };
}

it('has one undo time of a chat that two windows delete', async () => {
  const { deletions, gone } = start({ undoMs: 200 });
  deletions.delete('a');
  deletions.delete('a');
  expect(deletions.undo('a')).toEqual(['a']);
  deletions.delete('b');
  await expect.poll(() => gone).toEqual(['b']);
  // The time of the first deletion is over as well by now.
  await deletions.close();
  expect(gone).toEqual(['b']);
});

it.each([
  ['store.corrupt', 1],
  ['disk.denied', 1],
  ['disk.full', 0],
  ['busy', 0],
] as const)('reports a purge that fails with %s to the log %d times', async (code, times) => {
  const { deletions, defects, stays, store } = start();
  deletions.delete('a');
  const error = new AppError(code, 'No.');
  store.function('refuse', () => {
    throw error;
  });
  store.exec('CREATE TEMP TRIGGER refused BEFORE DELETE ON main.chats BEGIN SELECT refuse(); END');
  await deletions.close();
  expect(defects).toEqual(Array.from({ length: times }, () => error));
  // The user is told in each case: the chat is still on the disk.
  expect(stays).toEqual([error]);
});

it('tells of every purged chat, although one of them fails', async () => {
  const told: string[] = [];
  const { deletions, defects, stays } = start({
    onGone(chatId) {
      told.push(chatId);
      throw new Error('a defect');
    },
  });
  deletions.delete('a');
  deletions.delete('b');
  await deletions.close();
  expect(told).toEqual(['a', 'b']);
  expect(defects).toHaveLength(2);
  expect(stays).toEqual([]);
});
