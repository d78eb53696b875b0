/** Rows that another program, or a bad disk, left unreadable. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Message } from '../../preload/contract/chat.ts';
import { readCacheIndex, writeCacheIndex } from './cache-files.ts';
import { getChat, listChats, putChat, type ChatRow } from './chats.ts';
import { readAnswer, readRemoteHeaders, writeAnswer } from './hub-answers.ts';
import { listJobs, putJob, type JobRow } from './jobs.ts';
import { createLoadRecords } from './load-records.ts';
import { getMessage, listMessages, putMessage } from './messages.ts';
import { searchChats } from './search.ts';
import { readHeader } from './model-records.ts';
import { addMovedFiles, readMovedFiles } from './moved-files.ts';
import { readSetting } from './settings.ts';
import { openStore, peekSetting, statement, type Store } from './store.ts';

let folder: string;
let store: Store;
const open = (): Store => (store = openStore(folder, path.join(import.meta.dirname, 'migrations')));
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-unreadable-'));
  open();
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const chat: ChatRow = {
  ...{ id: 'c', title: 'Fire', pinned: false, modelId: null, systemPrompt: '', sampling: null, contextPolicy: 'roll' },
  ...{ leafId: null, createdAt: 1, updatedAt: 1 },
} as const;
const message: Message = {
  ...{ id: 'm', chatId: 'c', parentId: null, role: 'assistant', status: 'complete', error: null, modelId: null },
  ...{ modelName: null, sampling: null, timing: null, createdAt: 1 },
  parts: [
    { type: 'reasoning', text: 'Hm', durationMs: 5 },
    { type: 'tool_call', callId: 'x', name: 'look', arguments: '{}' },
    { type: 'text', text: 'Yes' },
  ],
} as const;

const job: JobRow = {
  ...{ id: 'j', kind: 'download', state: 'failed', spec: {}, error: null, position: 1, createdAt: 1, updatedAt: 1 },
} as const;

it('takes a time beyond all dates for the latest one, which can be shown and written back', () => {
  const word = { ...message, parts: [{ type: 'text', text: 'Fire' }] } as const;
  putChat(store, chat);
  putMessage(store, word);
  putJob(store, job);
  for (const [beyond, latest] of [
    ['9223372036854775807', 8.64e15],
    ['-9223372036854775808', -8.64e15],
  ] as const) {
    for (const table of ['chats', 'messages', 'jobs'])
      statement(store, `UPDATE ${table} SET created_at = ${beyond}`).run();
    for (const table of ['chats', 'jobs']) statement(store, `UPDATE ${table} SET updated_at = ${beyond}`).run();
    expect(searchChats(store, 'fire').map(({ at }) => new Date(at).getTime())).toEqual([latest, latest]);
    const read = getChat(store, 'c');
    expect([read.createdAt, read.updatedAt]).toEqual([latest, latest]);
    putChat(store, { ...read, title: 'Fire again' });
    const written = getMessage(store, 'm');
    if (!written) throw new Error('no message');
    putMessage(store, written);
    expect(listMessages(store, 'c').map(({ createdAt }) => createdAt)).toEqual([latest]);
    for (const one of listJobs(store)) putJob(store, one);
    expect(listJobs(store)).toMatchObject([{ createdAt: latest, updatedAt: latest }]);
  }
  expect(listChats(store)).toMatchObject([{ title: 'Fire again' }]);
});

it('names a damaged page as damage, whatever reads it', () => {
  putChat(store, chat);
  putMessage(store, { ...message, parts: [{ type: 'text', text: 'x'.repeat(50_000) }] });
  store.close();
  // A page that only the long text takes: its first four bytes name the next one.
  const file = path.join(folder, 'hearth.db');
  const bytes = readFileSync(file);
  bytes.writeUInt32BE(0xffffffff, bytes.indexOf('x'.repeat(4092)) - 4);
  writeFileSync(file, bytes);
  open();
  const damage = expect.objectContaining({ code: 'store.corrupt' }) as Error;
  expect(() => listMessages(store, 'c')).toThrow(damage);
  expect(() => getMessage(store, 'm')).toThrow(damage);
  expect(() => statement(store, "UPDATE message_parts SET text = text || 'y'").run()).toThrow(damage);
  expect(listChats(store)).toHaveLength(1);
});

it.each(['{"temp', '5', 'null', '[]'])('shows a chat and its messages where a column holds %s', (broken) => {
  putChat(store, chat);
  putMessage(store, message);
  store.prepare('UPDATE chats SET sampling = ?').run(broken);
  store.prepare('UPDATE messages SET error = ?, sampling = ?, timing = ?').run(broken, broken, broken);
  // The triggers of the table would refuse what is no JSON.
  store.exec('DROP TRIGGER part_files_update');
  store.prepare('UPDATE message_parts SET details = ? WHERE details IS NOT NULL').run(broken);
  expect(listChats(store)).toEqual([chat]);
  expect(getChat(store, 'c')).toEqual(chat);
  const parts = [
    { type: 'reasoning', text: 'Hm', durationMs: null },
    { type: 'text', text: 'Yes' },
  ];
  expect(listMessages(store, 'c')).toEqual([{ ...message, parts }]);
  expect(getMessage(store, 'm')).toEqual({ ...message, parts });
});

it('counts what cannot be read as not there', () => {
  const broken = '{"temp';
  store.prepare("INSERT INTO settings VALUES ('theme', ?)").run(broken);
  store.prepare("INSERT INTO load_settings VALUES ('m', ?)").run(broken);
  store.prepare("INSERT INTO calibrations VALUES ('m', 'here', ?)").run(broken);
  store
    .prepare("INSERT INTO model_headers (model_id, size_bytes, modified_at, header) VALUES ('m', 1, 1, ?)")
    .run(broken);
  store.prepare("INSERT INTO remote_headers VALUES ('o/n', 'c', 'x.gguf', ?)").run(broken);
  writeAnswer(store, 'a', 1, 1);
  store.prepare('UPDATE hub_answers SET answer = ?').run(broken);
  store.prepare("INSERT INTO jobs VALUES ('j', 'move', 'failed', ?, ?, 1, 1, 1)").run(broken, broken);
  expect(readSetting(store, 'theme')).toBeUndefined();
  expect(peekSetting(folder, 'theme')).toBeUndefined();
  expect(createLoadRecords(store).settings('m')).toBeNull();
  expect(createLoadRecords(store).calibration('m', 'here')).toBeNull();
  expect(readHeader(store, 'm', 1, 1)).toBeUndefined();
  expect(readRemoteHeaders(store, 'o/n', 'c')).toEqual(new Map());
  expect(readAnswer(store, 'a')).toBeUndefined();
  expect(listJobs(store)).toMatchObject([{ id: 'j', spec: null, error: null }]);
});

it('reads rows as lists and as single values', () => {
  writeCacheIndex(store, '/cache', [{ repoId: 'o/n', details: '{}', times: '' }], []);
  expect(readCacheIndex(store, '/cache')).toEqual([{ repoId: 'o/n', details: '{}', times: '' }]);
  addMovedFiles(store, ['b', 'a']);
  expect(readMovedFiles(store)).toEqual(['a', 'b']);
});

it('finds no setting in the file that a killed first start left', () => {
  const other = path.join(folder, 'other');
  mkdirSync(other);
  writeFileSync(path.join(other, 'hearth.db'), '');
  expect(peekSetting(other, 'theme')).toBeUndefined();
});
