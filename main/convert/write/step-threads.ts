/** Steps of writing a file on all cores: threads do those over tensors that are stored as they are read, in a folder. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { decodeError } from '../../../preload/wire/errors.ts';
import { shownName } from '../../base/foreign-text.ts';
import { threadFile } from '../../base/thread-file.ts';
import { invalidCheckpoint } from '../../model-file/checkpoint-error.ts';
import type { OddValues } from './values/convert-values.ts';
import type { PlainStep, ThreadMessage, ThreadWork } from './step-thread.ts';

export interface ThreadOptions {
  readonly steps: readonly (readonly [index: number, step: PlainStep])[];
  readonly folder: string;
  readonly output: string;
  /** Gets each step that is written, in any order. */
  readonly onDone: (index: number, odd: OddValues) => void;
}

/** A disk is not faster with more, and each takes some 30 MB. */
const MAX_THREADS = 4;

/** Whether so many values are worth the start of threads. */
export const isWorthThreads = (valueCount: number): boolean => valueCount > 2 ** 24 && availableParallelism() > 1;

/**
 * Does the steps and resolves when all are written.
 * @throws AppError `convert.invalid` (`changed`) for a file that ended early, and errors of the disk. No thread runs any more then.
 */
export async function writeOnThreads({ steps, folder, output, onDone }: ThreadOptions): Promise<void> {
  const next = new Int32Array(new SharedArrayBuffer(4));
  const workerData: ThreadWork = { steps, folder, output, next };
  const workers = Array.from(
    { length: Math.min(MAX_THREADS, availableParallelism()) },
    () => new Worker(threadFile('./step-thread.ts', import.meta.url), { workerData, env: {} }),
  );
  try {
    await Promise.all(workers.map((worker) => ended(worker, onDone)));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

async function ended(worker: Worker, onDone: ThreadOptions['onDone']): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    worker.on('message', (message: ThreadMessage) => {
      if ('error' in message) reject(decodeError(message.error));
      else if ('changed' in message)
        reject(
          invalidCheckpoint({
            ...{ reason: 'changed', file: message.changed },
            detail: `${shownName(message.changed)} was changed while it was read.`,
          }),
        );
      else
        try {
          onDone(message.index, message.odd);
        } catch (error) {
          reject(error as Error);
        }
    });
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}
