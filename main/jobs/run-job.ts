/** One run of a job, from its start to its end, pause, failure or wait. */
import { encodeError, type ErrorBody } from '../../preload/wire/errors.ts';
import type { TransferContext } from '../base/work.ts';
import type { JobList } from './job-list.ts';
import type { JobRecord } from './job-record.ts';

/** The pause before the next check when the system reports enough free space but refuses the bytes, as with a quota. */
const QUOTA_PAUSE_MS = 60_000;

export interface RunOptions {
  /** Whether the process is ending. */
  readonly isClosing: () => boolean;
  /** Called at the end of the run, whatever its outcome. */
  readonly onEnd: () => void;
}

/** Starts a job that is not running. */
export function startRun(list: JobList, record: JobRecord, { isClosing, onEnd }: RunOptions): void {
  const abort = new AbortController();
  record.meter.reset();
  list.enter(record, 'running');
  list.log(record, 'Started.');
  let isOver = false;
  const context = contextOf(list, record, abort.signal, () => isOver);
  const run = async (): Promise<void> => await record.order?.run(context);
  const finished = run()
    .finally(() => (isOver = true))
    .then(
      () => {
        list.log(record, 'Finished.');
        list.enter(record, 'done');
        record.settle(null);
      },
      (thrown: unknown) => {
        if (!abort.signal.aborted) return fail(list, record, encodeError(thrown));
        list.log(record, 'Stopped.');
        list.enter(record, isClosing() && record.order?.startsAgain === true ? 'queued' : 'paused');
      },
    )
    .finally(() => {
      record.run = null;
      onEnd();
    });
  record.run = { abort, finished };
}

function fail(list: JobList, record: JobRecord, error: ErrorBody): void {
  list.log(record, sentenceOf(error));
  if (error.code === 'disk.full' && record.order?.checkSpace !== undefined) {
    const { neededBytes, freeBytes } = error.data ?? {};
    const isQuota = Number(freeBytes) >= Number(neededBytes);
    record.checkAgainAtMs = performance.now() + (isQuota ? QUOTA_PAUSE_MS : 0);
    return list.enter(record, 'waiting', error);
  }
  list.enter(record, 'failed', error);
  record.settle(error);
}

function contextOf(list: JobList, record: JobRecord, signal: AbortSignal, isOver: () => boolean): TransferContext {
  return {
    signal,
    progress(doneBytes, totalBytes = record.totalBytes) {
      record.totalBytes = totalBytes;
      if (doneBytes > record.doneBytes) record.meter.add(doneBytes - record.doneBytes);
      record.doneBytes = Math.max(record.doneBytes, doneBytes);
    },
    keep: () => list.keep(record),
    received: (bytes) => record.meter.add(bytes),
    phase(state) {
      // Reports after the run's end are ignored, and so are repeated ones, of which there are many per second.
      if (!isOver() && record.state !== state) list.enter(record, state);
    },
    detail: (detail) => void (record.detail = detail),
    log: (text) => list.log(record, text),
  };
}

function sentenceOf(error: ErrorBody): string {
  const facts = Object.entries(error.data ?? {}).map(([name, value]) => `${name} ${String(value)}`);
  return facts.length === 0 ? error.message : `${error.message} (${facts.join(', ')})`;
}
