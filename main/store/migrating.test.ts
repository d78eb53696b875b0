/** Migrations of a later version, over a database of this one. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore, readMigrations } from './store.ts';

const released = path.join(import.meta.dirname, 'migrations');
const version = readMigrations(released).length;
let folder: string;
let from: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-migrating-'));
  from = path.join(folder, 'migrations');
  mkdirSync(from);
  for (const name of readdirSync(released)) copyFileSync(path.join(released, name), path.join(from, name));
  openStore(folder, from).close();
});
afterEach(() => rmSync(folder, { recursive: true }));

const numbered = (number: number): string => String(number).padStart(4, '0');
/** Writes the migration that comes `index` after the released ones. */
const later = (index: number, sql: string): void =>
  writeFileSync(path.join(from, `${numbered(version + index)}-later.sql`), sql);
function read(what: string): unknown {
  const database = new Database(path.join(folder, 'hearth.db'), { readonly: true });
  try {
    return database.prepare(what).pluck().all();
  } finally {
    database.close();
  }
}
const copies = (): string[] => readdirSync(folder).filter((name) => name.startsWith('hearth-before-'));

it('each is kept as it succeeds, and the next start goes on with the one that failed', () => {
  later(1, 'CREATE TABLE one (a INTEGER); INSERT INTO one VALUES (1);');
  later(2, 'CREATE TABLE two (a INTEGER); INSERT INTO nowhere VALUES (1);');
  later(3, 'CREATE TABLE three (a INTEGER);');
  expect(() => openStore(folder, from)).toThrow(expect.objectContaining({ code: 'store.corrupt' }));
  expect(read('PRAGMA user_version')).toEqual([version + 1]);
  expect(read("SELECT name FROM sqlite_schema WHERE name IN ('one', 'two', 'three')")).toEqual(['one']);
  later(2, 'CREATE TABLE two (a INTEGER);');
  openStore(folder, from).close();
  expect(read('PRAGMA user_version')).toEqual([version + 3]);
  // The first was not run a second time.
  expect(read('SELECT a FROM one')).toEqual([1]);
});

it('the copies from before the last three are kept, and of the others none', () => {
  for (let index = 1; index <= 5; index++) {
    later(index, `CREATE TABLE later${index} (a INTEGER);`);
    openStore(folder, from).close();
  }
  expect(copies()).toEqual([3, 4, 5].map((index) => `hearth-before-${numbered(version + index)}.db`));
});

it('a copy that a kill left incomplete counts as none, and is made again', () => {
  later(1, 'CREATE TABLE one (a INTEGER);');
  const copy = `hearth-before-${numbered(version + 1)}.db`;
  writeFileSync(path.join(folder, copy), 'the complete copy of an earlier try');
  writeFileSync(path.join(folder, `${copy}.incomplete`), 'half a copy');
  openStore(folder, from).close();
  expect(copies()).toEqual([copy]);
  const made = new Database(path.join(folder, copy), { readonly: true });
  expect(made.pragma('user_version', { simple: true })).toBe(version);
  expect(made.pragma('quick_check', { simple: true })).toBe('ok');
  made.close();
});
