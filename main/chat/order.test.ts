/** Folders, tags, the archive, and acts on many chats, over a real store. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MOST_FOLDERS, MOST_TAGS } from '../../preload/contract/chat-limits.ts';
import type { ChatListEvent, ChatSummary } from '../../preload/contract/chat.ts';
import { defaultSampling } from '../../preload/contract/defaults.ts';
import { listFolders } from '../store/chat-order.ts';
import { listHiddenChats } from '../store/chats.ts';
import { createFiles } from '../store/files.ts';
import { openStore, type Store } from '../store/store.ts';
import { createChats, type Chats } from './chat.ts';

let folder: string;
let store: Store;
let chats: Chats;
const fails = (): never => {
  throw new Error('not to be called');
};
function start(undoMs = 60_000): void {
  store = openStore(folder, path.join(import.meta.dirname, '../store/migrations'));
  chats = createChats({
    store,
    files: createFiles({ store, folder: path.join(folder, 'files') }),
    inference: {
      generate: fails,
      prompt: fails,
      count: fails,
      render: fails,
      keep: () => () => {},
      loaded: () => [],
      saveState: fails,
      dropState: () => Promise.resolve(),
    },
    builtInModelId: 'built/in/model.gguf',
    defaultSampling: () => defaultSampling,
    onModelUsed: () => {},
    onDefect(error) {
      throw error;
    },
    undoMs,
  });
}
async function stop(): Promise<void> {
  await chats.close();
  store.close();
}
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-order-'));
  start();
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

const fresh = { modelId: null, systemPrompt: '', sampling: null, contextPolicy: null } as const;
const add = (title: string): string => chats.import(fresh, [{ role: 'user', text: title }]).chatId;

type Unnumbered = ChatListEvent extends infer E ? (E extends ChatListEvent ? Omit<E, 'revision'> : never) : never;
/** The list as a window has it: the snapshot with every change since. */
function watch(): { readonly events: Unnumbered[]; next: () => Promise<ChatListEvent> } {
  const reader = chats.watchList(new AbortController().signal);
  const events: Unnumbered[] = [];
  return {
    events,
    async next() {
      const { value } = (await reader.next()) as { value: ChatListEvent };
      events.push(value);
      return value;
    },
  };
}
async function list(): Promise<{ chats: ReadonlyMap<string, ChatSummary>; folders: readonly string[] }> {
  const event = await watch().next();
  if (event.type !== 'snapshot') throw new Error('no snapshot');
  return {
    chats: new Map(event.chats.map((chat) => [chat.title, chat])),
    folders: event.folders.map(({ name }) => name),
  };
}
const one = async (title: string): Promise<ChatSummary> => {
  const chat = (await list()).chats.get(title);
  if (!chat) throw new Error(`no chat ${title}`);
  return chat;
};

it('a folder is made, renamed, filled, and deleted without its chats, which are in it again after an undo', async () => {
  const [a, b] = [add('Apples'), add('Pears')];
  const { folderId } = chats.order.createFolder('Fruit');
  expect(chats.order.arrange({ chatIds: [a, b], folderId }).count).toBe(2);
  chats.order.renameFolder(folderId, 'Fruits');
  expect((await list()).folders).toEqual(['Fruits']);
  expect((await one('Apples')).folderId).toBe(folderId);

  chats.order.deleteFolder(folderId);
  expect((await list()).folders).toEqual([]);
  expect((await one('Apples')).folderId).toBeNull();
  for (const act of [
    () => chats.order.deleteFolder(folderId),
    () => chats.order.renameFolder(folderId, 'Gone'),
    () => chats.order.arrange({ chatIds: [a], folderId }),
  ])
    expect(act).toThrow(expect.objectContaining({ code: 'not_found' }));
  expect(chats.order.undoDeleteFolder(folderId)).toEqual({ restored: true });
  expect(chats.order.undoDeleteFolder(folderId)).toEqual({ restored: false });
  expect((await one('Pears')).folderId).toBe(folderId);
});

it('a deleted folder is gone after its time, and after a start', async () => {
  await stop();
  start(10);
  const a = add('Apples');
  const [first, second] = [chats.order.createFolder('One').folderId, chats.order.createFolder('Two').folderId];
  chats.order.arrange({ chatIds: [a], folderId: first });
  chats.order.deleteFolder(first);
  await expect.poll(() => store.prepare('SELECT folder_id FROM chats').pluck().all()).toEqual([null]);
  expect(chats.order.undoDeleteFolder(first).restored).toBe(false);
  // As a killed app leaves it.
  store.prepare('UPDATE chat_folders SET deleted_at = 1 WHERE id = ?').run(second);
  await stop();
  start();
  expect(store.prepare('SELECT count(*) FROM chat_folders').pluck().get()).toBe(0);
});

it('has a limit for folders', () => {
  for (let index = 0; index < MOST_FOLDERS; index++) chats.order.createFolder(`${index}`);
  expect(() => chats.order.createFolder('one too many')).toThrow(
    expect.objectContaining({ code: 'invalid_input', data: expect.objectContaining({ reason: 'too_many_folders' }) }),
  );
  expect(listFolders(store)).toHaveLength(MOST_FOLDERS);
});

