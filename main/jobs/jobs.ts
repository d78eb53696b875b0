/**
 * Work that outlives a window: downloads. Two run at a time, the rest wait their turn; what is under way is written to the
 * store, so that a process that dies leaves jobs that can be resumed. The entry of this folder.
 */
import { randomUUID } from 'node:crypto';
import { AppError, encodeError } from '../../preload/contract/errors.ts';
import type { Job, JobsEvent } from '../../preload/contract/jobs.ts';
import { isCommit } from '../core/cache-paths.ts';
import type { Hub, TransferProgress } from '../hub/hub.ts';
import { deleteJob, listJobs, putJob } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import {
  createDownloadJob,
  restoreDownloadJob,
  rowOf,
  viewOf,
  type DownloadJob,
  type DownloadSpec,
} from './download-job.ts';

export interface JobsOptions {
  readonly hub: Pick<Hub, 'cacheFolder' | 'resolve' | 'fetchFile' | 'localBytes' | 'assertRoom' | 'discardFile'>;
  readonly store: Store;
  readonly clock?: { now(): number };
  /** A download is complete: its files are in the cache under their final names. */
  readonly onFinished: (job: Job) => void;
}

export interface Jobs {
  /** A snapshot, then every change; of what changes fast only the latest. Ends with `signal` and with `close`. */
  watch(signal: AbortSignal): AsyncGenerator<JobsEvent, void, undefined>;
  /** Begins to fetch a file with all its shards, or goes on with the job that does so already. Throws hub.*, disk.full. */
  download(
    input: { readonly repoId: string; readonly path: string; readonly revision: string },
    signal: AbortSignal,
  ): Promise<{ jobId: string }>;
  /** Answers when everything stands still; what came is kept. Throws not_found, as do the others. */
  pause(jobId: string): Promise<void>;
  resume(jobId: string): Promise<void>;
  /** Answers when nothing is left of it on the disk. Of a job that is done the files stay. Throws disk.denied. */
  cancel(jobId: string): Promise<void>;
  /** Throws busy for a job that is not over. */
  dismiss(jobId: string): Promise<void>;
  /** Whether a job is fetching this file (or the set that it begins), for the list of a repository's files. */
  isFetching(repoId: string, path: string): boolean;
  /** Pauses everything and ends the watches. */
  close(): Promise<void>;
}

const MAX_RUNNING = 2;
const PROGRESS_EVERY_MS = 100;

