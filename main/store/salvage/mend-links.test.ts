import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { pathTo } from '../messages.ts';
import { openStore } from '../store.ts';
import { mendLinks } from './mend-links.ts';

it('hangs a message whose parent was lost below the one before it in its own chat, and below none of another chat', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-links-'));
  const store = openStore(folder, path.join(import.meta.dirname, '../migrations'));
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });
  store.pragma('foreign_keys = OFF');
  for (const id of ['a', 'b'])
    store.exec(`INSERT INTO chats (id, title, created_at, updated_at) VALUES ('${id}', '', 1, 1)`);
  const add = store.prepare(
    "INSERT INTO messages (seq, id, chat_id, parent_id, role, status, created_at) VALUES (?, ?, ?, ?, 'user', 'complete', 1)",
  );
  // The two chats were written in turns. The message 3, b's first, is lost, and the message 5 of a.
  add.run(1, 'a1', 'a', null);
  add.run(2, 'a2', 'a', 'a1');
  add.run(4, 'b2', 'b', 'b1');
  add.run(6, 'a4', 'a', 'a3');
  add.run(7, 'b3', 'b', 'b2');
  mendLinks(store);
  const shown = (leaf: string): string[] => pathTo(store, leaf).map(({ id }) => id);
  expect([shown('b3'), shown('a4')]).toEqual([
    ['b2', 'b3'],
    ['a1', 'a2', 'a4'],
  ]);
});
