/**
 * Moves a cache to another folder. The old cache stays complete and in use until the new one is complete; then the setting changes, and
 * after that the old files are deleted. On the same file system hard links replace copies, so no bytes are written. Elsewhere every file
 * is copied, and read back before it gets its name.
 */
import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import {
  copyFile,
  link,
  lstat,
  mkdir,
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
  utimes,
} from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { assertFreeBytes } from '../../base/disk.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { diskErrorCode, systemCode } from '../../../preload/wire/disk-error.ts';
import { CACHE_TAG_NAME } from '../../hub/hub.ts';
import { hashFile } from '../hash-file.ts';
import type { WorkContext } from '../../base/work.ts';

export interface MovePlan {
  readonly from: string;
  readonly to: string;
  readonly freeDiskBytes: (folder: string) => Promise<number | null>;
  /** Whether `to` is in use already, so that only the old folder is left to be emptied. */
  readonly isInUse: () => boolean;
  /** Makes `to` the folder in use. Called once, when it is complete. */
  readonly switchOver: () => Promise<void>;
  /** Stores the relative paths of the items that will be placed in `to`, for `undoMove`. */
  readonly record: (paths: readonly string[]) => void;
  /** All recorded paths, including those of earlier tries. */
  readonly recorded: () => readonly string[];
}

/** What a move does to the new folder. */
export interface MoveDisk {
  readonly link: typeof link;
  readonly open: typeof open;
  readonly rename: typeof rename;
  /** The number of the file system that a folder is on. */
  readonly deviceOf: (folder: string) => Promise<number>;
}
const systemDisk: MoveDisk = { link, open, rename, deviceOf: async (folder) => (await stat(folder)).dev };

interface Item {
  /** Path relative to the cache's root. */
  readonly path: string;
  readonly kind: 'file' | 'link';
  readonly info: Stats;
}

const COPY_BYTES = 1 << 20;
const SUFFIX = '.hearth-move';
/** Limit for passes over the old folder. Each one also moves the files that were added during the one before. */
const MAX_PASSES = 5;
/** Items per record, because each record waits for the disk. */
const RECORD_COUNT = 100;

/** Throws unsupported when a cache cannot be moved from the one folder to the other. */
export async function assertMovable(from: string, to: string): Promise<void> {
  const [old, next] = await Promise.all([real(from), real(to)]);
  if (old === next)
    throw new AppError('unsupported', 'The models are in that folder already.', { reason: 'same_folder' });
  if (isWithin(old, next) || isWithin(next, old))
    throw new AppError('unsupported', 'One of the two folders lies inside the other. Choose a folder beside it.', {
      reason: 'nested_folder',
    });
}

/** The real path, also of a folder that does not exist yet. */
async function real(folder: string): Promise<string> {
  const missing: string[] = [];
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = await realpath(at).catch(() => null);
    if (found !== null) return join(found, ...missing);
    if (dirname(at) === at) return resolve(folder);
    missing.unshift(relative(dirname(at), at));
  }
}

function isWithin(outer: string, inner: string): boolean {
  const inside = relative(outer, inner);
  return inside !== '' && !inside.startsWith('..') && !isAbsolute(inside);
}

/**
 * Moves the cache, or continues an interrupted move. `disk` is an argument for tests. Throws unsupported, disk.full, disk.denied, the signal's reason, and file system errors. Before
 * `switchOver` the old folder is unchanged and in use, and the next try reuses the items that were placed in the new one.
 */
export async function moveCache(plan: MovePlan, context: WorkContext, disk: MoveDisk = systemDisk): Promise<void> {
  try {
    await move(plan, context, disk);
  } catch (error) {
    throw moveError(error);
  }
}

/** The AppError for a disk that is full or not writable; any other error unchanged. */
function moveError(error: unknown): unknown {
  switch (diskErrorCode(error)) {
    case 'disk.full':
      return new AppError(
        'disk.full',
        'The new folder is full. The models stay where they were.',
        { reason: 'moving' },
        { cause: error },
      );
    case 'disk.denied':
      return new AppError(
        'disk.denied',
        'A folder of the move cannot be read or written.',
        { cause: systemCode(error) },
        { cause: error },
      );
    default:
      return error;
  }
}