it('tags, pins and archives many at once, tells it in one event, and takes it back', async () => {
  const [a, b, c] = [add('A'), add('B'), add('C')];
  chats.order.arrange({ chatIds: [a], addTags: ['Work'], pinned: true });
  const window = watch();
  await window.next();
  const { undoId, count } = chats.order.arrange({
    chatIds: [a, b, c, a, 'gone'],
    addTags: ['work', 'urgent'],
    archived: true,
    pinned: true,
  });
  expect(count).toBe(3);
  const event = await window.next();
  expect(event).toMatchObject({ type: 'many', removed: [] });
  expect(event.type === 'many' && event.chats.map(({ id, tags }) => [id, tags])).toEqual([
    [a, ['Work', 'urgent']],
    [b, ['Work', 'urgent']],
    [c, ['Work', 'urgent']],
  ]);
  // What came later stays.
  chats.update({ chatId: b, title: 'Bee' });
  expect(chats.order.undoArrange(undoId)).toEqual({ restored: true });
  expect(chats.order.undoArrange(undoId)).toEqual({ restored: false });
  expect(await one('A')).toMatchObject({ tags: ['Work'], archived: false, pinned: true });
  expect(await one('Bee')).toMatchObject({ tags: [], archived: false, pinned: false });
  chats.order.arrange({ chatIds: [a], removeTags: ['WORK'] });
  expect((await one('A')).tags).toEqual([]);
});

it('changes none when one would get too many tags', async () => {
  const [a, b] = [add('A'), add('B')];
  const tags = Array.from({ length: MOST_TAGS }, (_, index) => `tag ${index}`);
  chats.order.arrange({ chatIds: [b], addTags: tags });
  expect(() => chats.order.arrange({ chatIds: [a, b], addTags: ['more'] })).toThrow(
    expect.objectContaining({ data: expect.objectContaining({ reason: 'too_many_tags', name: 'B' }) }),
  );
  expect((await one('A')).tags).toEqual([]);
});

it('deletes many with one undo', async () => {
  const ids = ['A', 'B', 'C'].map(add);
  const kept = add('Kept');
  const window = watch();
  await window.next();
  expect((await chats.order.deleteMany([...ids, 'gone'])).count).toBe(3);
  expect(await window.next()).toMatchObject({ type: 'many', removed: ids, chats: [] });
  expect([...(await list()).chats.keys()]).toEqual(['Kept']);
  expect(chats.order.undoDeleteMany(ids)).toEqual({ restored: 3 });
  expect(await window.next()).toMatchObject({ type: 'many', removed: [] });
  expect((await list()).chats.size).toBe(4);
  await chats.order.deleteMany([ids[0]!, kept]);
  await stop();
  start();
  expect(listHiddenChats(store)).toEqual([]);
  expect([...(await list()).chats.keys()].sort()).toEqual(['B', 'C']);
});

it('copies a chat with its tree, its place and its words in the search', async () => {
  const { chatId } = chats.import({ ...fresh, systemPrompt: 'Be brief.' }, [
    { role: 'user', text: 'Tell of larks' },
    { role: 'assistant', text: 'They sing.' },
    { role: 'user', text: 'More' },
  ]);
  const { folderId } = chats.order.createFolder('Birds');
  chats.order.arrange({ chatIds: [chatId], folderId, addTags: ['birds'], pinned: true });
  const copy = chats.order.duplicate(chatId, 'Larks (copy)');
  const snapshotOf = async (id: string) => {
    for await (const event of chats.watch(id, new AbortController().signal))
      if (event.type === 'snapshot') return event;
    throw new Error('no snapshot');
  };
  const [first, second] = [await snapshotOf(chatId), await snapshotOf(copy.chatId)];
  expect(second.chat).toMatchObject({ title: 'Larks (copy)', systemPrompt: 'Be brief.', folderId, tags: ['birds'] });
  expect(second.chat.pinned).toBe(false);
  expect(second.messages.map(({ role, parts }) => ({ role, parts }))).toEqual(
    first.messages.map(({ role, parts }) => ({ role, parts })),
  );
  const placeOf = (messages: typeof first.messages, id: string | null) => messages.findIndex((one) => one.id === id);
  expect(second.messages.map(({ parentId }) => placeOf(second.messages, parentId))).toEqual([-1, 0, 1]);
  expect(placeOf(second.messages, second.chat.leafId)).toBe(2);
  expect(new Set([...first.messages, ...second.messages].map(({ id }) => id)).size).toBe(6);
  expect(
    chats
      .search({ query: 'sing' })
      .hits.map((hit) => hit.chatId)
      .sort(),
  ).toEqual([chatId, copy.chatId].sort());
  await chats.delete(chatId);
  expect((await snapshotOf(copy.chatId)).messages).toHaveLength(3);
});
