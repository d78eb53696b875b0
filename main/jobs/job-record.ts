/** One job in memory: its order, its progress, its stored form, and its view for watchers. */
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
  /** The time of the next check of a job that waits for space, on the clock of `performance.now()`. */
  checkAgainAtMs: number;
  /** Set while it runs. `finished` never rejects. */
  run: { readonly abort: AbortController; readonly finished: Promise<void> } | null;
  /** Cancelled, and not removed yet: watchers do not see it. */
  isHidden: boolean;
  /** Set while the job is being removed. */
  removal: Promise<void> | null;
}

/** Functions that make the orders of an earlier process again, by kind. */
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
    checkAgainAtMs: 0,
    run: null,
    isHidden: false,
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
/** The stored form of all kinds except downloads before December 2026, with the title as a sentence. */
const oldSpecSchema = z.object({ title: z.string(), totalBytes: z.number(), doneBytes: z.number() });

function readSpec(spec: unknown): z.infer<typeof specSchema> {
  const stored = specSchema.safeParse(spec);
  if (stored.success) return stored.data;
  const old = oldSpecSchema.safeParse(spec);
  // `Check owner/name` is the only title that contained a fact.
  if (old.success) return { ...old.data, subject: /^Check (\S+\/\S+)$/.exec(old.data.title)?.[1] ?? null, data: null };
  // A download was stored as its data only.
  return { subject: null, totalBytes: 0, doneBytes: 0, data: spec };
}

/**
 * The job from an earlier process's row. A job that was running is queued or paused, as its order says; without an order it has failed.
 * Throws the resumer's error for unreadable data.
 */
export function restoreRecord(row: JobRow, resumers: Resumers): JobRecord {
  const { id, kind, createdAt, position } = row;
  const spec = readSpec(row.spec);
  // The kind may be any text, such as `constructor`.
  const resume = Object.hasOwn(resumers, kind) ? resumers[kind] : undefined;
  const order: WorkOrder | null = row.state === 'done' ? null : (resume?.(spec.data) ?? null);
  const subject = order?.subject ?? spec.subject;
  const record = createRecord({ id, kind, subject, createdAt, position, order, totalBytes: spec.totalBytes });
  record.doneBytes = spec.doneBytes;
  if (row.state === 'done' || row.state === 'failed') {
    record.state = row.state;
    record.error = row.state === 'failed' ? row.error : null;
  } else if (order === null) {
    record.state = 'failed';
    record.error = { code: 'cancelled', message: 'Hearth was closed before this was finished.' };
  } else record.state = order.startsAgain === true && row.state !== 'paused' ? 'queued' : 'paused';
  return record;
}

/** A failed job in place of one that cannot be restored. It cannot be continued. */
export function failedRecord({ id, kind, createdAt, position, spec }: JobRow, error: ErrorBody): JobRecord {
  const { subject } = readSpec(spec);
  const record = createRecord({ id, kind, subject, createdAt, position, order: null, totalBytes: 0 });
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

/** The view of a job for watchers. */
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
