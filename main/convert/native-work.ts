/** Native children. Of most there is one for each piece of work, which is ended when that is done, fails or is cancelled. */
import type { ChildProcess } from 'node:child_process';
import { AppError } from '../../preload/wire/errors.ts';
import type { Client } from '../../preload/wire/rpc.ts';
import type { NativeContract } from '../../native/protocol.ts';
import type { EndErrors } from '../process/supervise.ts';
import { cancelled, crashed, endedError, inChild, type ChildKind } from './child-work.ts';

export interface NativeWorkOptions {
  /** Starts a native child whose own code may write below `writableFolder` alone; null: nowhere. */
  readonly startChild: (writableFolder: string | null) => ChildProcess;
  readonly onStderr?: (line: string, pid: number | undefined) => void;
}

export type NativeClient = Client<NativeContract>;

/**
 * Runs `work` with the client of a new child, and kills the child after it or when `signal` fires: the library's calls cannot be stopped.
 * @throws AppError `cancelled`, `engine.*` for a child that ended by itself, and what `work` throws.
 */
export async function* inNativeChild<Event>(
  { startChild, onStderr }: NativeWorkOptions,
  writableFolder: string | null,
  signal: AbortSignal,
  work: (client: NativeClient) => AsyncIterable<Event>,
): AsyncGenerator<Event> {
  if (signal.aborted) throw cancelled();
  const process = startChild(writableFolder);
  const options = { signal, onStderr: (line: string) => onStderr?.(line, process.pid) };
  yield* inChild(process, nativeKind, options, work);
}

const OUT_OF_MEMORY = /out ?of ?memory|bad_alloc|cannot allocate|allocation failed|failed to allocate|length_error/i;

/** The first line that names a fault, else the last one. */
function tellingLine(untrimmed: readonly string[]): string | undefined {
  const lines = untrimmed.map((line) => line.trim());
  return lines.find((line) => /error|fail|abort|assert/i.test(line)) ?? lines.findLast((line) => line !== '');
}

const errors: EndErrors = {
  notStarted: (reason) =>
    new AppError('engine.start_failed', 'The process for llama.cpp’s tools could not be started.', { reason }),
  ended: (end) =>
    endedError(end, {
      stopped: 'llama.cpp stopped unexpectedly',
      outOfMemory: 'The memory of this computer was not enough for this work.',
      outOfMemoryLine: OUT_OF_MEMORY,
      tellingLine,
    }),
  disconnected: () => crashed('The process of llama.cpp’s tools lost its connection and was stopped.', 'disconnected'),
  hung: () => crashed('llama.cpp’s tools no longer answered and were stopped.', 'hang'),
};

/** A child may be silent for two minutes: it looks at the answers of a large vocabulary in one go. */
export const nativeKind: ChildKind<NativeContract> = {
  limits: { everyMs: 5000, unanswered: 24, startMs: 90_000 },
  errors,
  ping: (client) => client.call('ping', {}),
};
