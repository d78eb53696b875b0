/**
 * Hearth's own lock of a file across processes: another file, created with O_EXCL, which every file system supports. For blobs
 * `python-lock.ts` keeps Python out; where it cannot, each program writes a partial file of its own, and the atomic rename to the final
 * name makes the result the same bytes, whoever is first.
 *
 * The lock names its holder (process, host, a random id), which updates the modification time while it holds the lock. A lock is dead
 * when its process is gone on this host, or when it was not updated for `DEAD_AFTER_MS`. Because clocks jump and machines sleep, an old
 * lock is watched for `OBSERVE_MS` first: one that is updated meanwhile is alive.
 */
import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rmdir, stat, unlink, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isThere } from './disk.ts';
import { inFolderOf } from './in-folder.ts';

const TOUCH_EVERY_MS = 1_000;
const DEAD_AFTER_MS = 30_000;
const OBSERVE_MS = 3 * TOUCH_EVERY_MS;

export interface FileLock {
  /** Fires when another process took the lock, as it may after this machine slept. */
  readonly lost: AbortSignal;
  /** Looks at the lock now, because `lost` fires up to a second late. @throws the reason of `lost`. */
  assertHeld(): Promise<void>;
  /** Releases the lock, and deletes its own folders when they are empty. Never throws. */
  release(): Promise<void>;
}

interface Owner {
  readonly pid: number;
  readonly host: string;
  readonly id: string;
}

/** The ids of this process's locks. A lock with this process id and another id is from an earlier process, as after a container's restart. */
const held = new Set<string>();

/** The time, as an argument for tests. */
export interface LockTime {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number): Promise<void>;
}
const systemTime: LockTime = { now: Date.now, sleep: (ms) => delay(ms) };

/**
 * Takes the lock at `file`; null when a living process holds it. So many folders above it are there for locks alone as `ownFolders` says.
 * Throws file system errors.
 */
export async function tryLock(file: string, time = systemTime, ownFolders: 0 | 2 = 2): Promise<FileLock | null> {
  const owner: Owner = { pid: process.pid, host: hostname(), id: randomUUID() };
  // As long as the id can be read in the file: another caller in this process would take the lock for that of an earlier process.
  held.add(owner.id);
  try {
    if (!(await take(file, owner, time))) {
      held.delete(owner.id);
      return null;
    }
  } catch (error) {
    held.delete(owner.id);
    throw error;
  }
  const lost = new AbortController();
  const look = async (): Promise<void> => {
    const current = await readOwner(file);
    if (current !== null && current.id !== owner.id) lost.abort();
    else if (current !== null) await utimes(file, new Date(), new Date()).catch(() => {});
  };
  const timer = setInterval(() => void look(), TOUCH_EVERY_MS);
  timer.unref();
  return {
    lost: lost.signal,
    async assertHeld() {
      await look();
      lost.signal.throwIfAborted();
    },
    async release() {
      clearInterval(timer);
      if ((await readOwner(file))?.id === owner.id) await unlink(file).catch(() => {});
      held.delete(owner.id);
      if (ownFolders === 0) return;
      await rmdir(dirname(file)).catch(() => {});
      await rmdir(dirname(dirname(file))).catch(() => {});
    },
  };
}

/** Whether the lock is the owner's now. */
async function take(file: string, owner: Owner, time: LockTime): Promise<boolean> {
  if (await create(file, owner)) return true;
  const dead = await deadOwner(file, time);
  return dead !== null && (await takeOver(file, dead, owner, time));
}

/**
 * Takes the place of a dead lock, one caller at a time: of two that saw the same dead lock the second would remove the first one's new
 * lock. False when another caller takes over now, or has.
 */
async function takeOver(file: string, dead: Owner, owner: Owner, time: LockTime): Promise<boolean> {
  const guard = guardOf(file);
  if (!(await create(guard, owner))) {
    // One that was killed in between left it.
    const killed = await deadOwner(guard, time);
    if (killed === null || !(await removeDead(guard, killed)) || !(await create(guard, owner))) return false;
  }
  try {
    if ((await readOwner(file))?.id !== dead.id) return false;
    await unlink(file);
    return await create(file, owner);
  } finally {
    await unlink(guard).catch(() => {});
  }
}

/** The file that is there while a dead lock is replaced. Its name is that of a lock, so that it is deleted as one. */
const guardOf = (file: string): string => file.replace(/(\.hearth)?\.lock$/, '.takeover$&');

/** True when a living process holds the lock at `file`. */
export async function isLocked(file: string, time = systemTime): Promise<boolean> {
  return (await isThere(file)) && (await deadOwner(file, time)) === null;
}

async function create(file: string, owner: Owner): Promise<boolean> {
  try {
    const handle = await inFolderOf(file, () => open(file, 'wx'));
    try {
      await handle.writeFile(JSON.stringify(owner)).finally(() => handle.close());
    } catch (error) {
      // Without its owner in it, it would be taken for another caller's.
      await unlink(file).catch(() => {});
      throw error;
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The owner written in the lock; null without a lock, with an empty `id` when it is unreadable. */
async function readOwner(file: string): Promise<Owner | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? null : '',
  );
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Partial<Owner> | null;
    return { pid: Number(value?.pid), host: String(value?.host), id: String(value?.id) };
  } catch {
    return { pid: 0, host: '', id: '' };
  }
}

/** The owner of a dead lock; null when the lock is alive or gone. */
async function deadOwner(file: string, time: LockTime): Promise<Owner | null> {
  const [owner, facts] = await Promise.all([readOwner(file), stat(file).catch(() => null)]);
  if (owner === null || facts === null) return null;
  // Read again: its holder may have released it between the two looks, and the lock is now somebody else's.
  if (owner.host === hostname() && owner.pid > 0 && !isHeld(owner))
    return (await readOwner(file))?.id === owner.id ? owner : null;
  if (Math.abs(time.now() - facts.mtimeMs) <= DEAD_AFTER_MS) return null;
  await time.sleep(OBSERVE_MS);
  const later = await stat(file).catch(() => null);
  return later?.mtimeMs === facts.mtimeMs ? owner : null;
}

/** Deletes the lock of `dead`; false when another process has replaced it already. */
async function removeDead(file: string, dead: Owner): Promise<boolean> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return false;
  }
  const taken = await readOwner(aside);
  // Another process replaced the dead lock in between: its lock is put back.
  if (taken?.id !== dead.id) await link(aside, file).catch(() => {});
  await unlink(aside).catch(() => {});
  return taken?.id === dead.id;
}

function isHeld(owner: Owner): boolean {
  if (owner.pid === process.pid) return held.has(owner.id);
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
