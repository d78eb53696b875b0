import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  existsSync,
} from 'node:fs';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../preload/contract/chat.ts';
import type { MessagePart } from '../../preload/contract/message-parts.ts';
import { getChat, listChats, listHiddenChats, markChatDeleted, purgeSlice, putChat, type ChatRow } from './chats.ts';
import {
  countFileNames,
  getMessage,
  listMessages,
  markInterrupted,
  newestLeaf,
  pathTo,
  putMessage,
} from './messages.ts';
import { searchChats } from './search.ts';
import { storeError } from './store-error.ts';
import { endOpening, openStore, readMigrations, transaction, type Store } from './store.ts';

const migrations = path.join(import.meta.dirname, 'migrations');
/** A database of the fourth schema. */
const schema4 = path.join(import.meta.dirname, '../../test/fixtures/stores/schema-4.db.gz');
let folder: string;
let store: Store | undefined;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-store-'));
});
afterEach(() => {
  store?.close();
  store = undefined;
  rmSync(folder, { recursive: true });
});
const open = (from = migrations): Store => (store = openStore(folder, from));

const chat: ChatRow = {
  id: 'c1',
  title: 'Fire',
  pinned: false,
  modelId: null,
  systemPrompt: '',
  sampling: null,
  contextPolicy: 'roll',
  leafId: null,
  createdAt: 1,
  updatedAt: 1,
};
const message = (id: string, parentId: string | null, content: string, role: Message['role'] = 'user'): Message => ({
  id,
  chatId: 'c1',
  parentId,
  role,
  parts: [{ type: 'text', text: content }],
  status: 'complete',
  error: null,
  modelId: null,
  modelName: null,
  sampling: null,
  timing: null,
  createdAt: 1,
});

