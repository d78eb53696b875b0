/**
 * Work that outlives a window: downloads, and what other modules ask for (checks, moves, packages). What is under way is
 * written to the store, so that a process that dies leaves downloads that can be resumed. The entry of this folder.
 */
import { randomUUID } from 'node:crypto';
import { AppError, decodeError, encodeError, type ErrorBody } from '../../preload/wire/errors.ts';
import type { Job, JobKind, JobsEvent } from '../../preload/contract/jobs.ts';
import type { Hub } from '../hub/hub.ts';
import { addJobLine, deleteJob, listJobLines, listJobs, putJob, type JobLine } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import { discardDownload, measureDownload, runDownload, specAt } from './download.ts';
import {
  createDownload,
  createWork,
  remainingBytes,
  restoreJob,
  rowOf,
  viewOf,
  type DownloadRecord,
  type JobRecord,
  type ResumedWork,
  type WorkOrder,
} from './job-record.ts';

export type { ResumedWork, WorkContext, WorkOrder } from './job-record.ts';

export interface JobsOptions {
  readonly hub: Pick<
    Hub,
    'cacheFolder' | 'resolve' | 'fetchFile' | 'localBytes' | 'missingBytes' | 'freeBytes' | 'discardFile'
  >;
  readonly store: Store;
  readonly clock?: { now(): number };
  /** A download is complete: its files are in the cache under their final names. */
  readonly onFinished: (job: Job) => void;
  /** Downloads at a time, as it is set now. Default 2. */
  readonly maxRunning?: () => number;
  /** The doing of other work that an earlier process left, where it can go on. Default: none can. */
  readonly resumeWork?: (kind: WorkOrder['kind']) => ResumedWork | null;
  /** How often a download that waits for room looks for it. Default 3 seconds. */
  readonly lookForRoomMs?: number;
}

export interface Jobs {
  /** A snapshot, then every change; of what changes fast only the latest. A new order comes as a new snapshot. Ends with `signal` and with `close`. */
  watch(signal: AbortSignal): AsyncGenerator<JobsEvent, void, undefined>;
  /** Begins to fetch a file with all its shards, or goes on with the job that does so already. Throws hub.*, disk.full. */
  download(
    input: { readonly repoId: string; readonly path: string; readonly revision: string },
    signal: AbortSignal,
  ): Promise<{ jobId: string }>;
  /**
   * Runs other work as a job; works of one kind one after the other. `finished` settles when it ends the first time, with its
   * error where it fails or is cancelled, and need not be waited for.
   */
  run(order: WorkOrder): { jobId: string; finished: Promise<void> };
  /** Answers when everything stands still; what came is kept. Throws not_found, as do the others. */
  pause(jobId: string): Promise<void>;
  /** Throws unsupported for other work of an earlier process. */
  resume(jobId: string): Promise<void>;
  /** Puts a job before another one, or last. Running ones go on. */
  reorder(jobId: string, before: string | null): Promise<void>;
  /** What happened, newest last. */
  log(jobId: string): Promise<readonly JobLine[]>;
  /** Answers when nothing is left of a download on the disk; what other work left goes behind the answer. Of a job that is done the files stay. Throws disk.denied. */
  cancel(jobId: string): Promise<void>;
  /** Throws busy for a job that is not over. */
  dismiss(jobId: string): Promise<void>;
  /** Whether a job is fetching this file (or the set that it begins), for the list of a repository's files. */
  isFetching(repoId: string, path: string): boolean;
  /** Starts what may start now: to be called when a setting changed. */
  reconsider(): void;
  /** Pauses everything and ends the watches. */
  close(): Promise<void>;
}

const PROGRESS_EVERY_MS = 100;
const QUOTA_PAUSE_MS = 60_000;
/** States of a download that is not over. */
const underWay: readonly Job['state'][] = ['queued', 'running', 'waiting', 'verifying', 'paused'];

