/** One download in memory: what it fetches, how far it is, and how it looks to others. */
import { z } from 'zod';
import type { ErrorBody } from '../../preload/contract/errors.ts';
import type { Job, JobState } from '../../preload/contract/jobs.ts';
import { quantizationFromFileName } from '../core/quantization.ts';
import { parseShard } from '../core/shards.ts';
import type { JobRow } from '../store/jobs.ts';
import { createSpeedMeter, type SpeedMeter } from './speed-meter.ts';

/** What is written of a job, for the next start. */
const specSchema = z.object({
  /** The cache that the job writes to. */
  folder: z.string(),
  /** The branch, tag or commit that was asked for. */
  revision: z.string(),
  files: z
    .array(
      z.object({
        repoId: z.string(),
        commit: z.string(),
        path: z.string(),
        sizeBytes: z.number(),
        sha256: z.string().nullable(),
        gitOid: z.string(),
        /** The file was in the cache before the job: it stays when the job is cancelled. */
        wasThere: z.boolean(),
      }),
    )
    .min(1),
});
export type DownloadSpec = z.infer<typeof specSchema>;

export interface DownloadJob {
  readonly id: string;
  readonly createdAt: number;
  spec: DownloadSpec;
  state: JobState;
  error: ErrorBody | null;
  /** Per file; never falls while the job runs. */
  doneBytes: number[];
  bytesPerSecond: number;
  readonly meter: SpeedMeter;
  /** Set while it runs. `finished` never rejects. */
  run: { readonly abort: AbortController; readonly finished: Promise<void> } | null;
  /** Set while it is being taken away. */
  removal: Promise<void> | null;
}

export function createDownloadJob(id: string, createdAt: number, spec: DownloadSpec): DownloadJob {
  return {
    id,
    createdAt,
    spec,
    state: 'queued',
    error: null,
    doneBytes: spec.files.map(() => 0),
    bytesPerSecond: 0,
    meter: createSpeedMeter(),
    run: null,
    removal: null,
  };
}

/** The job of a row of an earlier process: paused where it was under way. Null for a row that cannot be read. */
export function restoreDownloadJob(row: JobRow): DownloadJob | null {
  const spec = specSchema.safeParse(row.spec);
  if (!spec.success) return null;
  const job = createDownloadJob(row.id, row.createdAt, spec.data);
  job.state = row.state === 'failed' || row.state === 'done' ? row.state : 'paused';
  job.error = row.error;
  return job;
}

export function rowOf(job: DownloadJob, updatedAt: number): JobRow {
  const { id, state, spec, error, createdAt } = job;
  return { id, kind: 'download', state, spec, error, createdAt, updatedAt };
}

/** The job as others see it. */
export function viewOf(job: DownloadJob): Job {
  const { spec } = job;
  const files = spec.files.map(({ path, sizeBytes }, index) => ({
    path,
    sizeBytes,
    doneBytes: job.doneBytes[index] ?? 0,
  }));
  const doneBytes = files.reduce((sum, file) => sum + file.doneBytes, 0);
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const first = spec.files[0];
  const repoId = first?.repoId ?? '';
  const path = first?.path ?? '';
  return {
    id: job.id,
    kind: 'download',
    title: titleOf(repoId, path),
    repoId,
    revision: first?.commit ?? '',
    files,
    state: job.state,
    doneBytes,
    totalBytes,
    bytesPerSecond: job.bytesPerSecond,
    secondsLeft: job.bytesPerSecond > 0 ? Math.ceil((totalBytes - doneBytes) / job.bytesPerSecond) : null,
    error: job.error,
    modelId: `${repoId}/${path}`,
    createdAt: job.createdAt,
  };
}

/** `Qwen3-4B Q4_K_M` of `Qwen/Qwen3-4B-GGUF` and its file; the file's name where it tells no quantisation. */
function titleOf(repoId: string, path: string): string {
  const quantization = quantizationFromFileName(path);
  const isModel = !/mmproj|lora|adapter/i.test(path);
  if (quantization !== null && isModel)
    return `${repoId.slice(repoId.indexOf('/') + 1).replace(/[-_.]GGUF$/i, '')} ${quantization}`;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return (parseShard(name)?.prefix ?? name.replace(/\.gguf$/i, '')) || name;
}
