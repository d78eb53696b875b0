/** The page's state of the jobs: a fold of `jobs.watch`, and functions that read it. */
import type { Job, JobsEvent } from '../../preload/contract/jobs.ts';
import { formatBytes } from '../words/format.ts';
import { words } from '../words/words.ts';

export interface JobsState {
  readonly revision: number;
  /** In main's order: the order of the queue. */
  readonly jobs: readonly Job[];
  /** The last speeds of each running job in bytes per second, oldest first, at most `SPEED_SAMPLES`. */
  readonly speeds: ReadonlyMap<string, readonly number[]>;
}

/** Null until the first snapshot: "not known yet" and "no jobs" look different. */
export type MaybeJobsState = JobsState | null;

/** Progress arrives at up to 10 Hz, so this is between a few seconds and a minute. */
export const SPEED_SAMPLES = 60;

/**
 * The state after one event. An event older than the state, sent before a reconnect, changes nothing; a snapshot always
 * applies.
 */
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

/** The order of the tray: running jobs, then the queue in its order, then the rest with the newest first. */
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
 * The id that `jobs.reorder` needs to move a queued job one place up or down: the job that follows it, or null at the
 * end. Undefined where the job is already at that end, or is not in the queue.
 */
export function placeBeside(jobs: readonly Job[], jobId: string, direction: 'up' | 'down'): string | null | undefined {
  const queue = jobs.filter((job) => job.state === 'queued').map((job) => job.id);
  const at = queue.indexOf(jobId);
  if (at === -1) return undefined;
  if (direction === 'up') return at === 0 ? undefined : queue[at - 1];
  return at === queue.length - 1 ? undefined : (queue[at + 2] ?? null);
}

/** The same for a queued job that is dropped on another one: it takes that one's place. */
export function placeOn(jobs: readonly Job[], jobId: string, onId: string): string | null | undefined {
  const queue = jobs.filter((job) => job.state === 'queued').map((job) => job.id);
  const [from, to] = [queue.indexOf(jobId), queue.indexOf(onId)];
  if (from === -1 || to === -1 || from === to) return undefined;
  return from > to ? onId : (queue[to + 1] ?? null);
}

/**
 * The progress of each segment of the file being downloaded, 0 to 1, in the order of the file. Empty while there is
 * only one. Their positions are left out, because a segment of a large file would be too small to see.
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

/** The speed line starts again after a pause or an end: an earlier speed says nothing about the present. */
function nextSamples(samples: readonly number[] | undefined, job: Job): readonly number[] {
  if (job.state !== 'running') return [];
  return [...(samples ?? []), job.bytesPerSecond].slice(-SPEED_SAMPLES);
}

/** True while a job may continue without the user. */
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

/** The downloaded part of all active downloads, 0 to 1; null when none is active or no size is known. */
export function overallProgress(jobs: readonly Job[]): number | null {
  const active = jobs.filter(isActive);
  const total = active.reduce((sum, job) => sum + job.totalBytes, 0);
  if (total <= 0) return null;
  return Math.min(1, active.reduce((sum, job) => sum + job.doneBytes, 0) / total);
}

/** The downloaded part of one download, 0 to 1. */
export function jobProgress(job: Job): number {
  if (job.state === 'done') return 1;
  return job.totalBytes > 0 ? Math.min(1, job.doneBytes / job.totalBytes) : 0;
}

/**
 * Jobs that ended between two states, each to be announced once. The first snapshot and jobs that are not in `before` are
 * left out, so that opening the page announces nothing.
 */
export function endedBetween(before: MaybeJobsState, after: MaybeJobsState): readonly Job[] {
  if (before === null || after === null) return [];
  const old = new Map(before.jobs.map((job) => [job.id, job.state]));
  return after.jobs.filter((job) => {
    const was = old.get(job.id);
    return was !== undefined && was !== job.state && (job.state === 'done' || job.state === 'failed');
  });
}

/** The file name without its folders in the repository. */
export function fileNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The name of a job: the file that it downloads (the first shard of a sharded model), else its title. */
export function jobFileName(job: Job): string {
  if (job.kind !== 'download') return words.jobs.title(job);
  return fileNameOf(job.files[0]?.path ?? job.modelId ?? words.jobs.title(job));
}

/** The job as the object of a sentence, such as the label of a button: the downloaded file, or the work. */
export function jobNoun(job: Job): string {
  return job.kind === 'download' ? jobFileName(job) : words.jobs.noun(job);
}

/** The state in one or two words, as the tray and the file table show it. */
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

/** The color of the state. A check is green only when it found intact files and no other ones. */
export function jobTone({ state, detail }: Pick<Job, 'state' | 'detail'>): 'neutral' | 'amber' | 'red' | 'green' {
  switch (state) {
    case 'waiting':
      return 'amber';
    case 'failed':
      return 'red';
    case 'done':
      if (detail?.code === 'converted') return detail.verification?.result === 'failed' ? 'red' : 'green';
      if (detail?.code !== 'verified') return 'green';
      if (detail.damagedCount > 0) return 'red';
      return detail.checkedCount > 0 ? 'green' : 'neutral';
    default:
      return 'neutral';
  }
}

export type JobAction = 'pause' | 'resume' | 'retry' | 'cancel' | 'dismiss' | 'chat' | 'table';

/** The actions that are possible in a job's state, in the order of the buttons. */
export function jobActions(job: Job): readonly JobAction[] {
  switch (job.state) {
    case 'queued':
    case 'running':
    case 'waiting':
      return job.kind === 'download' || job.kind === 'convert' ? ['pause', 'cancel'] : ['cancel'];
    case 'verifying':
      return ['cancel'];
    case 'paused':
      return ['resume', 'cancel'];
    case 'failed':
      return ['retry', 'dismiss'];
    case 'done':
      if (job.kind === 'measure') return ['table', 'dismiss'];
      // These files run beside a model.
      if (job.kind === 'adapter' || job.kind === 'imatrix') return ['dismiss'];
      return job.modelId === null ? ['dismiss'] : ['chat', 'dismiss'];
    default:
      return job.state satisfies never;
  }
}
