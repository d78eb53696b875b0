/** A queue over a real store, with work and a clock of the test: `performance.now()` and timers go on only by `pass`. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { createJobs, type Jobs } from '../../main/jobs/jobs.ts';
import type { TransferContext, WorkOrder } from '../../main/base/work.ts';
import { listJobs } from '../../main/store/jobs.ts';
import { openStore, type Store } from '../../main/store/store.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { Job, JobsEvent } from '../../preload/contract/jobs.ts';

interface Watcher {
  readonly events: readonly JobsEvent[];
  /** The job as the window shows it; null when it does not. */
  latest(jobId: string): Job | null | undefined;
}

export interface TimedJobs {
  readonly store: Store;
  readonly jobs: Jobs;
  /** Opens the queue of the next process. */
  restart(resumers: Parameters<Jobs['start']>[0]): Promise<void>;
  /** A promise that the test resolves. After the test it is resolved in any case, so that a failure does not hang in the queue's close. */
  gate(): { readonly opened: Promise<void>; readonly open: () => void };
  /** The states of the rows. */
  stored(): string[];
  /** Watches from now on. */
  watch(): Watcher;
}

/** Sets up a queue for each test of the file, and closes it afterwards. */
export function timedJobs(): TimedJobs {
  let folder: string;
  let store: Store;
  let jobs: Jobs;
  let defects: unknown[];
  let gates: (() => void)[];

  function start(resumers: Parameters<Jobs['start']>[0]): void {
    jobs = createJobs({ store, checkSpaceMs: 1000, undoMs: 10_000, onDefect: (error) => defects.push(error) });
    jobs.start(resumers);
  }
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
    folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-jobs-'));
    store = openStore(folder, path.join(import.meta.dirname, '../../main/store/migrations'));
    [defects, gates] = [[], []];
    start({});
  });
  afterEach(async () => {
    for (const release of gates) release();
    await jobs.close();
    store.close();
    vi.useRealTimers();
    rmSync(folder, { recursive: true });
    expect(defects).toEqual([]);
  });

  return {
    get store() {
      return store;
    },
    get jobs() {
      return jobs;
    },
    async restart(resumers) {
      await jobs.close();
      start(resumers);
    },
    gate() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gates.push(resolve);
      return { opened: promise, open: resolve };
    },
    stored: () => listJobs(store).map(({ state }) => state),
    watch() {
      const events: JobsEvent[] = [];
      void (async () => {
        for await (const event of jobs.watch(new AbortController().signal)) events.push(structuredClone(event));
      })();
      const latest = (jobId: string): Job | null | undefined =>
        events.reduce<Job | null | undefined>((found, event) => {
          if (event.type === 'snapshot') return event.jobs.find(({ id }) => id === jobId) ?? null;
          if (event.type === 'removed') return event.jobId === jobId ? null : found;
          return event.job.id === jobId ? event.job : found;
        }, undefined);
      return { events, latest };
    },
  };
}

/** Work that continues until it is stopped. */
export async function patient({ signal }: TransferContext): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
  signal.throwIfAborted();
}

/** An order of patient work, with these changes. */
export const order = (changes: Partial<WorkOrder> = {}): WorkOrder => ({
  ...{ kind: 'verify', subject: null, totalBytes: 0, run: patient },
  ...changes,
});

/** Lets everything happen that waits for nothing but a turn, and the given time pass. */
export const pass = async (ms = 0): Promise<void> => void (await vi.advanceTimersByTimeAsync(ms));

export const diskFull = (neededBytes: number, freeBytes: number): AppError =>
  new AppError('disk.full', 'No room.', { neededBytes, freeBytes });
