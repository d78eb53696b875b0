/** What all jobs of conversion share: the run that is under way, the progress that goes to it, and the model that comes of it. */
import path from 'node:path';
import type { JobDetail } from '../../../preload/contract/jobs.ts';
import type { TransferContext, WorkOrder, WorkView } from '../../base/work.ts';
import { shardPaths } from '../../model-file/shards.ts';
import { createFullDisk } from '../outputs/full-disk.ts';
import { createJobProgress, type JobProgress } from './job-progress.ts';
import type { ReservedOutput } from '../outputs/outputs.ts';
import { hashesOf, noteVerification, type StoredRecord, type UnverifiedRecord } from '../outputs/records.ts';
import type { JobTools } from './tools.ts';

export interface JobRun {
  readonly progress: JobProgress;
  /** Tells the run that is under way; between runs nobody. */
  detail(detail: JobDetail): void;
  /** Runs `work` with the progress going to `context`. */
  run(context: TransferContext, work: (context: TransferContext) => Promise<void>): Promise<void>;
  view(modelId: string | null): WorkView;
}

export function createJobRun(): JobRun {
  let context: TransferContext | null = null;
  const progress = createJobProgress(() => context);
  return {
    progress,
    detail: (detail) => context?.detail(detail),
    async run(running, work) {
      context = running;
      try {
        await work(running);
      } finally {
        context = null;
      }
    },
    view: (modelId) => ({ repoId: '', revision: '', files: [], segments: [], modelId, ...progress.numbers() }),
  };
}

/** A job that makes one model, in a folder of its own until that is complete. */
export interface OutputJob
  extends Pick<JobRun, 'progress'>, Required<Pick<WorkOrder, 'view' | 'discard' | 'checkSpace'>> {
  run(context: TransferContext, work: (context: TransferContext) => Promise<void>): Promise<void>;
  /** Gives the file, of several shards the first, its name and its record, and ends the job's folder. */
  finish(file: string, record: StoredRecord | null, detail: JobDetail): Promise<void>;
  /**
   * Tries a model, of several shards by the first, against the tokenizer in `checkpointFolder`, and finishes it with what was found.
   * `describe` is asked after the trial; where it answers null the model gets no record.
   */
  finishModel(
    made: { readonly file: string; readonly name: string; readonly sizeBytes: number },
    checkpointFolder: string | null,
    describe: () => Promise<UnverifiedRecord | null>,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Keeps the name of the output, and the folder of the job, for as long as the job may go on. */
export function createOutputJob(
  { workId, output }: { readonly workId: string; readonly output: ReservedOutput },
  tools: Pick<JobTools, 'outputs' | 'workspaces' | 'verifyFile' | 'readHeader' | 'freeBytes'>,
): OutputJob {
  const { outputs, workspaces } = tools;
  const job = createJobRun();
  const disk = createFullDisk(tools.freeBytes, () => workspaces.make(workId));
  let madeId: string | null = null;
  workspaces.keep(workId);
  outputs.keep(output);

  async function finish(file: string, record: StoredRecord | null, detail: JobDetail): Promise<void> {
    madeId = await outputs.finish(output, shardPaths(file), record);
    job.detail(detail);
    job.progress.finish();
    await workspaces.remove(workId);
    await outputs.published();
  }

  return {
    progress: job.progress,
    finish,
    async finishModel({ file, name, sizeBytes }, checkpointFolder, describe, signal) {
      const modelId = outputs.modelIdOf({ ...output, name: path.basename(file) });
      const made = { modelId, name, path: file, weightsBytes: sizeBytes };
      const verification = await (tools.verifyFile?.(made, checkpointFolder, signal) ?? null);
      const unverified = await describe();
      if (verification !== null && unverified !== null)
        await noteVerification(tools, file, unverified, verification, signal);
      const record = unverified && { ...unverified, verification, ...(await hashesOf(file, signal)) };
      await finish(file, record, { code: 'converted', sizeBytes, verification });
    },
    async run(context, work) {
      try {
        await job.run(context, (running) => disk.during(() => work(running)));
      } finally {
        if (madeId !== null) outputs.release(output);
      }
    },
    checkSpace: disk.check,
    async discard() {
      outputs.release(output);
      await workspaces.remove(workId);
    },
    view: () => job.view(madeId),
  };
}
