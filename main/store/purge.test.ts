/** Deletes of chats for good, slice by slice. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MessagePart } from '../../preload/contract/message-parts.ts';
import { hasChat, markChatDeleted, purgeSlice, putChat } from './chats.ts';
import { listMessages, putMessage } from './messages.ts';
import { searchChats } from './search.ts';
import { openStore, transaction, type Store } from './store.ts';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-purge-'));
  store = openStore(folder, path.join(import.meta.dirname, 'migrations'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** A chat whose messages hang below each other. */
function putChatOf(id: string, messages: readonly (readonly MessagePart[])[]): void {
  transaction(store, () => {
    putChat(store, {
      ...{ id, title: `Of ${id}`, pinned: false, modelId: null, systemPrompt: '', sampling: null },
      ...{ contextPolicy: 'roll', leafId: null, createdAt: 1, updatedAt: 1 },
    });
    messages.forEach((parts, index) =>
      putMessage(store, {
        ...{ id: `${id}-${index}`, chatId: id, parentId: index === 0 ? null : `${id}-${index - 1}`, role: 'user' },
        ...{ status: 'complete', error: null, modelId: null, modelName: null, sampling: null, timing: null },
        ...{ parts, createdAt: index },
      }),
    );
  });
}
const text = (words: string): MessagePart => ({ type: 'text', text: words });
const slice = (id: string): { files: readonly string[]; done: boolean } =>
  transaction(store, () => purgeSlice(store, id));

it('a chat that is not hidden loses nothing', () => {
  putChatOf('a', [[text('one')]]);
  expect(slice('a')).toEqual({ files: [], done: true });
  expect(slice('nobody')).toEqual({ files: [], done: true });
  expect(listMessages(store, 'a')).toHaveLength(1);
  // Brought back between two slices.
  putChatOf('b', [[text('x'.repeat(30_000))], [text('y'.repeat(30_000))]]);
  markChatDeleted(store, 'b', 1);
  expect(slice('b').done).toBe(false);
  markChatDeleted(store, 'b', null);
  expect(slice('b')).toEqual({ files: [], done: true });
  expect(listMessages(store, 'b').map(({ id }) => id)).toEqual(['b-0']);
});

it('a slice is of a bounded size, but at least one message, however long that is', () => {
  putChatOf('a', [
    [text('short')],
    [text('x'.repeat(100_000))],
    [text('y'.repeat(15_000))],
    [text('z'.repeat(15_000))],
  ]);
  putChatOf('kept', [[text('short')]]);
  markChatDeleted(store, 'a', 1);
  const left: number[] = [];
  for (let done = false; !done; left.push(listMessages(store, 'a').length)) {
    expect(left.length, 'slices').toBeLessThan(10);
    done = slice('a').done;
  }
  expect(left).toEqual([3, 2, 1, 0]);
  expect(hasChat(store, 'a')).toBe(false);
  expect(searchChats(store, 'short')).toHaveLength(1);
});

it('a slice names the files of its own messages, each once', () => {
  const image = (sha256: string): MessagePart => ({
    ...{ type: 'image', width: null, height: null },
    file: { sha256, name: 'x.png', mediaType: 'image/png', sizeBytes: 1 },
  });
  const [one, two] = ['1'.repeat(64), '2'.repeat(64)];
  putChatOf('a', [
    [image(one), text('x'.repeat(30_000))],
    [image(two), image(two)],
  ]);
  putChatOf('other', [[image('3'.repeat(64))]]);
  markChatDeleted(store, 'a', 1);
  expect(slice('a')).toEqual({ files: [two], done: false });
  expect(slice('a')).toEqual({ files: [one], done: true });
});
