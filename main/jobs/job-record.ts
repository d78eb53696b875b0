/** One job in memory: what it does, how far it is, and how it looks to others. */
import { z } from 'zod';
import type { ErrorBody } from '../../preload/wire/errors.ts';
import type { Job, JobKind, JobState } from '../../preload/contract/jobs.ts';
import { quantizationFromFileName } from '../model-file/quantization.ts';
import { parseShard } from '../model-file/shards.ts';
import type { JobRow } from '../store/jobs.ts';
import { createSpeedMeter, type SpeedMeter } from './speed-meter.ts';

/** What is written of a download, for the next start. */
const downloadSpecSchema = z.object({
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
export type DownloadSpec = z.infer<typeof downloadSpecSchema>;

const workSpecSchema = z.object({ title: z.string(), totalBytes: z.number(), doneBytes: z.number() });

/** What a work job does; given by the module that asked for it. */
export interface WorkOrder {
  readonly kind: Exclude<JobKind, 'download'>;
  /** For people. */
  readonly title: string;
  /** 0 when it is not known yet. */
  readonly totalBytes: number;
  /** Does it, from the beginning each time it is called. Throws the signal's reason soon after it fires. */
  work(context: WorkContext): Promise<void>;
  /** It was cancelled, or dismissed after a failure: what it left is to go. Nobody waits for that. */
  discard?(): void;
}

/** What doing a work takes, for one that an earlier process began. */
export type ResumedWork = Pick<WorkOrder, 'work' | 'discard'>;

export interface WorkContext {
  /** Fires at a pause, a cancel and the end of the process. */
  readonly signal: AbortSignal;
  /** Never goes backwards for those who watch. */
  progress(doneBytes: number, totalBytes?: number): void;
  /** A few words that stay beside the job, also when it is done. */
  detail(text: string | null): void;
  /** One line of the job's log. No token and no address with a signature. */
  log(text: string): void;
}

interface RecordBase {
  readonly id: string;
  readonly createdAt: number;
  /** Lower runs first. */
  position: number;
  state: JobState;
  error: ErrorBody | null;
  detail: string | null;
  bytesPerSecond: number;
  readonly meter: SpeedMeter;
  /** Set while it runs. `finished` never rejects. */
  run: { readonly abort: AbortController; readonly finished: Promise<void> } | null;
  /** Set while it is being taken away. */
  removal: Promise<void> | null;
}

export interface DownloadRecord extends RecordBase {
  readonly kind: 'download';
  spec: DownloadSpec;
  /** Per file; never falls while the job runs. */
  doneBytes: number[];
  /** Of the file under way. */
  parts: Job['parts'];
  /** While it waits for room: not looked for before, on the clock of `performance.now()`. */
  lookAgainAtMs: number;
}

export interface WorkRecord extends RecordBase {
  readonly kind: WorkOrder['kind'];
  readonly title: string;
  totalBytes: number;
  doneBytes: number;
  /** Null for one of an earlier process that nobody can do any more. */
  readonly work: ResumedWork | null;
  readonly settle: (error: ErrorBody | null) => void;
}

export type JobRecord = DownloadRecord | WorkRecord;

function base(id: string, createdAt: number, position: number): RecordBase {
  return {
    id,
    createdAt,
    position,
    state: 'queued',
    error: null,
    detail: null,
    bytesPerSecond: 0,
    meter: createSpeedMeter(),
    run: null,
    removal: null,
  };
}

export function createDownload(id: string, createdAt: number, position: number, spec: DownloadSpec): DownloadRecord {
  return {
    ...base(id, createdAt, position),
    kind: 'download',
    spec,
    doneBytes: spec.files.map(() => 0),
    parts: [],
    lookAgainAtMs: 0,
  };
}

export function createWork(
  id: string,
  createdAt: number,
  position: number,
  order: WorkOrder,
  settle: WorkRecord['settle'],
): WorkRecord {
  const { kind, title, totalBytes } = order;
  return { ...base(id, createdAt, position), kind, title, totalBytes, doneBytes: 0, work: order, settle };
}

/**
 * The job of a row of an earlier process: a download is paused where it was under way. Other work goes on where `resume` knows how,
 * a paused one when somebody says so; else its doing died with that process, and it is over. Null for a row that cannot be read.
 */
export function restoreJob(row: JobRow, resume: (kind: WorkOrder['kind']) => ResumedWork | null): JobRecord | null {
  if (row.kind === 'download') {
    const spec = downloadSpecSchema.safeParse(row.spec);
    if (!spec.success) return null;
    const job = createDownload(row.id, row.createdAt, row.position, spec.data);
    job.state = row.state === 'failed' || row.state === 'done' ? row.state : 'paused';
    job.error = row.state === 'failed' ? row.error : null;
    return job;
  }
  const spec = workSpecSchema.safeParse(row.spec);
  if (!spec.success) return null;
  const job: WorkRecord = {
    ...base(row.id, row.createdAt, row.position),
    kind: row.kind,
    ...spec.data,
    work: row.state === 'done' ? null : resume(row.kind),
    settle: () => {},
  };
  const isOver = row.state === 'failed' || row.state === 'done';
  if (!isOver && job.work !== null) {
    job.state = row.state === 'paused' ? 'paused' : 'queued';
    return job;
  }
  job.state = isOver ? row.state : 'failed';
  job.error = isOver ? row.error : { code: 'cancelled', message: 'Hearth was closed before this was over.' };
  return job;
}

export function rowOf(job: JobRecord, updatedAt: number): JobRow {
  const { id, kind, state, error, position, createdAt } = job;
  const spec =
    job.kind === 'download' ? job.spec : { title: job.title, totalBytes: job.totalBytes, doneBytes: job.doneBytes };
  return { id, kind, state, spec, error, position, createdAt, updatedAt };
}

/** What is still to come. */
export function remainingBytes(job: JobRecord): number {
  if (job.kind !== 'download') return Math.max(0, job.totalBytes - job.doneBytes);
  return job.spec.files.reduce((sum, file, index) => sum + file.sizeBytes - (job.doneBytes[index] ?? 0), 0);
}

/** The job as others see it. */
export function viewOf(job: JobRecord): Job {
  const { id, state, bytesPerSecond, error, detail, createdAt } = job;
  const common = { id, state, bytesPerSecond, error, detail, createdAt };
  const secondsLeft = bytesPerSecond > 0 ? Math.ceil(remainingBytes(job) / bytesPerSecond) : null;
  if (job.kind !== 'download') {
    const { kind, title, doneBytes, totalBytes } = job;
    const none = { repoId: '', revision: '', files: [], parts: [], modelId: null };
    return { ...common, ...none, kind, title, doneBytes, totalBytes, secondsLeft };
  }
  const { spec } = job;
  const files = spec.files.map(({ path, sizeBytes }, index) => ({
    path,
    sizeBytes,
    doneBytes: job.doneBytes[index] ?? 0,
  }));
  const repoId = spec.files[0]?.repoId ?? '';
  const path = spec.files[0]?.path ?? '';
  return {
    ...common,
    kind: 'download',
    title: titleOf(repoId, path),
    repoId,
    revision: spec.files[0]?.commit ?? '',
    files,
    doneBytes: files.reduce((sum, file) => sum + file.doneBytes, 0),
    totalBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    parts: state === 'running' ? job.parts : [],
    secondsLeft,
    modelId: `${repoId}/${path}`,
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
