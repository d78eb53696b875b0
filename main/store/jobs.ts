/** Jobs that outlive the process, one row for each, and the lines of their logs. */
import type { ErrorBody } from '../../preload/wire/errors.ts';
import type { JobKind, JobState } from '../../preload/contract/jobs.ts';
import { readJson, readJsonObject } from './json.ts';
import { statement, transaction, type Store } from './store.ts';
import { readTime } from './times.ts';

export interface JobRow {
  readonly id: string;
  readonly kind: JobKind;
  readonly state: JobState;
  /** The data of the job's work order; the module of its kind knows the form. */
  readonly spec: unknown;
  readonly error: ErrorBody | null;
  /** Lower runs first. */
  readonly position: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface JobLine {
  readonly at: number;
  readonly text: string;
}

/** Lines kept per log; the oldest are deleted. */
const MAX_LINES = 500;

/** All jobs in the order in which they run. A row with unreadable JSON has `spec` null. */
export function listJobs(store: Store): JobRow[] {
  const rows = statement(
    store,
    'SELECT id, kind, state, spec, error, position, created_at, updated_at FROM jobs ORDER BY position, created_at, id',
  ).all() as {
    id: string;
    kind: JobKind;
    state: JobState;
    spec: string;
    error: string | null;
    position: number;
    created_at: number;
    updated_at: number;
  }[];
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    state: row.state,
    spec: readJson(row.spec) ?? null,
    error: readJsonObject<ErrorBody>(row.error),
    position: row.position,
    createdAt: readTime(row.created_at),
    updatedAt: readTime(row.updated_at),
  }));
}

/** Inserts or replaces the job. @throws AppError `disk.full`. */
export function putJob(store: Store, row: JobRow): void {
  transaction(store, () =>
    statement(
      store,
      `INSERT INTO jobs (id, kind, state, spec, error, position, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET state = excluded.state, spec = excluded.spec, error = excluded.error,
         position = excluded.position, updated_at = excluded.updated_at`,
    ).run(
      row.id,
      row.kind,
      row.state,
      JSON.stringify(row.spec),
      row.error === null ? null : JSON.stringify(row.error),
      row.position,
      row.createdAt,
      row.updatedAt,
    ),
  );
}

/** Deletes the job and its log, if they exist. @throws AppError `disk.full`. */
export function deleteJob(store: Store, id: string): void {
  transaction(store, () => statement(store, 'DELETE FROM jobs WHERE id = ?').run(id));
}

/** Adds a line to the log of a stored job. @throws AppError `disk.full`. */
export function addJobLine(store: Store, jobId: string, line: JobLine): void {
  transaction(store, () => {
    statement(store, 'INSERT INTO job_lines (job_id, at, text) VALUES (?, ?, ?)').run(jobId, line.at, line.text);
    statement(
      store,
      `DELETE FROM job_lines WHERE job_id = ? AND seq <=
         (SELECT seq FROM job_lines WHERE job_id = ? ORDER BY seq DESC LIMIT 1 OFFSET ${String(MAX_LINES)})`,
    ).run(jobId, jobId);
  });
}

/** The log of a job, newest last. */
export function listJobLines(store: Store, jobId: string): JobLine[] {
  return statement(store, 'SELECT at, text FROM job_lines WHERE job_id = ? ORDER BY seq').all(jobId) as JobLine[];
}
