/** Measures the cores that other programs use. A model gets fewer threads then, because its threads wait for each other at every step. */
import { readFileSync } from 'node:fs';
import os from 'node:os';

export interface BusyMeter {
  /** Cores that other processes used lately, at least 0. Right after the start it waits for a first reading. */
  cores(): Promise<number>;
  stop(): void;
}

const EVERY_MS = 2000;
/** Time of the first reading, which has nothing before it. The system counts in steps of 10 ms. */
const FIRST_MS = 500;
/** Weight of the newest reading. Older readings count too, so that a short peak has little effect. */
const WEIGHT = 0.5;

/** Cores that other programs may use during a measurement of a model. With more in use its result means little. */
export const BUSY_CORES_LIMIT = 0.5;

interface Reading {
  readonly busyMs: number;
  readonly totalMs: number;
  /** CPU time of this app with its children. */
  readonly ownMs: number;
}

/** Starts the measurement. `childPids` are this app's own children, which do not count. The timers keep no process alive. */
export function watchBusyCores(childPids: () => readonly number[], everyMs = EVERY_MS): BusyMeter {
  const cpus = os.availableParallelism();
  let last = read([]);
  let average: number | null = null;
  const first = Promise.withResolvers<void>();
  const update = (): void => {
    const next = read(childPids());
    const busy = busyBetween(last, next, cpus);
    average = average === null ? busy : average + WEIGHT * (busy - average);
    last = next;
    first.resolve();
  };
  const begin = setTimeout(update, Math.min(FIRST_MS, everyMs)).unref();
  const timer = setInterval(update, everyMs);
  timer.unref();
  return {
    async cores() {
      await first.promise;
      return average ?? 0;
    },
    stop() {
      clearTimeout(begin);
      clearInterval(timer);
      first.resolve();
    },
  };
}

/** Cores for a model while others use `busy` of them; at least one. A core counts as used from three quarters on. */
export function freeCores(cores: number, busy: number): number {
  return Math.max(1, cores - Math.floor(busy + 0.25));
}

/** Cores that others used between two readings. */
export function busyBetween(before: Reading, after: Reading, cpus: number): number {
  const totalMs = after.totalMs - before.totalMs;
  if (totalMs <= 0) return 0;
  // The time of a child that ended is missing in the later reading, so the difference may be negative.
  const ownMs = Math.max(0, after.ownMs - before.ownMs);
  return Math.max(0, ((after.busyMs - before.busyMs - ownMs) / totalMs) * cpus);
}

function read(childPids: readonly number[]): Reading {
  let busyMs = 0;
  let totalMs = 0;
  for (const { times } of os.cpus()) {
    const working = times.user + times.nice + times.sys + times.irq;
    busyMs += working;
    totalMs += working + times.idle;
  }
  const own = process.cpuUsage();
  let ownMs = (own.user + own.system) / 1000;
  for (const pid of childPids) ownMs += cpuTimeOf(pid);
  return { busyMs, totalMs, ownMs };
}

/** CPU time of a process in milliseconds; 0 where there is no /proc. */
export function cpuTimeOf(pid: number): number {
  try {
    // The fields follow the name, which may contain spaces and brackets. Linux counts hundredths of a second.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10;
  } catch {
    return 0;
  }
}
