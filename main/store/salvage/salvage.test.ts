/** A database with destroyed pages. What must be saved is read from the raw bytes, not by the code that saves it. */
import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../../preload/contract/chat.ts';
import { listChats, putChat, type ChatRow } from '../chats.ts';
import { listMessages, putMessage } from '../messages.ts';
import { addMovedFiles, readMovedFiles } from '../moved-files.ts';
import { openStore, readMigrations, type Store } from '../store.ts';
import type { SalvageAccount } from './account.ts';
import { deleteOldCopies } from './old-copies.ts';
import { salvage } from './salvage.ts';

const migrations = path.join(import.meta.dirname, '../migrations');
const PAGE_BYTES = 4096;
const CHATS = 30;
const MESSAGES = 20;
let folder: string;
let file: string;
let store: Store | undefined;
let account: SalvageAccount | undefined;
const open = (): Store => {
  account = undefined;
  return (store = openStore(folder, migrations, (told) => (account = told)));
};
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-salvage-'));
  file = path.join(folder, 'hearth.db');
});
afterEach(() => {
  store?.close();
  store = undefined;
  rmSync(folder, { recursive: true });
});

const chat: ChatRow = {
  ...{ id: 'c', title: '', pinned: false, modelId: null, systemPrompt: '', sampling: null, contextPolicy: 'roll' },
  ...{ leafId: null, createdAt: 1, updatedAt: 1 },
} as const;
const message: Message = {
  ...{ id: 'm', chatId: 'c', parentId: null, role: 'user', status: 'complete', error: null, modelId: null },
  ...{ modelName: null, sampling: null, timing: null, createdAt: 1, parts: [] },
} as const;
const textOf = (c: number, m: number): string =>
  `<${c}:${m}>${`word${c} `.repeat(40 + ((c * 7 + m * 13) % 90))}</${c}:${m}>`;

/** 30 chats with 20 messages each, in a closed file. */
function fill(): void {
  open();
  store!.transaction(() => {
    for (let c = 0; c < CHATS; c++) {
      putChat(store!, { ...chat, id: `c${c}`, title: `Chat ${c}` });
      for (let m = 0; m < MESSAGES; m++)
        putMessage(store!, {
          ...{ ...message, id: `m${c}-${m}`, chatId: `c${c}`, parentId: m === 0 ? null : `m${c}-${m - 1}` },
          parts: [{ type: 'text', text: textOf(c, m) }],
        });
      putChat(store!, { ...chat, id: `c${c}`, title: `Chat ${c}`, leafId: `m${c}-${MESSAGES - 1}` });
    }
  })();
  store!.close();
}

/** Numbers of the pages of a table or index, in order. */
function pagesOf(name: string, type: 'leaf' | 'internal'): number[] {
  const database = new Database(file, { readonly: true });
  try {
    return database
      .prepare('SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ? ORDER BY pageno')
      .pluck()
      .all(name, type) as number[];
  } finally {
    database.close();
  }
}

function destroy(...pages: readonly number[]): void {
  const bytes = readFileSync(file);
  for (const page of pages) bytes.fill(0xa5, (page - 1) * PAGE_BYTES, page * PAGE_BYTES);
  writeFileSync(file, bytes);
}

/** All texts that lie whole in the file, and all that are in the opened store. */
function texts(): { inFile: Set<string>; inStore: Set<string> } {
  const kept = readdirSync(folder).find((name) => name.startsWith('hearth-damaged-'));
  const raw = readFileSync(kept === undefined ? file : path.join(folder, kept), 'latin1');
  const inFile = new Set<string>();
  for (let c = 0; c < CHATS; c++)
    for (let m = 0; m < MESSAGES; m++) if (raw.includes(textOf(c, m))) inFile.add(textOf(c, m));
  const inStore = new Set<string>();
  for (const { id } of listChats(store!))
    for (const { parts } of listMessages(store!, id))
      for (const part of parts) if (part.type === 'text') inStore.add(part.text);
  return { inFile, inStore };
}

