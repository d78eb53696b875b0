import { mkdir, mkdtemp, open, readdir, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openStore, type Store } from '../../store/store.ts';
import { writeScriptedShards } from '../../../test/support/made-models.ts';
import { writeImportedFile } from '../../store/model-records.ts';
import { createImports, type ImportsOptions } from './imports.ts';

const main = join(import.meta.dirname, '../..');
const never = new AbortController().signal;
const bytes = await readFile(join(main, '../assets/models/ember-3M-Q8_0.gguf'));
let folder: string;
let store: Store;

beforeEach(async () => {
  const data = await mkdtemp(join(tmpdir(), 'hearth-imports-'));
  store = openStore(data, join(main, 'store/migrations'));
  folder = join(data, 'imported');
  onTestFinished(async () => {
    store.close();
    await rm(data, { recursive: true });
  });
});

const start = (options: Partial<ImportsOptions> = {}) =>
  createImports({
    ...{ store, folder, pickFiles: null, freeDiskBytes: () => Promise.resolve(null), isPending: () => false },
    later: () => ({ token: '', undoMs: 0 }),
    ...options,
  });
const take = (imports: ReturnType<typeof start>, name = 'x.gguf', sizeBytes = bytes.length, content = [bytes]) =>
  imports.importStream(name, Readable.from(content), sizeBytes, never);
const ids = (imports: ReturnType<typeof start>): string[] => imports.list().map(({ modelId }) => modelId);

describe('a dropped file, when the data folder is reached by another path,', () => {
  const one = (path: string) => ({ modelId: 'imported/files/x.gguf', path });

  it.skipIf(process.platform === 'win32')('is the same model, also when its folder is linked', async () => {
    await take(start());
    const linked = join(folder, '../linked');
    await symlink(folder, linked);
    expect(start({ folder: linked }).list()).toMatchObject([one(join(linked, 'x.gguf'))]);
    expect(start().list()).toMatchObject([one(join(folder, 'x.gguf'))]);
    // A dialog gives the real path of what lies in Hearth's own folder.
    const pickFiles = () => Promise.resolve([join(folder, 'x.gguf')]);
    await start({ folder: linked, pickFiles }).pickFiles();
    expect(ids(start({ folder: linked }))).toEqual(['imported/files/x.gguf']);
  });

  it('is the same model after the folder was moved; a file elsewhere keeps its path', async () => {
    await take(start());
    const elsewhere = join(folder, '../y.gguf');
    writeImportedFile(store, 'imported/files/y.gguf', elsewhere, Date.now() + 1000);
    await mkdir(join(folder, '../new'));
    const moved = join(folder, '../new/imported');
    await rename(folder, moved);
    expect(start({ folder: moved }).list()).toMatchObject([
      one(join(moved, 'x.gguf')),
      { modelId: 'imported/files/y.gguf', path: elsewhere },
    ]);
  });

  it('is never taken for a file of another folder called the same, also while the disk of that one is away', async () => {
    const [stick, away] = [join(folder, '../stick'), join(folder, '../away')];
    await mkdir(join(stick, 'imported'), { recursive: true });
    const picked = await realpath(join(stick, 'imported'));
    await writeFile(join(picked, 'x.gguf'), bytes);
    const pickFiles = () => Promise.resolve([join(picked, 'x.gguf')]);
    await start({ pickFiles }).pickFiles();
    await take(start());
    const both = [
      { modelId: 'imported/files/x.gguf', path: join(picked, 'x.gguf') },
      { modelId: 'imported/files/x-2.gguf', path: join(folder, 'x.gguf') },
    ];
    expect(start().list()).toEqual(both);
    await rename(stick, away);
    expect(start().list()).toEqual(both);
    await rename(away, stick);
    expect(start().list()).toEqual(both);
  });

  it('keeps the id that an earlier version stored with its path', async () => {
    await mkdir(folder);
    await writeFile(join(folder, 'x.gguf'), bytes);
    writeImportedFile(store, 'imported/files/old.gguf', join(folder, 'x.gguf'), 1000);
    start();
    const moved = join(folder, '../moved');
    await rename(folder, moved);
    expect(start({ folder: moved }).list()).toEqual([
      { modelId: 'imported/files/old.gguf', path: join(moved, 'x.gguf') },
    ]);
  });

  it.skipIf(process.platform === 'win32')(
    'loses the twin that an earlier version listed, and keeps its file',
    async () => {
      await take(start());
      const linked = join(folder, '../linked');
      await symlink(folder, linked);
      writeImportedFile(store, 'imported/files/x-2.gguf', join(linked, 'x.gguf'), Date.now() + 1000);
      expect(start().list()).toMatchObject([one(join(folder, 'x.gguf'))]);
      expect(await readdir(folder)).toEqual(['x.gguf']);
    },
  );
});

