/** Removals of jobs with undo: the job is hidden at once, and its partial results are removed some seconds later. */
import { encodeError } from '../../preload/wire/errors.ts';
import type { JobList } from './job-list.ts';
import type { JobRecord } from './job-record.ts';
import type { Queue } from './queue.ts';

export interface CancellationsOptions {
  readonly list: JobList;
  readonly queue: Queue;
  readonly undoMs: number;
  /** Removes the job with its partial results. */
  readonly remove: (record: JobRecord) => Promise<void>;
}

export interface Cancellations {
  /** Stops and hides a job, and removes it later. */
  begin(record: JobRecord): { readonly undoMs: number };
  /** Shows the job again. One that was at work or queued goes on. False when its removal has begun. */
  undo(record: JobRecord): boolean;
  /** Shows the job again, and queues it whatever it was: its work was ordered anew. False when its removal has begun. */
  bringBack(record: JobRecord): boolean;
  /** Removes all hidden jobs now. Never throws. */
  finish(): Promise<void>;
}

export function createCancellations({ list, queue, undoMs, remove }: CancellationsOptions): Cancellations {
  /** The hidden jobs, with their timers. `goesOn`: the job was neither paused nor failed. */
  const pending = new Map<JobRecord, { readonly timer: NodeJS.Timeout; readonly goesOn: boolean }>();

  async function carryOut(record: JobRecord): Promise<void> {
    clearTimeout(pending.get(record)?.timer);
    pending.delete(record);
    try {
      await remove(record);
    } catch (error) {
      // Its files are still there, so it is shown again, with the reason.
      record.isHidden = false;
      list.enter(record, 'failed', encodeError(error));
    }
  }

  /** Shows a hidden job, and queues it where it was not paused or failed, or is wanted anyway. */
  function show(record: JobRecord, isWantedAnyway: boolean): boolean {
    const hidden = pending.get(record);
    if (hidden === undefined) return false;
    clearTimeout(hidden.timer);
    pending.delete(record);
    record.isHidden = false;
    list.changed(record);
    if (hidden.goesOn || isWantedAnyway) queue.requeue(record);
    return true;
  }

  return {
    begin(record) {
      if (pending.has(record)) return { undoMs };
      // One that still stops was paused, unless it was brought back or ordered again meanwhile.
      const isStopping = record.run?.abort.signal.aborted === true && !queue.goesOnAfterStop(record);
      const isPaused = record.state === 'paused' || isStopping;
      const goesOn = !isPaused && record.state !== 'failed';
      record.isHidden = true;
      if (record.run === null && goesOn) list.enter(record, 'paused');
      else list.changed(record);
      void queue.stop(record);
      pending.set(record, { timer: setTimeout(() => void carryOut(record), undoMs), goesOn });
      queue.pump();
      return { undoMs };
    },
    undo: (record) => show(record, false),
    bringBack: (record) => show(record, true),
    async finish() {
      await Promise.all([...pending.keys()].map(carryOut));
    },
  };
}
