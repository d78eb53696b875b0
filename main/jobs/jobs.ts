/**
 * A queue of long work that outlives a window: it decides when work runs, tracks its progress and stores it. Only the module that ordered
 * the work knows its kind. The entry of this folder.
 */
import { randomUUID } from 'node:crypto';
import type { JobsEvent, JobState } from '../../preload/contract/jobs.ts';
import { AppError, decodeError } from '../../preload/wire/errors.ts';
import { UNDO_MS } from '../base/undo.ts';
import type { WorkOrder } from '../base/work.ts';
import type { JobLine } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import { createCancellations } from './cancellations.ts';
import { createJobList } from './job-list.ts';
import { createRecord, type JobRecord, type Resumers } from './job-record.ts';
import { createQueue } from './queue.ts';

export type { Resumers } from './job-record.ts';

export interface JobsOptions {
  readonly store: Store;
  readonly clock?: { now(): number };
  /** How often the disk is checked for jobs that wait for space. Default 3 seconds. */
  readonly checkSpaceMs?: number;
  /** How long a cancelled job can be brought back. Default 10 seconds. */
  readonly undoMs?: number;
  /** Gets errors that are bugs of Hearth. */
  readonly onDefect?: (error: unknown) => void;
}

export interface Jobs {
  /** Restores the jobs of earlier processes. Called once; every other call but `run` waits for it. */
  start(resumers: Resumers): void;
  /** A snapshot, then every change; a slow reader gets only the latest of each job. A new order comes as a new snapshot. Ends with `signal` and with `close`. */
  watch(signal: AbortSignal): AsyncGenerator<JobsEvent, void, undefined>;
  /**
   * Queues work as a job behind the others of its kind. `finished` settles when the job ends for the first time, and rejects when it fails
   * or is cancelled; it need not be handled. Throws disk.full, and cancelled while Hearth closes.
   */
  run(order: WorkOrder): { readonly jobId: string; readonly finished: Promise<void> };
  /** The state of a job, and `cancelled` from `cancelLater` on. Throws not_found. */
  stateOf(jobId: string): JobState | 'cancelled';
  /**
   * Queues a job that is paused, failed, done, waiting or cancelled with undo again. False while it is being removed. Throws not_found.
   */
  requeue(jobId: string): boolean;
  /** Pauses a job and keeps its partial results. Settles when the work has stopped. Throws not_found, as the methods below do. */
  pause(jobId: string): Promise<void>;
  /** Continues a job after a pause, a failure or a restart; waits for a pause in progress. Throws unsupported when it cannot be continued. */
  resume(jobId: string): Promise<void>;
  /** Moves a job before another one, or to the end. Running jobs are not stopped. */
  reorder(jobId: string, before: string | null): Promise<void>;
  /** The job's log, newest line last. */
  log(jobId: string): Promise<readonly JobLine[]>;
  /** Removes the job and its partial results; the files of a finished job stay. Throws what `discard` throws, and disk.full. */
  cancel(jobId: string): Promise<void>;
  /**
   * Removes the job as `cancel` does, but hides it at first and keeps its partial results for `undoMs`. Null where nothing can be undone: then it
   * has been removed.
   */
  cancelLater(jobId: string): Promise<{ readonly undoMs: number | null }>;
  /** Brings back a cancelled or dismissed job with its partial results. False when it is too late. */
  undoCancel(jobId: string): boolean;
  /** Removes a job that has ended, a failed one as `cancelLater` does. Throws busy for any other. */
  dismiss(jobId: string): Promise<{ readonly undoMs: number | null }>;
  /** Starts the jobs that may start now. Call it when the number of slots has changed. */
  reconsider(): void;
  /** Stops everything and ends the watches. */
  close(): Promise<void>;
}