describe('a database with destroyed pages', () => {
  it.each([
    ['texts', () => pagesOf('message_parts', 'leaf').filter((_page, index) => [2, 3, 9].includes(index)), true],
    [
      'the first and last texts',
      () => pagesOf('message_parts', 'leaf').filter((_p, i, all) => i === 0 || i === all.length - 1),
      true,
    ],
    ['messages', () => pagesOf('messages', 'leaf').slice(1, 3), true],
    ['the chats', () => pagesOf('chats', 'leaf').slice(0, 1), false],
    ['one index', () => pagesOf('messages_by_chat', 'leaf').slice(0, 1), true],
  ] as const)('loses no text that still lies in it where %s are hit', (_what, pages, isMarked) => {
    fill();
    destroy(...pages());
    // As after a run that met the damage; without it only what each start reads is looked at.
    if (isMarked) writeFileSync(`${file}.damaged`, '');
    open();
    const told = account;
    const { inFile, inStore } = texts();
    expect(inFile.size).toBeGreaterThan(CHATS * MESSAGES * 0.8);
    expect([...inFile].filter((text) => !inStore.has(text))).toEqual([]);
    expect(told?.keptAs).toMatch(/^hearth-damaged-\d{4}-\d\d-\d\d\.db$/);
    expect(statSync(path.join(folder, told?.keptAs ?? '')).mode & 0o777).toBe(
      process.platform === 'win32' ? 0o666 : 0o600,
    );
    const { chats, messages } = told!;
    if (chats.lost !== null) expect(chats.saved + chats.lost).toBe(CHATS);
    if (messages.lost !== null) expect(messages.saved + messages.lost).toBe(CHATS * MESSAGES);
    expect(store!.pragma('quick_check', { simple: true })).toBe('ok');
    expect(store!.pragma('foreign_key_check')).toEqual([]);
    // Every chat shows its newest message.
    for (const { id, leafId } of listChats(store!))
      if (listMessages(store!, id).length > 0)
        expect([id, listMessages(store!, id).map((one) => one.id)]).toEqual([id, expect.arrayContaining([leafId])]);
    store!.close();
    open();
    expect(account).toBeUndefined();
  });

  it('is found by the next start when a running app met it', () => {
    fill();
    destroy(...pagesOf('message_parts', 'leaf').slice(4, 5));
    open();
    expect(account).toBeUndefined();
    expect(() => listChats(store!).map(({ id }) => listMessages(store!, id))).toThrow(
      expect.objectContaining({ code: 'store.corrupt' }),
    );
    expect(existsSync(`${file}.damaged`)).toBe(true);
    store!.close();
    open();
    expect(account?.messages).toEqual({ saved: CHATS * MESSAGES, lost: 0 });
    // The page held the texts of some messages, which are there without them.
    const { saved = 0, lost } = account?.parts ?? {};
    expect(lost).toBeGreaterThan(0);
    expect(saved + (lost ?? 0)).toBe(CHATS * MESSAGES);
    expect(store!.prepare('SELECT count(*) FROM message_parts').pluck().get()).toBe(saved);
    expect(existsSync(`${file}.damaged`)).toBe(false);
  });

  it('keeps the list of the files that an unfinished move has copied, but for those on its damaged pages', () => {
    fill();
    open();
    const paths = Array.from({ length: 400 }, (_, index) => `models--o--m${index}/blobs/${'a'.repeat(64)}`);
    addMovedFiles(store!, paths);
    store!.close();
    for (const count of [0, 1]) {
      const pages = pagesOf('moved_files', 'leaf');
      expect(pages.length).toBeGreaterThan(4);
      destroy(...pagesOf('chats', 'leaf').slice(0, 1), ...pages.slice(2, 2 + count));
      const raw = readFileSync(file, 'latin1');
      open();
      expect(account).toBeDefined();
      expect(new Set(readMovedFiles(store!))).toEqual(new Set(paths.filter((one) => raw.includes(one))));
      store!.close();
    }
  });

  it('that is cut short opens with what is left', () => {
    fill();
    const pages = statSync(file).size / PAGE_BYTES;
    truncateSync(file, Math.floor(pages * 0.7) * PAGE_BYTES);
    open();
    const { inFile, inStore } = texts();
    expect(inFile.size).toBeGreaterThan(100);
    expect([...inFile].filter((text) => !inStore.has(text))).toEqual([]);
  });

  it('is put right by the next start where a salvage was killed', () => {
    fill();
    destroy(...pagesOf('chats', 'leaf'));
    writeFileSync(`${file}.salvaging`, 'half a copy');
    open();
    expect(account?.messages.saved).toBe(CHATS * MESSAGES);
    store!.close();
    // Killed after the damaged file was renamed, before the copy was.
    const copy = readFileSync(file);
    rmSync(file);
    writeFileSync(`${file}.salvaged`, copy);
    open();
    expect(listChats(store!).length).toBeGreaterThanOrEqual(CHATS);
    expect(existsSync(`${file}.salvaged`)).toBe(false);
  });

  it('keeps its chats wherever the salvage is cut between two names', () => {
    fill();
    destroy(...pagesOf('chats', 'leaf'));
    const damaged = readFileSync(file);
    const rename = fs.renameSync;
    /** The next start after one that ended before its rename number `cut`. True when that one came so far. */
    const isCut = (cut: number): boolean => {
      for (const name of readdirSync(folder)) rmSync(path.join(folder, name));
      writeFileSync(file, damaged);
      let renames = 0;
      fs.renameSync = (...names) => {
        if (++renames >= cut) throw new Error('power cut');
        rename(...names);
      };
      syncBuiltinESMExports();
      try {
        open();
      } catch (error) {
        expect(String(error)).toContain('power cut');
      } finally {
        fs.renameSync = rename;
        syncBuiltinESMExports();
        store?.close();
      }
      open();
      const { inFile, inStore } = texts();
      store?.close();
      expect([cut, [...inFile].filter((text) => !inStore.has(text))]).toEqual([cut, []]);
      return renames >= cut;
    };
    let cut = 1;
    while (isCut(cut)) cut++;
    // The copy, the damaged file, and the copy once more.
    expect(cut).toBeGreaterThan(3);
  });

  it('stays as it is where the copy finds no room on the disk', () => {
    fill();
    destroy(...pagesOf('chats', 'leaf'));
    const damaged = readFileSync(file);
    expect(() =>
      salvage(file, (empty, version) => {
        for (const { sql } of readMigrations(migrations).slice(0, version)) empty.exec(sql);
        empty.pragma(`max_page_count = ${Number(empty.pragma('page_count', { simple: true })) + 5}`);
      }),
    ).toThrow('full');
    expect(readFileSync(file).equals(damaged)).toBe(true);
    expect(readdirSync(folder).filter((name) => /hearth-damaged|salvaged/.test(name))).toEqual([]);
    open();
    expect(account?.messages.saved).toBe(CHATS * MESSAGES);
  });
});

