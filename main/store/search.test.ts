/** The search: scripts with and without spaces, operators, and where it looks. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../preload/contract/chat.ts';
import { addFolder, markFolderDeleted, placeChat } from './chat-order.ts';
import { markChatDeleted, purgeSlice, putChat } from './chats.ts';
import { markInterrupted, putMessage } from './messages.ts';
import { searchChats } from './search.ts';
import { openStore, transaction, type Store } from './store.ts';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-search-'));
  store = openStore(folder, path.join(import.meta.dirname, 'migrations'));
});
afterEach(() => {
  for (const name of ['texts_fts', 'titles_fts', 'unspaced_fts'])
    expect(() =>
      store.prepare(`INSERT INTO ${name} (${name}, rank) VALUES ('integrity-check', 1)`).run(),
    ).not.toThrow();
  store.close();
  rmSync(folder, { recursive: true });
});

function addChat(id: string, title = id): void {
  putChat(store, {
    ...{ id, title, pinned: false, modelId: null, systemPrompt: '', sampling: null },
    ...{ contextPolicy: 'roll', leafId: null, createdAt: 1, updatedAt: 1 },
  });
}
function addMessage(chatId: string, id: string, text: string, status: Message['status'] = 'complete'): void {
  transaction(store, () =>
    putMessage(store, {
      ...{ id, chatId, parentId: null, role: 'user', status, parts: [{ type: 'text', text }] },
      ...{ error: null, modelId: null, modelName: null, sampling: null, timing: null, createdAt: 1 },
    }),
  );
}
const found = (query: string, filters = {}): string[] =>
  searchChats(store, query, filters)
    .map((hit) => (hit.kind === 'title' ? `title ${hit.chatId}` : hit.messageId))
    .sort();

describe('scripts without spaces', () => {
  beforeEach(() => {
    addChat('c');
    addMessage('c', 'tokyo', '昨日東京都庁に行きました。とても高かった。');
    addMessage('c', 'kyoto', '京都の寺は静かだ');
    addMessage('c', 'end', '我住在東京');
    addMessage('c', 'mixed', '使用Hearth应用运行模型');
    addMessage('c', 'korean', '어제 한국어를공부했다');
    addMessage('c', 'thai', 'ฉันรักภาษาไทยมาก');
    addMessage('c', 'latin', 'Nothing of that here, only a hearth');
  });

  it.each([
    ['東京', ['end', 'tokyo']],
    ['京都', ['kyoto', 'tokyo']],
    ['東京都庁', ['tokyo']],
    ['京', ['end', 'kyoto', 'tokyo']],
    ['とても 東京', ['tokyo']],
    ['静 京都', ['kyoto']],
    ['東京 -都庁', ['end']],
    ['"に行き"', ['tokyo']],
    ['한국', ['korean']],
    ['공부', ['korean']],
    ['공부'.normalize('NFD'), ['korean']],
    ['ภาษา', ['thai']],
    ['hearth', ['latin', 'mixed']],
    ['hearth应用', ['mixed']],
    ['大阪', []],
    ['阪', []],
  ])('finds %s', (query, ids) => {
    expect(found(query)).toEqual(ids);
  });

  it('marks the place, within a few words of it', () => {
    const [hit] = searchChats(store, '東京都');
    expect(hit?.snippet).toBe('昨日\u2068東京都\u2069庁に行きました。とても高かった。');
    expect(searchChats(store, 'hearth').map(({ snippet }) => snippet)).toContain('使用\u2068Hearth\u2069应用运行模型');
    addMessage('c', 'long', `${'山'.repeat(3000)}東京${'川'.repeat(3000)}`);
    const long = searchChats(store, '東京').find((one) => one.kind === 'message' && one.messageId === 'long');
    expect(long?.snippet).toMatch(/^…山{1,16}\u2068東京\u2069川{1,32}…$/u);
  });

  it('finds titles', () => {
    addChat('t1', '東京での一日');
    addChat('t2', 'Plain title of Tokyo');
    expect(found('京での')).toEqual(['title t1']);
    expect(found('一日 -東京')).toEqual([]);
    expect(searchChats(store, '一日')[0]?.snippet).toBe('東京での\u2068一日\u2069');
  });

  it('knows a growing reply from its end on, and again while it goes on', () => {
    addMessage('c', 'reply', '雨が', 'streaming');
    addMessage('c', 'reply', '雨が降る', 'streaming');
    expect(found('雨が')).toEqual([]);
    addMessage('c', 'reply', '雨が降るそうです', 'complete');
    expect(found('そうです')).toEqual(['reply']);
    addMessage('c', 'reply', '雨が降る', 'pending');
    expect(found('雨が')).toEqual([]);
    addMessage('c', 'reply', '雪が降る', 'streaming');
    markInterrupted(store);
    expect([found('雪が'), found('雨が')]).toEqual([['reply'], []]);
  });

  it('really deletes: no letter of a purged chat is left in the file', () => {
    addMessage('c', 'gone', '秘密兵器');
    addMessage('c', 'gone', '秘密道具');
    addMessage('c', 'running', '未完成品', 'streaming');
    markChatDeleted(store, 'c', 1);
    while (!transaction(store, () => purgeSlice(store, 'c')).done);
    store.pragma('wal_checkpoint(TRUNCATE)');
    const bytes = readFileSync(path.join(folder, 'hearth.db'));
    for (const word of ['秘密', '兵器', '道具', '未完']) expect(bytes.includes(word), word).toBe(false);
  });
});

describe('operators', () => {
  beforeEach(() => {
    addChat('c');
    addMessage('c', 'a', 'The red house is old');
    addMessage('c', 'b', 'The house is red, and e-mail is new');
    addMessage('c', 'c', 'A green house');
  });

  it.each([
    ['"red house"', ['a']],
    ['house -red', ['c']],
    ['house -"red house"', ['b', 'c']],
    ['hous', ['a', 'b', 'c']],
    ['"hous"', []],
    ['-red', []],
    ['- red', ['a', 'b']],
    ['e-mail', ['b']],
    ['"', []],
    ['"red', ['a', 'b']],
    ['house -', ['a', 'b', 'c']],
    ['r', ['a', 'b']],
    ['z', []],
    ['the -e', ['a']],
  ])('reads %s', (query, ids) => {
    expect(found(query)).toEqual(ids);
  });
});

it('looks where it is told to', () => {
  for (const id of ['one', 'two', 'old', 'gone']) {
    addChat(id, `Pears of ${id}`);
    addMessage(id, `m-${id}`, 'Apples and 林檎');
  }
  const fruit = addFolder(store, 'Fruit', 1);
  const hidden = addFolder(store, 'Hidden', 2);
  placeChat(store, 'one', { folderId: fruit, tags: ['sweet'] });
  placeChat(store, 'two', { folderId: hidden, tags: ['sweet', 'round'] });
  placeChat(store, 'old', { archived: true });
  markFolderDeleted(store, hidden, 1);
  markChatDeleted(store, 'gone', 1);
  for (const query of ['apples', '林檎', '林']) {
    expect(found(query), query).toEqual(['m-old', 'm-one', 'm-two']);
    expect(found(query, { chatId: 'two' })).toEqual(['m-two']);
    expect(found(query, { folderId: fruit })).toEqual(['m-one']);
    expect(found(query, { folderId: hidden })).toEqual([]);
    expect(found(query, { tag: 'sweet' })).toEqual(['m-one', 'm-two']);
    expect(found(query, { tag: 'round', archived: false })).toEqual(['m-two']);
    expect(found(query, { archived: true })).toEqual(['m-old']);
    expect(found(query, { chatId: 'nobody' })).toEqual([]);
  }
  expect(found('pears', { archived: true })).toEqual(['title old']);
  expect(searchChats(store, 'pears').find(({ chatId }) => chatId === 'old')?.archived).toBe(true);
});

it('rates the newest texts, and finds a rare word however old it is', () => {
  addChat('c');
  transaction(store, () => {
    addMessage('c', 'first', 'common unicorn');
    for (let index = 0; index < 1200; index++) addMessage('c', `m${index}`, 'common words');
  });
  expect(found('unicorn common')).toEqual(['first']);
  expect(found('common')).toHaveLength(50);
});
