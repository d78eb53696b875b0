/** The Hugging Face cache on disk, in the layout of `cache-paths.ts`: listing files, adding one, deleting one. */
import { randomUUID } from 'node:crypto';
import { constants, type Dirent, type Stats } from 'node:fs';
import {
  copyFile,
  lstat,
  open,
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
  LOCKS_FOLDER,
  blobPath,
  isBlobName,
  isCommit,
  linkTarget,
  lockPath,
  partialPath,
  pythonLockPath,
  refPath,
  repoFolder,
  snapshotPath,
} from './cache-paths.ts';
import { inFolderOf } from '../../base/in-folder.ts';
import { tryLock, type FileLock } from '../../base/file-lock.ts';
import { modelFilesOf, type CachedFile } from './model-sets.ts';
import { scanCache, type ScannedRepository, type ShardMarks } from './scan.ts';
import { isHeldByPython, isPythonFetching } from './python-lock.ts';
import { sharedBlobOf, sweepSharedBlob } from './shared-blobs.ts';

/** The path in the snapshot, under which programs open the file with its extension. Throws hub.unsafe_name. */
export function cachedFilePath(folder: string, repoId: string, commit: string, path: string): string {
  return join(folder, snapshotPath(repoId, commit, path));
}

/**
 * All complete GGUF files of the cache, whichever program downloaded them. A model of several snapshots is listed once, as
 * `listedModels` chooses. Anything broken or unreadable is left out; a missing folder is an empty cache. `marksOf` reads which files of a
 * repository with several snapshots are one model.
 */
export async function listCache(
  folder: string,
  marksOf: (repository: ScannedRepository) => Promise<ShardMarks> = async () => ({}),
): Promise<CachedFile[]> {
  const { repositories } = await scanCache(folder);
  const lists: CachedFile[][] = [];
  for (const repository of repositories.values()) {
    const shards = repository.revisions.length > 1 ? await marksOf(repository) : {};
    lists.push(modelFilesOf(folder, { ...repository, shards }));
  }
  return lists.flat().sort((a, b) => (a.repoId + a.path < b.repoId + b.path ? -1 : 1));
}

/** The GGUF files of one repository at a revision: a branch, a tag, or a commit, which may be shortened to seven characters. */
export async function listCachedRevision(folder: string, repoId: string, revision: string): Promise<CachedFile[]> {
  const { repositories } = await scanCache(folder);
  const isMeant = (one: { readonly repoId: string }): boolean => one.repoId.toLowerCase() === repoId.toLowerCase();
  const repository = [...repositories.values()].find(isMeant);
  if (!repository) return [];
  const wanted = Object.hasOwn(repository.refs, revision) ? repository.refs[revision] : undefined;
  const isShort = /^[0-9a-f]{7,40}$/.test(revision);
  const revisions = repository.revisions.filter(
    ({ commit }) => commit === wanted || (wanted === undefined && isShort && commit.startsWith(revision)),
  );
  return modelFilesOf(folder, { ...repository, revisions });
}

/** The size of the complete file in the snapshot; null when it is missing. Throws only hub.unsafe_name. */
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

export interface PlacementOptions {
  /** Null where no links may be made. Default: that of node:fs. */
  readonly makeLink?: typeof symlink | null;
  /** Gives a ref its commit. Default: that of node:fs. */
  readonly renameFile?: typeof rename;
}

/**
 * Adds a complete blob to the snapshot, as a relative link. Without links the file itself is moved there, or copied where another
 * snapshot's link needs the blob. Throws file system errors.
 */
