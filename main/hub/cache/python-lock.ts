/**
 * The lock that Python's huggingface_hub holds on `<etag>.lock` while it downloads a blob. Hearth takes it too, so that the second
 * program waits and then finds the blob. Python's filelock uses flock() (msvcrt.locking on Windows), which the system releases with
 * the process, so the lock never belongs to a dead one.
 *
 * Node has no flock(). macOS takes the same lock through a flag of open(), and on Windows Python considers a file locked that is open
 * without sharing. On Linux the tool `flock` (util-linux, busybox) locks an inherited descriptor: that lock belongs to the open file
 * and not to the tool's process, so Hearth keeps it. Without the tool, `/proc/locks` tells only whether Python holds the lock.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { lstat, open, readdir, readFile, stat, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { inFolderOf } from '../../base/in-folder.ts';

export interface PythonLock {
  /** Releases the lock and deletes its file if Hearth created it; Python never deletes its own. Never throws. */
  release(): Promise<void>;
}

/** O_EXLOCK with O_NONBLOCK of macOS, and libuv's UV_FS_O_EXLOCK for Windows. */
const LOCKING_FLAGS: Partial<Record<NodeJS.Platform, number>> = { darwin: 0x20 | 0x4, win32: 0x10000000 };
const HELD_CODES: readonly string[] = process.platform === 'win32' ? ['EBUSY', 'EACCES', 'EPERM'] : ['EAGAIN'];

/** The lock files that this process holds. */
const ours = new Set<string>();

/** The content of a lock file that Hearth created, so that a later Hearth recognizes it. Python truncates the files that it opens. */
const CREATED_BY_HEARTH = 'hearth\n';

const nothingHeld: PythonLock = { release: async () => {} };

/**
 * Takes the lock at `file`; null when another process holds it. Where locking is not supported and no holder is found, the result is a
 * lock that holds nothing. `lockOpened` is an argument for tests. Throws file system errors.
 */
export async function tryPythonLock(file: string, lockOpened = flock): Promise<PythonLock | null> {
  for (;;) {
    const opened = await openLockFile(file);
    if (opened === 'held') return null;
    if (opened === 'unsupported') return nothingHeld;
    const { handle, isNew } = opened;
    const taken = process.platform === 'linux' ? await lockOpened(handle.fd) : 'taken';
    const [own, there] = await Promise.all([handle.stat(), stat(file).catch(() => null)]);
    if (taken === 'held' || (taken === 'unsupported' && (await heldInodes())?.has(own.ino) === true)) {
      await handle.close();
      return null;
    }
    // The last holder deleted the file between open and flock: this lock is on a deleted file.
    if (taken === 'taken' && there?.ino !== own.ino) {
      await handle.close();
      continue;
    }
    const isOurs = isNew || (await handle.readFile('utf8').catch(() => '')) === CREATED_BY_HEARTH;
    if (isNew) await handle.write(CREATED_BY_HEARTH, 0).catch(() => {});
    ours.add(file);
    return {
      async release() {
        ours.delete(file);
        const isWindows = process.platform === 'win32';
        // Deleted while still locked, so that no other process's lock file is deleted. Windows cannot delete open files.
        if (isOurs && !isWindows) await unlink(file).catch(() => {});
        await handle.close().catch(() => {});
        if (isOurs && isWindows) await unlink(file).catch(() => {});
      },
    };
  }
}

/** True when another process is known to hold the lock at `file`. `held` avoids reading `/proc/locks` for each file. Never throws. */
export async function isHeldByPython(file: string, held = heldInodes): Promise<boolean> {
  const info = await lstat(file).catch(() => null);
  return info !== null && (await held())?.has(info.ino) === true;
}

/** True when Python is known to hold any lock in `locks`, the lock folder of a repository. Never throws. */
export async function isPythonFetching(locks: string): Promise<boolean> {
  const names = await readdir(locks).catch(() => []);
  const theirs = names
    .map((name) => join(locks, name))
    .filter((file) => !/\.hearth\.lock$/.test(file) && !ours.has(file));
  if (theirs.length === 0) return false;
  const held = await heldInodes();
  return (await Promise.all(theirs.map((file) => isHeldByPython(file, async () => held)))).includes(true);
}

/** The inodes that some process holds a lock on; null on systems other than Linux, which do not tell. */
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
  // EACCES: another user's lock file. The others: file systems without locks.
  if (['EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'ENOLCK'].includes(code)) return 'unsupported';
  throw error;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

/** Locks the open file of the descriptor, until it is closed. */
function flock(fd: number): Promise<'taken' | 'held' | 'unsupported'> {
  return new Promise((resolve) => {
    const tool = spawn('flock', ['-n', '-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd] });
    tool.once('error', () => resolve('unsupported'));
    tool.once('exit', (code) => resolve(code === 0 ? 'taken' : code === 1 ? 'held' : 'unsupported'));
  });
}