describe('a dropped file', () => {
  it('may be one of several files of a model, which keeps its name', async () => {
    const files = ['m-00001-of-00002.gguf', 'head.gguf'].map((name) => join(folder, '..', name));
    writeScriptedShards(files, { pieces: ['a'] });
    const imports = start();
    for (const file of files) {
      const content = await readFile(file);
      await take(imports, basename(file), content.length, [content]);
    }
    expect(ids(imports).sort()).toEqual(['imported/files/head.gguf', 'imported/files/m-00001-of-00002.gguf']);
    expect((await readdir(folder)).sort()).toEqual(['head.gguf', 'm-00001-of-00002.gguf']);
  });

  it('is written and synced before it gets its name', async () => {
    const steps: string[] = [];
    const look = async (step: string): Promise<void> => {
      const names = (await readdir(folder)).map((name) => name.replace(/^[0-9a-f-]{36}/, 'ID'));
      steps.push(`${step}: ${names.join(' ')}`);
    };
    const imports = start({
      async openFile(file, flags) {
        const handle = await open(file, flags);
        return {
          write: handle.write.bind(handle),
          async datasync() {
            await look(`sync of ${(await handle.stat()).size === bytes.length ? 'all' : 'a part'}`);
            await handle.datasync();
            await look('synced');
          },
          close: () => handle.close(),
        };
      },
    });
    expect(await take(imports)).toMatchObject({ modelId: 'imported/files/x.gguf' });
    expect(steps).toEqual(['sync of all: ID.hearth.partial', 'synced: ID.hearth.partial']);
    expect(await readdir(folder)).toEqual(['x.gguf']);
  });

  it('leaves nothing when it cannot be synced', async () => {
    const imports = start({
      openFile: async (file, flags) =>
        Object.assign(await open(file, flags), {
          datasync: () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' })),
        }),
    });
    await expect(take(imports)).rejects.toMatchObject({ code: 'EIO' });
    expect([await readdir(folder), imports.list()]).toEqual([[], []]);
  });

  it('leaves nothing when it cannot be listed', async () => {
    const imports = start();
    store.close();
    await expect(take(imports)).rejects.toThrow();
    expect(await readdir(folder)).toEqual([]);
  });

  it('of which a killed process had not listed the name is listed by the next one; a half one goes', async () => {
    await mkdir(folder);
    await writeFile(join(folder, 'whole.gguf'), bytes);
    await writeFile(join(folder, 'half.hearth.partial'), 'GGUF');
    await writeFile(join(folder, 'notes.txt'), 'not a model');
    const imports = start();
    expect(imports.list()).toMatchObject([{ modelId: 'imported/files/whole.gguf', path: join(folder, 'whole.gguf') }]);
    expect((await readdir(folder)).sort()).toEqual(['notes.txt', 'whole.gguf']);
    await take(imports, 'whole.gguf');
    expect(ids(start())).toEqual(['imported/files/whole.gguf', 'imported/files/whole-2.gguf']);
  });

  it.each([
    [-1, false],
    [0, true],
    [1, true],
  ])('with %i bytes more than it must leave free', async (moreBytes, isTaken) => {
    const freeBytes = bytes.length + 200_000_000 + moreBytes;
    const imports = start({ freeDiskBytes: () => Promise.resolve(freeBytes) });
    if (isTaken) return void expect(await take(imports)).toMatchObject({ modelId: 'imported/files/x.gguf' });
    await expect(take(imports)).rejects.toMatchObject({
      code: 'disk.full',
      data: { neededBytes: bytes.length, freeBytes },
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['a byte too few', bytes.length + 1, 'incomplete'],
    ['a byte too many', bytes.length - 1, 'size_differs'],
    ['too small a size', 23, 'size_unknown'],
    ['too large a size', 4e12 + 1, 'size_unknown'],
    ['half a byte', 24.5, 'size_unknown'],
  ])('with %s is refused', async (_what, sizeBytes, reason) => {
    const imports = start();
    await expect(take(imports, 'x.gguf', sizeBytes)).rejects.toMatchObject({ code: 'invalid_input', data: { reason } });
    expect(await readdir(folder).catch(() => [])).toEqual([]);
  });

  it('that begins otherwise is refused at its first bytes, also one at a time', async () => {
    let read = 0;
    const slow = async function* () {
      for (const byte of Buffer.from('GGUX and much more')) {
        read++;
        yield await Promise.resolve(Buffer.from([byte]));
      }
    };
    const imports = start();
    await expect(imports.importStream('x.gguf', slow(), 100, never)).rejects.toMatchObject({
      data: { reason: 'not_gguf' },
    });
    expect([read, await readdir(folder)]).toEqual([4, []]);
  });

  it('whose caller hangs up is not kept', async () => {
    const abort = new AbortController();
    const pieces = async function* () {
      yield await Promise.resolve(bytes.subarray(0, 1000));
      abort.abort(new Error('gone'));
      yield bytes.subarray(1000);
    };
    const imports = start();
    await expect(imports.importStream('x.gguf', pieces(), bytes.length, abort.signal)).rejects.toThrow('gone');
    expect([await readdir(folder), imports.list()]).toEqual([[], []]);
  });

  it('takes the place of no other, whatever the case of its name', async () => {
    const imports = start();
    for (const name of ['x.gguf', 'X.GGUF', 'x.gguf']) await take(imports, name);
    expect((await readdir(folder)).sort()).toEqual(['X-2.gguf', 'x-3.gguf', 'x.gguf']);
    // A shard is found by its name and cannot have another one.
    await take(imports, 'm-00001-of-00002.gguf');
    await expect(take(imports, 'm-00001-of-00002.gguf')).rejects.toMatchObject({ data: { reason: 'name_taken' } });
  });
});
