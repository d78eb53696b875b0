import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { storedPath, storedPlaces } from './stored.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-stored-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('measures the database with what stands beside it, and folders with all that is in them', async () => {
  writeFileSync(path.join(folder, 'hearth.db'), 'x'.repeat(1000));
  writeFileSync(path.join(folder, 'hearth.db-wal'), 'x'.repeat(200));
  mkdirSync(path.join(folder, 'files/ab'), { recursive: true });
  writeFileSync(path.join(folder, 'files/ab/one'), 'x'.repeat(30));
  mkdirSync(path.join(folder, 'logs'));
  const places = await storedPlaces(folder);
  expect(places.map(({ name, bytes }) => [name, bytes])).toEqual([
    ['data', null],
    ['database', 1200],
    ['files', 30],
    ['logs', 0],
  ]);
  expect(places.every(({ name, path: at }) => at === storedPath(folder, name))).toBe(true);
});
