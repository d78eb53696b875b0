/**
 * A queue of long work that outlives a window: when work runs, how far it is, and what is stored of it. Only the module that ordered
 * the work knows what it is. The entry of this folder.
 */
import { randomUUID } from 'node:crypto';
import type { JobsEvent, JobState } from '../../preload/contract/jobs.ts';
import { AppError, decodeError } from '../../preload/wire/errors.ts';
import type { WorkOrder } from '../base/work.ts';
import type { JobLine } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import { createJobList } from './job-list.ts';
import { createRecord, type JobRecord, type Resumers } from './job-record.ts';
import { createQueue } from './queue.ts';

export type { Resumers } from './job-record.ts';

export interface JobsOptions {
  readonly store: Store;
  readonly clock?: { now(): number };
  /** How often the disk is checked for jobs that wait for space. Default 3 seconds. */
  readonly checkSpaceMs?: number;
  /** Told of what should never fail and did. */
  readonly onDefect?: (error: unknown) => void;
}

export interface Jobs {
  /** Restores the jobs of earlier processes. Called once; every other call but `run` waits for it. */
  start(resumers: Resumers): void;
  /** A snapshot, then every change; of what changes fast only the latest. A new order comes as a new snapshot. Ends with `signal` and with `close`. */
  watch(signal: AbortSignal): AsyncGenerator<JobsEvent, void, undefined>;
  /**
   * Runs work as a job, in its turn among those of its kind. `finished` settles when it ends for the first time, with its error where
   * it fails or is cancelled, and need not be waited for. Throws disk.full, and cancelled while Hearth closes.
   */
  run(order: WorkOrder): { readonly jobId: string; readonly finished: Promise<void> };
  /** What a job is at now. Throws not_found. */
  stateOf(jobId: string): JobState;
  /** Puts a job that is paused, failed, done or waiting back into the queue. False for one that is being taken away. Throws not_found. */
  requeue(jobId: string): boolean;
  /** Settles when the work has stopped; what was fetched is kept. Throws not_found, as do the others. */
  pause(jobId: string): Promise<void>;
  /** Continues after a pause, a failure or a restart; waits for a pause in progress. Throws unsupported where the work cannot be continued. */
  resume(jobId: string): Promise<void>;
  /** Moves a job before another one, or to the end. Running jobs are not stopped. */
  reorder(jobId: string, before: string | null): Promise<void>;
  /** What happened, newest last. */
  log(jobId: string): Promise<readonly JobLine[]>;
  /** Removes the job and what its work left; the files of a job that is done stay. Throws what `discard` throws, and disk.full. */
  cancel(jobId: string): Promise<void>;
  /** Throws busy for a job that is not over. */
  dismiss(jobId: string): Promise<void>;
  /** Starts what may start now: to be called when the number of slots changed. */
  reconsider(): void;
  /** Stops everything and ends the watches. */
  close(): Promise<void>;
}

export function createJobs(options: JobsOptions): Jobs {
  const { store, clock = Date, checkSpaceMs = 3_000, onDefect = () => {} } = options;
  const list = createJobList(store, { now: () => clock.now(), onDefect });
  const queue = createQueue(list, { checkSpaceMs });
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>();

  async function find(jobId: string): Promise<JobRecord> {
    await ready;
    return list.get(jobId);
  }

  function remove(record: JobRecord): Promise<void> {
    const work = async (): Promise<void> => {
      await queue.stop(record);
      // Work that was done before the stop reached it leaves nothing to remove.
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
      // The one who ordered it may watch the job instead.
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

    stateOf: (jobId) => list.get(jobId).state,

    requeue: (jobId) => queue.requeue(list.get(jobId)),

    async pause(jobId) {
      const record = await find(jobId);
      if (record.run === null && (record.state === 'queued' || record.state === 'waiting')) {
        list.enter(record, 'paused');
        return queue.pump();
      }
      await queue.stop(record);
    },

    async resume(jobId) {
      const record = await find(jobId);
      if (record.order === null)
        throw new AppError('unsupported', 'This ended with the last session. Start it again where you began it.', {
          reason: 'last_session',
        });
      // A pause in progress ends first.
      if (record.run?.abort.signal.aborted === true) await record.run.finished;
      if (record.state !== 'done') queue.requeue(record);
    },

    async reorder(jobId, before) {
      list.reorder(await find(jobId), before);
      queue.pump();
    },

    async log(jobId) {
      return list.lines(await find(jobId));
    },

    async cancel(jobId) {
      await remove(await find(jobId));
    },

    async dismiss(jobId) {
      const record = await find(jobId);
      if (record.state !== 'done' && record.state !== 'failed')
        throw new AppError('busy', 'This is not over. Cancel it first.', { reason: 'job_active' });
      await remove(record);
    },

    reconsider: queue.pump,

    async close() {
      await queue.close();
      list.close();
    },
  };
}
