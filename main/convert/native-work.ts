/** Native children: one process for each piece of work, which is ended when it is done, fails or is cancelled. */
import type { ChildProcess } from 'node:child_process';
import { AppError } from '../../preload/wire/errors.ts';
import type { Client } from '../../preload/wire/rpc.ts';
import type { NativeContract } from '../../native/protocol.ts';
import type { ChildEnd } from '../process/child-end.ts';
import { supervise, type EndErrors, type PingLimits } from '../process/supervise.ts';

export interface NativeWorkOptions {
  /** Starts a native child whose own code may write below `writableFolder` alone; null: nowhere. */
  readonly startChild: (writableFolder: string | null) => ChildProcess;
  readonly onStderr?: (line: string, pid: number | undefined) => void;
}

export type NativeClient = Client<NativeContract>;

/** A child may be silent for two minutes: it looks at the answers of a large vocabulary in one go. */
const limits: PingLimits = { everyMs: 5000, unanswered: 24, startMs: 90_000 };

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
  const child = supervise<NativeContract>(process, {
    limits,
    errors,
    async ping(client) {
      await client.call('ping', {});
      return null;
    },
    onStderr: (line) => onStderr?.(line, process.pid),
  });
  const stop = (): void => void child.kill(cancelled());
  signal.addEventListener('abort', stop);
  try {
    for await (const event of work(child.client)) yield event;
    if (signal.aborted) throw cancelled();
  } catch (error) {
    throw await child.explain(error);
  } finally {
    signal.removeEventListener('abort', stop);
    await child.kill(cancelled());
  }
}

const cancelled = (): AppError => new AppError('cancelled', 'Cancelled.');

const OUT_OF_MEMORY = /out ?of ?memory|bad_alloc|cannot allocate|allocation failed|failed to allocate|length_error/i;

const errors: EndErrors = {
  notStarted: (reason) =>
    new AppError('engine.start_failed', 'The process for llama.cpp’s tools could not be started.', { reason }),
  ended,
  disconnected: () => crashed('The process of llama.cpp’s tools lost its connection and was stopped.', 'disconnected'),
  hung: () => crashed('llama.cpp’s tools no longer answered and were stopped.', 'hang'),
};

const crashed = (sentence: string, reason: string, detail = ''): AppError =>
  new AppError('engine.crashed', sentence, { reason, ...(detail === '' ? {} : { detail }) });

function ended({ code, signal, stderr, outOfMemoryKill }: ChildEnd): AppError {
  const reason = signal ?? `exit code ${code ?? 'unknown'}`;
  const lines = stderr.split('\n').map((line) => line.trim());
  const telling = lines.find((line) => /error|fail|abort|assert/i.test(line)) ?? lines.findLast((line) => line !== '');
  const detail = (telling ?? '').slice(0, 300);
  if (outOfMemoryKill || OUT_OF_MEMORY.test(stderr))
    return new AppError('engine.out_of_memory', 'The memory of this computer was not enough for this work.', {
      reason,
      detail,
    });
  return crashed(`llama.cpp stopped unexpectedly (${reason}).`, reason, detail);
}
