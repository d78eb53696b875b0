/** What the page knows of the downloads: a fold of `jobs.watch`, and the questions that the screen asks of it. */
import type { Job, JobsEvent } from '../../preload/contract/jobs.ts';
import { formatBytes } from '../words/format.ts';
import { words } from '../words/words.ts';

export interface JobsState {
  readonly revision: number;
  /** In main's order, which is the queue's. */
  readonly jobs: readonly Job[];
  /** The last speeds of each running job in bytes per second, oldest first, at most `SPEED_SAMPLES`. */
  readonly speeds: ReadonlyMap<string, readonly number[]>;
}

/** Null until the first snapshot: "nothing known" and "nothing there" look different. */
export type MaybeJobsState = JobsState | null;

/** Progress comes at up to 10 Hz, so this is between some seconds and a minute. */
export const SPEED_SAMPLES = 60;

/** The state after one event. An event older than the state (sent before a reconnect) changes nothing, a snapshot always counts. */
export function foldJobs(state: MaybeJobsState, event: JobsEvent): MaybeJobsState {
  if (event.type === 'snapshot') {
    return { revision: event.revision, jobs: event.jobs, speeds: sampleAll(state, event.jobs) };
  }
  if (state === null || event.revision <= state.revision) return state;
  if (event.type === 'removed') {
    const speeds = new Map(state.speeds);
    speeds.delete(event.jobId);
    return { revision: event.revision, jobs: state.jobs.filter((job) => job.id !== event.jobId), speeds };
  }
  const { job } = event;
  const known = state.jobs.some((other) => other.id === job.id);
  const jobs = known ? state.jobs.map((other) => (other.id === job.id ? job : other)) : [...state.jobs, job];
  const speeds = new Map(state.speeds);
  speeds.set(job.id, nextSamples(speeds.get(job.id), job));
  return { revision: event.revision, jobs, speeds };
}