describe('the account of a salvage', () => {
  /** Salvages a database without its page of chats in a process that ends before it tells anybody. */
  function salvageUntold(): void {
    fill();
    destroy(...pagesOf('chats', 'leaf').slice(0, 1));
    const killed = (): never => {
      throw new Error('killed');
    };
    expect(() => openStore(folder, migrations, killed)).toThrow('killed');
  }
  const keptFiles = (): string[] => readdirSync(folder).filter((name) => name.startsWith('hearth-damaged-'));

  it.each([
    ['before it told', () => {}],
    ['between its renames', () => renameSync(file, `${file}.salvaged`)],
    [
      'after the journal was renamed',
      () => {
        renameSync(file, `${file}.salvaged`);
        renameSync(path.join(folder, keptFiles()[0] ?? ''), file);
      },
    ],
  ])('is told by the next start where it was killed %s, once', (_when, setBack) => {
    salvageUntold();
    const [kept] = keptFiles();
    setBack();
    open();
    expect(account).toMatchObject({ keptAs: kept, messages: { saved: CHATS * MESSAGES, lost: 0 } });
    expect(keptFiles()).toEqual([kept]);
    store!.close();
    open();
    expect(account).toBeUndefined();
    expect(readdirSync(folder).filter((name) => name.startsWith('hearth.db.'))).toEqual([]);
  });

  it('tells the name that the damaged file got where its planned one was taken before the next start', () => {
    salvageUntold();
    const [kept = ''] = keptFiles();
    renameSync(file, `${file}.salvaged`);
    renameSync(path.join(folder, kept), file);
    const damaged = readFileSync(file);
    writeFileSync(path.join(folder, kept), 'a file that somebody put here');
    open();
    expect(account).toMatchObject({
      keptAs: kept.replace('.db', '-2.db'),
      messages: { saved: CHATS * MESSAGES, lost: 0 },
    });
    expect(readFileSync(path.join(folder, account?.keptAs ?? '')).equals(damaged)).toBe(true);
    expect(readFileSync(path.join(folder, kept), 'utf8')).toBe('a file that somebody put here');
  });

  it('is not told of a salvage that replaced nothing, nor where it cannot be read', () => {
    fill();
    for (const text of [
      '{"keptAs":"hearth-damaged-2026-01-01.db","chats":{"saved":1,"lost":0},"messages":{"saved":1,"lost":0},"parts":{"saved":1,"lost":0}}',
      '{"keptAs":"../hearth.db","chats":{"saved":1,"lost":0},"messages":{"saved":1,"lost":0},"parts":{"saved":1,"lost":0}}',
      '{"keptAs":',
    ]) {
      writeFileSync(`${file}.salvage-account`, text);
      open();
      store!.close();
      expect([account, existsSync(`${file}.salvage-account`)]).toEqual([undefined, false]);
    }
  });
});

