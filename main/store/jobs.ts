/** Long work that outlives the process, one row a job. */
import type { ErrorBody } from '../../preload/contract/errors.ts';
import type { JobState } from '../../preload/contract/jobs.ts';
import { statement, type Store } from './store.ts';

export interface JobRow {
  readonly id: string;
  readonly kind: 'download';
  readonly state: JobState;
  /** What the job is to do; its own module knows the shape. */
  readonly spec: unknown;
  readonly error: ErrorBody | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Every job, oldest first. A row whose JSON cannot be read has `spec` null. */
export function listJobs(store: Store): JobRow[] {
  const rows = statement(
    store,
    'SELECT id, kind, state, spec, error, created_at, updated_at FROM jobs ORDER BY created_at, id',
  ).all() as {
    id: string;
    kind: 'download';
    state: JobState;
    spec: string;
    error: string | null;
    created_at: number;
    updated_at: number;
  }[];
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    state: row.state,
    spec: parse(row.spec),
    error: row.error === null ? null : (parse(row.error) as ErrorBody | null),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }));
}

/** Adds the job, or replaces what was written of it. */
export function putJob(store: Store, row: JobRow): void {
  statement(
    store,
    `INSERT INTO jobs (id, kind, state, spec, error, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET state = excluded.state, spec = excluded.spec, error = excluded.error, updated_at = excluded.updated_at`,
  ).run(
    row.id,
    row.kind,
    row.state,
    JSON.stringify(row.spec),
    row.error === null ? null : JSON.stringify(row.error),
    row.createdAt,
    row.updatedAt,
  );
}

/** Forgets the job; nothing happens when there is none. */
export function deleteJob(store: Store, id: string): void {
  statement(store, 'DELETE FROM jobs WHERE id = ?').run(id);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
