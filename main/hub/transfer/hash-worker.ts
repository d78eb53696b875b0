/**
 * The worker thread of file-hasher.ts: hashes files behind their writers, one block of each in turn. Imports modules of Node alone
 * (see threadFile).
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import os from 'node:os';
import { parentPort } from 'node:worker_threads';

/** `git` is the size in bytes of the content whose git blob id is wanted; null for sha256. */
interface OpenRequest {
  readonly type: 'open';
  readonly id: number;
  readonly file: string;
  /** Where the hashed content begins; all other offsets count from there. */
  readonly fromByte: number;
  readonly git: number | null;
}
export type HashRequest =
  | OpenRequest
  | { readonly type: 'upTo'; readonly id: number; readonly bytes: number }
  | { readonly type: 'reset' | 'digest' | 'close'; readonly id: number };
export type HashReport =
  | { readonly type: 'hashed'; readonly id: number; readonly bytes: number }
  | { readonly type: 'digest'; readonly id: number; readonly hex: string }
  | { readonly type: 'failed'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly type: 'closed' | 'reset'; readonly id: number };

interface OpenFile {
  readonly id: number;
  readonly descriptor: number;
  readonly fromByte: number;
  readonly begin: () => Hash;
  hash: Hash;
  hashedBytes: number;
  reportedBytes: number;
  untilBytes: number;
  wantsDigest: boolean;
  isBroken: boolean;
}

/** Read and hashed at once. */
const BLOCK_BYTES = 1 << 20;
/** Between two reports of progress. */
const REPORT_BYTES = 1 << 24;

const files = new Map<number, OpenFile>();
const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
let isRunning = false;

const post = (report: HashReport): void => parentPort?.postMessage(report);

function fail(id: number, error: unknown): void {
  const { code = 'EIO', message } = error as NodeJS.ErrnoException;
  post({ type: 'failed', id, code, message });
}

function open({ id, file, fromByte, git }: OpenRequest): void {
  try {
    const descriptor = openSync(file, 'r');
    const begin = (): Hash => (git === null ? createHash('sha256') : createHash('sha1').update(`blob ${git}\0`));
    files.set(id, { id, descriptor, fromByte, begin, ...fresh(begin) });
  } catch (error) {
    fail(id, error);
  }
}

function fresh(begin: () => Hash): Omit<OpenFile, 'id' | 'descriptor' | 'fromByte' | 'begin'> {
  return { hash: begin(), hashedBytes: 0, reportedBytes: 0, untilBytes: 0, wantsDigest: false, isBroken: false };
}

/** Hashes one block. False when the file has none at the moment. */
function hashBlock(file: OpenFile): boolean {
  const length = Math.min(BLOCK_BYTES, file.untilBytes - file.hashedBytes);
  if (file.isBroken || length <= 0) return false;
  try {
    const count = readSync(file.descriptor, buffer, 0, length, file.fromByte + file.hashedBytes);
    if (count === 0) throw Object.assign(new Error('The file is shorter than what was written.'), { code: 'EIO' });
    file.hash.update(buffer.subarray(0, count));
    file.hashedBytes += count;
  } catch (error) {
    file.isBroken = true;
    fail(file.id, error);
  }
  return true;
}

function report(file: OpenFile): void {
  const { id, hashedBytes, reportedBytes } = file;
  const isCaughtUp = hashedBytes >= file.untilBytes;
  if (hashedBytes - reportedBytes >= REPORT_BYTES || (isCaughtUp && hashedBytes !== reportedBytes)) {
    file.reportedBytes = hashedBytes;
    post({ type: 'hashed', id, bytes: hashedBytes });
  }
  if (!file.wantsDigest || !isCaughtUp || file.isBroken) return;
  file.wantsDigest = false;
  post({ type: 'digest', id, hex: file.hash.copy().digest('hex') });
}

/** One block of every file, then the messages that arrived meanwhile: no file waits for another one to end. */
function step(): void {
  let isBusy = false;
  for (const file of files.values()) {
    if (hashBlock(file)) isBusy = true;
    report(file);
  }
  isRunning = isBusy;
  if (isBusy) setImmediate(step);
}

try {
  // Linux sets the priority of this thread only, other systems of the whole process: the main thread must not wait for hashing.
  if (process.platform === 'linux') os.setPriority(0, 5);
} catch {
  // Not permitted here: hashing then competes with the main thread.
}

parentPort?.on('message', (request: HashRequest) => {
  const { id } = request;
  const file = files.get(id);
  switch (request.type) {
    case 'open':
      open(request);
      break;
    case 'upTo':
      if (file) file.untilBytes = request.bytes;
      break;
    case 'reset':
      if (file) Object.assign(file, fresh(file.begin));
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
    default:
      request satisfies never;
  }
  if (!isRunning) step();
});
