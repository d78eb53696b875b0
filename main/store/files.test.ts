import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MessagePart } from '../../preload/contract/message-parts.ts';
import { putMessage } from './messages.ts';
import { markChatDeleted, purgeSlice, putChat } from './chats.ts';
import { createFiles, type Files } from './files.ts';
import { openStore, transaction, type Store } from './store.ts';

const migrations = path.join(import.meta.dirname, 'migrations');
const cat = Buffer.from('a picture of a cat');
const catHash = createHash('sha256').update(cat).digest('hex');
const limits = { maxBytes: 1e6 };

let folder: string;
let store: Store;
let files: Files;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-files-'));
  store = openStore(folder, migrations);
  files = createFiles({ store, folder: path.join(folder, 'files') });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** In pieces, as a socket gives them. */
async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 7) yield await Promise.resolve(bytes.subarray(at, at + 7));
}

/** Everything below the folder of files. */
const onDisk = (): string[] =>
  existsSync(path.join(folder, 'files'))
    ? readdirSync(path.join(folder, 'files'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name)
    : [];

/** A chat whose message was sent with these holds. */
function chatNaming(chatId: string, sha256: string, ...holds: readonly string[]): void {
  const part: MessagePart = {
    type: 'image',
    file: { sha256, name: 'cat.png', mediaType: 'image/png', sizeBytes: cat.length },
    width: null,
    height: null,
  };
  transaction(store, () => {
    putChat(store, {
      id: chatId,
      title: '',
      pinned: false,
      modelId: null,
      systemPrompt: '',
      sampling: null,
      contextPolicy: 'roll',
      leafId: null,
      createdAt: 1,
      updatedAt: 1,
    });
    putMessage(store, {
      id: `m-${chatId}`,
      chatId,
      parentId: null,
      role: 'user',
      parts: [part, part],
      status: 'complete',
      error: null,
      modelId: null,
      modelName: null,
      sampling: null,
      timing: null,
      createdAt: 1,
    });
  });
  files.settle(holds);
}

function purge(chatId: string): void {
  markChatDeleted(store, chatId, 1);
  const { files: named, done } = transaction(store, () => purgeSlice(store, chatId));
  expect(done).toBe(true);
  files.deleteUnnamed(named);
}

describe('files of messages', () => {
  it('are kept once, by the hash of what was written, and read back', async () => {
    const stored = await files.putFile(inPieces(cat), limits);
    expect(stored).toMatchObject({ sha256: catHash, sizeBytes: cat.length });
    expect(await files.putFile(inPieces(cat), limits)).toMatchObject({ sha256: catHash, sizeBytes: cat.length });
    expect(onDisk()).toEqual([catHash]);
    expect(files.pathOf(catHash)).toBe(path.join(folder, 'files', catHash.slice(0, 2), catHash));
    const { sizeBytes, stream } = files.openFile(catHash);
    expect(sizeBytes).toBe(cat.length);
    expect(Buffer.concat(await stream.toArray()).equals(cat)).toBe(true);
  });

  it('go with the last message that names them', async () => {
    const { hold } = await files.putFile(inPieces(cat), limits);
    chatNaming('one', catHash, hold);
    chatNaming('two', catHash);
    purge('one');
    expect(files.sizeOf(catHash)).toBe(cat.length);
    purge('two');
    expect(onDisk()).toEqual([]);
    expect(() => files.openFile(catHash)).toThrow(expect.objectContaining({ code: 'not_found' }));
  });

  it('are not swept while a damaged database may name them, except what is half written', async () => {
    const { hold } = await files.putFile(inPieces(cat), limits);
    files.settle([hold]);
    writeFileSync(path.join(folder, 'files', 'incoming', 'left'), 'half');
    await files.sweep({ keepUnnamed: true });
    expect(onDisk()).toEqual([catHash]);
    await files.sweep();
    expect(onDisk()).toEqual([]);
  });

  it('are swept although a folder lies among what is half written', async () => {
    mkdirSync(path.join(folder, 'files', 'incoming', 'a-folder'), { recursive: true });
    writeFileSync(path.join(folder, 'files', 'incoming', 'left'), 'half');
    await files.sweep();
    expect(onDisk()).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')(
    'cannot be read through a link to itself, which is an error of the disk',
    () => {
      symlinkSync('files', path.join(folder, 'files'));
      expect(() => files.sizeOf(catHash)).toThrow(
        expect.objectContaining({ code: 'disk.denied', data: { reason: 'disk_failed', detail: 'ELOOP' } }),
      );
    },
  );

  it('are kept while the message that will name them is still being written', async () => {
    const first = await files.putFile(inPieces(cat), limits);
    chatNaming('one', catHash, first.hold);
    const second = await files.putFile(inPieces(cat), limits);
    purge('one');
    await files.sweep();
    expect(onDisk()).toEqual([catHash]);
    chatNaming('two', catHash, second.hold);
    purge('two');
    expect(onDisk()).toEqual([]);
  });

  it('are held for the message that they were stored for: another that names them gives no hold back', async () => {
    const mine = await files.putFile(inPieces(cat), limits);
    // Two messages of others, without a hold of their own, as after an edit.
    for (const chat of ['one', 'two']) {
      chatNaming(chat, catHash);
      purge(chat);
    }
    // A hold is given back once, and an unknown one keeps nothing.
    files.settle([catHash, 'x']);
    await files.sweep();
    expect(onDisk()).toEqual([catHash]);
    chatNaming('three', catHash, mine.hold, mine.hold);
    purge('three');
    expect(onDisk()).toEqual([]);
  });

  it('that no message came to name are swept away at the next start, and no other', async () => {
    await files.putFile(inPieces(cat), limits);
    chatNaming('one', catHash);
    store.close();
    // Killed between the file and its message, and in the middle of another file.
    const script = `import { createFiles } from ${JSON.stringify(path.join(import.meta.dirname, 'files.ts'))};
      import { openStore } from ${JSON.stringify(path.join(import.meta.dirname, 'store.ts'))};
      const store = openStore(${JSON.stringify(folder)}, ${JSON.stringify(migrations)});
      const files = createFiles({ store, folder: ${JSON.stringify(path.join(folder, 'files'))} });
      await files.putFile([Buffer.from('a dog')], { maxBytes: 99 });
      async function* cut() { yield Buffer.from('half'); process.kill(process.pid, 'SIGKILL'); }
      await files.putFile(cut(), { maxBytes: 99 });`;
    expect(spawnSync(process.execPath, ['--input-type=module', '-e', script]).signal).toBe('SIGKILL');
    store = openStore(folder, migrations);
    expect(onDisk()).toHaveLength(3);
    files = createFiles({ store, folder: path.join(folder, 'files') });
    await files.sweep();
    expect(onDisk()).toEqual([catHash]);
  });

  it.each([
    ['a full disk', 'ENOSPC', 'disk.full'],
    ['a folder that is read-only', 'EROFS', 'disk.denied'],
  ])('leave nothing behind on %s', async (_, code, expected) => {
    const broken = createFiles({
      store,
      folder: path.join(folder, 'files'),
      async open(...args) {
        const handle = await open(...args);
        return {
          write: (bytes, offset, length, position) =>
            position + length > 10
              ? Promise.reject(Object.assign(new Error(code), { code, syscall: 'write' }))
              : handle.write(bytes, offset, length, position),
          sync: () => handle.sync(),
          close: () => handle.close(),
        };
      },
    });
    await expect(broken.putFile(inPieces(cat), limits)).rejects.toMatchObject({ code: expected });
    expect(onDisk()).toEqual([]);
    expect((await files.putFile(inPieces(cat), limits)).sha256).toBe(catHash);
  });

  it('are on the disk before they have their name, and then the name is', async () => {
    const calls: string[] = [];
    const watched = createFiles({
      store,
      folder: path.join(folder, 'files'),
      async open(...args) {
        const handle = await open(...args);
        const what = args[1] === 'wx' ? 'file' : path.basename(args[0]);
        return {
          write: (...all) => handle.write(...all),
          async sync() {
            calls.push(`${what} ${existsSync(files.pathOf(catHash)) ? 'with its name' : 'without a name'}`);
            await handle.sync();
          },
          close: () => handle.close(),
        };
      },
    });
    await watched.putFile(inPieces(cat), limits);
    expect(calls).toEqual(['file without a name', `${catHash.slice(0, 2)} with its name`]);
    expect(readFileSync(files.pathOf(catHash)).equals(cat)).toBe(true);
  });

  it('are whole where the system writes fewer bytes than it is given', async () => {
    const slow = createFiles({
      store,
      folder: path.join(folder, 'files'),
      async open(...args) {
        const handle = await open(...args);
        return {
          write: (bytes, offset, length, position) => handle.write(bytes, offset, Math.min(length, 3), position),
          sync: () => handle.sync(),
          close: () => handle.close(),
        };
      },
    });
    expect(await slow.putFile(inPieces(cat), limits)).toMatchObject({ sha256: catHash, sizeBytes: cat.length });
    expect(readFileSync(files.pathOf(catHash)).equals(cat)).toBe(true);
  });

  it('that are arriving are not swept away', async () => {
    const stream = new PassThrough();
    const stored = files.putFile(stream, limits);
    stream.write(cat.subarray(0, 5));
    await expect.poll(onDisk).toHaveLength(1);
    await files.sweep();
    stream.end(cat.subarray(5));
    expect(await stored).toMatchObject({ sha256: catHash, sizeBytes: cat.length });
    expect(readFileSync(files.pathOf(catHash)).equals(cat)).toBe(true);
  });

  it('that are no longer wanted while a chunk is awaited are refused at once, and whoever gives them is told', async () => {
    const abort = new AbortController();
    let told = false;
    const stalled: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          setImmediate(() => abort.abort());
          return new Promise(() => {});
        },
        return: () => {
          told = true;
          return new Promise(() => {});
        },
      }),
    };
    await expect(files.putFile(stalled, { ...limits, signal: abort.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(told).toBe(true);

    const second = new AbortController();
    const stream = new PassThrough();
    stream.write(cat.subarray(0, 5));
    const stored = files.putFile(stream, { ...limits, signal: second.signal });
    await expect.poll(() => stream.readableLength).toBe(0);
    second.abort();
    await expect(stored).rejects.toMatchObject({ code: 'cancelled' });
    expect(stream.destroyed).toBe(true);
    expect(onDisk()).toEqual([]);
  });

  it('that are too large, other than said, or no longer wanted are refused whole', async () => {
    const abort = new AbortController();
    abort.abort();
    for (const [given, code] of [
      [{ maxBytes: cat.length - 1 }, 'invalid_input'],
      [{ maxBytes: 8, signal: new AbortController().signal }, 'invalid_input'],
      [{ ...limits, sha256: 'a'.repeat(64) }, 'invalid_input'],
      [{ ...limits, signal: abort.signal }, 'cancelled'],
    ] as const)
      await expect(files.putFile(inPieces(cat), given)).rejects.toMatchObject({ code });
    expect(onDisk()).toEqual([]);
    for (const name of ['../../hearth.db', '', 'A'.repeat(64)])
      expect(() => files.openFile(name)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });
});
