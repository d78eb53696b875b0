/**
 * Hashes files while they are written, in a thread of its own: it reads behind the writer, what is contiguous from the
 * beginning, out of the system's memory of the file. The main thread neither copies nor hashes, and what is hashed is what
 * lies in the file.
 */
import { Worker } from 'node:worker_threads';

/** What the content is checked against: the sha256 of LFS, or the id that git gives a blob. */
export interface ContentHash {
  readonly kind: 'sha256' | 'git_blob';
  readonly hex: string;
}

export interface FileHasher {
  /** How far it is. */
  readonly hashedBytes: number;
  /** The file is written up to here, without a gap. */
  upTo(bytes: number): void;
  /** Begins again from nothing. When it answers nothing of the file is being read. */
  reset(): Promise<void>;
  /** The hash in hex of everything that `upTo` said, when it is there. Throws what reading throws. */
  digest(): Promise<string>;
  /** Leaves the file alone. Answers when that is so. */
  close(): Promise<void>;
}

type Request =
  | { readonly type: 'open'; readonly id: number; readonly file: string; readonly git: number | null }
  | { readonly type: 'upTo'; readonly id: number; readonly bytes: number }
  | { readonly type: 'reset' | 'digest' | 'close'; readonly id: number };
type Report =
  | { readonly type: 'hashed'; readonly id: number; readonly bytes: number }
  | { readonly type: 'digest'; readonly id: number; readonly hex: string }
  | { readonly type: 'failed'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly type: 'closed' | 'reset'; readonly id: number };

/** Runs in the thread, as text: nothing of this module is there, so that no bundle needs a second file. */
function hashing(): void {
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  const { openSync, readSync, closeSync } = process.getBuiltinModule('node:fs');
  const { createHash } = process.getBuiltinModule('node:crypto');
  try {
    // On Linux this is the thread's own priority, elsewhere the process's: the main thread shall not wait for a hash.
    if (process.platform === 'linux') process.getBuiltinModule('node:os').setPriority(0, 5);
  } catch {
    // Not allowed here; it is faster for main and nothing more.
  }
  interface Open {
    readonly id: number;
    readonly descriptor: number;
    readonly begin: () => ReturnType<typeof createHash>;
    hash: ReturnType<typeof createHash>;
    hashedBytes: number;
    reportedBytes: number;
    untilBytes: number;
    wantsDigest: boolean;
    isBroken: boolean;
  }
  const files = new Map<number, Open>();
  const buffer = Buffer.allocUnsafe(1 << 20);
  let isRunning = false;
  const say = (report: Report): void => parentPort?.postMessage(report);
  const fail = (id: number, error: unknown): void => {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException;
    say({ type: 'failed', id, code, message });
  };
  const read = (file: Open): boolean => {
    const length = Math.min(buffer.byteLength, file.untilBytes - file.hashedBytes);
    if (file.isBroken || length <= 0) return false;
    try {
      const count = readSync(file.descriptor, buffer, 0, length, file.hashedBytes);
      if (count === 0) throw Object.assign(new Error('The file is shorter than what was written.'), { code: 'EIO' });
      file.hash.update(buffer.subarray(0, count));
      file.hashedBytes += count;
    } catch (error) {
      file.isBroken = true;
      fail(file.id, error);
    }
    return true;
  };
  const finish = (file: Open): void => {
    const isCaughtUp = file.hashedBytes >= file.untilBytes;
    if (file.hashedBytes - file.reportedBytes >= 1 << 24 || (isCaughtUp && file.hashedBytes !== file.reportedBytes)) {
      file.reportedBytes = file.hashedBytes;
      say({ type: 'hashed', id: file.id, bytes: file.hashedBytes });
    }
    if (!file.wantsDigest || !isCaughtUp || file.isBroken) return;
    file.wantsDigest = false;
    say({ type: 'digest', id: file.id, hex: file.hash.copy().digest('hex') });
  };
  // One piece of every file, then whatever was said meanwhile: no file waits for another's end.
  const step = (): void => {
    let isBusy = false;
    for (const file of files.values()) {
      if (read(file)) isBusy = true;
      finish(file);
    }
    isRunning = isBusy;
    if (isBusy) setImmediate(step);
  };
  parentPort?.on('message', (request: Request) => {
    const { id } = request;
    const file = files.get(id);
    switch (request.type) {
      case 'open': {
        try {
          const descriptor = openSync(request.file, 'r');
          const { git } = request;
          const begin = (): ReturnType<typeof createHash> =>
            git === null ? createHash('sha256') : createHash('sha1').update(`blob ${String(git)}\0`);
          const counts = { hashedBytes: 0, reportedBytes: 0, untilBytes: 0, wantsDigest: false, isBroken: false };
          files.set(id, { id, descriptor, begin, hash: begin(), ...counts });
        } catch (error) {
          fail(id, error);
        }
        break;
      }
      case 'upTo':
        if (file) file.untilBytes = request.bytes;
        break;
      case 'reset':
        if (file)
          Object.assign(file, {
            hash: file.begin(),
            hashedBytes: 0,
            reportedBytes: 0,
            untilBytes: 0,
            wantsDigest: false,
            isBroken: false,
          });
        say({ type: 'reset', id });
        break;
      case 'digest':
        if (file) file.wantsDigest = true;
        break;
      case 'close':
        if (file) closeSync(file.descriptor);
        files.delete(id);
        say({ type: 'closed', id });
        break;
    }
    if (!isRunning) step();
  });
}

