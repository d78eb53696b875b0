/**
 * Hashes files while they are written, in a worker thread that reads the contiguous beginning behind the writer, mostly from the page
 * cache. The main thread neither copies nor hashes, and the hash is of what the file really contains.
 */
import { Worker } from 'node:worker_threads';

/** The expected hash: the sha256 of Git LFS, or git's blob id (sha1) of a file that is not in LFS. */
export interface ContentHash {
  readonly kind: 'sha256' | 'git_blob';
  readonly hex: string;
}

export interface FileHasher {
  /** Bytes that were hashed so far. */
  readonly hashedBytes: number;
  /** Says that the file is written up to here without a gap. */
  upTo(bytes: number): void;
  /** Starts again from nothing. When it resolves, the thread is not reading the file. */
  reset(): Promise<void>;
  /** The hex hash of everything up to the last `upTo`, once it is computed. Throws file system errors. */
  digest(): Promise<string>;
  /** Stops using the file; it is closed when this resolves. */
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

/** Runs in the worker thread, from its source text: it may use nothing of this module, and no bundle needs a second file. */
function hashing(): void {
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  const { openSync, readSync, closeSync } = process.getBuiltinModule('node:fs');
  const { createHash } = process.getBuiltinModule('node:crypto');
  try {
    // Linux sets the priority of this thread only, other systems of the whole process: the main thread must not wait for hashing.
    if (process.platform === 'linux') process.getBuiltinModule('node:os').setPriority(0, 5);
  } catch {
    // Not permitted here: hashing then competes with the main thread.
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
  const post = (report: Report): void => parentPort?.postMessage(report);
  const fail = (id: number, error: unknown): void => {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException;
    post({ type: 'failed', id, code, message });
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
      post({ type: 'hashed', id: file.id, bytes: file.hashedBytes });
    }
    if (!file.wantsDigest || !isCaughtUp || file.isBroken) return;
    file.wantsDigest = false;
    post({ type: 'digest', id: file.id, hex: file.hash.copy().digest('hex') });
  };
  // One block of every file, then the messages that arrived meanwhile: no file waits for another one to end.
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
        post({ type: 'reset', id });
        break;
      case 'digest':
        if (file) file.wantsDigest = true;
        break;
      case 'close':
        if (file) closeSync(file.descriptor);
        files.delete(id);
        post({ type: 'closed', id });
        break;
    }
    if (!isRunning) step();
  });
}

interface Client {
  readonly receive: (report: Report) => void;
  readonly fail: (error: Error) => void;
}

/** The thread ends this long after its last file. */
const IDLE_MS = 5_000;
const clients = new Map<number, Client>();
let thread: Worker | null = null;
let idleTimer: NodeJS.Timeout | undefined;
let lastId = 0;
let waiting = 0;

/** Keeps the process alive while a caller waits for the thread, though nothing else may be left to do. */
async function keepingAlive<T>(worker: Worker, work: () => Promise<T>): Promise<T> {
  if (++waiting === 1) worker.ref();
  try {
    return await work();
  } finally {
    if (--waiting === 0) worker.unref();
  }
}

function threadOf(): Worker {
  clearTimeout(idleTimer);
  if (thread !== null) return thread;
  const made = new Worker(`(${hashing.toString()})()`, { eval: true, name: 'hash', execArgv: [] });
  thread = made;
  made.unref();
  made.on('message', (report: Report) => clients.get(report.id)?.receive(report));
  const end = (error: Error): void => {
    if (thread !== made) return;
    thread = null;
    for (const client of [...clients.values()]) client.fail(error);
  };
  made.on('error', end);
  made.on('exit', () => end(new Error('The hash thread ended.')));
  return made;
}

function removeClient(id: number): void {
  clients.delete(id);
  if (clients.size > 0) return;
  clearTimeout(idleTimer);
  idleTimer = setTimeout(() => {
    const old = thread;
    thread = null;
    void old?.terminate();
  }, IDLE_MS).unref();
}

/** Opens a hasher for `file`, which exists already and will have `sizeBytes` in the end. */
export function openFileHasher(file: string, kind: ContentHash['kind'], sizeBytes: number): FileHasher {
  const id = ++lastId;
  const worker = threadOf();
  let hashedBytes = 0;
  let failure: Error | null = null;
  let pending: { resolve: (hex: string) => void; reject: (error: Error) => void } | null = null;
  const closed = Promise.withResolvers<void>();
  let resetting: PromiseWithResolvers<void> | null = null;
  const fail = (error: Error): void => {
    failure = error;
    pending?.reject(error);
    pending = null;
  };
  clients.set(id, {
    receive(report) {
      switch (report.type) {
        case 'hashed':
          hashedBytes = report.bytes;
          break;
        case 'digest':
          pending?.resolve(report.hex);
          pending = null;
          break;
        case 'failed':
          fail(Object.assign(new Error(report.message), { code: report.code }));
          break;
        case 'closed':
          closed.resolve();
          break;
        case 'reset':
          // An earlier failure belonged to the old content.
          failure = null;
          hashedBytes = 0;
          resetting?.resolve();
          break;
        default:
          report satisfies never;
      }
    },
    fail(error) {
      fail(error);
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
      keepingAlive(worker, () => {
        resetting = Promise.withResolvers();
        if (thread !== worker) resetting.resolve();
        post({ type: 'reset', id });
        return resetting.promise;
      }),
    digest: () =>
      keepingAlive(worker, () => {
        const { promise, resolve, reject } = Promise.withResolvers<string>();
        if (failure !== null) reject(failure);
        pending = { resolve, reject };
        post({ type: 'digest', id });
        return promise;
      }),
    async close() {
      if (thread === worker) {
        await keepingAlive(worker, () => {
          post({ type: 'close', id });
          return closed.promise;
        });
      }
      // A caller that stopped waiting left its promise pending.
      pending?.reject(new Error('The file was closed.'));
      removeClient(id);
    },
  };
}