/** For the tray: what is under way, then the queue in its order, then the rest with the newest first. */
export function trayOrder(jobs: readonly Job[]): readonly Job[] {
  return jobs.toSorted((a, b) => {
    const [first, second] = [rank(a), rank(b)];
    return first - second || (first === QUEUED ? 0 : b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
  });
}

const QUEUED = 1;
function rank(job: Job): number {
  if (job.state === 'queued') return QUEUED;
  return isActive(job) ? 0 : 2;
}

/**
 * Where `jobs.reorder` puts a queued job that goes one place up or down: before which other job (null: last).
 * Undefined where it is at that end already, or is not in the queue.
 */
export function placeBeside(jobs: readonly Job[], jobId: string, way: 'up' | 'down'): string | null | undefined {
  const queue = jobs.filter((job) => job.state === 'queued').map((job) => job.id);
  const at = queue.indexOf(jobId);
  if (at === -1) return undefined;
  if (way === 'up') return at === 0 ? undefined : queue[at - 1];
  return at === queue.length - 1 ? undefined : (queue[at + 2] ?? null);
}

/** Where a queued job goes that is dropped on another one: it takes that one's place. */
export function placeOn(jobs: readonly Job[], jobId: string, onId: string): string | null | undefined {
  const queue = jobs.filter((job) => job.state === 'queued').map((job) => job.id);
  const [from, to] = [queue.indexOf(jobId), queue.indexOf(onId)];
  if (from === -1 || to === -1 || from === to) return undefined;
  return from > to ? onId : (queue[to + 1] ?? null);
}

/**
 * How far each part of the file under way is, 0 to 1, in the file's order. Empty while it comes in one piece. Where in the file
 * they lie is left out: segments are small against a large file, and would be specks.
 */
export function segmentShares(job: Job): readonly number[] {
  if (job.state !== 'running' || job.segments.length < 2) return [];
  return job.segments
    .toSorted((a, b) => a.startBytes - b.startBytes)
    .map(({ startBytes, endBytes, doneBytes }) => {
      const size = endBytes - startBytes;
      return size > 0 ? Math.min(1, Math.max(0, doneBytes / size)) : 0;
    });
}

/** What a waiting job waits for, with the numbers where they are known. */
export function waitingWords(job: Job): string {
  const needed = job.error?.data?.['neededBytes'];
  const free = job.error?.data?.['freeBytes'];
  if (typeof needed === 'number' && typeof free === 'number')
    return words.downloads.waitingWith(formatBytes(needed), formatBytes(free));
  return job.detail === null ? words.downloads.waiting : words.jobs.detail(job.detail);
}

function sampleAll(state: MaybeJobsState, jobs: readonly Job[]): ReadonlyMap<string, readonly number[]> {
  return new Map(jobs.map((job) => [job.id, nextSamples(state?.speeds.get(job.id), job)]));
}

/** A pause or an end starts the line anew: a speed of before says nothing about now. */
function nextSamples(samples: readonly number[] | undefined, job: Job): readonly number[] {
  if (job.state !== 'running') return [];
  return [...(samples ?? []), job.bytesPerSecond].slice(-SPEED_SAMPLES);
}

/** True while bytes may still move without the user's doing. */
export function isActive(job: Job): boolean {
  switch (job.state) {
    case 'queued':
    case 'running':
    case 'waiting':
    case 'verifying':
      return true;
    default:
      return false;
  }
}

/** The fetched part of the active downloads as 0 to 1 over all their bytes; null when none is active or no size is known. */
export function overallProgress(jobs: readonly Job[]): number | null {
  const active = jobs.filter(isActive);
  const total = active.reduce((sum, job) => sum + job.totalBytes, 0);
  if (total <= 0) return null;
  return Math.min(1, active.reduce((sum, job) => sum + job.doneBytes, 0) / total);
}

/** The fetched part of one download as 0 to 1. */
export function jobProgress(job: Job): number {
  if (job.state === 'done') return 1;
  return job.totalBytes > 0 ? Math.min(1, job.doneBytes / job.totalBytes) : 0;
}

/**
 * Jobs that ended between two states, each to be told once. Silent for the first snapshot (old news) and for jobs
 * that were not seen before, so that opening the page announces nothing.
 */
export function endedBetween(before: MaybeJobsState, after: MaybeJobsState): readonly Job[] {
  if (before === null || after === null) return [];
  const old = new Map(before.jobs.map((job) => [job.id, job.state]));
  return after.jobs.filter((job) => {
    const was = old.get(job.id);
    return was !== undefined && was !== job.state && (job.state === 'done' || job.state === 'failed');
  });
}

/** The file's own name, without the folders of the repository. */
export function fileNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What a job is about, in one name: the file that it fetches (of a sharded model the first shard), else its title. */
export function jobFileName(job: Job): string {
  if (job.kind !== 'download') return words.jobs.title(job);
  return fileNameOf(job.files[0]?.path ?? job.modelId ?? words.jobs.title(job));
}

/** The state in a word or two, as the tray and the file table show it. */
export function jobStateWord(job: Job): string {
  switch (job.state) {
    case 'queued':
      return words.downloads.states.queued;
    case 'running':
      return words.downloads.running[job.kind];
    case 'waiting':
      return words.downloads.states.waiting;
    case 'verifying':
      return words.downloads.states.verifying;
    case 'done':
      return words.downloads.states.done;
    case 'failed':
      return words.downloads.states.failed;
    case 'paused':
      return words.downloads.states.paused;
    default:
      return job.state satisfies never;
  }
}

export type JobAct = 'pause' | 'resume' | 'retry' | 'cancel' | 'dismiss' | 'chat';

/** The acts that make sense for a job in its state, in the order of the buttons. */
export function jobActs(job: Job): readonly JobAct[] {
  switch (job.state) {
    case 'queued':
    case 'running':
    case 'waiting':
      return job.kind === 'download' ? ['pause', 'cancel'] : ['cancel'];
    case 'verifying':
      return ['cancel'];
    case 'paused':
      return ['resume', 'cancel'];
    case 'failed':
      return ['retry', 'dismiss'];
    case 'done':
      return job.modelId === null ? ['dismiss'] : ['chat', 'dismiss'];
    default:
      return job.state satisfies never;
  }
}