async function move(plan: MovePlan, context: WorkContext, disk: MoveDisk): Promise<void> {
  const { from, to } = plan;
  if (!plan.isInUse()) {
    await assertMovable(from, to);
    await mkdir(to, { recursive: true });
    const replaced = await fill(plan, context, disk);
    // Items that were deleted in the old folder since an earlier try must not come back, and partial copies are deleted.
    for (const path of plan.recorded()) {
      context.signal.throwIfAborted();
      await rm(join(to, `${path}${SUFFIX}`), { force: true });
      if (!(await isTaken(join(from, path)))) await rm(join(to, path), { force: true });
    }
    context.signal.throwIfAborted();
    // The new folder's own items are replaced last, because that cannot be undone.
    for (const path of replaced) {
      await rm(join(to, path), { force: true });
      await link(join(from, path), join(to, path)).catch(() => copyFile(join(from, path), join(to, path)));
    }
    await syncFolders(to, [...plan.recorded(), ...replaced], disk);
    await plan.switchOver();
  }
  context.detail({ code: 'removing_old_folder' });
  const left = await removeMoved(from, to, () => context.signal.aborted);
  context.signal.throwIfAborted();
  for (const path of left.slice(0, 50))
    context.log(`${path} stays in the old folder: there is another one in the new.`);
  context.detail(left.length === 0 ? null : { code: 'files_left', count: left.length });
}

/** Places every missing item in the new folder. Returns the refs that are older there, which are replaced at the end. */
async function fill(plan: MovePlan, context: WorkContext, disk: MoveDisk): Promise<string[]> {
  const { from, to } = plan;
  const seen = new Set<string>();
  const replaced: string[] = [];
  let doneBytes = 0;
  for (let pass = 1; pass <= MAX_PASSES; pass++) {
    const items = (await listItems(from, context.signal)).filter(({ path }) => !seen.has(path));
    if (items.length === 0) break;
    const totalBytes = doneBytes + items.reduce((sum, item) => sum + sizeOf(item), 0);
    context.progress(doneBytes, totalBytes);
    await assertSpace(plan, items, disk, context.signal);
    for (let at = 0; at < items.length; at += RECORD_COUNT) {
      const some = items.slice(at, at + RECORD_COUNT);
      const isThere = await Promise.all(some.map(({ path }) => isTaken(join(to, path))));
      plan.record(some.flatMap(({ path }, index) => (isThere[index] === true ? [] : path)));
      for (const [index, item] of some.entries()) {
        context.signal.throwIfAborted();
        context.detail({ code: 'moving', folder: item.path.split('/')[0] ?? item.path });
        const onBytes = (bytes: number): void => context.progress(doneBytes + bytes, totalBytes);
        if (isThere[index] !== true) await place(from, to, item, disk, context.signal, onBytes);
        else if (isRef(item.path) && !(await isSame(from, to, item))) replaced.push(item.path);
        doneBytes += sizeOf(item);
        context.progress(doneBytes, totalBytes);
        seen.add(item.path);
      }
    }
  }
  return replaced;
}

/**
 * Syncs the folders of the items in the new folder, so that a power cut after the old files were deleted cannot take the new names along.
 */
async function syncFolders(to: string, paths: readonly string[], disk: MoveDisk): Promise<void> {
  const folders = new Set(['.']);
  for (const path of paths) for (let at = dirname(path); at !== '.'; at = dirname(at)) folders.add(at);
  for (const folder of folders) {
    try {
      const handle = await disk.open(join(to, folder), 'r');
      await handle.sync().finally(() => handle.close());
    } catch (error) {
      // Windows opens no folders, some file systems sync none, and of a deleted item no folder may be left.
      if (!['EPERM', 'EACCES', 'EISDIR', 'EINVAL', 'ENOTSUP', 'ENOENT'].includes(systemCode(error))) throw error;
    }
  }
}

function isRef(path: string): boolean {
  return /^[^/]+\/refs\//.test(path);
}

async function isTaken(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => null)) !== null;
}

