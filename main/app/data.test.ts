import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openData, type Data } from './data.ts';
import { readEnvironment } from './environment.ts';

let folder: string;
let lines: string[];
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-data-'));
  lines = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(variables: Readonly<Record<string, string>> = {}): Data {
  return openData({
    environment: readEnvironment({ HEARTH_DATA_DIR: path.join(folder, 'data'), ...variables }, folder),
    migrationsFolder: path.join(import.meta.dirname, '../store/migrations'),
    seal: null,
    pickFolder: null,
    log: { error: (line) => void lines.push(line), warn: () => {} },
    onSalvaged: () => {},
  });
}

describe('the data of the app', () => {
  it('keeps its secrets and uses the cache that a variable names', () => {
    const cache = path.join(folder, 'cache');
    const first = open({ HEARTH_CACHE_DIR: cache });
    expect([first.settings.cacheFolder(), first.isCacheTemporary]).toEqual([cache, false]);
    first.secrets.write('token', 'made once');
    first.secrets.write('http-token', 'of an earlier version');
    first.close();
    const second = open();
    expect(second.secrets.read('token')).toBe('made once');
    expect(second.secrets.read('http-token')).toBeNull();
    second.close();
  });

  it('has a temporary cache where one is wanted, which is gone after the end', () => {
    const data = open({ HEARTH_NO_CACHE: '1', HEARTH_CACHE_DIR: path.join(folder, 'cache') });
    const cache = data.settings.cacheFolder();
    expect(data.isCacheTemporary).toBe(true);
    expect([path.dirname(cache), existsSync(cache)]).toEqual([os.tmpdir(), true]);
    data.close();
    expect(existsSync(cache)).toBe(false);
  });

  it('that cannot be opened stops the start, and the log says why', () => {
    writeFileSync(path.join(folder, 'data'), 'a file where the folder is to be');
    expect(() => open()).toThrow();
    expect(lines).toEqual([expect.stringMatching(/^The start: [a-z_.]+: ./)]);
  });
});
