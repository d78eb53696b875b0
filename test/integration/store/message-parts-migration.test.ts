/** Migration 5 on databases of the version before: a real one, and one with 10,000 messages. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../../preload/contract/chat.ts';
import type { MessagePart } from '../../../preload/contract/message-parts.ts';
import { getChat, listChats, listHiddenChats, markChatDeleted, purgeSlice } from '../../../main/store/chats.ts';
import { listMessages, markInterrupted, newestLeaf, pathTo } from '../../../main/store/messages.ts';
import { searchChats } from '../../../main/store/search.ts';
import { openStore, readMigrations, transaction, type Store } from '../../../main/store/store.ts';

const migrations = path.join(import.meta.dirname, '../../../main/store/migrations');
const fixture = path.join(import.meta.dirname, '../../fixtures/stores/schema-4.db.gz');

let folder: string;
let store: Store | undefined;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-migration-'));
});
afterEach(() => {
  store?.close();
  store = undefined;
  rmSync(folder, { recursive: true });
});

interface OldMessage {
  readonly id: string;
  readonly chat_id: string;
  readonly parent_id: string | null;
  readonly role: Message['role'];
  readonly content: string;
  readonly reasoning: string;
  readonly reasoning_ms: number | null;
  readonly status: Message['status'];
  readonly error: string | null;
  readonly model_id: string | null;
  readonly model_name: string | null;
  readonly sampling: string | null;
  readonly timing: string | null;
  readonly created_at: number;
}
interface OldChat {
  readonly id: string;
  readonly title: string;
  readonly pinned: number;
  readonly model_id: string | null;
  readonly system_prompt: string;
  readonly sampling: string | null;
  readonly context_policy: string;
  readonly leaf_id: string | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly deleted_at: number | null;
}
const parsed = (json: string | null): unknown => (json === null ? null : JSON.parse(json));

/** The expected new form of the old row. */
function expected(old: OldMessage): Message {
  const parts: MessagePart[] = [];
  if (old.reasoning !== '') parts.push({ type: 'reasoning', text: old.reasoning, durationMs: old.reasoning_ms });
  if (old.content !== '') parts.push({ type: 'text', text: old.content });
  return {
    id: old.id,
    chatId: old.chat_id,
    parentId: old.parent_id,
    role: old.role,
    parts,
    status: old.status,
    error: parsed(old.error) as Message['error'],
    modelId: old.model_id,
    modelName: old.model_name,
    sampling: parsed(old.sampling) as Message['sampling'],
    timing: parsed(old.timing) as Message['timing'],
    createdAt: old.created_at,
  };
}

/** The ids of the messages that contain the word, by the old index. */
function oldHits(old: Store, word: string): string[] {
  const rows = old
    .prepare(
      `SELECT messages.id FROM messages_fts JOIN messages ON messages.seq = messages_fts.rowid
       JOIN chats ON chats.id = messages.chat_id WHERE messages_fts MATCH ? AND chats.deleted_at IS NULL`,
    )
    .all(`"${word}"`) as { id: string }[];
  return rows.map(({ id }) => id).sort();
}
function newHits(word: string): string[] {
  const rows = store!
    .prepare(
      `SELECT messages.id FROM texts_fts JOIN message_parts ON message_parts.seq = texts_fts.rowid
       JOIN messages ON messages.seq = message_parts.message_seq
       JOIN chats ON chats.id = messages.chat_id WHERE texts_fts MATCH ? AND chats.deleted_at IS NULL`,
    )
    .all(`"${word}"`) as { id: string }[];
  return rows.map(({ id }) => id).sort();
}