/**
 * Deletes the items of `from` that `to` has too, and folders that became empty. Returns the paths that stay: files that differ in `to` or
 * cannot be deleted. Of links only the link is deleted. Ends early when `isStopped` is true. Never throws.
 */
export async function removeMoved(from: string, to: string, isStopped: () => boolean): Promise<string[]> {
  const left: string[] = [];
  const folders = new Set<string>();
  for (const item of await listItems(from).catch(() => [])) {
    if (isStopped()) return left;
    const gone =
      (await isSame(from, to, item)) &&
      (await unlink(join(from, item.path)).then(
        () => true,
        () => false,
      ));
    if (!gone) left.push(item.path);
    for (let at = dirname(item.path); at !== '.'; at = dirname(at)) folders.add(at);
  }
  const deepestFirst = [...folders].sort((a, b) => b.split('/').length - a.split('/').length);
  for (const folder of deepestFirst) await rmdir(join(from, folder)).catch(() => {});
  for (const name of await readdir(join(from, '.locks')).catch(() => []))
    await rmdir(join(from, '.locks', name)).catch(() => {});
  await rmdir(join(from, '.locks')).catch(() => {});
  return left;
}

/** All items of the cache, files before links. A folder that is a link counts as a link. */
async function listItems(from: string, signal?: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  const walk = async (path: string): Promise<void> => {
    signal?.throwIfAborted();
    const info = await lstat(join(from, path));
    if (info.isSymbolicLink()) items.push({ path, kind: 'link', info });
    else if (info.isFile()) {
      // A partial file of another program may be growing at this moment.
      const isOthers = path.endsWith('.incomplete') && !path.endsWith('.hearth.incomplete');
      if (!isOthers && !path.endsWith(SUFFIX)) items.push({ path, kind: 'file', info });
    } else if (info.isDirectory())
      for (const name of (await readdir(join(from, path))).sort()) await walk(`${path}/${name}`);
  };
  for (const name of (await readdir(from)).sort()) {
    const belongs =
      /^(models|datasets|spaces)--/.test(name) ||
      [CACHE_TAG_NAME, 'version.txt'].includes(name) ||
      (name === 'blobs' && (await isSharedStore(join(from, name))));
    if (belongs) await walk(name);
  }
  // Blobs come before the links to them, for programs that read the new folder meanwhile.
  return items.sort((a, b) => Number(a.kind === 'link') - Number(b.kind === 'link'));
}

async function isSharedStore(folder: string): Promise<boolean> {
  return (await lstat(join(folder, '.huggingface-shared-blobs')).catch(() => null))?.isFile() === true;
}

function sizeOf({ kind, info }: Item): number {
  return kind === 'file' ? info.size : 0;
}

async function assertSpace(
  { from, to, freeDiskBytes }: MovePlan,
  items: readonly Item[],
  { deviceOf }: MoveDisk,
  signal: AbortSignal,
): Promise<void> {
  if ((await deviceOf(from)) === (await deviceOf(to))) return;
  let neededBytes = 0;
  for (const item of items) {
    signal.throwIfAborted();
    if (!(await isSame(from, to, item))) neededBytes += sizeOf(item);
  }
  const freeBytes = await freeDiskBytes(to);
  assertFreeBytes('There is not enough space in the new folder for all models.', neededBytes, freeBytes);
}

/** The target of the link at `path` for the new folder: relative inside the cache, absolute outside it. */
async function linkTextFor(from: string, path: string): Promise<string> {
  const text = await readlink(join(from, path));
  const target = resolve(dirname(join(from, path)), text);
  if (!isWithin(resolve(from), target)) return target;
  return isAbsolute(text) ? relative(dirname(join(from, path)), target) : text;
}

