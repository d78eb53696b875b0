/** What a deletion leaves in the raw files of the database. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { putChat } from '../store/chats.ts';
import { putMessage } from '../store/messages.ts';
import { openStore, type Store } from '../store/store.ts';
import { createDeletions } from './deletions.ts';

const WORD = 'pangolin';
const migrations = path.join(import.meta.dirname, '../store/migrations');

function makeFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-deleted-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The files of the database that contain the word. */
const filesWithWord = (folder: string): string[] =>
  readdirSync(folder).filter((name) => readFileSync(path.join(folder, name)).includes(WORD));

function putChats(store: Store): void {
  for (const id of ['a', 'b']) {
    putChat(store, {
      ...{ id, title: id === 'a' ? WORD : 'Other', pinned: false, modelId: null, systemPrompt: '', sampling: null },
      ...{ contextPolicy: 'roll', leafId: null, createdAt: 1, updatedAt: 1 },
    });
    const said = `${id === 'a' ? WORD : 'other'} ${'and more '.repeat(2000)}${id === 'a' ? WORD : 'other'}`;
    putMessage(store, {
      ...{ id: `m${id}`, chatId: id, parentId: null, role: 'user', status: 'complete', error: null, modelId: null },
      ...{ modelName: null, sampling: null, timing: null, createdAt: 1 },
      parts: [{ type: 'text', text: said }],
    });
  }
}

it('is nothing while the app runs, and nothing when a reader that kept it is gone', async () => {
  const folder = makeFolder();
  const store = openStore(folder, migrations);
  putChats(store);
  expect(filesWithWord(folder)).toContain('hearth.db-wal');
  const reader = new Database(path.join(folder, 'hearth.db'), { readonly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM chats').get();
  const gone: string[] = [];
  const deletions = createDeletions({
    ...{ store, files: { deleteUnnamed: () => {} }, undoMs: 20, now: () => 1 },
    onGone: (chatId) => gone.push(chatId),
    onDefect: (error) => expect.unreachable(String(error)),
  });
  deletions.delete('a');
  await expect.poll(() => gone).toEqual(['a']);
  expect(filesWithWord(folder)).not.toEqual([]); // the reader still sees the chat
  reader.close();
  await expect.poll(() => filesWithWord(folder), { timeout: 30_000 }).toEqual([]);
  expect(store.prepare('SELECT count(*) FROM messages').pluck().get()).toBe(1);
  await deletions.close();
  store.close();
});

it('is nothing once Hearth runs again after it was killed right after the deletion', () => {
  const folder = makeFolder();
  const first = openStore(folder, migrations);
  putChats(first);
  first.close();
  expect(filesWithWord(folder)).toEqual(['hearth.db']);
  const file = (name: string): string => JSON.stringify(path.join(import.meta.dirname, '../store', name));
  const script = `import { openStore } from ${file('store.ts')};
    import { markChatDeleted, purgeSlice } from ${file('chats.ts')};
    const store = openStore(${JSON.stringify(folder)}, ${JSON.stringify(migrations)});
    store.exec("UPDATE chats SET title = 'a longer ${WORD}' WHERE id = 'a'");
    markChatDeleted(store, 'a', 1);
    while (!purgeSlice(store, 'a').done);
    process.kill(process.pid, 'SIGKILL');`;
  expect(spawnSync(process.execPath, ['--input-type=module', '-e', script]).signal).toBe('SIGKILL');
  expect(filesWithWord(folder)).not.toEqual([]);
  const store = openStore(folder, migrations);
  expect(filesWithWord(folder)).toEqual([]);
  store.close();
});

it('is nothing also where something else of the chat could not be deleted', async () => {
  const folder = makeFolder();
  const store = openStore(folder, migrations);
  putChats(store);
  const defects: unknown[] = [];
  const deletions = createDeletions({
    ...{ store, files: { deleteUnnamed: () => {} }, undoMs: 20, now: () => 1 },
    onGone() {
      throw new Error('the state of the chat is open elsewhere');
    },
    onDefect: (error) => defects.push(error),
  });
  deletions.delete('a');
  await expect.poll(() => defects.length).toBe(1);
  expect(filesWithWord(folder)).toEqual([]);
  await deletions.close();
  store.close();
});