export function createJobs(options: JobsOptions): Jobs {
  const { hub, store, onFinished, clock = Date, maxRunning = () => 2, lookForRoomMs = 3_000 } = options;
  const { resumeWork = () => null } = options;
  const jobs = new Map<string, JobRecord>();
  const watchers = new Set<{ readonly changed: Set<string>; reordered: boolean; wake: () => void }>();
  let revision = 0;
  let closed = false;
  let ticker: NodeJS.Timeout | undefined;
  let roomTimer: NodeJS.Timeout | undefined;

  const inOrder = (): JobRecord[] =>
    [...jobs.values()].sort((a, b) => a.position - b.position || a.createdAt - b.createdAt);
  const lastPosition = (): number => Math.max(0, ...[...jobs.values()].map((job) => job.position));
  const changed = (id: string): void => {
    for (const watcher of watchers) {
      watcher.changed.add(id);
      watcher.wake();
    }
  };
  const persist = (job: JobRecord): void => {
    try {
      putJob(store, rowOf(job, clock.now()));
    } catch {
      // The row is for the next start only: a full disk must not stop a pause or a cancel, which make room.
    }
  };
  const log = (job: JobRecord, text: string): void => {
    try {
      addJobLine(store, job.id, { at: clock.now(), text });
    } catch {
      // As above; and a job that is being taken away has no log any more.
    }
  };
  const enter = (job: JobRecord, state: JobRecord['state'], error: ErrorBody | null = null): void => {
    job.state = state;
    job.error = error;
    if (state !== 'running') job.bytesPerSecond = 0;
    persist(job);
    changed(job.id);
  };

  const restored = listJobs(store).map(async (row) => {
    const job = restoreJob(row, resumeWork);
    // What was finished in an earlier session is no news.
    if (job === null || job.state === 'done') return void deleteJob(store, row.id);
    jobs.set(job.id, job);
    if (job.kind === 'download') await measureDownload(hub, job);
  });
  const ready = Promise.allSettled(restored).then(() => pump());

  const shown = new WeakMap<JobRecord, string>();
  const tick = (): void => {
    const nowMs = performance.now();
    for (const job of jobs.values()) {
      if (job.run === null) continue;
      job.bytesPerSecond = job.state === 'running' ? job.meter.sample(nowMs) : 0;
      const { doneBytes } = job;
      const now = `${job.state} ${String(job.bytesPerSecond)} ${String(doneBytes)} ${job.detail ?? ''}`;
      if (shown.get(job) !== now) changed(job.id);
      shown.set(job, now);
    }
  };

  /** What the other downloads that run or will run without being asked still write to the disk of `folder`. */
  const reservedBytes = (folder: string, except: JobRecord | null, running: boolean): number =>
    [...jobs.values()]
      .filter((job) => job.kind === 'download' && job !== except && job.spec.folder === folder)
      .filter((job) => job.run !== null || (!running && job.state === 'queued'))
      .reduce((sum, job) => sum + remainingBytes(job), 0);

  /** Throws disk.full, with the numbers, when `files` and what others still write do not fit. */
  const assertRoom = async (
    folder: string,
    files: DownloadRecord['spec']['files'],
    except: JobRecord | null,
    running: boolean,
  ): Promise<void> => {
    const [missing, freeBytes] = await Promise.all([hub.missingBytes(folder, files), hub.freeBytes(folder)]);
    const neededBytes = missing + reservedBytes(folder, except, running);
    if (missing === 0 || freeBytes === null || neededBytes <= freeBytes) return;
    throw new AppError('disk.full', 'There is not enough room on the disk for this download.', {
      neededBytes,
      freeBytes,
    });
  };

  const begin = (job: JobRecord): void => {
    const abort = new AbortController();
    job.meter.reset();
    enter(job, 'running');
    log(job, 'Started.');
    const work = async (): Promise<void> => {
      if (job.kind === 'download') {
        await runDownload(hub, job, {
          signal: abort.signal,
          assertRoom: (folder, files) => assertRoom(folder, files, job, true),
          log: (text) => log(job, text),
          moved: () => persist(job),
        });
        return;
      }
      await job.work?.work({
        signal: abort.signal,
        progress(doneBytes, totalBytes = job.totalBytes) {
          job.totalBytes = totalBytes;
          if (doneBytes > job.doneBytes) job.meter.add(doneBytes - job.doneBytes);
          job.doneBytes = Math.max(job.doneBytes, doneBytes);
        },
        detail: (text) => void (job.detail = text),
        log: (text) => log(job, text),
      });
    };
    const finished = work()
      .then(
        () => {
          log(job, 'Finished.');
          enter(job, 'done');
          if (job.kind === 'download') onFinished(viewOf(job));
          else job.settle(null);
        },
        (thrown: unknown) => {
          if (abort.signal.aborted) {
            log(job, 'Stopped.');
            // What the next start can do goes on then by itself; downloads wait to be asked.
            return enter(job, closed && job.kind !== 'download' ? 'queued' : 'paused');
          }
          const error = encodeError(thrown);
          log(job, sentenceOf(error));
          // Room may come by itself, as when another program is done: nothing else is wrong with the job.
          if (job.kind === 'download' && error.code === 'disk.full') {
            // A quota that the system does not tell of: asking at once would only fail again.
            const { neededBytes, freeBytes } = error.data ?? {};
            const isQuota = Number(freeBytes) >= Number(neededBytes);
            job.lookAgainAtMs = performance.now() + (isQuota ? QUOTA_PAUSE_MS : 0);
            return enter(job, 'waiting', error);
          }
          enter(job, 'failed', error);
          if (job.kind !== 'download') job.settle(error);
        },
      )
      .finally(() => {
        job.run = null;
        pump();
      });
    job.run = { abort, finished };
  };

  /** Starts what may start, in order. */
  const pump = (): void => {
    const running = new Map<JobKind, number>();
    for (const job of jobs.values()) if (job.run !== null) running.set(job.kind, (running.get(job.kind) ?? 0) + 1);
    for (const job of closed ? [] : inOrder()) {
      if (job.state !== 'queued' || job.run !== null || job.removal !== null) continue;
      const limit = job.kind === 'download' ? maxRunning() : 1;
      const count = running.get(job.kind) ?? 0;
      if (count >= limit) continue;
      running.set(job.kind, count + 1);
      begin(job);
    }
    if (running.size > 0) ticker ??= setInterval(tick, PROGRESS_EVERY_MS);
    else {
      clearInterval(ticker);
      ticker = undefined;
    }
    const waits = !closed && [...jobs.values()].some((job) => job.state === 'waiting');
    if (waits) {
      roomTimer ??= setInterval(() => void lookForRoom(), lookForRoomMs).unref();
    } else {
      clearInterval(roomTimer);
      roomTimer = undefined;
    }
  };

  /** Lets the first download that waits for room and has it go on; the next one when that one has its claim. */
  async function lookForRoom(): Promise<void> {
    for (const job of inOrder()) {
      if (job.kind !== 'download' || job.state !== 'waiting' || job.removal !== null) continue;
      if (performance.now() < job.lookAgainAtMs) continue;
      try {
        await assertRoom(job.spec.folder, job.spec.files, job, false);
      } catch (thrown) {
        const error = encodeError(thrown);
        if (job.state === 'waiting' && error.code === 'disk.full') {
          const isNews = job.error?.data?.['freeBytes'] !== error.data?.['freeBytes'];
          job.error = error;
          if (isNews) changed(job.id);
        }
        continue;
      }
      if (!closed && job.state === 'waiting') {
        log(job, 'There is room again.');
        enter(job, 'queued');
        return pump();
      }
    }
  }

  const find = async (jobId: string): Promise<JobRecord> => {
    await ready;
    const job = jobs.get(jobId);
    if (job === undefined) throw new AppError('not_found', 'There is no such job.', {});
    return job;
  };
  const stop = async (job: JobRecord): Promise<void> => {
    job.run?.abort.abort();
    await job.run?.finished;
  };
  const remove = (job: JobRecord, discard: boolean): Promise<void> => {
    const work = async (): Promise<void> => {
      await stop(job);
      // It may have come to its end before the abort reached it; then it is a model, and deleted as one.
      const leaves = discard && job.state !== 'done';
      if (leaves && job.kind === 'download') await discardDownload(hub, job);
      jobs.delete(job.id);
      deleteJob(store, job.id);
      if (leaves && job.kind !== 'download') job.work?.discard?.();
      if (job.kind !== 'download') job.settle({ code: 'cancelled', message: 'Cancelled.' });
      changed(job.id);
    };
    job.removal ??= work().finally(() => {
      job.removal = null;
      pump();
    });
    return job.removal;
  };
  const requeue = (job: JobRecord): void => {
    if (closed || job.removal !== null || !['paused', 'failed', 'done', 'waiting'].includes(job.state)) return;
    enter(job, 'queued');
    pump();
  };

  return {
    async *watch(signal) {
      await ready;
      const watcher = { changed: new Set<string>(), reordered: true, wake: (): void => {} };
      const wake = (): void => watcher.wake();
      signal.addEventListener('abort', wake);
      watchers.add(watcher);
      try {
        while (!signal.aborted && !closed) {
          if (watcher.reordered) {
            watcher.reordered = false;
            watcher.changed.clear();
            yield { type: 'snapshot', revision: ++revision, jobs: inOrder().map(viewOf) };
            continue;
          }
          if (watcher.changed.size === 0) await new Promise<void>((resolve) => (watcher.wake = resolve));
          for (const id of [...watcher.changed]) {
            if (signal.aborted) return;
            if (!watcher.changed.delete(id)) continue;
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
      const spec = await specAt(hub, hub.cacheFolder(), asked, files);
      const findSame = (): JobRecord | undefined =>
        [...jobs.values()].find((job) => {
          if (job.kind !== 'download' || job.removal !== null) return false;
          const [first, own] = [spec.files[0], job.spec.files[0]];
          return own?.repoId === first?.repoId && own?.path === first?.path && own?.commit === first?.commit;
        });
      await assertRoom(spec.folder, spec.files, findSame() ?? null, false);
      const isThere = spec.files.every((file) => file.wasThere);
      if (closed) throw new AppError('cancelled', 'Hearth is closing.', {});

      // From here to the end nothing waits, so that two calls at once cannot both find no job.
      const same = findSame();
      if (same !== undefined) {
        if (same.state !== 'done' || !isThere) requeue(same);
        return { jobId: same.id };
      }
      const job = createDownload(randomUUID(), clock.now(), lastPosition() + 1, spec);
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

    run(order) {
      if (closed) throw new AppError('cancelled', 'Hearth is closing.', {});
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      // Whoever started it may watch the job in its place.
      promise.catch(() => {});
      const job = createWork(randomUUID(), clock.now(), lastPosition() + 1, order, (error) =>
        error === null ? resolve() : reject(decodeError(error)),
      );
      putJob(store, rowOf(job, job.createdAt));
      jobs.set(job.id, job);
      changed(job.id);
      pump();
      return { jobId: job.id, finished: promise };
    },

    async pause(jobId) {
      const job = await find(jobId);
      if (job.run === null && (job.state === 'queued' || job.state === 'waiting')) {
        enter(job, 'paused');
        return pump();
      }
      await stop(job);
    },

    async resume(jobId) {
      const job = await find(jobId);
      if (job.kind !== 'download' && job.work === null)
        throw new AppError('unsupported', 'This ended with the last session. Start it again where you began it.', {});
      // A pause that is still under way ends first.
      if (job.run?.abort.signal.aborted === true) await job.run.finished;
      if (job.state !== 'done') requeue(job);
    },

    async reorder(jobId, before) {
      const job = await find(jobId);
      const others = inOrder().filter((other) => other !== job);
      const index = before === null ? others.length : others.findIndex((other) => other.id === before);
      if (index < 0) {
        if (before === jobId) return;
        throw new AppError('not_found', 'There is no such job.', {});
      }
      const order = [...others.slice(0, index), job, ...others.slice(index)];
      for (const [place, each] of order.entries()) {
        if (each.position === place + 1) continue;
        each.position = place + 1;
        persist(each);
      }
      for (const watcher of watchers) {
        watcher.reordered = true;
        watcher.wake();
      }
      pump();
    },

    async log(jobId) {
      await find(jobId);
      return listJobLines(store, jobId);
    },

    async cancel(jobId) {
      await remove(await find(jobId), true);
    },

    async dismiss(jobId) {
      const job = await find(jobId);
      if (job.state !== 'done' && job.state !== 'failed')
        throw new AppError('busy', 'This is not over. Cancel it first.', {});
      await remove(job, true);
    },

    isFetching: (repoId, path) =>
      [...jobs.values()].some(
        (job) =>
          job.kind === 'download' &&
          underWay.includes(job.state) &&
          job.spec.files[0]?.repoId === repoId &&
          job.spec.files[0].path === path,
      ),

    reconsider: () => pump(),

    async close() {
      closed = true;
      const all = [...jobs.values()];
      for (const job of all)
        if (job.kind === 'download' && (job.state === 'queued' || job.state === 'waiting') && job.run === null)
          enter(job, 'paused');
      await Promise.all(all.map((job) => stop(job)));
      await Promise.allSettled(all.flatMap((job) => job.removal ?? []));
      clearInterval(ticker);
      clearInterval(roomTimer);
      for (const watcher of watchers) watcher.wake();
    },
  };
}

function sentenceOf(error: ErrorBody): string {
  const facts = Object.entries(error.data ?? {}).map(([name, value]) => `${name} ${String(value)}`);
  return facts.length === 0 ? error.message : `${error.message} (${facts.join(', ')})`;
}