describe('what is no database of Hearth', () => {
  const refused = (reason: string): Error =>
    expect.objectContaining({ code: 'store.corrupt', data: expect.objectContaining({ reason }) as object }) as Error;

  it('is refused in words that say what to do, and is not changed', () => {
    mkdirSync(file);
    expect(open).toThrow(refused('not_a_file'));
    rmSync(file, { recursive: true });
    writeFileSync(file, 'a text that somebody called hearth.db '.repeat(200));
    const text = readFileSync(file);
    expect(open).toThrow(refused('not_a_database'));
    expect(readFileSync(file)).toEqual(text);
    rmSync(file);
    for (const version of [-5, 0]) {
      const other = new Database(file);
      other.exec('DROP TABLE IF EXISTS settings; CREATE TABLE settings (key, value)');
      other.pragma(`user_version = ${version}`);
      other.close();
      expect(open).toThrow(refused('foreign'));
    }
  });

  it('is an empty file where there were chats', () => {
    writeFileSync(file, '');
    open(); // a first start that was killed
    store!.close();
    writeFileSync(file, '');
    const named = (copy: string): Error =>
      expect.objectContaining({ data: expect.objectContaining({ copy }) as object }) as Error;
    const put = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);
    put('hearth-damaged-2026-01-02.db', 'a copy');
    put('hearth-damaged-2026-01-02-2.db', 'a copy');
    expect(open).toThrow(named('hearth-damaged-2026-01-02-2.db'));
    put('hearth-before-0009.db', 'a copy');
    put('hearth-before-0010.db', '');
    expect(open).toThrow(refused('empty'));
    // A whole backup is better than any damaged file, and an empty one is none.
    expect(open).toThrow(named('hearth-before-0009.db'));
  });
});

const DAY_MS = 86_400_000;

it('deletes copies after 30 days, and leaves no younger one open to others', () => {
  fill();
  const name = (day: string): string => path.join(folder, `hearth-damaged-2026-01-${day}.db`);
  writeFileSync(name('01'), 'x', { mode: 0o644 });
  writeFileSync(name('02'), 'x', { mode: 0o644 });
  writeFileSync(path.join(folder, 'my-copy.db'), 'x');
  const old = new Date(Date.now() - 31 * DAY_MS);
  for (const one of [name('01'), path.join(folder, 'my-copy.db')]) utimesSync(one, old, old);
  open();
  expect(existsSync(name('01'))).toBe(false);
  expect(existsSync(path.join(folder, 'my-copy.db'))).toBe(true);
  if (process.platform !== 'win32') expect(statSync(name('02')).mode & 0o777).toBe(0o600);
});

it('counts the age of a damaged file from the salvage, however long ago the database was written', () => {
  fill();
  destroy(...pagesOf('chats', 'leaf').slice(0, 1));
  const old = new Date(Date.now() - 400 * DAY_MS);
  utimesSync(file, old, old);
  open();
  const kept = path.join(folder, account?.keptAs ?? 'none');
  store!.close();
  open();
  expect(existsSync(kept)).toBe(true);
  store!.close();
  // The same file after 32 days: the day of its salvage is in its name.
  const day = new Date(Date.now() - 32 * DAY_MS).toISOString().slice(0, 10);
  const aged = path.join(folder, `hearth-damaged-${day}.db`);
  renameSync(kept, aged);
  open();
  expect(existsSync(aged)).toBe(false);
});

it('deletes the other old copies where one cannot be deleted', () => {
  const old = new Date(Date.now() - 31 * DAY_MS);
  const names = ['hearth-before-0002.db', 'hearth-before-0003.db', 'hearth-before-0004.db'];
  for (const name of names) {
    writeFileSync(path.join(folder, name), 'x');
    utimesSync(path.join(folder, name), old, old);
  }
  for (const stuck of names) {
    deleteOldCopies(folder, (one) => {
      if (path.basename(one) === stuck) throw Object.assign(new Error('busy'), { code: 'EBUSY' });
      rmSync(one);
    });
    expect(readdirSync(folder)).toEqual([stuck]);
    for (const name of names) {
      writeFileSync(path.join(folder, name), 'x');
      utimesSync(path.join(folder, name), old, old);
    }
  }
});
