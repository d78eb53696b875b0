import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeSettings } from '../store/settings.ts';
import { openStore, type Store } from '../store/store.ts';
import { createStoredSettings, defaultDownloads } from './stored-settings.ts';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-settings-'));
  store = openStore(folder, path.join(import.meta.dirname, '../store/migrations'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

it('are read and checked once, and again after a write', () => {
  const stored = createStoredSettings(store);
  const first = stored.get('downloads');
  expect(first).toEqual(defaultDownloads);
  // Behind its back: it would be seen by one that reads again.
  writeSettings(store, { downloads: { ...defaultDownloads, maxRunning: 5 } });
  expect(stored.get('downloads')).toBe(first);
  stored.write({ downloads: { ...defaultDownloads, maxRunning: 3 } });
  expect(stored.get('downloads').maxRunning).toBe(3);
  expect(createStoredSettings(store).get('downloads').maxRunning).toBe(3);
});

it('fall back field by field where what is stored does not fit', () => {
  writeSettings(store, {
    downloads: { maxRunning: 900, bytesPerSecond: 50_000 },
    theme: 'purple',
    cacheFolder: 'relative/folder',
    modelFolders: ['/a', 3],
  });
  const stored = createStoredSettings(store);
  expect(stored.get('downloads')).toEqual({ ...defaultDownloads, bytesPerSecond: 50_000 });
  expect(stored.get('theme')).toBe('system');
  expect(stored.get('cacheFolder')).toBeNull();
  expect(stored.get('modelFolders')).toEqual([]);
});
