/**
 * Moving a cache to another folder. Until everything is there under its name, the old cache is whole and in use; then the
 * setting changes, and only then does the old one go. On the same file system a second name for the same bytes takes the place of
 * a copy, so that nothing is written and a cut harms nothing; elsewhere every file is copied, and read back before it gets its name.
 */
import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import {
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
import { AppError } from '../../preload/contract/errors.ts';
import { CACHE_TAG_NAME } from '../core/cache-paths.ts';
import type { WorkContext } from './storage.ts';

export interface MovePlan {
  readonly from: string;
  readonly to: string;
  readonly freeDiskBytes: (folder: string) => Promise<number | null>;
  /** Makes `to` the folder in use. Called once, when all is there. */
  readonly switchOver: () => Promise<void>;
  /** Filled with the ways of what was placed in `to`, for `undoMove`. */
  readonly placed: Set<string>;
}

interface Item {
  /** From the cache's root. */
  readonly path: string;
  readonly kind: 'file' | 'link';
  readonly info: Stats;
}

const COPY_BYTES = 1 << 20;
const SUFFIX = '.hearth-move';
/** Files that arrive while others are moved are moved too; somebody who never stops is not waited for. */
const MAX_PASSES = 5;

/** Throws unsupported when a cache cannot be moved from the one folder to the other. */
export async function assertMovable(from: string, to: string): Promise<void> {
  const [old, next] = await Promise.all([real(from), real(to)]);
  if (old === next) throw new AppError('unsupported', 'The models are in that folder already.');
  if (isWithin(old, next) || isWithin(next, old))
    throw new AppError('unsupported', 'One of the two folders lies inside the other. Choose a folder beside it.');
}

/** The real path, also of a folder that is yet to be made. */
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
  const way = relative(outer, inner);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}

/**
 * Moves the cache. Throws unsupported, disk.full, the signal's reason, and what the file system throws; then the old folder is as it
 * was and in use, and what was placed in the new one is found there by the next try.
 */
export async function moveCache(plan: MovePlan, context: WorkContext): Promise<void> {
  const { from, to } = plan;
  await assertMovable(from, to);
  await mkdir(to, { recursive: true });
  const seen = new Set<string>();
  let doneBytes = 0;
  for (let pass = 1; pass <= MAX_PASSES; pass++) {
    const items = (await listItems(from)).filter(({ path }) => !seen.has(path));
    if (items.length === 0) break;
    const totalBytes = doneBytes + items.reduce((sum, item) => sum + sizeOf(item), 0);
    context.progress(doneBytes, totalBytes);
    await assertRoom(plan, items);
    for (const item of items) {
      context.signal.throwIfAborted();
      context.detail(`Moving ${item.path.split('/')[0] ?? item.path}`);
      const onBytes = (bytes: number): void => context.progress(doneBytes + bytes, totalBytes);
      if (await place(from, to, item, context.signal, onBytes)) plan.placed.add(item.path);
      doneBytes += sizeOf(item);
      context.progress(doneBytes, totalBytes);
      seen.add(item.path);
    }
  }
  context.signal.throwIfAborted();
  await plan.switchOver();
  context.detail('Removing the old folder');
  const left = await removeMoved(from, to);
  for (const path of left.slice(0, 50))
    context.log(`${path} stays in the old folder: there is another one in the new.`);
  context.detail(left.length === 0 ? null : `${left.length} files stay in the old folder`);
}

/**
 * Takes away from `from` what lies in `to` as well, and the folders that became empty. Gives what stays: files that are others
 * there, or that may not be deleted. Links are taken away as links; what they lead to is not touched. Never throws.
 */
