/** Work that outlives a window: downloads, conversions, checks of what is on disk, moving the cache, keeping its limit, GPU packages. */
import { z } from 'zod';
import type { ErrorBody } from '../wire/errors.ts';
import { call, stream } from '../wire/rpc.ts';
import type { Verification } from './convert.ts';
import type { TransferDetail } from './hub.ts';

/** `waiting`: for space on the disk; the job continues by itself. */
export type JobState = 'queued' | 'running' | 'waiting' | 'verifying' | 'done' | 'failed' | 'paused';
export type JobKind = 'download' | 'verify' | 'move' | 'limit' | 'backend' | ConversionJobKind;
/** `verify_model`: a model is loaded, its tokenizer is compared, and it generates. */
export type ConversionJobKind = 'convert' | 'quantize' | 'imatrix' | 'measure' | 'verify_model' | SidewaysJobKind;
/** `adapter`: a LoRA adapter becomes a GGUF file of its own. `export`: a GGUF model is written as safetensors. */
export type SidewaysJobKind = 'adapter' | 'split' | 'merge' | 'export';

/** The steps of a conversion, in order; a job has those that its order needs. */
export type ConversionPhase =
  'checking' | 'downloading' | 'converting' | 'imatrix' | 'quantizing' | 'measuring' | 'copying' | 'verifying';

/** Details of a job's work or result beyond its state. */
export type JobDetail =
  | TransferDetail
  /** The result of a verification so far. `damaged` names the first five of `damagedCount` files. */
  | {
      readonly code: 'verified';
      readonly checkedCount: number;
      readonly damagedCount: number;
      readonly damaged: readonly string[];
      /** Copies without a known hash. */
      readonly unverifiableCount: number;
    }
  /** A move is at this folder of the cache. */
  | { readonly code: 'moving'; readonly folder: string }
  | { readonly code: 'removing_old_folder' }
  /** A move left files in the old folder: others of their names are in the new one, or they could not be deleted. */
  | { readonly code: 'files_left'; readonly count: number }
  /** The models deleted to keep the size limit; `evicted` has the first three of `count`. `remaining` is set when that was not enough. */
  | {
      readonly code: 'evicted';
      readonly count: number;
      readonly evicted: readonly { readonly name: string; readonly freedBytes: number }[];
      readonly remaining: { readonly totalBytes: number; readonly limitBytes: number } | null;
    }
  /** A backend is installed, and models that are loaded from now on use it. */
  | { readonly code: 'used_from_next_load' }
  /**
   * A step of a conversion; `phases` are all steps of the job, in order. `name` is the tensor, or the model that is measured, and null where the step has none; `index` of `count` such,
   * from 1, or of chunks of text for an importance matrix; 0 of 0 where nothing is counted. The job's bytes are those of all steps that
   * read or write.
   */
  | {
      readonly code: 'conversion';
      readonly phase: ConversionPhase;
      readonly phases: readonly ConversionPhase[];
      readonly name: string | null;
      readonly index: number;
      readonly count: number;
    }
  /** The result of a conversion, of a quantization and of a verification; the job's `modelId` is the model. */
  | {
      readonly code: 'converted';
      readonly sizeBytes: number;
      readonly verification: Verification | null;
    }
  /** `imatrix`: the importance matrix is in the list of models. `measured`: `convert.measurements` has the table. */
  | { readonly code: 'imatrix'; readonly chunkCount: number }
  | { readonly code: 'measured'; readonly measurementId: string }
  /** The GGUF adapter is in the list of models, as an auxiliary file. */
  | { readonly code: 'adapter'; readonly sizeBytes: number }
  /** The safetensors files are in `folder`; `hasTokenizer` says whether those of the original tokenizer are beside them. */
  | {
      readonly code: 'exported';
      readonly folder: string;
      readonly fileCount: number;
      readonly sizeBytes: number;
      readonly hasTokenizer: boolean;
    };

export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  /**
   * The name of the downloaded model, the verified repository, the installed backend, or the checkpoint or model of a conversion. Null when
   * the kind is enough.
   */
  readonly subject: string | null;
  /** The repository of a download or a conversion; empty for the other kinds. */
  readonly repoId: string;
  /** The commit that the job is pinned to. */
  readonly revision: string;
  readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly doneBytes: number }[];
  readonly state: JobState;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** The segments of the file under way, one per connection; offsets within that file. */
  readonly segments: readonly { readonly startBytes: number; readonly endBytes: number; readonly doneBytes: number }[];
  /** Null when the state is enough. */
  readonly detail: JobDetail | null;
  /** A moving average; 0 while nothing moves. */
  readonly bytesPerSecond: number;
  /** Null while it is unknown. */
  readonly secondsLeft: number | null;
  readonly error: ErrorBody | null;
  /** The id of the model that a download or a conversion adds, or that is verified; null for the other kinds. */
  readonly modelId: string | null;
  readonly createdAt: number;
}

/** One snapshot, then single changes with a rising revision. */
export type JobsEvent =
  | { readonly type: 'snapshot'; readonly revision: number; readonly jobs: readonly Job[] }
  | { readonly type: 'job'; readonly revision: number; readonly job: Job }
  | { readonly type: 'removed'; readonly revision: number; readonly jobId: string };

const jobIdSchema = z.string().regex(/^[a-z0-9-]{1,64}$/);
const jobInput = z.strictObject({ jobId: jobIdSchema });

export const jobsRoutes = {
  'jobs.watch': stream(z.strictObject({})).emits<JobsEvent>(),
  /** Stops a job and keeps its partial results for `jobs.resume`. */
  'jobs.pause': call(jobInput).returns<null>(),
  /** Continues a job after a pause, a failure or a restart, from its partial results. */
  'jobs.resume': call(jobInput).returns<null>(),
  /** Moves a queued download before another one, or to the end (null). */
  'jobs.reorder': call(z.strictObject({ jobId: jobIdSchema, before: jobIdSchema.nullable() })).returns<null>(),
  /** The job's log, newest line last, at most 500 lines. Contains no token and no address with a signature. */
  'jobs.log': call(jobInput).returns<{ lines: readonly { readonly at: number; readonly text: string }[] }>(),
  /**
   * Stops a job and hides it. The partial results of a download are kept for `undoMs`; null: they were removed before the answer, and nothing
   * can be undone. Copies of a move are removed in the background.
   */
  'jobs.cancel': call(jobInput).returns<{ undoMs: number | null }>(),
  /** Brings back a cancelled or dismissed download; it goes on where it was. `restored` is false when it is too late. */
  'jobs.undoCancel': call(jobInput).returns<{ restored: boolean }>(),
  /** Removes a finished or failed job from the list, a failed one with its partial results, as `jobs.cancel` does. */
  'jobs.dismiss': call(jobInput).returns<{ undoMs: number | null }>(),
};
