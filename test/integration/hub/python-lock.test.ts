/**
 * A program that downloads like Python's huggingface_hub at the same time: it holds flock() on `<etag>.lock`, writes
 * `<etag>.incomplete`, and renames it before it releases the lock. The tool `flock` stands in for Python's filelock,
 * which takes the same lock.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { blobPath, linkTarget, lockPath, pythonLockPath, snapshotPath } from '../../../main/hub/cache/cache-paths.ts';
import { removeCachedFile } from '../../../main/hub/cache/cache.ts';
import type { Hub, RemoteFile } from '../../../main/hub/hub.ts';
import { tryPythonLock } from '../../../main/hub/cache/python-lock.ts';
import {
  content,
  hastyClock,
  never,
  path,
  repoId,
  setUp,
  sha256,
  temporaryFolder,
  tree,
} from '../../support/hub-setup.ts';

const lockFile = (folder: string): string => join(folder, pythonLockPath(repoId, sha256));
const isFree = (file: string): boolean => spawnSync('flock', ['-n', file, 'true']).status === 0;

/** Holds Python's lock and has half of the file. `finish` completes it; `die` ends without cleaning up. */
async function pythonFetches(
  folder: string,
  commit: string,
): Promise<{ finish(): Promise<void>; die(): Promise<void> }> {
  const blob = join(folder, blobPath(repoId, sha256));
  const pointer = join(folder, snapshotPath(repoId, commit, path));
  for (const file of [lockFile(folder), blob, pointer]) mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${blob}.incomplete`, content.subarray(0, content.length / 2));
  writeFileSync(join(folder, 'whole'), content);
  const script = `echo held; read word; cp "$WHOLE" "$BLOB.incomplete"; mv "$BLOB.incomplete" "$BLOB"; ln -s "$TARGET" "$POINTER"`;
  const child = spawn('flock', ['-o', lockFile(folder), 'sh', '-c', script], {
    env: {
      ...process.env,
      WHOLE: join(folder, 'whole'),
      BLOB: blob,
      POINTER: pointer,
      TARGET: linkTarget(path, sha256),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const kill = (): void =>
    void (child.exitCode === null && child.signalCode === null && process.kill(-child.pid!, 'SIGKILL'));
  onTestFinished(kill);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return {
    async finish() {
      child.stdin.write('now\n');
      await gone;
    },
    async die() {
      kill();
      await gone;
    },
  };
}

const contentRequests = (requests: readonly { readonly path: string }[]): number =>
  requests.filter((request) => request.path.includes('/resolve/')).length;

async function resolveOne(hub: Hub): Promise<RemoteFile> {
  const [file] = await hub.resolve(repoId, path, 'main', never);
  if (!file) throw new Error('nothing to fetch');
  return file;
}

describe.skipIf(spawnSync('flock', ['--version']).error !== undefined)('Hearth and Python on one cache', () => {
  it('wait for Python’s download and use it, without a byte from the Hub', async () => {
    const { hub, folder, server } = await setUp();
    const file = await resolveOne(hub);
    const python = await pythonFetches(folder, file.commit);
    server.requests.length = 0;
    const waited: number[] = [];
    const fetched = hub.fetchFile(file, {
      folder,
      ref: 'main',
      signal: never,
      onProgress: ({ phase, doneBytes }) => void (phase === 'waiting' && waited.push(doneBytes)),
    });
    await expect.poll(() => waited.length).toBeGreaterThan(2);
    await python.finish();
    expect(await readFile(await fetched)).toEqual(content);
    expect(waited[0]).toBe(content.length / 2);
    expect(contentRequests(server.requests)).toBe(0);
    expect(isFree(lockFile(folder))).toBe(true);
    // Python never deletes its lock file; Hearth's is deleted.
    expect((await tree(join(folder, '.locks'))).filter((name) => name.endsWith('.lock'))).toEqual([
      expect.stringMatching(`/${sha256}.lock$`),
    ]);
  });

  it('hold the lock that Python waits for while they download, and leave no trace of it', async () => {
    const { hub, folder, server } = await setUp();
    const file = await resolveOne(hub);
    let seen: boolean | undefined;
    await hub.fetchFile(file, {
      folder,
      ref: 'main',
      signal: never,
      onProgress: ({ phase }) => void (phase === 'receiving' && (seen ??= isFree(lockFile(folder)))),
    });
    expect(seen).toBe(false);
    expect(contentRequests(server.requests)).toBeGreaterThan(0);
    expect(existsSync(join(folder, '.locks'))).toBe(false);
  });

  it('download it themselves at once when Python dies', async () => {
    const { hub, folder } = await setUp();
    const file = await resolveOne(hub);
    const python = await pythonFetches(folder, file.commit);
    let waits = 0;
    const fetched = hub.fetchFile(file, {
      folder,
      ref: 'main',
      signal: never,
      onProgress: ({ phase }) => void (phase === 'waiting' && waits++),
    });
    await expect.poll(() => waits).toBeGreaterThan(1);
    await python.die();
    expect(await readFile(await fetched)).toEqual(content);
  });

  it('download it beside a hanging Python, and can be canceled while they wait', async () => {
    let later = 0;
    const clock = { ...hastyClock(), now: () => Date.now() + later };
    const { hub, folder } = await setUp({ clock });
    const file = await resolveOne(hub);
    await pythonFetches(folder, file.commit);
    const cancel = new AbortController();
    const options = { folder, ref: 'main', onProgress: () => cancel.abort(new Error('enough')) };
    await expect(hub.fetchFile(file, { ...options, signal: cancel.signal })).rejects.toThrow('enough');
    expect(existsSync(join(folder, lockPath(repoId, sha256)))).toBe(false);

    const log: string[] = [];
    const place = await hub.fetchFile(file, {
      folder,
      ref: 'main',
      signal: never,
      onProgress: ({ phase }) => void (phase === 'waiting' && (later += 20_000)),
      log: (text) => log.push(text),
    });
    expect(await readFile(place)).toEqual(content);
    expect(log[0]).toMatch(/^Python holds the lock/);
  });

  it('delete no blob that Python is about to name', async () => {
    const { hub, folder } = await setUp();
    const file = await resolveOne(hub);
    await hub.fetchFile(file, { folder, ref: 'main', signal: never, onProgress: () => {} });
    const other = 'b'.repeat(40);
    const python = await pythonFetches(folder, other);
    expect(await removeCachedFile(folder, { repoId, path, commit: null })).toBe(0);
    expect(existsSync(join(folder, blobPath(repoId, sha256)))).toBe(true);
    await python.finish();
    expect(await readFile(join(folder, snapshotPath(repoId, other, path)))).toEqual(content);
    expect(await removeCachedFile(folder, { repoId, path, commit: null })).toBe(content.length);
  });

  it('hold the lock for as long as the process lives, and not longer', async () => {
    const file = join(await temporaryFolder(), 'locks/a.lock');
    const lock = await tryPythonLock(file);
    expect(isFree(file)).toBe(false);
    expect(await tryPythonLock(file)).toBeNull();
    await lock?.release();
    expect(existsSync(file)).toBe(false);

    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, '../../support/cache-child.ts'), 'python-lock', file],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    expect(isFree(file)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isFree(file)).toBe(true);
    const again = await tryPythonLock(file);
    expect(again).not.toBeNull();
    await again?.release();
    // A crashed Hearth left it, so the next one removes it. Python's own file stays, because Python resumes from it.
    expect(existsSync(file)).toBe(false);
    spawnSync('flock', [file, 'true']);
    await (await tryPythonLock(file))?.release();
    expect(existsSync(file)).toBe(true);
  });
});
