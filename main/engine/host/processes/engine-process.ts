/** Supervises an engine child: the time limit of its batches, and the error of its end. */
import type { ChildProcess } from 'node:child_process';
import { AppError } from '../../../../preload/wire/errors.ts';
import { supervise, type EndErrors, type PingLimits, type SupervisedChild } from '../../../process/supervise.ts';
import type { ChildContract } from '../../protocol.ts';
import { crashError } from './crash-error.ts';

export interface Watchdog extends PingLimits {
  /** Limit for a batch of a model that was not measured. */
  readonly batchMs: number;
  /** Limit for the choice of one token by a grammar, which takes milliseconds. */
  readonly grammarMs: number;
}

/** A child may be silent for half a minute. A batch may take a quarter of an hour, as for a large model on a slow CPU. */
export const defaultWatchdog: Watchdog = {
  everyMs: 5000,
  unanswered: 6,
  startMs: 90_000,
  batchMs: 900_000,
  grammarMs: 30_000,
};

export interface EngineProcess extends SupervisedChild<ChildContract> {
  /** Names the model of the child, for its lines on standard error. */
  serve(modelId: string): void;
  /** Sets the time limit for one batch. */
  expectBatch(limitMs: number): void;
}

/** Gets each line that a child writes to standard error, with the child's model; null for a child without one. */
export type OnStderr = (line: string, modelId: string | null, pid: number | undefined) => void;

/** Supervises an engine child that was just started. `child` has an IPC channel and a piped stderr. */
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
      const { idleMs, samplingMs, grammarMs = 0 } = await client.call('ping', {});
      if (grammarMs > watchdog.grammarMs) return endless(grammarMs);
      // A token that is chosen may wait for a batch of another context.
      const longest = Math.max(idleMs ?? 0, samplingMs ?? 0);
      return longest > batchMs ? stalled(longest) : null;
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

const endless = (grammarMs: number): AppError =>
  stopped('The engine took too long to find a token that the grammar allows, and was stopped.', {
    reason: 'grammar_hang',
    grammarMs: Math.round(grammarMs),
  });
