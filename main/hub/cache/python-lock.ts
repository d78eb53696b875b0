/**
 * The lock that Python's huggingface_hub holds on `<etag>.lock` while it fetches a blob. Holding it as well makes one download of
 * two: who comes second waits, and finds the blob. Python's filelock takes it with flock() (with msvcrt.locking on Windows), and
 * the system drops it with the process, so it is never a dead one's.
 *
 * Node has no flock(). macOS takes the same lock as a flag of open(), and on Windows a file that is open without sharing is one that
 * Python takes to be held. On Linux the tool `flock` (util-linux, busybox) locks a descriptor that it inherits: such a lock
 * belongs to what was opened and not to a process, so it stays ours when the tool has ended. Without the tool we can only look
 * whether Python holds it (`/proc/locks`).
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { lstat, open, readdir, readFile, stat, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { inFolderOf } from './folder.ts';

export interface PythonLock {
  /** Gives the lock up, and takes its file away if a Hearth made it; Python leaves its own. Never throws. */
  release(): Promise<void>;
}

/** O_EXLOCK with O_NONBLOCK of macOS, and libuv's UV_FS_O_EXLOCK for Windows. */
const LOCKING_FLAGS: Partial<Record<NodeJS.Platform, number>> = { darwin: 0x20 | 0x4, win32: 0x10000000 };
const HELD_CODES: readonly string[] = process.platform === 'win32' ? ['EBUSY', 'EACCES', 'EPERM'] : ['EAGAIN'];

/** The files whose lock this process holds. */
const ours = new Set<string>();

/** Stands in a lock file that a Hearth made, for the one that comes after a dead one. Python empties what it opens. */
const MADE_BY_US = 'hearth\n';

const nothingHeld: PythonLock = { release: async () => {} };

/**
 * Takes the lock at `file`, or gives null when somebody holds it. Where the file system or the machine cannot lock, and nobody is
 * seen to hold it, what is given holds nothing. Throws what the file system throws.
 */
export async function tryPythonLock(file: string): Promise<PythonLock | null> {
  for (;;) {
    const opened = await openLockFile(file);
    if (opened === 'held') return null;
    if (opened === 'unsupported') return nothingHeld;
    const { handle, isNew } = opened;
    const taken = process.platform === 'linux' ? await flock(handle.fd) : 'taken';
    const [own, there] = await Promise.all([handle.stat(), stat(file).catch(() => null)]);
    if (taken === 'held' || (taken === 'unsupported' && (await heldInodes())?.has(own.ino) === true)) {
      await handle.close();
      return null;
    }
    // Its last holder took the file away between our open and our lock: what we hold is nobody's lock.
    if (taken === 'taken' && there?.ino !== own.ino) {
      await handle.close();
      continue;
    }
    const isOurs = isNew || (await handle.readFile('utf8').catch(() => '')) === MADE_BY_US;
    if (isNew) await handle.write(MADE_BY_US, 0).catch(() => {});
    ours.add(file);
    return {
      async release() {
        ours.delete(file);
        const isWindows = process.platform === 'win32';
        // While it is locked, so that nobody's lock goes; Windows deletes nothing that is open.
        if (isOurs && !isWindows) await unlink(file).catch(() => {});
        await handle.close().catch(() => {});
        if (isOurs && isWindows) await unlink(file).catch(() => {});
      },
    };
  }
}

/** True when Python is seen to hold the lock at `file`. `held`: the answer of `heldInodes`, for who asks of many. Never throws. */
export async function isHeldByPython(file: string, held = heldInodes): Promise<boolean> {
  const info = await lstat(file).catch(() => null);
  return info !== null && (await held())?.has(info.ino) === true;
}

/** True when Python is seen to fetch anything whose lock lies in `locks`, the folder of a repository. Never throws. */
export async function isPythonFetching(locks: string): Promise<boolean> {
  const names = await readdir(locks).catch(() => []);
  const theirs = names
    .map((name) => join(locks, name))
    .filter((file) => !/\.hearth\.lock$/.test(file) && !ours.has(file));
  if (theirs.length === 0) return false;
  const held = await heldInodes();
  return (await Promise.all(theirs.map((file) => isHeldByPython(file, async () => held)))).includes(true);
}

/** Inodes that some process holds a lock on; null where the system does not tell (only Linux does). */
export async function heldInodes(): Promise<ReadonlySet<number> | null> {
  const text = await readFile('/proc/locks', 'utf8').catch(() => null);
  if (text === null) return null;
  return new Set([...text.matchAll(/ [0-9a-f]+:[0-9a-f]+:(\d+) /g)].map((match) => Number(match[1])));
}

async function openLockFile(file: string): Promise<{ handle: FileHandle; isNew: boolean } | 'held' | 'unsupported'> {
  const flags = constants.O_RDWR | constants.O_CREAT | (LOCKING_FLAGS[process.platform] ?? 0);
  try {
    return { handle: await inFolderOf(file, () => open(file, flags | constants.O_EXCL)), isNew: true };
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') return refused(error);
  }
  try {
    return { handle: await inFolderOf(file, () => open(file, flags)), isNew: false };
  } catch (error) {
    return refused(error);
  }
}

function refused(error: unknown): 'held' | 'unsupported' {
  const code = codeOf(error);
  if (HELD_CODES.includes(code)) return 'held';
  // EACCES: another user's lock file. The rest: file systems that know no locks.
  if (['EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'ENOLCK'].includes(code)) return 'unsupported';
  throw error;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

/** Locks what the descriptor has open, for as long as it stays open. */
function flock(fd: number): Promise<'taken' | 'held' | 'unsupported'> {
  return new Promise((resolve) => {
    const tool = spawn('flock', ['-n', '-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd] });
    tool.once('error', () => resolve('unsupported'));
    tool.once('exit', (code) => resolve(code === 0 ? 'taken' : code === 1 ? 'held' : 'unsupported'));
  });
}