describe('openStore', () => {
  it('brings an empty folder to the schema that is committed beside this test', () => {
    open();
    const schema = (
      store!.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name').all() as { sql: string }[]
    )
      .map((row) => row.sql)
      .join(';\n\n');
    expect(schema).toMatchSnapshot();
    expect(store!.pragma('user_version', { simple: true })).toBe(readMigrations(migrations).length);
    expect(store!.pragma('journal_mode', { simple: true })).toBe('wal');
    for (const name of ['hearth.db', 'hearth.db-wal'])
      expect(statSync(path.join(folder, name)).mode & 0o077).toBe(
        process.platform === 'win32' ? expect.any(Number) : 0,
      );
  });

  it('lets nothing that was stored be lost by a power cut, and nothing that was deleted stay', () => {
    // As SQLite numbers it: 2 is FULL, the sync of the journal at each commit. With 1, NORMAL, a commit in WAL mode is not synced.
    expect(open().pragma('synchronous', { simple: true })).toBe(2);
    expect(store!.pragma('secure_delete', { simple: true })).toBe(1);
    expect(store!.pragma('foreign_keys', { simple: true })).toBe(1);
    store!.close();
    // The same for a database that is migrated and for one that is not.
    expect(open().pragma('synchronous', { simple: true })).toBe(2);
    expect(store!.pragma('foreign_keys', { simple: true })).toBe(1);
  });

  it('refuses a newer schema and changes nothing', () => {
    open().pragma('user_version = 99');
    store!.close();
    const before = readFileSync(path.join(folder, 'hearth.db'));
    expect(() => open()).toThrow(expect.objectContaining({ code: 'store.newer_schema' }));
    expect(readFileSync(path.join(folder, 'hearth.db')).equals(before)).toBe(true);
  });

  it('copies the data before it migrates it, and each migration is whole or not at all', () => {
    const from = path.join(folder, 'migrations');
    const copy = (name: string, sql?: string): void =>
      sql === undefined
        ? copyFileSync(path.join(migrations, name), path.join(from, name))
        : writeFileSync(path.join(from, name), sql);
    spawnSync('mkdir', [from]);
    const released = readMigrations(migrations).length;
    for (const name of readdirSync(migrations)) copy(name);
    const next = String(released + 1).padStart(4, '0');
    putChat(open(from), chat);
    store!.close();
    copy(`${next}-broken.sql`, 'CREATE TABLE extra (a INTEGER); INSERT INTO nowhere VALUES (1);');
    const backupName = `hearth-before-${next}.db`;
    expect(() => open(from)).toThrow(
      expect.objectContaining({
        code: 'store.corrupt',
        message: expect.stringMatching(`no such table: .*${backupName}`) as string,
        data: { reason: 'migration', migration: released + 1, backup: backupName },
      }),
    );
    expect(readdirSync(folder)).toContain(backupName);
    if (process.platform !== 'win32') expect(statSync(path.join(folder, backupName)).mode & 0o777).toBe(0o600);
    copy(`${next}-broken.sql`, 'CREATE TABLE extra (a INTEGER);');
    open(from);
    expect(listChats(store!)).toEqual([chat]);
    expect(store!.pragma('user_version', { simple: true })).toBe(released + 1);
    const backup = new Database(path.join(folder, `hearth-before-${next}.db`), { readonly: true });
    expect(backup.pragma('user_version', { simple: true })).toBe(released);
    expect(backup.prepare('SELECT count(*) AS n FROM chats').get()).toEqual({ n: 1 });
    backup.close();
  });

  it('is held by one process at a time, and free again when that one is gone', () => {
    open();
    expect(() => openStore(folder, migrations)).toThrow(expect.objectContaining({ code: 'store.in_use' }));
    store!.close();
    const script = `import { openStore } from ${JSON.stringify(path.join(import.meta.dirname, 'store.ts'))};
      openStore(${JSON.stringify(folder)}, ${JSON.stringify(migrations)}); process.kill(process.pid, 'SIGKILL');`;
    expect(spawnSync(process.execPath, ['--input-type=module', '-e', script]).signal).toBe('SIGKILL');
    open();
  });

  it('waits for a program that holds the database while it opens, and only shortly afterwards', async () => {
    writeFileSync(path.join(folder, 'hearth.db'), gunzipSync(readFileSync(schema4)));
    // Held by another process: a wait in this one lets nothing else of it run.
    const held = path.join(folder, 'held');
    const script = `import Database from 'better-sqlite3';
      import { writeFileSync } from 'node:fs';
      const db = new Database(${JSON.stringify(path.join(folder, 'hearth.db'))});
      db.exec('BEGIN IMMEDIATE');
      writeFileSync(${JSON.stringify(held)}, '');
      setTimeout(() => db.close(), 1000);`;
    const other = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
      stdio: 'inherit',
    });
    const ended = once(other, 'exit');
    await expect.poll(() => existsSync(held), { timeout: 20_000 }).toBe(true);
    open();
    expect(store!.pragma('busy_timeout', { simple: true })).toBe(5000);
    endOpening(store!);
    expect(store!.pragma('busy_timeout', { simple: true })).toBe(250);
    await ended;
  });

  it('marks nothing as interrupted, and purges nothing, by a write where there is nothing to write', () => {
    open();
    store!.pragma('query_only = ON');
    expect(markInterrupted(store!)).toBe(0);
    expect(listHiddenChats(store!)).toEqual([]);
  });

  it('keeps the copy of an earlier try when the database turns out to be damaged', () => {
    open();
    store!.exec('CREATE TABLE filler (text TEXT)');
    for (let row = 0; row < 200; row++) store!.prepare('INSERT INTO filler VALUES (?)').run('x'.repeat(2000));
    const version = store!.pragma('user_version', { simple: true }) as number;
    store!.pragma(`user_version = ${version - 1}`);
    store!.close();
    const file = path.join(folder, 'hearth.db');
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 20 * 4096, 90 * 4096);
    writeFileSync(file, bytes);
    const copy = path.join(folder, `hearth-before-${String(version).padStart(4, '0')}.db`);
    writeFileSync(copy, 'the copy of an earlier try');
    open(); // a salvaged copy, which is no reason to replace the earlier one
    expect(readdirSync(folder).filter((name) => name.startsWith('hearth-damaged-'))).toHaveLength(1);
    expect(readFileSync(copy, 'utf8')).toBe('the copy of an earlier try');
    expect(existsSync(`${copy}.incomplete`)).toBe(false);
  });

  it('names a file that is no database', () => {
    writeFileSync(
      path.join(folder, 'hearth.db'),
      'this is no database, but a text that is long enough to be read as one'.repeat(20),
    );
    expect(() => open()).toThrow(expect.objectContaining({ code: 'store.corrupt' }));
  });
});