export async function placeInSnapshot(
  folder: string,
  file: Placement,
  { makeLink = symlink }: PlacementOptions = {},
): Promise<string> {
  const pointer = cachedFilePath(folder, file.repoId, file.commit, file.path);
  const target = linkTarget(file.path, file.blob);
  await writeFile(join(folder, CACHE_TAG_NAME), CACHE_TAG, { flag: 'wx' }).catch(() => {});
  // Windows returns the link's target with backslashes.
  if ((await readlink(pointer).catch(() => '')).replaceAll('\\', '/') === target) return pointer;
  await rm(pointer, { force: true });
  if (makeLink === null) {
    await placeWithoutLink(folder, file, pointer);
    return pointer;
  }
  try {
    await inFolderOf(pointer, () => makeLink(target, pointer, 'file'));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // EPERM: Windows without developer mode, FAT; ENOSYS and ENOTSUP: network shares.
    if (!['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'UNKNOWN'].includes(code)) throw error;
    await placeWithoutLink(folder, file, pointer);
  }
  return pointer;
}

async function placeWithoutLink(folder: string, { repoId, blob }: Placement, pointer: string): Promise<void> {
  const source = join(folder, blobPath(repoId, blob));
  const isNeeded = (await namedBlobs(join(folder, repoFolder(repoId)))).has(blob);
  if (!isNeeded) {
    await inFolderOf(pointer, () => rename(source, pointer));
    return;
  }
  // Under this name an interrupted copy is found among what downloads left.
  const copy = join(folder, partialPath(repoId, blob));
  try {
    await copyFile(source, copy, constants.COPYFILE_FICLONE);
    const handle = await open(copy, 'r+');
    await handle.sync().finally(() => handle.close());
    await inFolderOf(pointer, () => rename(copy, pointer));
  } catch (error) {
    await rm(copy, { force: true });
    throw error;
  }
}

/**
 * Adds a complete blob to the snapshot, and with `ref` points that branch or tag to the commit. Returns the path in the snapshot.
 * Throws as `placeInSnapshot` and `writeRef`.
 */
export function publish(
  folder: string,
  file: Placement,
  ref: string | null,
  options: PlacementOptions = {},
): Promise<string> {
  // In one turn: between the two steps a clean-up could take the repository for empty.
  return inTurn(join(folder, repoFolder(file.repoId)), async () => {
    const pointer = await placeInSnapshot(folder, file, options);
    if (ref !== null) await writeRef(folder, file.repoId, ref, file.commit, options.renameFile);
    return pointer;
  });
}

/** Writes the commit of a branch or tag; nothing for a revision that is a commit. Throws hub.unsafe_name and file system errors. */
export async function writeRef(
  folder: string,
  repoId: string,
  revision: string,
  commit: string,
  renameFile = rename,
): Promise<void> {
  if (isCommit(revision)) return;
  const file = join(folder, refPath(repoId, revision));
  if ((await readFile(file, 'utf8').catch(() => null)) === commit) return;
  const aside = `${file}.${randomUUID()}`;
  await inFolderOf(file, async () => {
    await writeFile(aside, commit, { flush: true });
    await renameFile(aside, file);
  });
}

/**
 * Deletes a file: its name in the snapshot of `commit`, or in all snapshots when `commit` is null; its blob, unless another name points
 * to it or a program is downloading it; and the folders that became empty. Of a link to anything but a blob of this repository only the
 * link is deleted. Returns the freed bytes. Throws hub.unsafe_name and file system errors (EBUSY while a program on Windows has the
 * file open).
 */
export async function removeCachedFile(
  folder: string,
  file: { readonly repoId: string; readonly path: string; readonly commit: string | null },
): Promise<number> {
  const root = join(folder, repoFolder(file.repoId));
  const all = (await entries(join(root, 'snapshots'))).map((entry) => entry.name).filter(isCommit);
  const commits = file.commit === null ? all : [file.commit];
  return await removeCachedFiles(
    folder,
    file.repoId,
    commits.map((commit) => ({ commit, path: file.path })),
  );
}

/**
 * The same for many files of one repository, each in its snapshot. When it throws, links whose bytes still exist are restored.
 * `unlinkFile` is an argument for tests.
 */
export async function removeCachedFiles(
  folder: string,
  repoId: string,
  names: readonly { readonly commit: string; readonly path: string }[],
  unlinkFile = unlink,
): Promise<number> {
  const root = join(folder, repoFolder(repoId));
  const links: { readonly pointer: string; readonly text: string }[] = [];
  const blobs = new Set<string>();
  let freedBytes = 0;
  try {
    for (const { commit, path } of names) {
      const pointer = cachedFilePath(folder, repoId, commit, path);
      if (!(await staysInside(root, dirname(pointer)))) continue;
      const info = await lstat(pointer).catch(() => null);
      if (info === null || info.isDirectory()) continue;
      const text = info.isSymbolicLink() ? await readlink(pointer).catch(() => null) : null;
      const blob = text === null ? null : blobNamed(root, pointer, text);
      if (!(await unlinkIfThere(pointer, unlinkFile))) continue;
      if (text !== null) links.push({ pointer, text });
      if (!info.isSymbolicLink()) freedBytes += info.size;
      if (blob !== null) blobs.add(blob);
    }
    freedBytes += await removeBlobs(folder, repoId, blobs, unlinkFile);
  } catch (error) {
    // A file that could not be deleted, because it is open, must keep its name in the snapshot.
    for (const { pointer, text } of links)
      if ((await facts(resolve(dirname(pointer), text))) !== null) await symlink(text, pointer, 'file').catch(() => {});
    throw error;
  }
  // One path per folder is enough: only empty folders are deleted.
  const byFolder = new Map(names.map(({ path }) => [dirname(path), path]));
  for (const path of byFolder.values()) await pruneRepository(folder, repoId, path);
  return freedBytes;
}

/** Deletes the blobs that no name points to and no program is downloading. Returns the freed bytes. */
async function removeBlobs(
  folder: string,
  repoId: string,
  blobs: ReadonlySet<string>,
  unlinkFile: typeof unlink,
): Promise<number> {
  const root = join(folder, repoFolder(repoId));
  let freedBytes = 0;
  // A blob gets a name only under its lock: without the lock that could happen between the check and the deletion.
  const locks = new Map<string, FileLock>();
  try {
    for (const blob of blobs) {
      if (await isHeldByPython(join(folder, pythonLockPath(repoId, blob)))) continue;
      const lock = await tryLock(join(folder, lockPath(repoId, blob)));
      if (lock !== null) locks.set(blob, lock);
    }
    const stillNamed = locks.size === 0 ? new Set<string>() : await namedBlobs(root);
    for (const blob of locks.keys())
      if (!stillNamed.has(blob)) freedBytes += await removeBlob(folder, root, blob, unlinkFile);
    return freedBytes;
  } finally {
    for (const lock of locks.values()) await lock.release();
  }
}

/** True when neither `root` nor any folder between it and `inner` is a link to another place. */
async function staysInside(root: string, inner: string): Promise<boolean> {
  if ((await lstat(root).catch(() => null))?.isSymbolicLink() !== false) return false;
  const [base, real] = await Promise.all([realpath(root).catch(() => null), realpath(inner).catch(() => null)]);
  return base !== null && real !== null && real === join(base, relative(root, inner));
}

/** The blob that a snapshot link with this target points to; null for any other target. */
function blobNamed(root: string, pointer: string, text: string): string | null {
  const full = resolve(dirname(pointer), text);
  return dirname(full) === join(resolve(root), 'blobs') && isBlobName(basename(full)) ? basename(full) : null;
}

async function removeBlob(folder: string, root: string, blob: string, unlinkFile: typeof unlink): Promise<number> {
  const file = join(root, 'blobs', blob);
  if (!(await staysInside(root, dirname(file)))) return 0;
  const info = await lstat(file).catch(() => null);
  if (info === null || info.isDirectory()) return 0;
  const shared = await sharedBlobOf(folder, file);
  if (!(await unlinkIfThere(file, unlinkFile))) return 0;
  if (shared !== null) return await sweepSharedBlob(folder, shared);
  return info.isFile() ? info.size : 0;
}

/** All blobs that names in snapshots point to. */
async function namedBlobs(root: string): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  const search = async (folder: string): Promise<void> => {
    for (const entry of await entries(folder)) {
      const full = join(folder, entry.name);
      if (entry.isDirectory()) await search(full);
      const text = entry.isSymbolicLink() ? await readlink(full).catch(() => null) : null;
      const blob = text === null ? null : blobNamed(root, full, text);
      if (blob !== null) named.add(blob);
    }
  };
  await search(join(root, 'snapshots'));
  return named;
}

/**
 * Deletes the empty folders that a deleted file at `path` leaves, and the refs and lists of a repository without snapshots. Folders with
 * other content stay, and all of them while Python downloads into the repository. Throws only hub.unsafe_name.
 */
export function pruneRepository(folder: string, repoId: string, path: string): Promise<void> {
  const root = join(folder, repoFolder(repoId));
  return inTurn(root, async () => {
    // Python creates its folders before it downloads into them.
    if (!(await isPythonFetching(join(folder, LOCKS_FOLDER, repoFolder(repoId))))) await prune(root, path);
  });
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
  // Python keeps lists of files in `trees` and of missing files in `.no_exist`: useless without snapshots and blobs.
  if (left.includes('snapshots') || left.includes('blobs')) return;
  for (const name of ['refs', 'trees', '.no_exist']) {
    if (left.includes(name) && (await staysInside(root, join(root, name))))
      await rm(join(root, name), { recursive: true });
  }
  await rmdir(root).catch(() => {});
}

const turns = new Map<string, Promise<unknown>>();

/** Runs `work` after all earlier work for `key` in this process. */
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

/** False when the file was gone already. */
async function unlinkIfThere(file: string, unlinkFile: typeof unlink): Promise<boolean> {
  try {
    await unlinkFile(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function entries(folder: string): Promise<Dirent[]> {
  return await readdir(folder, { withFileTypes: true }).catch(() => []);
}

async function facts(file: string): Promise<Stats | null> {
  return await stat(file).catch(() => null);
}