interface Client {
  readonly hear: (report: Report) => void;
  readonly broken: (error: Error) => void;
}

/** The thread ends so long after its last file. */
const IDLE_MS = 5_000;
const clients = new Map<number, Client>();
let thread: Worker | null = null;
let idle: NodeJS.Timeout | undefined;
let lastId = 0;
let holds = 0;

/** While somebody waits for the thread the process must not end, though nothing else may be left to do. */
async function holding<T>(worker: Worker, work: () => Promise<T>): Promise<T> {
  if (++holds === 1) worker.ref();
  try {
    return await work();
  } finally {
    if (--holds === 0) worker.unref();
  }
}

function threadOf(): Worker {
  clearTimeout(idle);
  if (thread !== null) return thread;
  const made = new Worker(`(${hashing.toString()})()`, { eval: true, name: 'hash', execArgv: [] });
  thread = made;
  made.unref();
  made.on('message', (report: Report) => clients.get(report.id)?.hear(report));
  const end = (error: Error): void => {
    if (thread !== made) return;
    thread = null;
    for (const client of [...clients.values()]) client.broken(error);
  };
  made.on('error', end);
  made.on('exit', () => end(new Error('The thread that hashes ended.')));
  return made;
}

function leave(id: number): void {
  clients.delete(id);
  if (clients.size > 0) return;
  clearTimeout(idle);
  idle = setTimeout(() => {
    const old = thread;
    thread = null;
    void old?.terminate();
  }, IDLE_MS).unref();
}

/** Hashes `file`, which is there already and will have `sizeBytes` in the end. */
export function openFileHasher(file: string, kind: ContentHash['kind'], sizeBytes: number): FileHasher {
  const id = ++lastId;
  const worker = threadOf();
  let hashedBytes = 0;
  let failure: Error | null = null;
  let pending: { resolve: (hex: string) => void; reject: (error: Error) => void } | null = null;
  const closed = Promise.withResolvers<void>();
  let resetting: PromiseWithResolvers<void> | null = null;
  const broken = (error: Error): void => {
    failure = error;
    pending?.reject(error);
    pending = null;
  };
  clients.set(id, {
    hear(report) {
      switch (report.type) {
        case 'hashed':
          hashedBytes = report.bytes;
          break;
        case 'digest':
          pending?.resolve(report.hex);
          pending = null;
          break;
        case 'failed':
          broken(Object.assign(new Error(report.message), { code: report.code }));
          break;
        case 'closed':
          closed.resolve();
          break;
        case 'reset':
          // What went wrong before is of the old content.
          failure = null;
          hashedBytes = 0;
          resetting?.resolve();
          break;
        default:
          report satisfies never;
      }
    },
    broken(error) {
      broken(error);
      closed.resolve();
      resetting?.resolve();
    },
  });
  const post = (request: Request): void => worker.postMessage(request);
  post({ type: 'open', id, file, git: kind === 'git_blob' ? sizeBytes : null });
  return {
    get hashedBytes() {
      return hashedBytes;
    },
    upTo: (bytes) => post({ type: 'upTo', id, bytes }),
    reset: () =>
      holding(worker, () => {
        resetting = Promise.withResolvers();
        if (thread !== worker) resetting.resolve();
        post({ type: 'reset', id });
        return resetting.promise;
      }),
    digest: () =>
      holding(worker, () => {
        const { promise, resolve, reject } = Promise.withResolvers<string>();
        if (failure !== null) reject(failure);
        pending = { resolve, reject };
        post({ type: 'digest', id });
        return promise;
      }),
    async close() {
      if (thread === worker) {
        await holding(worker, () => {
          post({ type: 'close', id });
          return closed.promise;
        });
      }
      // Whoever stopped waiting for the hash left it behind.
      pending?.reject(new Error('The file was closed.'));
      leave(id);
    },
  };
}