function checkIndexes(): void {
  for (const name of ['texts_fts', 'titles_fts', 'unspaced_fts'])
    expect(() =>
      store!.prepare(`INSERT INTO ${name} (${name}, rank) VALUES ('integrity-check', 1)`).run(),
    ).not.toThrow();
  expect(store!.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(store!.pragma('foreign_key_check')).toEqual([]);
}

/** Deletes the hidden chats for good, as the app does it, and answers which they were. */
function purgeHidden(from: Store): string[] {
  const hidden = listHiddenChats(from);
  for (const id of hidden) while (!transaction(from, () => purgeSlice(from, id)).done);
  return hidden;
}

it('carries over earlier chats: texts, trees, order, times, settings and search hits', () => {
  const file = path.join(folder, 'hearth.db');
  writeFileSync(file, gunzipSync(readFileSync(fixture)));
  const old = new Database(file);
  expect(old.pragma('user_version', { simple: true })).toBe(4);
  const chats = old.prepare('SELECT * FROM chats').all() as OldChat[];
  const messages = old.prepare('SELECT * FROM messages ORDER BY seq').all() as OldMessage[];
  const words = ['fire', 'été', 'Füße', 'говорит', 'שלום', 'edited', 'const', 'quoted', 'deleted', 'thinking'];
  const found = words.map((word) => oldHits(old, word));
  old.close();
  expect(messages.length).toBeGreaterThan(300);
  expect(new Set(messages.map(({ status }) => status))).toEqual(
    new Set(['complete', 'failed', 'interrupted', 'stopped', 'streaming']),
  );
  expect(found.map(({ length }) => length > 0)).toEqual(words.map((word) => !['deleted', 'thinking'].includes(word)));

  store = openStore(folder, migrations);
  for (const chat of chats) {
    const mine = messages.filter((message) => message.chat_id === chat.id);
    expect(listMessages(store, chat.id)).toEqual(mine.map(expected));
    if (chat.leaf_id === null) continue;
    const path: string[] = [];
    for (let id: string | null = chat.leaf_id; id !== null;) {
      path.unshift(id);
      id = mine.find((message) => message.id === id)?.parent_id ?? null;
    }
    expect(pathTo(store, chat.leaf_id).map(({ id }) => id)).toEqual(path);
  }
  const shown = chats.filter(({ deleted_at }) => deleted_at === null);
  expect(listChats(store)).toHaveLength(shown.length);
  for (const chat of shown)
    expect(getChat(store, chat.id)).toEqual({
      id: chat.id,
      title: chat.title,
      pinned: chat.pinned === 1,
      modelId: chat.model_id,
      systemPrompt: chat.system_prompt,
      sampling: parsed(chat.sampling),
      contextPolicy: chat.context_policy,
      leafId: chat.leaf_id,
      createdAt: chat.created_at,
      updatedAt: chat.updated_at,
    });
  expect(words.map(newHits)).toEqual(found);
  expect(searchChats(store, 'uberschrift hand')[0]).toMatchObject({
    kind: 'title',
    chatTitle: 'Überschrift von Hand 火',
  });
  checkIndexes();

  // The next steps of the start work on the new tables.
  expect(markInterrupted(store)).toBe(messages.filter(({ status }) => status === 'streaming').length);
  const hidden = chats.filter(({ deleted_at }) => deleted_at !== null).map(({ id }) => id);
  expect(hidden).toHaveLength(1);
  expect(purgeHidden(store)).toEqual(hidden);
  checkIndexes();
});

it('repairs dangling links, and leaves everything else unchanged', () => {
  const file = path.join(folder, 'hearth.db');
  writeFileSync(file, gunzipSync(readFileSync(fixture)));
  const old = new Database(file);
  old.pragma('foreign_keys = OFF');
  const chats = old.prepare('SELECT * FROM chats').all() as OldChat[];
  const messages = old.prepare('SELECT * FROM messages ORDER BY seq').all() as OldMessage[];
  const putChat = (id: string, leafId: string | null): unknown =>
    old
      .prepare(`INSERT INTO chats (id, title, leaf_id, created_at, updated_at) VALUES (?, ?, ?, 1, 1)`)
      .run(id, `Chat ${id}`, leafId);
  const putMessage = (id: string, chatId: string, parentId: string | null): unknown =>
    old
      .prepare(
        `INSERT INTO messages (id, chat_id, parent_id, role, content, reasoning, status, created_at)
         VALUES (?, ?, ?, 'user', ?, 'Hm', 'complete', 1)`,
      )
      .run(id, chatId, parentId, `zanzibar ${id}`);
  putMessage('no-chat', 'gone', null);
  putMessage('child-of-no-chat', 'gone', 'no-chat');
  putChat('a', 'gone');
  putMessage('a1', 'a', 'gone');
  putMessage('a2', 'a', 'a1');
  putMessage('a3', 'a', messages[0]?.id ?? '');
  putMessage('a4', 'a', 'no-chat');
  putChat('of-another', 'a1');
  putMessage('o1', 'of-another', null);
  putChat('empty', 'gone');
  putChat('none', null);
  putMessage('n1', 'none', null);
  putChat('circle', 'c1');
  putMessage('c1', 'circle', 'c3');
  putMessage('c2', 'circle', 'c1');
  putMessage('c3', 'circle', 'c2');
  putMessage('self', 'circle', 'self');
  expect(old.pragma('foreign_key_check')).not.toEqual([]);
  old.close();

  store = openStore(folder, migrations);
  checkIndexes();
  for (const chat of chats)
    expect(listMessages(store, chat.id)).toEqual(
      messages.filter((message) => message.chat_id === chat.id).map(expected),
    );
  for (const chat of chats.filter(({ deleted_at }) => deleted_at === null))
    expect(getChat(store, chat.id).leafId).toBe(chat.leaf_id);
  const links = (chatId: string): unknown => [
    getChat(store!, chatId).leafId,
    Object.fromEntries(listMessages(store!, chatId).map(({ id, parentId }) => [id, parentId])),
  ];
  expect(links('a')).toEqual(['a4', { a1: null, a2: 'a1', a3: null, a4: null }]);
  expect(links('of-another')).toEqual(['o1', { o1: null }]);
  expect(links('empty')).toEqual([null, {}]);
  expect(links('none')).toEqual([null, { n1: null }]);
  expect(links('circle')).toEqual(['c1', { c1: null, c2: 'c1', c3: 'c2', self: null }]);
  expect(pathTo(store, 'c3').map(({ id }) => id)).toEqual(['c1', 'c2', 'c3']);
  expect(newestLeaf(store, 'c1')).toBe('c3');
  expect(newHits('zanzibar')).toEqual(['a1', 'a2', 'a3', 'a4', 'c1', 'c2', 'c3', 'n1', 'o1', 'self']);
  expect(store.prepare('SELECT count(*) AS count FROM messages').get()).toEqual({ count: messages.length + 10 });
});

/** A database of schema 4 with one chat of 10,000 messages on one path and its siblings, by the statements of that version. */
function writeOldStore(count: number): void {
  const four = path.join(folder, 'migrations-4');
  mkdirSync(four);
  for (const { number } of readMigrations(migrations).slice(0, 4)) {
    const name = ['0001-first-light', '0002-hub-and-cache', '0003-engine', '0004-cache-and-jobs'][number - 1];
    copyFileSync(path.join(migrations, `${name}.sql`), path.join(four, `${name}.sql`));
  }
  const old = openStore(folder, four);
  const putChat = old.prepare(
    `INSERT INTO chats (id, title, pinned, model_id, system_prompt, sampling, context_policy, leaf_id, created_at, updated_at)
     VALUES (@id, @title, @pinned, @modelId, @systemPrompt, @sampling, @contextPolicy, @leafId, @createdAt, @updatedAt)
     ON CONFLICT (id) DO UPDATE SET leaf_id = excluded.leaf_id`,
  );
  const putMessage = old.prepare(
    `INSERT INTO messages (id, chat_id, parent_id, role, content, reasoning, reasoning_ms, status, error, model_id, model_name, sampling, timing, created_at)
     VALUES (@id, @chatId, @parentId, @role, @content, @reasoning, @reasoningMs, @status, @error, @modelId, @modelName, @sampling, @timing, @createdAt)`,
  );
  const chat = { id: 'long', title: 'The long one', pinned: 0, modelId: null, systemPrompt: '', sampling: null };
  transaction(old, () => {
    putChat.run({ ...chat, contextPolicy: 'roll', leafId: null, createdAt: 1, updatedAt: 1 });
    let parentId: string | null = null;
    for (let index = 0; index < count; index++) {
      const isReply = index % 2 === 1;
      putMessage.run({
        id: `m${index}`,
        chatId: 'long',
        parentId,
        role: isReply ? 'assistant' : 'user',
        content: `Message number${index} about fire, models and windows. `.repeat(6),
        reasoning: index % 4 === 3 ? `A thought before number${index}. `.repeat(4) : '',
        reasoningMs: index % 4 === 3 ? index : null,
        status: 'complete',
        error: null,
        modelId: isReply ? 'a/b/c.gguf' : null,
        modelName: isReply ? 'C' : null,
        sampling: isReply ? JSON.stringify({ temperature: 0.3, seed: index }) : null,
        timing: isReply ? JSON.stringify({ promptTokens: index, endReason: 'end_of_turn' }) : null,
        createdAt: index,
      });
      // Every tenth message has a sibling that is not on the path.
      if (index % 10 !== 9) parentId = `m${index}`;
    }
    putChat.run({ ...chat, contextPolicy: 'roll', leafId: parentId, createdAt: 1, updatedAt: 1 });
  });
  old.close();
}

it('carries over a chat of 10,000 messages, which can then be deleted whole', () => {
  writeOldStore(10_000);
  const file = path.join(folder, 'hearth.db');
  const old = new Database(file, { readonly: true });
  const messages = old.prepare('SELECT * FROM messages ORDER BY seq').all() as OldMessage[];
  const leaf = (old.prepare('SELECT leaf_id FROM chats').get() as { leaf_id: string }).leaf_id;
  old.close();

  const began = performance.now();
  store = openStore(folder, migrations);
  process.stdout.write(
    `10,000 messages came over in ${Math.round(performance.now() - began)} ms, their copy included\n`,
  );
  const listed = performance.now();
  expect(listMessages(store, 'long')).toEqual(messages.map(expected));
  process.stdout.write(`and are read and compared in ${Math.round(performance.now() - listed)} ms\n`);
  expect(pathTo(store, leaf)).toHaveLength(9000);
  expect(newestLeaf(store, 'm0')).toBe('m9999');
  expect(newHits('number4711')).toEqual(['m4711']);
  expect(searchChats(store, 'number4711')).toMatchObject([{ kind: 'message', messageId: 'm4711' }]);
  checkIndexes();

  markChatDeleted(store, 'long', 5);
  expect(purgeHidden(store)).toEqual(['long']);
  expect(store.prepare('SELECT count(*) AS count FROM message_parts').get()).toEqual({ count: 0 });
  checkIndexes();
  store.pragma('wal_checkpoint(TRUNCATE)');
  const bytes = readFileSync(file);
  for (const word of ['number4711', 'thought before', 'The long one']) expect(bytes.includes(word)).toBe(false);
});

describe('what others left in the database', () => {
  it.for<[string, string]>([
    ['a trigger of the old index is missing', 'DROP TRIGGER messages_fts_insert'],
    ['the old index is missing', 'DROP TABLE messages_fts'],
    [
      'the old index cannot be opened',
      "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'messages_fts_config'; PRAGMA writable_schema = RESET",
    ],
    [
      'views name the tables',
      'CREATE VIEW mine AS SELECT chats.title, messages.content FROM chats JOIN messages ON messages.chat_id = chats.id',
    ],
    [
      'triggers name the tables',
      `CREATE TABLE mine (a TEXT); CREATE TRIGGER mine_insert AFTER INSERT ON mine BEGIN
         UPDATE messages SET content = new.a WHERE id = 'none'; END;
       CREATE TRIGGER mine_messages AFTER UPDATE ON messages BEGIN INSERT INTO nowhere VALUES (1); END;
       CREATE TRIGGER mine_chats BEFORE UPDATE ON chats BEGIN SELECT RAISE(ABORT, 'mine'); END`,
    ],
    [
      'tables of an earlier try are there',
      `CREATE TABLE chats_new (a TEXT); CREATE TABLE messages_new (a TEXT); CREATE TABLE message_parts (a TEXT);
       CREATE TABLE part_files (a TEXT); CREATE VIEW searched_texts AS SELECT 1;
       CREATE VIRTUAL TABLE texts_fts USING fts5 (a); CREATE VIRTUAL TABLE titles_fts USING fts5 (a)`,
    ],
    [
      'a table of theirs had dangling references before',
      `PRAGMA foreign_keys = OFF; CREATE TABLE mine (message TEXT REFERENCES messages (id));
       INSERT INTO mine VALUES ('nobody')`,
    ],
  ])('does not stop it: %s', ([, sql]) => {
    writeOldStore(20);
    const file = path.join(folder, 'hearth.db');
    const old = new Database(file);
    const messages = old.prepare('SELECT * FROM messages ORDER BY seq').all() as OldMessage[];
    old.unsafeMode(true);
    old.exec(sql);
    old.close();
    store = openStore(folder, migrations);
    expect(listMessages(store, 'long')).toEqual(messages.map(expected));
    expect(newHits('number7')).toEqual(['m7']);
    expect(schemaOf(store)).toEqual(schemaOfNew());
    for (const name of ['texts_fts', 'titles_fts', 'unspaced_fts'])
      store.prepare(`INSERT INTO ${name} (${name}, rank) VALUES ('integrity-check', 1)`).run();
    expect(store.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(store.pragma('legacy_alter_table', { simple: true })).toBe(0);
    markChatDeleted(store, 'long', 5);
    expect(purgeHidden(store)).toEqual(['long']);
  });

  it('does not stop it: a table of theirs refers to no key', () => {
    writeOldStore(20);
    const old = new Database(path.join(folder, 'hearth.db'));
    old.exec('CREATE TABLE mine (message TEXT REFERENCES messages (content))');
    old.close();
    store = openStore(folder, migrations);
    expect(listMessages(store, 'long')).toHaveLength(20);
  });

  it('keeps the rows of tables that refer to messages', () => {
    writeOldStore(20);
    const old = new Database(path.join(folder, 'hearth.db'));
    old.exec(`CREATE TABLE stars (message TEXT REFERENCES messages (id) ON DELETE CASCADE);
      CREATE TABLE notes (message TEXT REFERENCES messages (id));
      INSERT INTO stars SELECT id FROM messages LIMIT 3; INSERT INTO notes SELECT id FROM messages LIMIT 3`);
    old.close();
    store = openStore(folder, migrations);
    expect(store.prepare('SELECT count(*) AS count FROM stars').get()).toEqual({ count: 3 });
    expect(store.prepare('SELECT count(*) AS count FROM notes').get()).toEqual({ count: 3 });
    checkIndexes();
  });

  it.each(['hearth-before-0005.db', 'hearth-before-0005.db.incomplete'])(
    'takes another name where %s is a folder',
    (name) => {
      writeOldStore(20);
      mkdirSync(path.join(folder, name));
      writeFileSync(path.join(folder, name, 'mine'), '');
      store = openStore(folder, migrations);
      expect(readdirSync(folder)).toContain('hearth-before-0005-2.db');
      expect(readdirSync(path.join(folder, name))).toEqual(['mine']);
      const copy = new Database(path.join(folder, 'hearth-before-0005-2.db'), { readonly: true });
      expect(copy.pragma('user_version', { simple: true })).toBe(4);
      copy.close();
    },
  );
});

/** The tables, indexes, views and triggers, apart from those of other programs. */
function schemaOf(database: Store): unknown[] {
  return database
    .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'mine%' ORDER BY type, name")
    .all();
}
function schemaOfNew(): unknown[] {
  const fresh = mkdtempSync(path.join(folder, 'fresh-'));
  const database = openStore(fresh, migrations);
  const schema = schemaOf(database);
  database.close();
  return schema;
}
