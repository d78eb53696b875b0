/** Every write says `disk.full` or `disk.denied`, whatever the file system and SQLite call a disk without space or without permission. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { diskErrorCode } from '../../../preload/wire/disk-error.ts';
import { encodeError } from '../../../preload/wire/errors.ts';
import { createImports } from '../../../main/library/models/imports.ts';
import { moveCache } from '../../../main/library/storage/move.ts';
import { createFiles } from '../../../main/store/files.ts';
import { storeError } from '../../../main/store/store-error.ts';
import { openStore } from '../../../main/store/store.ts';
import { migrations, temporaryFolder } from '../../support/cache-setup.ts';

const main = path.join(import.meta.dirname, '../../../main');
const ember = path.join(main, '../assets/models/ember-3M-Q8_0.gguf');
const systemError = (code: string): Error => Object.assign(new Error(code), { code });

/** A file of which no byte can be written. */
const unwritable = (code: string) => async (file: string, flags: 'wx' | 'r') => {
  const handle = await open(file, flags);
  return Object.assign(handle, { write: async () => await Promise.reject(systemError(code)) });
};

describe.each([
  ['ENOSPC', 'disk.full'],
  ['EDQUOT', 'disk.full'],
  ['SQLITE_FULL', 'disk.full'],
  ['EROFS', 'disk.denied'],
  ['EACCES', 'disk.denied'],
  ['EPERM', 'disk.denied'],
  ['SQLITE_READONLY', 'disk.denied'],
  ['SQLITE_READONLY_DIRECTORY', 'disk.denied'],
  ['SQLITE_CANTOPEN', 'disk.denied'],
])('%s is %s', (code, expected) => {
  it('for the store, the settings, the secrets', () => {
    expect(diskErrorCode(systemError(code))).toBe(expected);
    expect(storeError(systemError(code))).toMatchObject({ name: 'AppError', code: expected });
  });

  it('for an import, of which nothing is left', async () => {
    const data = await temporaryFolder();
    const store = openStore(data, migrations);
    onTestFinished(() => void store.close());
    const folder = path.join(data, 'imported');
    const bytes = readFileSync(ember);
    const imports = createImports({
      ...{ store, folder, pickFiles: null, freeDiskBytes: async () => null, isPending: () => false },
      later: () => ({ token: '', undoMs: 0 }),
      openFile: unwritable(code),
    });
    const never = new AbortController().signal;
    await expect(imports.importStream('x.gguf', Readable.from([bytes]), bytes.length, never)).rejects.toMatchObject({
      name: 'AppError',
      code: expected,
    });
    expect(await readdir(folder)).toEqual([]);
    expect(imports.list()).toEqual([]);
  });

  it('for a file of a message', async () => {
    const data = await temporaryFolder();
    const store = openStore(data, migrations);
    onTestFinished(() => void store.close());
    const files = createFiles({ store, folder: path.join(data, 'files'), open: unwritable(code) });
    await expect(files.putFile(Readable.from([Buffer.from('cat')]), { maxBytes: 9 })).rejects.toMatchObject({
      name: 'AppError',
      code: expected,
    });
  });

  it('for a move of the cache, which stays where it was', async () => {
    const folder = await temporaryFolder();
    const from = path.join(folder, 'from');
    mkdirSync(path.join(from, 'models--o--n/refs'), { recursive: true });
    writeFileSync(path.join(from, 'models--o--n/refs/main'), 'x');
    const plan = {
      ...{ from, to: path.join(folder, 'to'), freeDiskBytes: async () => null, isInUse: () => false },
      ...{ record: () => {}, recorded: () => [], switchOver: () => Promise.reject(systemError(code)) },
    };
    const context = {
      ...{ signal: new AbortController().signal, log: () => {}, detail: () => {}, progress: () => {} },
    };
    await expect(moveCache(plan, context)).rejects.toMatchObject({ name: 'AppError', code: expected });
    expect(readFileSync(path.join(from, 'models--o--n/refs/main'), 'utf8')).toBe('x');
  });
});

it('leaves other errors as they are', () => {
  for (const error of [systemError('ENOENT'), systemError('SQLITE_CORRUPT'), new Error('ENOSPC'), 'ENOSPC', null])
    expect(diskErrorCode(error)).toBe(null);
});

describe('the source', () => {
  const root = path.join(main, '..');
  const sources = ['main', 'preload'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')),
  );
  const filesWith = (pattern: RegExp): string[] =>
    sources.filter((name) => pattern.test(readFileSync(path.join(root, name), 'utf8')));

  it('lists the codes of a full disk in one file', () => {
    expect(filesWith(/'(?:ENOSPC|EDQUOT|SQLITE_FULL)'/)).toEqual(['preload/wire/disk-error.ts']);
    // Why a file could not be deleted has an account of its own.
    expect(filesWith(/'EROFS'/)).toEqual(['main/library/storage/deletions.ts', 'preload/wire/disk-error.ts']);
  });

  it('runs no SQL outside of the functions that map its errors', () => {
    const others = filesWith(/\b(?:store|database|db)\.(?:prepare|exec)\(/);
    expect(others.filter((name) => !/^main\/store\/(?:store\.ts|check-store\.ts|salvage\/)/.test(name))).toEqual([]);
  });
});

describe('an error of the file system that no caller expected', () => {
  const failed = (code: string, syscall: string): Error =>
    Object.assign(new Error(`${code}: ${syscall} '/home/somebody/secret'`), { code, syscall });

  it.each([
    ['EMFILE', 'open', 'busy'],
    ['ENFILE', 'open', 'busy'],
    ['EIO', 'read', 'disk.denied'],
    ['ENOTDIR', 'mkdir', 'disk.denied'],
    ['ELOOP', 'open', 'disk.denied'],
    ['ENAMETOOLONG', 'rename', 'disk.denied'],
    ['EACCES', 'open', 'disk.denied'],
    ['ENOSPC', 'write', 'disk.full'],
  ])('%s of %s is %s, without the path', (code, syscall, expected) => {
    const body = encodeError(failed(code, syscall));
    expect(body.code).toBe(expected);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('is not confused with one of the network or of a process', () => {
    for (const syscall of ['listen', 'connect', 'spawn x', 'kill'])
      expect(encodeError(failed('EACCES', syscall)).code).toBe('internal');
  });
});
