/** A child process for one piece of work, which is killed when that is done, fails or is cancelled. */
import type { ChildProcess } from 'node:child_process';
import { AppError } from '../../preload/wire/errors.ts';
import type { Client, Contract } from '../../preload/wire/rpc.ts';
import type { ChildEnd } from '../process/child-end.ts';
import { supervise, type EndErrors, type PingLimits } from '../process/supervise.ts';

/** What a kind of child is, for its limits and its errors. */
export interface ChildKind<C extends Contract> {
  readonly limits: PingLimits;
  readonly errors: EndErrors;
  readonly ping: (client: Client<C>) => Promise<unknown>;
}

/**
 * Yields the events of `work` with the client of `process`, a child that was just started, and kills it after them or when `signal` fires.
 * @throws AppError `cancelled`, `engine.*` for a child that ended by itself, and what `work` throws.
 */
export async function* inChild<C extends Contract, Event>(
  process: ChildProcess,
  { limits, errors, ping }: ChildKind<C>,
  { signal, onStderr }: { readonly signal: AbortSignal; readonly onStderr: (line: string) => void },
  work: (client: Client<C>) => AsyncIterable<Event>,
): AsyncGenerator<Event> {
  const child = supervise<C>(process, {
    limits,
    errors,
    async ping(client) {
      await ping(client);
      return null;
    },
    onStderr,
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

export const cancelled = (): AppError => new AppError('cancelled', 'Cancelled.');

/** The error of a child that was stopped, or stopped by itself. */
export const crashed = (sentence: string, reason: string, detail = ''): AppError =>
  new AppError('engine.crashed', sentence, { reason, ...(detail === '' ? {} : { detail }) });

/** How a kind of child tells its end. */
export interface EndWords {
  /** Beginning of the sentence for a crash, which goes on with the reason in brackets. */
  readonly stopped: string;
  readonly outOfMemory: string;
  /** What the child prints where its memory was not enough. */
  readonly outOfMemoryLine: RegExp;
  /** The line of its standard error that tells most. */
  readonly tellingLine: (lines: readonly string[]) => string | undefined;
}

/** The error for a child that ended by itself. */
export function endedError({ code, signal, stderr, outOfMemoryKill }: ChildEnd, words: EndWords): AppError {
  const reason = signal ?? `exit code ${String(code ?? 'unknown')}`;
  const detail = (words.tellingLine(stderr.split('\n')) ?? '').slice(0, 300);
  if (outOfMemoryKill || words.outOfMemoryLine.test(stderr))
    return new AppError('engine.out_of_memory', words.outOfMemory, { reason, detail });
  return crashed(`${words.stopped} (${reason}).`, reason, detail);
}
