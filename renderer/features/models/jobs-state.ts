/** What the page knows of the downloads: a fold of `jobs.watch`, and the questions that the screen asks of it. */
import type { Job, JobsEvent } from '../../../preload/contract/jobs.ts';

export interface JobsState {
  readonly revision: number;
  /** Newest first. */
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
    return { revision: event.revision, jobs: newestFirst(event.jobs), speeds: sampleAll(state, event.jobs) };
  }
  if (state === null || event.revision <= state.revision) return state;
  if (event.type === 'removed') {
    const speeds = new Map(state.speeds);
    speeds.delete(event.jobId);
    return { revision: event.revision, jobs: state.jobs.filter((job) => job.id !== event.jobId), speeds };
  }
  const { job } = event;
  const known = state.jobs.some((other) => other.id === job.id);
  const jobs = known
    ? state.jobs.map((other) => (other.id === job.id ? job : other))
    : newestFirst([...state.jobs, job]);
  const speeds = new Map(state.speeds);
  speeds.set(job.id, nextSamples(speeds.get(job.id), job));
  return { revision: event.revision, jobs, speeds };
}

function newestFirst(jobs: readonly Job[]): readonly Job[] {
  return jobs.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
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
  return job.state === 'queued' || job.state === 'running' || job.state === 'verifying';
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

/** What a job fetches, in one name; of a sharded model the first shard's. */
export function jobFileName(job: Job): string {
  return fileNameOf(job.files[0]?.path ?? job.modelId);
}

/** The state in one word, as the tray and the file table show it. */
export function jobStateWord(job: Job): string {
  switch (job.state) {
    case 'queued':
      return 'Waiting';
    case 'running':
      return 'Downloading';
    case 'verifying':
      return 'Checking';
    case 'done':
      return 'Done';
    case 'failed':
      return 'Failed';
    case 'paused':
      return 'Paused';
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
      return ['pause', 'cancel'];
    case 'verifying':
      return ['cancel'];
    case 'paused':
      return ['resume', 'cancel'];
    case 'failed':
      return ['retry', 'dismiss'];
    case 'done':
      return ['chat', 'dismiss'];
    default:
      return job.state satisfies never;
  }
}