export function createJobs(options: JobsOptions): Jobs {
  const { store, clock = Date, checkSpaceMs = 3_000, undoMs = UNDO_MS, onDefect = () => {} } = options;
  const list = createJobList(store, { now: () => clock.now(), onDefect });
  const queue = createQueue(list, { checkSpaceMs });
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>();

  async function find(jobId: string): Promise<JobRecord> {
    await ready;
    return list.get(jobId);
  }

  /** A job that watchers see. */
  async function findShown(jobId: string): Promise<JobRecord> {
    const record = await find(jobId);
    if (record.isHidden) throw new AppError('not_found', 'This job was cancelled.', {});
    return record;
  }

  function remove(record: JobRecord): Promise<void> {
    const work = async (): Promise<void> => {
      await queue.stop(record);
      // Work may have finished before the stop. It has no partial results.
      if (record.state !== 'done') await record.order?.discard?.();
      list.remove(record);
      record.settle({ code: 'cancelled', message: 'Cancelled.' });
    };
    record.removal ??= work().finally(() => {
      record.removal = null;
      queue.pump();
    });
    return record.removal;
  }

  const cancellations = createCancellations({ list, queue, undoMs, remove });

  async function removeLater(record: JobRecord): Promise<{ readonly undoMs: number | null }> {
    if (record.order?.canBringBack === true && record.state !== 'done' && record.removal === null)
      return cancellations.begin(record);
    await remove(record);
    return { undoMs: null };
  }

  return {
    start(resumers) {
      void list
        .restore(resumers)
        .finally(() => {
          isReady();
          queue.pump();
        })
        .catch(onDefect);
    },

    async *watch(signal) {
      await ready;
      yield* list.watch(signal);
    },

    run(order) {
      if (queue.isClosed()) throw new AppError('cancelled', 'Hearth is closing.', {});
      const { promise: finished, resolve, reject } = Promise.withResolvers<void>();
      // The caller may watch the job instead.
      finished.catch(() => {});
      const { kind, subject, totalBytes } = order;
      const record = createRecord(
        { id: randomUUID(), kind, subject, totalBytes, order, createdAt: clock.now(), position: list.nextPosition() },
        (error) => (error === null ? resolve() : reject(decodeError(error))),
      );
      if (order.isDone === true) record.state = 'done';
      list.add(record);
      if (order.isDone === true) record.settle(null);
      queue.pump();
      return { jobId: record.id, finished };
    },

    stateOf(jobId) {
      const { isHidden, state } = list.get(jobId);
      return isHidden ? 'cancelled' : state;
    },

    requeue(jobId) {
      const record = list.get(jobId);
      return cancellations.bringBack(record) || queue.requeue(record);
    },

    async pause(jobId) {
      const record = await findShown(jobId);
      if (record.run === null && (record.state === 'queued' || record.state === 'waiting')) {
        list.enter(record, 'paused');
        return queue.pump();
      }
      await queue.stop(record);
    },

    async resume(jobId) {
      const record = await findShown(jobId);
      if (record.order === null)
        throw new AppError('unsupported', 'This ended with the last session. Start it again where you began it.', {
          reason: 'last_session',
        });
      const stopped = record.run?.abort.signal.aborted === true ? record.run.finished : null;
      if (record.state !== 'done') queue.requeue(record);
      await stopped;
    },

    async reorder(jobId, before) {
      list.reorder(await findShown(jobId), before);
      queue.pump();
    },

    async log(jobId) {
      return list.lines(await findShown(jobId));
    },

    async cancel(jobId) {
      await remove(await find(jobId));
    },

    cancelLater: async (jobId) => await removeLater(await findShown(jobId)),

    undoCancel: (jobId) => list.has(jobId) && cancellations.undo(list.get(jobId)),

    async dismiss(jobId) {
      const record = await findShown(jobId);
      if (record.state !== 'done' && record.state !== 'failed')
        throw new AppError('busy', 'This has not ended. Cancel it first.', { reason: 'job_active' });
      return await removeLater(record);
    },

    reconsider: queue.pump,

    async close() {
      await queue.close();
      await cancellations.finish();
      list.close();
    },
  };
}