describe('chats and messages', () => {
  it('reads the drafted tokens of a reply that an earlier version stored under another name', () => {
    open();
    putChat(store!, chat);
    const timing = {
      ...{ promptTokens: 1, reusedTokens: 0, promptMs: 1, generatedTokens: 1, generateMs: 1, firstTokenMs: 1 },
      ...{ omittedMessages: 0, contextSize: 512, seed: 1 },
      endReason: 'max_tokens',
      speculation: { kind: 'lookup', draftedTokens: 8, acceptedTokens: 5 },
    } as const;
    putMessage(store!, { ...message('m1', null, 'Hi', 'assistant'), timing });
    expect(getMessage(store!, 'm1').timing).toEqual(timing);
    store!.exec(`UPDATE messages SET timing = replace(timing, 'draftedTokens', 'guessedTokens')`);
    expect(getMessage(store!, 'm1').timing).toEqual(timing);
    expect(listMessages(store!, 'c1')[0]?.timing).toEqual(timing);
  });

  it('keeps a tree: paths, siblings and the newest leaf', () => {
    open();
    putChat(store!, chat);
    for (const one of [
      message('a', null, 'one'),
      message('b', 'a', 'two', 'assistant'),
      message('b2', 'a', 'again', 'assistant'),
      message('c', 'b2', 'three'),
    ])
      putMessage(store!, one);
    expect(pathTo(store!, 'c').map((m) => m.id)).toEqual(['a', 'b2', 'c']);
    expect(newestLeaf(store!, 'a')).toBe('c');
    expect(newestLeaf(store!, 'b')).toBe('b');
    expect(listMessages(store!, 'c1').map((m) => m.id)).toEqual(['a', 'b', 'b2', 'c']);
  });

  it('finds words in any text that a user may type, and never takes it for a query language', () => {
    open();
    putChat(store!, chat);
    putMessage(store!, message('a', null, 'The Café burns quietly at 451 degrees'));
    expect(searchChats(store!, 'cafe qui')[0]).toMatchObject({ chatId: 'c1', messageId: 'a', chatTitle: 'Fire' });
    expect(searchChats(store!, 'cafe')[0]?.snippet).toContain('\u2068Café\u2069');
    for (const odd of [
      '"',
      '\u0301',
      'e\u0301) OR (',
      '_',
      'AND',
      'NEAR(',
      'a* OR b',
      "'; DROP TABLE chats; --",
      '(',
      '^x',
      '***',
      'content:x',
    ])
      expect(() => searchChats(store!, odd)).not.toThrow();
    expect(searchChats(store!, 'smoke')).toEqual([]);
  });

  it('searches a pasted log with 60,000 hits in little time', () => {
    open();
    putChat(store!, chat);
    const log = Array.from({ length: 60_000 }, (_, line) => `12:00:${line} error in foo${line % 97}: again\n`).join('');
    putMessage(store!, message('log', null, log));
    const timeOf = (query: string): number => {
      const before = process.cpuUsage();
      const hits = searchChats(store!, query);
      const { user, system } = process.cpuUsage(before);
      for (const { snippet } of hits) expect(snippet, query).toContain('\u2068');
      return (user + system) / 1000;
    };
    expect(timeOf('erro')).toBeLessThan(50);
    transaction(store!, () => {
      for (let index = 0; index < 60; index++) putMessage(store!, message(`m${index}`, null, log.slice(0, 20_000)));
    });
    expect(searchChats(store!, 'e')).toHaveLength(50);
    for (const query of ['e', '12', 'error again']) expect(timeOf(query), query).toBeLessThan(250);
  });

  it('finds titles before messages, and a message with several texts once', () => {
    open();
    putChat(store!, chat);
    putChat(store!, { ...chat, id: 'c2', title: 'Of smoke' });
    putMessage(store!, {
      ...message('a', null, ''),
      parts: [
        { type: 'text', text: 'Smoke here' },
        { type: 'reasoning', text: 'smoke and mirrors', durationMs: null },
        { type: 'text', text: 'and smoke there' },
      ],
    });
    expect(searchChats(store!, 'smo').map((hit) => [hit.kind, hit.chatId])).toEqual([
      ['title', 'c2'],
      ['message', 'c1'],
    ]);
    expect(searchChats(store!, 'smo')[0]?.snippet).toBe('Of \u2068smoke\u2069');
    expect(searchChats(store!, 'mirrors')).toEqual([]);
  });

  it('finds messages beside however many titles', () => {
    open();
    for (let index = 0; index < 60; index++) putChat(store!, { ...chat, id: `c${index}`, title: `Python ${index}` });
    for (let index = 0; index < 60; index++) putMessage(store!, message(`m${index}`, null, `python ${index}`));
    const kinds = searchChats(store!, 'python').map((hit) => hit.kind);
    expect(kinds).toEqual([...Array<string>(50).fill('title'), ...Array<string>(50).fill('message')]);
  });

  it.each(['Résumé', 'Việt Nam', '한국어', 'がくせい', 'नमस्ते'])('finds %s, composed or not, in either form', (word) => {
    open();
    for (const form of ['NFC', 'NFD'])
      putChat(store!, { ...chat, id: `c-${form.toLowerCase()}`, title: `Of ${word.normalize(form)} here` });
    for (const form of ['NFC', 'NFD'])
      expect(
        searchChats(store!, word.normalize(form))
          .map((hit) => hit.chatId)
          .sort(),
        form,
      ).toEqual(['c-nfc', 'c-nfd']);
  });

  it('keeps every kind of part as it is, and writes again only those that changed', () => {
    open();
    putChat(store!, chat);
    const file = { sha256: 'a'.repeat(64), name: 'cat.png', mediaType: 'image/png', sizeBytes: 5 };
    const parts: readonly MessagePart[] = [
      { type: 'reasoning', text: 'Hm', durationMs: null },
      { type: 'text', text: '' },
      { type: 'attachment', file },
      { type: 'image', file, width: 1, height: null },
      { type: 'audio', file, durationMs: 1.5 },
      { type: 'tool_call', callId: 'x', name: 'look', arguments: '{"sha256":"not a file"}' },
      { type: 'tool_result', callId: 'x', name: 'look', parts: [{ type: 'text', text: 'A cat' }], isError: false },
      {
        type: 'citation',
        source: { kind: 'file', sha256: 'b'.repeat(64), name: 'book.pdf' },
        range: { start: 1, end: 9 },
        quote: 'So it is.',
      },
    ];
    for (const role of ['system', 'user', 'assistant', 'tool'] as const) {
      putMessage(store!, { ...message(role, null, '', role), parts });
      expect(getMessage(store!, role)).toMatchObject({ role, parts });
    }
    expect(countFileNames(store!, file.sha256)).toBe(12);
    expect(countFileNames(store!, 'b'.repeat(64))).toBe(4);
    store!.exec(`CREATE TEMP TABLE written (position INTEGER);
      CREATE TEMP TRIGGER written_parts AFTER UPDATE ON main.message_parts BEGIN INSERT INTO written VALUES (new.position); END`);
    putMessage(store!, { ...message('user', null, ''), parts: parts.with(1, { type: 'text', text: 'Now' }) });
    expect(store!.prepare('SELECT position FROM written').all()).toEqual([{ position: 1 }]);
    putMessage(store!, { ...message('user', null, ''), parts: parts.slice(0, 2) });
    expect(getMessage(store!, 'user').parts).toEqual(parts.slice(0, 2));
    expect(countFileNames(store!, file.sha256)).toBe(9);
  });

  it('really deletes: no word of a purged chat is left in the file', () => {
    open();
    putChat(store!, { ...chat, title: 'Glockenspiel' });
    const secret = 'xylophone-secret'.repeat(3);
    putMessage(store!, {
      ...message('a', null, secret),
      parts: [
        { type: 'text', text: secret },
        { type: 'reasoning', text: 'marimba', durationMs: 1 },
        { type: 'tool_call', callId: 'x', name: 'look', arguments: '{"for":"vibraphone"}' },
      ],
    });
    // As a reply grows: what the index forgets on the way must be gone as well.
    putMessage(store!, message('b', 'a', 'celesta'));
    putMessage(store!, message('b', 'a', 'celesta timpani'));
    putChat(store!, { ...chat, title: 'Carillon', leafId: 'b' });
    expect(searchChats(store!, 'timpani')).toHaveLength(1);
    expect(searchChats(store!, 'glockenspiel')).toEqual([]);
    expect(searchChats(store!, 'carillon')).toMatchObject([{ kind: 'title', chatId: 'c1' }]);
    markChatDeleted(store!, 'c1', 5);
    expect(listChats(store!)).toEqual([]);
    expect(() => getChat(store!, 'c1')).toThrow(expect.objectContaining({ code: 'not_found' }));
    for (const word of ['xylophone', 'carillon']) expect(searchChats(store!, word)).toEqual([]);
    while (!purgeSlice(store!, 'c1').done);
    store!.pragma('wal_checkpoint(TRUNCATE)');
    for (const file of ['hearth.db', 'hearth.db-wal'])
      for (const word of ['xylophone', 'marimba', 'vibraphone', 'celesta', 'timpani', 'lockenspiel', 'arillon'])
        expect(readFileSync(path.join(folder, file)).includes(word), `${word} in ${file}`).toBe(false);
  });

  it('builds a damaged index of words again, and loses no text over it', () => {
    open();
    putChat(store!, chat);
    putMessage(store!, message('a', null, 'smoke'));
    store!.unsafeMode(true);
    store!.exec('DELETE FROM texts_fts_data WHERE id = 1; DELETE FROM texts_fts_data WHERE id = 10');
    store!.unsafeMode(false);
    store!.close();
    open();
    transaction(store!, () => putMessage(store!, message('b', 'a', 'embers')));
    expect(listMessages(store!, 'c1')).toHaveLength(2);
    expect(searchChats(store!, 'smoke')).toHaveLength(1);
    expect(searchChats(store!, 'embers')).toHaveLength(1);
  });

  it('builds a damaged index of words again for good, also where what found the damage is rolled back', () => {
    open();
    putChat(store!, chat);
    putMessage(store!, message('a', null, 'smoke'));
    store!.unsafeMode(true);
    store!.exec('DELETE FROM texts_fts_data WHERE id = 1; DELETE FROM texts_fts_data WHERE id = 10');
    store!.unsafeMode(false);
    store!.close();
    open();
    expect(() =>
      transaction(store!, () => {
        transaction(store!, () => putMessage(store!, message('b', 'a', 'embers')));
        throw new Error('refused');
      }),
    ).toThrow('refused');
    expect(listMessages(store!, 'c1')).toHaveLength(1);
    transaction(store!, () => putMessage(store!, message('c', 'a', 'sparks')));
    expect(searchChats(store!, 'smoke')).toHaveLength(1);
    expect(searchChats(store!, 'sparks')).toHaveLength(1);
  });

  it('answers a full disk with disk.full and keeps what was stored', () => {
    open();
    putChat(store!, chat);
    const pages = store!.pragma('page_count', { simple: true }) as number;
    store!.pragma(`max_page_count = ${pages}`);
    const big = message('big', null, 'x'.repeat(1_000_000));
    expect(() => transaction(store!, () => putMessage(store!, big))).toThrow(
      expect.objectContaining({ code: 'disk.full' }),
    );
    expect(listMessages(store!, 'c1')).toEqual([]);
    store!.pragma('max_page_count = 1000000');
    transaction(store!, () => putMessage(store!, big));
    expect(listMessages(store!, 'c1')).toHaveLength(1);
  });
});

describe('storeError', () => {
  it.each([
    ['SQLITE_FULL', 'disk.full'],
    ['EDQUOT', 'disk.full'],
    ['SQLITE_IOERR_WRITE', 'disk.full'],
    ['SQLITE_IOERR_SHMSIZE', 'disk.full'],
    ['SQLITE_IOERR_FSYNC', 'disk.denied'],
    ['SQLITE_IOERR_READ', 'disk.denied'],
    ['EIO', 'disk.denied'],
    ['ELOOP', 'disk.denied'],
    ['EISDIR', 'disk.denied'],
    ['SQLITE_READONLY_DBMOVED', 'disk.denied'],
    ['SQLITE_BUSY_SNAPSHOT', 'busy'],
    ['SQLITE_LOCKED', 'busy'],
    ['SQLITE_CORRUPT_INDEX', 'store.corrupt'],
    ['SQLITE_NOTADB', 'store.corrupt'],
  ])('says %s as %s', (code, expected) => {
    expect(storeError(Object.assign(new Error('of SQLite'), { code }))).toMatchObject({ code: expected });
  });
});
