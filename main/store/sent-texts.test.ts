import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { UserPart } from '../../preload/contract/message-parts.ts';
import { listSentTexts } from './sent-texts.ts';
import { openStore, statement } from './store.ts';
import { putMessage } from './messages.ts';

it('gives what was typed, newest first and once, those of the chat before others, without files, replies and deleted chats', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-sent-'));
  const store = openStore(folder, path.join(import.meta.dirname, 'migrations'));
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const chat = (id: string): void => {
    statement(
      store,
      `INSERT INTO chats (id, title, pinned, system_prompt, context_policy, created_at, updated_at) VALUES (?, '', 0, '', 'roll', 0, 0)`,
    ).run(id);
  };
  for (const id of ['a', 'b', 'gone']) chat(id);
  let count = 0;
  const say = (chatId: string, parts: readonly UserPart[], role: 'user' | 'assistant' = 'user'): void =>
    putMessage(store, {
      ...{ id: `m${count++}`, chatId, parentId: null, role, parts, status: 'complete', error: null, modelId: null },
      ...{ modelName: null, sampling: null, timing: null, createdAt: 0 },
    });
  const text = (text: string): UserPart => ({ type: 'text', text });
  say('a', [text('first')]);
  say('b', [text('second\n')]);
  say('a', [{ type: 'text', text: 'a file', name: 'notes.txt' }, text('third')]);
  say('b', [text('first')]);
  say('a', [text('reply')], 'assistant');
  say('b', [text('x'.repeat(11))]);
  say('gone', [text('deleted')]);
  say('b', [text(' ')]);
  statement(store, `UPDATE chats SET deleted_at = 1 WHERE id = 'gone'`).run();
  const wanted = { limit: 10, maxLength: 10 };
  expect(listSentTexts(store, { ...wanted, chatId: null })).toEqual(['first', 'third', 'second']);
  expect(listSentTexts(store, { ...wanted, chatId: 'a' })).toEqual(['third', 'first', 'second']);
  expect(listSentTexts(store, { ...wanted, limit: 1, chatId: 'b' })).toEqual(['first']);
});
