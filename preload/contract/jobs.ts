/** Work that outlives a window. In this version: downloads. */
import { z } from 'zod';
import type { ErrorBody } from './errors.ts';
import { repoIdSchema, repoPathSchema, revisionSchema } from './hub.ts';
import { call, stream } from './rpc.ts';

export type JobState = 'queued' | 'running' | 'verifying' | 'done' | 'failed' | 'paused';

export interface Job {
  readonly id: string;
  readonly kind: 'download';
  /** What is fetched, for people. */
  readonly title: string;
  readonly repoId: string;
  /** The commit that the job is pinned to. */
  readonly revision: string;
  readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly doneBytes: number }[];
  readonly state: JobState;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** A moving average; 0 while nothing moves. */
  readonly bytesPerSecond: number;
  /** Null while it cannot be told. */
  readonly secondsLeft: number | null;
  readonly error: ErrorBody | null;
  /** The id of the model that this job brings. */
  readonly modelId: string;
  readonly createdAt: number;
}

/** One snapshot, then single changes with a rising revision. */
export type JobsEvent =
  | { readonly type: 'snapshot'; readonly revision: number; readonly jobs: readonly Job[] }
  | { readonly type: 'job'; readonly revision: number; readonly job: Job }
  | { readonly type: 'removed'; readonly revision: number; readonly jobId: string };

export const jobIdSchema = z.string().regex(/^[a-z0-9-]{1,64}$/);
const jobInput = z.strictObject({ jobId: jobIdSchema });

export const jobsRoutes = {
  'jobs.watch': stream(z.strictObject({})).emits<JobsEvent>(),
  /** Starts fetching a file (all its shards). The same file twice is one job. Throws hub.*, disk.full, cache.locked. */
  'jobs.download': call(
    z.strictObject({ repoId: repoIdSchema, path: repoPathSchema, revision: revisionSchema.default('main') }),
  ).returns<{ jobId: string }>(),
  /** Stops and keeps what was fetched, for `jobs.resume`. */
  'jobs.pause': call(jobInput).returns<null>(),
  /** Goes on after a pause, a failure or a restart, from the bytes that are there. */
  'jobs.resume': call(jobInput).returns<null>(),
  /** Stops, and leaves nothing behind. Answers when that is so. */
  'jobs.cancel': call(jobInput).returns<null>(),
  /** Takes a finished or failed job out of the list; of a failed one what was fetched goes too. */
  'jobs.dismiss': call(jobInput).returns<null>(),
};
