/**
 * One Hearth per blob, across processes: a file beside Python's lock, made with O_EXCL, which every file system can. Against
 * Python stands `python-lock.ts`; where that one cannot lock, each writes a partial file of its own, and whoever is first
 * gives it the final name with an atomic rename, and the other finds or replaces it with the same bytes.
 *
 * The lock says who holds it (process, host, a random id) and its modification time is touched while it is held. It is dead
 * when its process is gone on this host, or when it was not touched for `DEAD_AFTER_MS`. Clocks jump and machines sleep, so
 * an old lock is looked at for a while before it is believed to be dead: one that is touched meanwhile is alive.
 */
import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rmdir, stat, unlink, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inFolderOf } from './folder.ts';

const TOUCH_EVERY_MS = 1_000;
const DEAD_AFTER_MS = 30_000;
const LOOK_MS = 3 * TOUCH_EVERY_MS;

export interface BlobLock {
  /** Fires when another process took the lock, as it may after this machine slept. */
  readonly lost: AbortSignal;
  /** Gives the lock up, and takes the folder away when it is empty. Never throws. */
  release(): Promise<void>;
}

interface Owner {
  readonly pid: number;
  readonly host: string;
  readonly id: string;
}

/** The locks of this process. A lock with our process id that is not among them is of a process before us, as in a container after a restart. */
const held = new Set<string>();

/** Takes the lock at `file`, or gives null when somebody alive holds it. Throws what the file system throws. */
export async function tryLock(file: string): Promise<BlobLock | null> {
  const owner: Owner = { pid: process.pid, host: hostname(), id: randomUUID() };
  if (!(await create(file, owner))) {
    const dead = await deadOwner(file);
    if (dead === null || !(await removeDead(file, dead)) || !(await create(file, owner))) return null;
  }
  held.add(owner.id);
  const lost = new AbortController();
  const timer = setInterval(() => {
    void readOwner(file).then(async (current) => {
      if (current !== null && current.id !== owner.id) lost.abort();
      else if (current !== null) await utimes(file, new Date(), new Date()).catch(() => {});
    });
  }, TOUCH_EVERY_MS);
  timer.unref();
  return {
    lost: lost.signal,
    async release() {
      clearInterval(timer);
      held.delete(owner.id);
      if ((await readOwner(file))?.id === owner.id) await unlink(file).catch(() => {});
      await rmdir(dirname(file)).catch(() => {});
      await rmdir(dirname(dirname(file))).catch(() => {});
    },
  };
}

/** True when somebody alive holds the lock at `file`. */
export async function isLocked(file: string): Promise<boolean> {
  const there = await stat(file).then(
    () => true,
    () => false,
  );
  return there && (await deadOwner(file)) === null;
}

async function create(file: string, owner: Owner): Promise<boolean> {
  try {
    const handle = await inFolderOf(file, () => open(file, 'wx'));
    await handle.writeFile(JSON.stringify(owner)).finally(() => handle.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The owner written in the lock; null when there is no lock, `id` empty when it cannot be read. */
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

/** The owner of a dead lock, or null when it is alive or gone. */
async function deadOwner(file: string): Promise<Owner | null> {
  const [owner, facts] = await Promise.all([readOwner(file), stat(file).catch(() => null)]);
  if (owner === null || facts === null) return null;
  if (owner.host === hostname() && owner.pid > 0 && !isHeld(owner)) return owner;
  if (Math.abs(Date.now() - facts.mtimeMs) <= DEAD_AFTER_MS) return null;
  await delay(LOOK_MS);
  const later = await stat(file).catch(() => null);
  return later?.mtimeMs === facts.mtimeMs ? owner : null;
}

/** Takes the lock of `dead` away. False when it was another's by then. */
async function removeDead(file: string, dead: Owner): Promise<boolean> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return false;
  }
  const taken = await readOwner(aside);
  // Somebody else took the dead lock over and made a new one in between: that one goes back.
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
