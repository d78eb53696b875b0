/** The events of the jobs: a snapshot, then single changes. A slow reader gets only the latest change of each job. */
import type { Job, JobsEvent } from '../../preload/contract/jobs.ts';

export interface JobFeed {
  /** A snapshot, then every change. Ends with `signal` and with `close`. */
  watch(signal: AbortSignal): AsyncGenerator<JobsEvent, void, undefined>;
  /** Publishes a changed or removed job. */
  changed(jobId: string): void;
  /** Publishes a new order, as a new snapshot. */
  reordered(): void;
  close(): void;
}

export interface JobFeedOptions {
  /** Every job in the queue's order. */
  readonly list: () => readonly Job[];
  readonly find: (jobId: string) => Job | null;
}

interface Watcher {
  readonly changed: Set<string>;
  needsSnapshot: boolean;
  wake: () => void;
}

export function createJobFeed({ list, find }: JobFeedOptions): JobFeed {
  const watchers = new Set<Watcher>();
  let revision = 0;
  let closed = false;

  return {
    async *watch(signal) {
      const watcher: Watcher = { changed: new Set(), needsSnapshot: true, wake: () => {} };
      const wake = (): void => watcher.wake();
      signal.addEventListener('abort', wake);
      watchers.add(watcher);
      try {
        while (!signal.aborted && !closed) {
          if (watcher.needsSnapshot) {
            watcher.needsSnapshot = false;
            watcher.changed.clear();
            yield { type: 'snapshot', revision: ++revision, jobs: list() };
            continue;
          }
          if (watcher.changed.size === 0) await new Promise<void>((resolve) => (watcher.wake = resolve));
          for (const jobId of [...watcher.changed]) {
            if (signal.aborted) return;
            if (!watcher.changed.delete(jobId)) continue;
            const job = find(jobId);
            revision += 1;
            yield job ? { type: 'job', revision, job } : { type: 'removed', revision, jobId };
          }
        }
      } finally {
        watchers.delete(watcher);
        signal.removeEventListener('abort', wake);
      }
    },
    changed(jobId) {
      for (const watcher of watchers) {
        watcher.changed.add(jobId);
        watcher.wake();
      }
    },
    reordered() {
      for (const watcher of watchers) {
        watcher.needsSnapshot = true;
        watcher.wake();
      }
    },
    close() {
      closed = true;
      for (const watcher of watchers) watcher.wake();
    },
  };
}
