/** Decides which jobs run: the first of each kind or lane in the list's order, as many at a time as their orders allow. */
import type { JobList } from './job-list.ts';
import { viewOf, type JobRecord } from './job-record.ts';
import { createSpaceWatch } from './space-watch.ts';
import { startRun } from './run-job.ts';

export interface QueueOptions {
  /** How often the disk is checked for jobs that wait for space. */
  readonly checkSpaceMs: number;
}

export interface Queue {
  /** Starts the jobs that may start, in order. */
  pump(): void;
  /** Stops a run and settles when it has stopped. */
  stop(record: JobRecord): Promise<void>;
  /**
   * Queues a job that is not running. One that still stops is queued when it has stopped, unless `stop` is called meanwhile. False while
   * it is being removed.
   */
  requeue(record: JobRecord): boolean;
  /** Whether a job that still stops is queued when it has stopped. */
  goesOnAfterStop(record: JobRecord): boolean;
  isClosed(): boolean;
  /** Stops all runs and starts no more. Queued jobs are paused unless they start again by themselves. */
  close(): Promise<void>;
}

const PROGRESS_EVERY_MS = 100;

/** The jobs that may start now. */
export function startable(records: readonly JobRecord[]): JobRecord[] {
  const laneOf = ({ kind, order }: JobRecord): string => order?.lane ?? kind;
  const running = new Map<string, number>();
  const add = (lane: string): unknown => running.set(lane, (running.get(lane) ?? 0) + 1);
  for (const record of records) if (record.run !== null) add(laneOf(record));
  return records.filter((record) => {
    const { state, order, run, removal } = record;
    if (state !== 'queued' || run !== null || removal !== null) return false;
    const lane = laneOf(record);
    if ((running.get(lane) ?? 0) >= (order?.slots?.() ?? 1)) return false;
    add(lane);
    return true;
  });
}

export function createQueue(list: JobList, options: QueueOptions): Queue {
  let closed = false;
  let ticker: NodeJS.Timeout | undefined;
  const isClosing = (): boolean => closed;
  const spaceWatch = createSpaceWatch(list, { everyMs: options.checkSpaceMs, onSpace: () => pump() });

  const shown = new WeakMap<JobRecord, string>();
  function tick(): void {
    const nowMs = performance.now();
    for (const record of list.inOrder()) {
      if (record.run === null) continue;
      record.bytesPerSecond = record.state === 'running' ? record.meter.sample(nowMs) : 0;
      const { doneBytes } = viewOf(record);
      const now = JSON.stringify([record.state, record.bytesPerSecond, doneBytes, record.detail]);
      if (shown.get(record) !== now) list.changed(record);
      shown.set(record, now);
    }
  }

  function pump(): void {
    if (!closed) for (const record of startable(list.inOrder())) startRun(list, record, { isClosing, onEnd: pump });
    const records = list.inOrder();
    if (records.some(({ run }) => run !== null)) ticker ??= setInterval(tick, PROGRESS_EVERY_MS);
    else {
      clearInterval(ticker);
      ticker = undefined;
    }
    spaceWatch.run(!closed && records.some(({ state }) => state === 'waiting'));
  }

  /** The jobs that are queued again when they have stopped. */
  const goOnAfterStop = new WeakSet<JobRecord>();

  async function stop(record: JobRecord): Promise<void> {
    goOnAfterStop.delete(record);
    record.run?.abort.abort();
    await record.run?.finished;
  }

  function requeue(record: JobRecord): boolean {
    if (record.removal !== null) return false;
    if (closed) return true;
    if (record.run?.abort.signal.aborted === true) void requeueStopped(record, record.run.finished);
    else if (['paused', 'failed', 'done', 'waiting'].includes(record.state)) {
      list.enter(record, 'queued');
      pump();
    }
    return true;
  }

  async function requeueStopped(record: JobRecord, stopped: Promise<void>): Promise<void> {
    goOnAfterStop.add(record);
    await stopped;
    // Work that ended before it heard of the stop has nothing left to do.
    if (goOnAfterStop.delete(record) && record.state !== 'done') requeue(record);
  }

  return {
    pump,
    stop,
    requeue,
    goesOnAfterStop: (record) => goOnAfterStop.has(record),
    isClosed: isClosing,
    async close() {
      closed = true;
      const records = list.inOrder();
      for (const record of records)
        if (record.run === null && (record.state === 'queued' || record.state === 'waiting'))
          if (record.order?.startsAgain !== true) list.enter(record, 'paused');
      await Promise.all(records.map(stop));
      await Promise.allSettled(records.map(({ removal }) => removal ?? Promise.resolve()));
      clearInterval(ticker);
      spaceWatch.run(false);
    },
  };
}
