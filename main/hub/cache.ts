/** The Hugging Face cache on disk, in the layout of `core/cache-paths.ts`: what is in it, putting a file in, taking one out. */
import { randomUUID } from 'node:crypto';
import type { Dirent, Stats } from 'node:fs';
import {
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import {
  CACHE_TAG,
  CACHE_TAG_NAME,
  blobPath,
  isBlobName,
  isCommit,
  isSafePath,
  linkTarget,
  refPath,
  repoFolder,
  repoIdOfFolder,
  snapshotPath,
} from '../core/cache-paths.ts';
import { sharedBlobOf, sweepSharedBlob } from './shared-blobs.ts';

/** A file that is complete on this computer. */
export interface CachedFile {
  readonly repoId: string;
  readonly commit: string;
  /** Its path in the repository. */
  readonly path: string;
  /** The bytes: the blob, where links are possible. */
  readonly realPath: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

/** Where programs open the file: the name in the snapshot, which keeps the extension. Throws hub.unsafe_name. */
export function cachedFilePath(folder: string, repoId: string, commit: string, path: string): string {
  return join(folder, snapshotPath(repoId, commit, path));
}

/**
 * Every complete GGUF file of the cache, whoever fetched it. A file that several snapshots have is listed once: from the
 * snapshot of `main`, else of another ref, else the newest. What is no cache, broken or unreadable is passed over; a
 * folder that is not there is an empty cache.
 */
export async function listCache(folder: string): Promise<CachedFile[]> {
  const repositories = (await entries(folder)).flatMap((entry) => {
    const repoId = repoIdOfFolder(entry.name);
    return repoId === null ? [] : [{ repoId, root: join(folder, entry.name) }];
  });
  const lists = await Promise.all(repositories.map(({ repoId, root }) => listRepository(repoId, root)));
  return lists.flat().sort((a, b) => (a.repoId + a.path < b.repoId + b.path ? -1 : 1));
}

async function listRepository(repoId: string, root: string): Promise<CachedFile[]> {
  const snapshots = (await entries(join(root, 'snapshots'))).map((entry) => entry.name).filter(isCommit);
  if (snapshots.length === 0) return [];
  const refs = await readRefs(join(root, 'refs'));
  const age = await Promise.all(
    snapshots.map(async (name) => (await facts(join(root, 'snapshots', name)))?.mtimeMs ?? 0),
  );
  const rank = (commit: string): number =>
    refs.get('main') === commit ? 2 : [...refs.values()].includes(commit) ? 1 : 0;
  const ordered = snapshots
    .map((commit, index) => ({ commit, modifiedAtMs: age[index] ?? 0 }))
    .sort((a, b) => rank(b.commit) - rank(a.commit) || b.modifiedAtMs - a.modifiedAtMs);

  const found = new Map<string, CachedFile>();
  for (const { commit } of ordered) {
    const base = join(root, 'snapshots', commit);
    for (const path of await ggufPaths(base, '')) {
      if (found.has(path)) continue;
      const file = join(base, path);
      // A broken link (the blob was deleted) has no facts and is passed over.
      const [info, realPath] = await Promise.all([facts(file), realpath(file).catch(() => null)]);
      if (info?.isFile() !== true || realPath === null) continue;
      found.set(path, { repoId, commit, path, realPath, sizeBytes: info.size, modifiedAtMs: info.mtimeMs });
    }
  }
  return [...found.values()];
}

/** Paths of GGUF files under a snapshot, with forward slashes. Folders that are links are not entered. */
async function ggufPaths(base: string, inside: string): Promise<string[]> {
  if (inside.split('/').length > 8) return [];
  const lists = (await entries(join(base, inside))).map(async (entry): Promise<string[]> => {
    const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (entry.isDirectory()) return await ggufPaths(base, path);
    return /\.gguf$/i.test(entry.name) && isSafePath(path) ? [path] : [];
  });
  return (await Promise.all(lists)).flat().sort();
}

async function readRefs(folder: string): Promise<ReadonlyMap<string, string>> {
  const refs = new Map<string, string>();
  const read = async (inside: string, depth: number): Promise<void> => {
    for (const entry of await entries(join(folder, inside))) {
      const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
      if (entry.isDirectory() && depth < 4) await read(name, depth + 1);
      if (!entry.isFile()) continue;
      const commit = (await readFile(join(folder, name), 'utf8').catch(() => '')).trim();
      if (isCommit(commit)) refs.set(name, commit);
    }
  };
  await read('', 0);
  return refs;
}

/** The size of the complete file in the snapshot, or null. Never throws for a safe name; throws hub.unsafe_name. */
export async function cachedSize(folder: string, repoId: string, commit: string, path: string): Promise<number | null> {
  const info = await facts(cachedFilePath(folder, repoId, commit, path));
  return info?.isFile() === true ? info.size : null;
}

export interface Placement {
  readonly repoId: string;
  readonly commit: string;
  readonly path: string;
  readonly blob: string;
}

/**
 * Gives a blob that is complete its name in the snapshot: a relative link, or, where links are not possible, the file
 * itself is moved there, as Python does. `makeLink` is for tests. Throws what the file system throws.
 */
export async function placeInSnapshot(folder: string, file: Placement, makeLink = symlink): Promise<string> {
  const pointer = cachedFilePath(folder, file.repoId, file.commit, file.path);
  const target = linkTarget(file.path, file.blob);
  await writeFile(join(folder, CACHE_TAG_NAME), CACHE_TAG, { flag: 'wx' }).catch(() => {});
  // Windows gives the link back with its own slashes.
  if ((await readlink(pointer).catch(() => '')).replaceAll('\\', '/') === target) return pointer;
  await rm(pointer, { force: true });
  try {
    await inFolderOf(pointer, () => makeLink(target, pointer, 'file'));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // EPERM: Windows without developer mode, FAT; ENOSYS and ENOTSUP: network shares.
    if (!['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'UNKNOWN'].includes(code)) throw error;
    await inFolderOf(pointer, () => rename(join(folder, blobPath(file.repoId, file.blob)), pointer));
  }
  return pointer;
}

/**
 * Gives a blob that is complete its names: in the snapshot, and with `ref` the branch or tag that points there. Answers the
 * path in the snapshot. Throws as the two do.
 */
export function publish(folder: string, file: Placement, ref: string | null): Promise<string> {
  // Between the two the repository must not look empty to a clean-up.
  return inTurn(join(folder, repoFolder(file.repoId)), async () => {
    const pointer = await placeInSnapshot(folder, file);
    if (ref !== null) await writeRef(folder, file.repoId, ref, file.commit);
    return pointer;
  });
}

/** Writes which commit a branch or tag is. A revision that is a commit has no ref. Throws hub.unsafe_name and what the file system throws. */
export async function writeRef(folder: string, repoId: string, revision: string, commit: string): Promise<void> {
  if (isCommit(revision)) return;
  const file = join(folder, refPath(repoId, revision));
  if ((await readFile(file, 'utf8').catch(() => null)) === commit) return;
  const aside = `${file}.${randomUUID()}`;
  await inFolderOf(file, async () => {
    await writeFile(aside, commit);
    await rename(aside, file);
  });
}

/**
 * Deletes a file: its name in the snapshot of `commit`, or in every snapshot when `commit` is null, and its blob when no
 * other name in the repository points to it; then the folders that became empty. A name that is a link to anything but a
 * blob of this repository is removed and what it points to stays. Gives the bytes that became free.
 * Throws hub.unsafe_name, and what the file system throws (EBUSY while a program on Windows has the file open).
 */
export async function removeCachedFile(
  folder: string,
  file: { readonly repoId: string; readonly path: string; readonly commit: string | null },
): Promise<number> {
  const root = join(folder, repoFolder(file.repoId));
  const all = (await entries(join(root, 'snapshots'))).map((entry) => entry.name).filter(isCommit);
  let freedBytes = 0;
  for (const commit of file.commit === null ? all : [file.commit]) {
    const pointer = cachedFilePath(folder, file.repoId, commit, file.path);
    if (!(await staysInside(root, dirname(pointer)))) continue;
    const info = await lstat(pointer).catch(() => null);
    if (info === null || info.isDirectory()) continue;
    const blob = info.isSymbolicLink() ? await blobOfLink(root, pointer) : null;
    await unlink(pointer);
    if (!info.isSymbolicLink()) freedBytes += info.size;
    if (blob !== null && !(await isPointedTo(root, blob))) freedBytes += await removeBlob(folder, root, blob);
  }
  await pruneRepository(folder, file.repoId, file.path);
  return freedBytes;
}

/** True when no part of the way from `root` to `inner` is a link that leads elsewhere. */
async function staysInside(root: string, inner: string): Promise<boolean> {
  const [base, real] = await Promise.all([realpath(root).catch(() => null), realpath(inner).catch(() => null)]);
  return base !== null && real !== null && real === join(base, relative(root, inner));
}

/** The blob that a link in a snapshot names; null when it names anything else. */
async function blobOfLink(root: string, pointer: string): Promise<string | null> {
  const target = await readlink(pointer).catch(() => null);
  if (target === null) return null;
  const full = resolve(dirname(pointer), target);
  return dirname(full) === join(resolve(root), 'blobs') && isBlobName(basename(full)) ? basename(full) : null;
}

async function removeBlob(folder: string, root: string, blob: string): Promise<number> {
  const file = join(root, 'blobs', blob);
  if (!(await staysInside(root, dirname(file)))) return 0;
  const info = await lstat(file).catch(() => null);
  if (info === null || info.isDirectory()) return 0;
  const shared = await sharedBlobOf(folder, file);
  await unlink(file);
  if (shared !== null) return await sweepSharedBlob(folder, shared);
  return info.isFile() ? info.size : 0;
}

async function isPointedTo(root: string, blob: string): Promise<boolean> {
  const search = async (folder: string): Promise<boolean> => {
    for (const entry of await entries(folder)) {
      const full = join(folder, entry.name);
      if (entry.isDirectory() ? await search(full) : entry.isSymbolicLink() && (await blobOfLink(root, full)) === blob)
        return true;
    }
    return false;
  };
  return await search(join(root, 'snapshots'));
}

/**
 * Takes away the empty folders that a file at `path` may leave, and of a repository without snapshots the refs and lists
 * as well. Folders that hold anything else stay. Never throws for a safe name.
 */
export function pruneRepository(folder: string, repoId: string, path: string): Promise<void> {
  const root = join(folder, repoFolder(repoId));
  return inTurn(root, () => prune(root, path));
}

async function prune(root: string, path: string): Promise<void> {
  if (!(await staysInside(root, root))) return;
  const snapshots = join(root, 'snapshots');
  for (const entry of await entries(snapshots)) {
    if (!isCommit(entry.name) || !entry.isDirectory()) continue;
    for (let inside = dirname(path); inside !== '.'; inside = dirname(inside)) {
      await rmdir(join(snapshots, entry.name, inside)).catch(() => {});
    }
    await rmdir(join(snapshots, entry.name)).catch(() => {});
  }
  await rmdir(snapshots).catch(() => {});
  await rmdir(join(root, 'blobs')).catch(() => {});
  const left = (await entries(root)).map((entry) => entry.name);
  // Python keeps lists of files in `trees` and of absent ones in `.no_exist`: nothing without a snapshot or a blob.
  if (left.includes('snapshots') || left.includes('blobs')) return;
  for (const name of ['refs', 'trees', '.no_exist']) {
    if (left.includes(name) && (await staysInside(root, join(root, name))))
      await rm(join(root, name), { recursive: true });
  }
  await rmdir(root).catch(() => {});
}

const turns = new Map<string, Promise<unknown>>();

/** Runs `work` after everything else that was given for `key`, in this process. */
async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(key) ?? Promise.resolve();
  const own = before.then(work, work);
  turns.set(key, own);
  try {
    return await own;
  } finally {
    if (turns.get(key) === own) turns.delete(key);
  }
}

/**
 * Makes the folder that `file` lies in and does `work`, once more each time that another download's clean-up took the empty
 * folder away in between. Throws what the file system throws.
 */
export async function inFolderOf<T>(file: string, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      await mkdir(dirname(file), { recursive: true });
      return await work();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt >= 20) throw error;
    }
  }
}

async function entries(folder: string): Promise<Dirent[]> {
  return await readdir(folder, { withFileTypes: true }).catch(() => []);
}

async function facts(file: string): Promise<Stats | null> {
  return await stat(file).catch(() => null);
}
