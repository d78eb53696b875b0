/**
 * Hashes files while they are written, in a worker thread that reads the contiguous beginning behind the writer, mostly from the page
 * cache. The main thread neither copies nor hashes, and the hash is of what the file really contains.
 */
import { Worker } from 'node:worker_threads';
import { threadFile } from '../../base/thread-file.ts';
import type { HashReport, HashRequest } from './hash-worker.ts';

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

interface Client {
  readonly receive: (report: HashReport) => void;
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
  const made = new Worker(threadFile('./hash-worker.ts', import.meta.url), { name: 'hash', execArgv: [] });
  thread = made;
  made.unref();
  made.on('message', (report: HashReport) => clients.get(report.id)?.receive(report));
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

/**
 * Opens a hasher for `file`, which exists already and will have `sizeBytes` in the end; with `fromByte` for the `sizeBytes` that begin
 * there, and all other offsets count from there.
 */
export function openFileHasher(file: string, kind: ContentHash['kind'], sizeBytes: number, fromByte = 0): FileHasher {
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
  const post = (request: HashRequest): void => worker.postMessage(request);
  post({ type: 'open', id, file, fromByte, git: kind === 'git_blob' ? sizeBytes : null });
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
