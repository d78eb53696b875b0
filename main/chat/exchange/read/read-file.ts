/** Has a file of chats read by a thread of its own. */
import { Worker } from 'node:worker_threads';
import { AppError, decodeError } from '../../../../preload/wire/errors.ts';
import { threadFile } from '../../../base/thread-file.ts';
import type { ReadReport } from '../exchanged-chat.ts';
import type { ReadAnswer, ReadOrder } from './read-thread.ts';

/** A conversation of the largest size that is read, as bytes, as text and as values. */
const HEAP_MB = 2048;
/** Some ten megabytes are read in a second; the largest file that is taken takes minutes. */
const LIMIT_MS = 30 * 60_000;

/** @throws AppError `invalid_input` for a file without chats or one that is too much for the thread; `cancelled`; `disk.*`. */
export async function readChatFile(order: ReadOrder, signal: AbortSignal): Promise<ReadReport> {
  const answer = await new Promise<ReadAnswer>((resolve, reject) => {
    if (signal.aborted) return reject(new AppError('cancelled', 'Cancelled.'));
    const worker = new Worker(threadFile('./read-thread.ts', import.meta.url), {
      name: 'chats',
      workerData: order,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      env: {},
    });
    const end = (error: Error): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      reject(error);
      void worker.terminate();
    };
    const onAbort = (): void => end(new AppError('cancelled', 'Cancelled.'));
    const timer = setTimeout(() => end(tooMuch()), LIMIT_MS);
    signal.addEventListener('abort', onAbort);
    worker.once('message', (message: ReadAnswer) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(message);
    });
    worker.once('error', (error: Error) => end(isOutOfMemory(error) ? tooMuch() : error));
  });
  if ('error' in answer) throw decodeError(answer.error);
  return answer.report;
}

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';

const tooMuch = (): AppError =>
  new AppError('invalid_input', 'Reading this file takes more memory or time than it may.', {
    reason: 'import_too_much',
    field: 'file',
  });