/** Whether the new folder has the same item. A different ref counts as the same when it is newer. */
async function isSame(from: string, to: string, item: Item): Promise<boolean> {
  const target = join(to, item.path);
  const info = await lstat(target).catch(() => null);
  if (info === null) return false;
  if (item.kind === 'link')
    return info.isSymbolicLink() && (await readlink(target)) === (await linkTextFor(from, item.path));
  if (!info.isFile()) return false;
  if (info.ino === item.info.ino && info.dev === item.info.dev) return true;
  if (/^[^/]+\/(blobs|snapshots)\//.test(item.path) || item.path.startsWith('blobs/'))
    return info.size === item.info.size;
  const [old, next] = await Promise.all([readFile(join(from, item.path)), readFile(target)]);
  return old.equals(next) || (isRef(item.path) && info.mtimeMs >= item.info.mtimeMs) || !item.path.includes('/');
}

/**
 * Deletes the items (`placed`, relative paths) that an abandoned move put into the new folder, and folders that became empty. Items that
 * the old folder does not have equally stay. Ends early when `isStopped` is true. Never throws.
 */
export async function undoMove(
  from: string,
  to: string,
  placed: readonly string[],
  isStopped: () => boolean,
): Promise<void> {
  for (const path of placed) {
    if (isStopped()) return;
    const target = join(to, path);
    await rm(`${target}${SUFFIX}`, { force: true }).catch(() => {});
    if (await hasSame(from, to, path)) await rm(target, { force: true }).catch(() => {});
    for (let at = dirname(path); at !== '.'; at = dirname(at)) await rmdir(join(to, at)).catch(() => {});
  }
}

async function hasSame(from: string, to: string, path: string): Promise<boolean> {
  const info = await lstat(join(from, path)).catch(() => null);
  if (info === null) return false;
  // A ref that has changed since was written by another program.
  if (isRef(path)) return await haveSameText(join(from, path), join(to, path));
  return await isSame(from, to, { path, kind: info.isSymbolicLink() ? 'link' : 'file', info }).catch(() => false);
}

async function haveSameText(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((file) => readFile(file).catch(() => null)));
  return !!a && !!b && a.equals(b);
}

/** Places the item under its name in the new folder, unless another item has taken that name meanwhile. */
async function place(
  from: string,
  to: string,
  item: Item,
  disk: MoveDisk,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const [source, target] = [join(from, item.path), join(to, item.path)];
  await mkdir(dirname(target), { recursive: true });
  try {
    if (item.kind === 'link') await symlink(await linkTextFor(from, item.path), target, 'file');
    else await disk.link(source, target);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST' || code === 'ENOENT') return;
    if (diskErrorCode(error) === 'disk.full' || item.kind === 'link') throw error;
    // EXDEV: another file system; the others: one without hard links.
    await copy(source, target, item.info, disk, signal, onBytes);
  }
}

async function copy(
  source: string,
  target: string,
  info: Stats,
  disk: MoveDisk,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const aside = `${target}${SUFFIX}`;
  const input = await disk.open(source, 'r');
  try {
    // O_EXCL refuses what an earlier try left, so it is removed first; O_TRUNC in its place could follow a link.
    await rm(aside, { force: true });
    const output = await disk.open(aside, 'wx+');
    try {
      const buffer = Buffer.allocUnsafe(COPY_BYTES);
      const written = createHash('sha256');
      let at = 0;
      for (;;) {
        signal.throwIfAborted();
        const { bytesRead } = await input.read(buffer, 0, COPY_BYTES, at);
        if (bytesRead === 0) break;
        written.update(buffer.subarray(0, bytesRead));
        for (let done = 0; done < bytesRead;)
          done += (await output.write(buffer, done, bytesRead - done, at + done)).bytesWritten;
        at += bytesRead;
        onBytes(at);
      }
      await output.datasync();
      const readBack = await hashFile(output, createHash('sha256'), signal);
      if (at !== info.size || written.digest('hex') !== readBack)
        throw new AppError(
          'disk.denied',
          'The new folder returns other bytes than were written. Its disk may be failing.',
          { reason: 'unreliable' },
        );
    } finally {
      await output.close();
    }
    // With the same modification time the stored header stays valid.
    await utimes(aside, info.atime, info.mtime);
    // A download of another process may have begun in the new folder meanwhile: its file would get bytes that nobody verified.
    if (await isTaken(target)) await rm(aside, { force: true });
    else await disk.rename(aside, target);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  } finally {
    await input.close();
  }
}