export function createJobs({ hub, store, onFinished, clock = Date }: JobsOptions): Jobs {
  const jobs = new Map<string, DownloadJob>();
  const watchers = new Set<{ readonly changed: Set<string>; wake: () => void }>();
  let revision = 0;
  let closed = false;
  let ticker: NodeJS.Timeout | undefined;

  const changed = (id: string): void => {
    for (const watcher of watchers) {
      watcher.changed.add(id);
      watcher.wake();
    }
  };
  const persist = (job: DownloadJob): void => {
    try {
      putJob(store, rowOf(job, clock.now()));
    } catch {
      // The row is for the next start only: a full disk must not stop a pause or a cancel, which make room.
    }
  };
  const enter = (job: DownloadJob, state: DownloadJob['state']): void => {
    job.state = state;
    if (state !== 'failed') job.error = null;
    if (state !== 'running') job.bytesPerSecond = 0;
    persist(job);
    changed(job.id);
  };

  const restored = listJobs(store).map(async (row) => {
    const job = restoreDownloadJob(row);
    // A finished download of an earlier session is a model by now, and no news.
    if (job === null || job.state === 'done') return void deleteJob(store, row.id);
    jobs.set(job.id, job);
    await measure(job);
  });
  const ready = Promise.allSettled(restored);

  /** Reads how much of each file is on the disk. */
  async function measure(job: DownloadJob): Promise<void> {
    const local = await Promise.all(job.spec.files.map((file) => hub.localBytes(job.spec.folder, file)));
    job.doneBytes = local.map(({ bytes }) => bytes);
  }

  const shown = new WeakMap<DownloadJob, string>();
  const tick = (): void => {
    for (const job of jobs.values()) {
      if (job.run === null) continue;
      job.bytesPerSecond = job.meter.sample(clock.now());
      const now = `${job.state} ${String(job.bytesPerSecond)} ${job.doneBytes.join(' ')}`;
      if (shown.get(job) !== now) changed(job.id);
      shown.set(job, now);
    }
  };

  /** Starts what may start, oldest first. */
  const pump = (): void => {
    const running = [...jobs.values()].filter((job) => job.run !== null).length;
    const queued = [...jobs.values()].filter(
      (job) => job.state === 'queued' && job.run === null && job.removal === null,
    );
    for (const job of closed ? [] : queued.slice(0, MAX_RUNNING - running)) {
      const abort = new AbortController();
      job.meter.reset();
      enter(job, 'running');
      const finished = fetchAll(job, abort.signal)
        .then(
          () => {
            enter(job, 'done');
            onFinished(viewOf(job));
          },
          (error: unknown) => {
            if (abort.signal.aborted) return enter(job, 'paused');
            job.error = encodeError(error);
            enter(job, 'failed');
          },
        )
        .finally(() => {
          job.run = null;
          pump();
        });
      job.run = { abort, finished };
    }
    const isRunning = [...jobs.values()].some((job) => job.run !== null);
    if (isRunning) ticker ??= setInterval(tick, PROGRESS_EVERY_MS);
    else {
      clearInterval(ticker);
      ticker = undefined;
    }
  };

  async function fetchAll(job: DownloadJob, signal: AbortSignal): Promise<void> {
    await moveToCurrentFolder(job);
    const { folder, files, revision: asked } = job.spec;
    await measure(job);
    await hub.assertRoom(folder, files);
    for (const [index, file] of files.entries()) {
      signal.throwIfAborted();
      let seenBytes = job.doneBytes[index] ?? 0;
      const onProgress = ({ phase, doneBytes }: TransferProgress): void => {
        const hashing = phase === 'checking' || phase === 'verifying';
        job.state = hashing ? 'verifying' : 'running';
        if (phase === 'receiving' && doneBytes > seenBytes) job.meter.add(doneBytes - seenBytes);
        seenBytes = doneBytes;
        // A file that is begun again does not take the bar back; it stands until the new bytes are past it.
        job.doneBytes[index] = Math.max(job.doneBytes[index] ?? 0, phase === 'checking' ? 0 : doneBytes);
      };
      // The branch points to the commit when the whole set is there, and not before.
      const isLast = index === files.length - 1;
      const ref = isLast && !isCommit(asked) ? asked : null;
      await hub.fetchFile(file, { folder, ref, signal, onProgress });
      job.doneBytes[index] = file.sizeBytes;
    }
  }

  /** The cache was moved since the job began, perhaps because its disk is full: what came goes from there, and is fetched anew. */
  async function moveToCurrentFolder(job: DownloadJob): Promise<void> {
    const folder = hub.cacheFolder();
    if (folder === job.spec.folder) return;
    await discardAll(job);
    job.spec = await specAt(folder, job.spec.revision, job.spec.files);
    persist(job);
  }

  async function specAt(
    folder: string,
    asked: string,
    files: DownloadSpec['files'] | Awaited<ReturnType<Hub['resolve']>>,
  ): Promise<DownloadSpec> {
    const local = await Promise.all(files.map((file) => hub.localBytes(folder, file)));
    return {
      folder,
      revision: asked,
      files: files.map((file, index) => ({ ...file, wasThere: local[index]?.isComplete === true })),
    };
  }

  async function discardAll(job: DownloadJob): Promise<void> {
    for (const file of job.spec.files) await hub.discardFile(job.spec.folder, file, { complete: !file.wasThere });
  }

  const find = async (jobId: string): Promise<DownloadJob> => {
    await ready;
    const job = jobs.get(jobId);
    if (job === undefined) throw new AppError('not_found', 'There is no such download.', {});
    return job;
  };
  const stop = async (job: DownloadJob): Promise<void> => {
    job.run?.abort.abort();
    await job.run?.finished;
  };
  const remove = (job: DownloadJob, discard: boolean): Promise<void> => {
    const work = async (): Promise<void> => {
      await stop(job);
      // It may have come to its end before the abort reached it; then it is a model, and deleted as one.
      if (discard && job.state !== 'done') await discardAll(job);
      jobs.delete(job.id);
      deleteJob(store, job.id);
      changed(job.id);
    };
    job.removal ??= work().finally(() => {
      job.removal = null;
      pump();
    });
    return job.removal;
  };
  const requeue = (job: DownloadJob): void => {
    if (closed || job.removal !== null || !['paused', 'failed', 'done'].includes(job.state)) return;
    enter(job, 'queued');
    pump();
  };

  return {
    async *watch(signal) {
      await ready;
      const watcher = { changed: new Set<string>(), wake: (): void => {} };
      const wake = (): void => watcher.wake();
      signal.addEventListener('abort', wake);
      watchers.add(watcher);
      try {
        yield { type: 'snapshot', revision: ++revision, jobs: [...jobs.values()].map(viewOf) };
        while (!signal.aborted && !closed) {
          if (watcher.changed.size === 0) await new Promise<void>((resolve) => (watcher.wake = resolve));
          for (const id of [...watcher.changed]) {
            if (signal.aborted) return;
            watcher.changed.delete(id);
            const job = jobs.get(id);
            revision += 1;
            yield job ? { type: 'job', revision, job: viewOf(job) } : { type: 'removed', revision, jobId: id };
          }
        }
      } finally {
        watchers.delete(watcher);
        signal.removeEventListener('abort', wake);
      }
    },

    async download({ repoId, path, revision: asked }, signal) {
      await ready;
      const files = await hub.resolve(repoId, path, asked, signal);
      const folder = hub.cacheFolder();
      const spec = await specAt(folder, asked, files);
      await hub.assertRoom(folder, files);
      const isThere = spec.files.every((file) => file.wasThere);
      if (closed) throw new AppError('cancelled', 'Hearth is closing.', {});

      // From here to the end nothing waits, so that two calls at once cannot both find no job.
      const [first] = spec.files;
      const same = [...jobs.values()].find(
        ({
          removal,
          spec: {
            files: [own],
          },
        }) =>
          removal === null &&
          own !== undefined &&
          own.repoId === first?.repoId &&
          own.path === first.path &&
          own.commit === first.commit,
      );
      if (same !== undefined) {
        if (same.state !== 'done' || !isThere) requeue(same);
        return { jobId: same.id };
      }
      const job = createDownloadJob(randomUUID(), clock.now(), spec);
      putJob(store, rowOf(job, job.createdAt));
      jobs.set(job.id, job);
      if (isThere) {
        job.doneBytes = spec.files.map((file) => file.sizeBytes);
        enter(job, 'done');
        onFinished(viewOf(job));
      } else {
        changed(job.id);
        pump();
      }
      return { jobId: job.id };
    },

    async pause(jobId) {
      const job = await find(jobId);
      if (job.run === null && job.state === 'queued') return enter(job, 'paused');
      await stop(job);
    },

    async resume(jobId) {
      const job = await find(jobId);
      // A pause that is still under way ends first.
      if (job.run?.abort.signal.aborted === true) await job.run.finished;
      if (job.state !== 'done') requeue(job);
    },

    async cancel(jobId) {
      await remove(await find(jobId), true);
    },

    async dismiss(jobId) {
      const job = await find(jobId);
      if (job.state !== 'done' && job.state !== 'failed')
        throw new AppError('busy', 'This download is not over. Cancel it first.', {});
      await remove(job, true);
    },

    isFetching(repoId, path) {
      const under = ['queued', 'running', 'verifying', 'paused'];
      return [...jobs.values()].some(
        (job) => under.includes(job.state) && job.spec.files[0]?.repoId === repoId && job.spec.files[0].path === path,
      );
    },

    async close() {
      closed = true;
      const all = [...jobs.values()];
      for (const job of all) if (job.state === 'queued' && job.run === null) enter(job, 'paused');
      await Promise.all(all.map((job) => stop(job)));
      await Promise.allSettled(all.flatMap((job) => job.removal ?? []));
      clearInterval(ticker);
      for (const watcher of watchers) watcher.wake();
    },
  };
}
