/** A child of the engine: how long its batches may take, and what its end means for who waits for a model. */
import type { ChildProcess } from 'node:child_process';
import { AppError } from '../../../../preload/wire/errors.ts';
import { supervise, type EndErrors, type PingLimits, type SupervisedChild } from '../../../process/supervise.ts';
import type { ChildContract } from '../../protocol.ts';
import { crashError } from './crash-error.ts';

export interface Watchdog extends PingLimits {
  /** A batch that takes longer than this hangs, where nothing better is known of the model. */
  readonly batchMs: number;
}

/** Half a minute without a word; a quarter of an hour for one batch, which a large model on a slow processor needs. */
export const defaultWatchdog: Watchdog = { everyMs: 5000, unanswered: 6, startMs: 90_000, batchMs: 900_000 };

export interface EngineProcess extends SupervisedChild<ChildContract> {
  /** Names the model that it loads from now on, for what it writes to standard error. */
  serve(modelId: string): void;
  /** How long one batch may take from now on. */
  expectBatch(limitMs: number): void;
}

/** A line that a child wrote to standard error, and the model that it serves; null for one that was given none yet. */
export type OnStderr = (line: string, modelId: string | null, pid: number | undefined) => void;

/** Takes charge of an engine child that was just started. `child` has an IPC channel and a piped stderr. */
export function superviseChild(
  child: ChildProcess,
  watchdog: Watchdog = defaultWatchdog,
  onStderr: OnStderr = () => {},
): EngineProcess {
  let batchMs = watchdog.batchMs;
  let modelId: string | null = null;
  const supervised = supervise<ChildContract>(child, {
    limits: watchdog,
    errors,
    async ping(client) {
      const { idleMs } = await client.call('ping', {});
      return idleMs !== null && idleMs > batchMs ? stalled(idleMs) : null;
    },
    onStderr: (line) => onStderr(line, modelId, child.pid),
  });
  const { pid, client, ended, kill, explain } = supervised;
  return {
    ...{ pid, client, ended, kill, explain },
    get death() {
      return supervised.death;
    },
    serve(id) {
      modelId = id;
    },
    expectBatch(limitMs) {
      batchMs = limitMs;
    },
  };
}

const stopped = (sentence: string, facts: Readonly<Record<string, string | number>>): AppError =>
  new AppError('engine.crashed', sentence, facts);

const errors: EndErrors = {
  notStarted: (reason) => new AppError('engine.start_failed', 'The engine could not be started.', { reason }),
  ended: crashError,
  disconnected: () => stopped('The engine lost its connection and was stopped.', { reason: 'disconnected' }),
  hung: () => stopped('The engine no longer answered and was stopped.', { reason: 'hang' }),
};

const stalled = (idleMs: number): AppError =>
  stopped('The engine made no progress for a long time and was stopped.', {
    reason: 'hang',
    idleMs: Math.round(idleMs),
  });