export async function removeMoved(from: string, to: string): Promise<string[]> {
  const left: string[] = [];
  const folders = new Set<string>();
  for (const item of await listItems(from).catch(() => [])) {
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

/** Everything that belongs to the cache, shortest way first. Folders that are links count as links. */
async function listItems(from: string): Promise<Item[]> {
  const items: Item[] = [];
  const walk = async (path: string): Promise<void> => {
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
  // Bytes before the names that lead to them, for those who look into the new folder meanwhile.
  return items.sort((a, b) => Number(a.kind === 'link') - Number(b.kind === 'link'));
}

async function isSharedStore(folder: string): Promise<boolean> {
  return (await lstat(join(folder, '.huggingface-shared-blobs')).catch(() => null))?.isFile() === true;
}

function sizeOf({ kind, info }: Item): number {
  return kind === 'file' ? info.size : 0;
}

async function assertRoom({ from, to, freeDiskBytes }: MovePlan, items: readonly Item[]): Promise<void> {
  const [old, next] = await Promise.all([stat(from), stat(to)]);
  if (old.dev === next.dev) return;
  let neededBytes = 0;
  for (const item of items) if (!(await isSame(from, to, item))) neededBytes += sizeOf(item);
  const freeBytes = await freeDiskBytes(to);
  if (freeBytes !== null && freeBytes < neededBytes)
    throw new AppError('disk.full', 'There is not enough room in the new folder for all models.', {
      neededBytes,
      freeBytes,
    });
}

/** What the link at `path` has to say in the new folder: inside the cache the way stays relative, outside it becomes absolute. */
async function linkTextFor(from: string, path: string): Promise<string> {
  const text = await readlink(join(from, path));
  const target = resolve(dirname(join(from, path)), text);
  if (!isWithin(resolve(from), target)) return target;
  return isAbsolute(text) ? relative(dirname(join(from, path)), target) : text;
}

/** Whether the new folder has this very item. A ref that differs counts as there when it is the newer one. */
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
  return (
    old.equals(next) ||
    (/^[^/]+\/refs\//.test(item.path) && info.mtimeMs >= item.info.mtimeMs) ||
    !item.path.includes('/')
  );
}

/** Takes away what a move that was given up has placed in the new folder, and the folders that became empty. Never throws. */
export async function undoMove({ to, placed }: MovePlan): Promise<void> {
  for (const path of placed) {
    await rm(join(to, path), { force: true }).catch(() => {});
    for (let at = dirname(path); at !== '.'; at = dirname(at)) await rmdir(join(to, at)).catch(() => {});
  }
  placed.clear();
}

/** Gives the item its name in the new folder, and whether it did. What is there under that name and is another stays. */
async function place(
  from: string,
  to: string,
  item: Item,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<boolean> {
  const [source, target] = [join(from, item.path), join(to, item.path)];
  if (await isSame(from, to, item)) return false;
  await mkdir(dirname(target), { recursive: true });
  const isNewerRef = /^[^/]+\/refs\//.test(item.path);
  if (isNewerRef) await rm(target, { force: true });
  else if ((await lstat(target).catch(() => null)) !== null) return false;
  if (item.kind === 'link') {
    await symlink(await linkTextFor(from, item.path), target, 'file');
    return true;
  }
  try {
    await link(source, target);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    if (code === 'ENOSPC') throw error;
    // EXDEV: another file system; the others: one without hard links.
    await copy(source, target, item.info, signal, onBytes);
  }
  return true;
}

async function copy(
  source: string,
  target: string,
  info: Stats,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const aside = `${target}${SUFFIX}`;
  const input = await open(source, 'r');
  try {
    // Without O_EXCL what an earlier try left would stand in the way; with O_TRUNC alone a link could lead elsewhere.
    await rm(aside, { force: true });
    const output = await open(aside, 'wx+');
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
      const readBack = createHash('sha256');
      for (let from = 0; ;) {
        signal.throwIfAborted();
        const { bytesRead } = await output.read(buffer, 0, COPY_BYTES, from);
        if (bytesRead === 0) break;
        readBack.update(buffer.subarray(0, bytesRead));
        from += bytesRead;
      }
      if (at !== info.size || written.digest('hex') !== readBack.digest('hex'))
        throw new AppError(
          'disk.denied',
          'The new folder does not give back what was written. Its disk may be failing.',
        );
    } finally {
      await output.close();
    }
    // Same time, same header: what is remembered of the file stays good.
    await utimes(aside, info.atime, info.mtime);
    await rename(aside, target);
  } catch (error) {
    await rm(aside, { force: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new AppError('disk.full', 'The new folder is full. The models are where they were.', {}, { cause: error });
    throw error;
  } finally {
    await input.close();
  }
}
