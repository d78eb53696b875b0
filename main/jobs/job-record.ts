/** One job in memory: its order, how far it is, what is stored of it and how it looks to others. */
import { z } from 'zod';
import type { Job, JobDetail, JobKind, JobState } from '../../preload/contract/jobs.ts';
import type { ErrorBody } from '../../preload/wire/errors.ts';
import type { ResumeWork, WorkOrder } from '../base/work.ts';
import type { JobRow } from '../store/jobs.ts';
import { createSpeedMeter, type SpeedMeter } from './speed-meter.ts';

export interface JobRecord {
  readonly id: string;
  readonly kind: JobKind;
  readonly subject: string | null;
  readonly createdAt: number;
  /** Null for a job of an earlier process that cannot be continued. */
  readonly order: WorkOrder | null;
  /** Called at the first end, with the error where it failed or was cancelled. */
  readonly settle: (error: ErrorBody | null) => void;
  readonly meter: SpeedMeter;
  /** Lower runs first. */
  position: number;
  state: JobState;
  error: ErrorBody | null;
  detail: JobDetail | null;
  totalBytes: number;
  doneBytes: number;
  bytesPerSecond: number;
  /** Of a job that waits for space: when to check again, on the clock of `performance.now()`. */
  lookAgainAtMs: number;
  /** Set while it runs. `finished` never rejects. */
  run: { readonly abort: AbortController; readonly finished: Promise<void> } | null;
  /** Set while it is being taken away. */
  removal: Promise<void> | null;
}

/** How the orders of an earlier process are made again, by kind. */
export type Resumers = Readonly<Partial<Record<JobKind, ResumeWork>>>;

type Beginning = Pick<JobRecord, 'id' | 'kind' | 'subject' | 'createdAt' | 'position' | 'order' | 'totalBytes'>;

export function createRecord(beginning: Beginning, settle: JobRecord['settle'] = () => {}): JobRecord {
  return {
    ...beginning,
    settle,
    meter: createSpeedMeter(),
    state: 'queued',
    error: null,
    detail: null,
    doneBytes: 0,
    bytesPerSecond: 0,
    lookAgainAtMs: 0,
    run: null,
    removal: null,
  };
}

const specSchema = z.object({
  subject: z.string().nullable(),
  totalBytes: z.number(),
  doneBytes: z.number(),
  /** Known to the module that ordered the work. */
  data: z.unknown(),
});
/** As versions before December 2026 stored the work of other kinds than downloads, with its title in words. */
const oldSpecSchema = z.object({ title: z.string(), totalBytes: z.number(), doneBytes: z.number() });

function readSpec(spec: unknown): z.infer<typeof specSchema> {
  const stored = specSchema.safeParse(spec);
  if (stored.success) return stored.data;
  const old = oldSpecSchema.safeParse(spec);
  // `Check owner/name`: the one title that held a fact.
  if (old.success) return { ...old.data, subject: /^Check (\S+\/\S+)$/.exec(old.data.title)?.[1] ?? null, data: null };
  // A download was stored as its data alone.
  return { subject: null, totalBytes: 0, doneBytes: 0, data: spec };
}

/**
 * The job of a row that an earlier process wrote. A job that was running is queued or paused, as its order says; without an order
 * it has failed. Null for a row that cannot be read.
 */
export function restoreRecord(row: JobRow, resumers: Resumers): JobRecord | null {
  const { id, kind, createdAt, position } = row;
  const spec = readSpec(row.spec);
  let order: WorkOrder | null;
  try {
    order = row.state === 'done' ? null : (resumers[kind]?.(spec.data) ?? null);
  } catch {
    return null;
  }
  const subject = order?.subject ?? spec.subject;
  const record = createRecord({ id, kind, subject, createdAt, position, order, totalBytes: spec.totalBytes });
  record.doneBytes = spec.doneBytes;
  if (row.state === 'done' || row.state === 'failed') {
    record.state = row.state;
    record.error = row.state === 'failed' ? row.error : null;
  } else if (order === null) {
    record.state = 'failed';
    record.error = { code: 'cancelled', message: 'Hearth was closed before this was over.' };
  } else record.state = order.startsAgain === true && row.state !== 'paused' ? 'queued' : 'paused';
  return record;
}

/** A failed job in the place of one that cannot be restored. Nobody can continue it. */
export function failedRecord({ id, kind, createdAt, position }: JobRow, error: ErrorBody): JobRecord {
  const record = createRecord({ id, kind, subject: null, createdAt, position, order: null, totalBytes: 0 });
  record.state = 'failed';
  record.error = error;
  return record;
}

export function rowOf(record: JobRecord, updatedAt: number): JobRow {
  const { id, kind, state, error, position, createdAt, subject, totalBytes, doneBytes } = record;
  const spec = { subject, totalBytes, doneBytes, data: record.order?.data?.() ?? null };
  return { id, kind, state, spec, error, position, createdAt, updatedAt };
}

const nothing = { repoId: '', revision: '', files: [], segments: [], modelId: null } as const;

/** The job as others see it. */
export function viewOf(record: JobRecord): Job {
  const { id, kind, subject, state, bytesPerSecond, error, detail, createdAt } = record;
  const { totalBytes, doneBytes, segments, ...more } = record.order?.view?.() ?? { ...nothing, ...record };
  return {
    id,
    kind,
    subject,
    repoId: more.repoId,
    revision: more.revision,
    files: more.files,
    state,
    doneBytes,
    totalBytes,
    segments: state === 'running' ? segments : [],
    detail,
    bytesPerSecond,
    secondsLeft: bytesPerSecond > 0 ? Math.ceil(Math.max(0, totalBytes - doneBytes) / bytesPerSecond) : null,
    error,
    modelId: more.modelId,
    createdAt,
  };
}
