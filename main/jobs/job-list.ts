/** The list of all jobs: keeps them in memory, stores them for the next start, and publishes their changes. */
import { AppError, encodeError, type ErrorBody } from '../../preload/wire/errors.ts';
import type { JobsEvent, JobState } from '../../preload/contract/jobs.ts';
import { addJobLine, deleteJob, listJobLines, listJobs, putJob, type JobLine, type JobRow } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import { createJobFeed } from './job-feed.ts';
import { failedRecord, restoreRecord, rowOf, viewOf, type JobRecord, type Resumers } from './job-record.ts';

export interface JobList {
  /** Every job, in the order in which they run. */
  inOrder(): JobRecord[];
  has(jobId: string): boolean;
  /** Throws not_found. */
  get(jobId: string): JobRecord;
  nextPosition(): number;
  /** Stores a new job and shows it. Throws disk.full. */
  add(record: JobRecord): void;
  /** Deletes a job with its log. Throws disk.full; the job then stays. */
  remove(record: JobRecord): void;
  /** Sets a job's state, and reports it to the order and the watchers. Errors of the order are ignored. */
  enter(record: JobRecord, state: JobState, error?: ErrorBody | null): void;
  /** Stores a job. A full disk is ignored, because the row only matters at the next start. */
  keep(record: JobRecord): void;
  /** Publishes a change of a job, such as its progress. */
  changed(record: JobRecord): void;
  /** Moves a job before another one, or last (null). Throws not_found. */
  reorder(record: JobRecord, before: string | null): void;
  /** Adds a line to a job's log. A full disk and a removed job are ignored. */
  log(record: JobRecord, text: string): void;
  lines(record: JobRecord): readonly JobLine[];
  /**
   * Restores the unfinished jobs of an earlier process. A job that cannot be restored is shown as failed, and its row stays for the next
   * start. Settles when all jobs can be shown. Throws what the store throws when it reads.
   */
  restore(resumers: Resumers): Promise<void>;
  watch(signal: AbortSignal): AsyncGenerator<JobsEvent, void, undefined>;
  /** Ends the watches. */
  close(): void;
}

export interface JobListOptions {
  readonly now: () => number;
  /** Gets errors that are bugs of Hearth. */
  readonly onDefect: (error: unknown) => void;
}

export function createJobList(store: Store, { now, onDefect }: JobListOptions): JobList {
  const records = new Map<string, JobRecord>();
  /** Jobs whose rows could not be read completely, and so must not be overwritten. */
  const unreadable = new WeakSet<JobRecord>();
  const inOrder = (): JobRecord[] =>
    [...records.values()].sort((a, b) => a.position - b.position || a.createdAt - b.createdAt);
  const feed = createJobFeed({
    list: () =>
      inOrder()
        .filter(({ isHidden }) => !isHidden)
        .map(viewOf),
    find(jobId) {
      const record = records.get(jobId);
      return record === undefined || record.isHidden ? null : viewOf(record);
    },
  });

  /** Ignores a full disk, because pausing and cancelling must work on it: they free space. */
  function unlessFull(write: () => void): void {
    try {
      write();
    } catch {
      // The next start shows an older state.
    }
  }

  function keep(record: JobRecord): void {
    if (!unreadable.has(record)) unlessFull(() => putJob(store, rowOf(record, now())));
  }

  function tell(record: JobRecord, isRemoved = false): void {
    try {
      record.order?.onState?.(isRemoved ? null : viewOf(record));
    } catch (error) {
      onDefect(error);
    }
  }

  /** Restores the job of a row, as failed when that does not work. Settles when its order is prepared. Never throws. */
  async function restoreRow(row: JobRow, resumers: Resumers): Promise<void> {
    // Jobs that were finished in an earlier session are not shown.
    if (row.state === 'done') return unlessFull(() => deleteJob(store, row.id));
    let record: JobRecord | null = null;
    try {
      record = restoreRecord(row, resumers);
      // Throws when the order has no valid view.
      viewOf(record);
      records.set(record.id, record);
      tell(record);
      await record.order?.prepare?.();
    } catch (error) {
      onDefect(error);
      if (record !== null && records.has(record.id)) tell(record, true);
      const failed = failedRecord(row, encodeError(error));
      unreadable.add(failed);
      records.set(failed.id, failed);
    }
  }

  return {
    inOrder,
    has: (jobId) => records.has(jobId),
    get(jobId) {
      const record = records.get(jobId);
      if (record === undefined) throw new AppError('not_found', 'There is no such job.', {});
      return record;
    },
    nextPosition: () => Math.max(0, ...[...records.values()].map(({ position }) => position)) + 1,
    add(record) {
      putJob(store, rowOf(record, record.createdAt));
      records.set(record.id, record);
      tell(record);
      feed.changed(record.id);
    },
    remove(record) {
      deleteJob(store, record.id);
      records.delete(record.id);
      tell(record, true);
      // Watchers of a hidden job heard of its removal when it was hidden.
      if (!record.isHidden) feed.changed(record.id);
    },
    enter(record, state, error = null) {
      record.state = state;
      record.error = error;
      if (state !== 'running') record.bytesPerSecond = 0;
      keep(record);
      tell(record);
      feed.changed(record.id);
    },
    keep,
    changed: (record) => feed.changed(record.id),
    reorder(record, before) {
      const others = inOrder().filter((other) => other !== record);
      const index = before === null ? others.length : others.findIndex((other) => other.id === before);
      if (index < 0) {
        if (before === record.id) return;
        throw new AppError('not_found', 'There is no such job.', {});
      }
      const order = [...others.slice(0, index), record, ...others.slice(index)];
      for (const [place, each] of order.entries()) {
        if (each.position === place + 1) continue;
        each.position = place + 1;
        keep(each);
      }
      feed.reordered();
    },
    log: (record, text) => unlessFull(() => addJobLine(store, record.id, { at: now(), text })),
    lines: (record) => listJobLines(store, record.id),
    async restore(resumers) {
      await Promise.all(listJobs(store).map((row) => restoreRow(row, resumers)));
    },
    watch: feed.watch,
    close: feed.close,
  };
}
