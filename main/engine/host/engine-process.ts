/**
 * One engine child and its end. The exit event is the only truth about a child: whoever waits for it gets the one typed error
 * that its end tells. A watchdog ends a child that no longer answers.
 */
import type { ChildProcess } from 'node:child_process';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { connect, type Client } from '../../../preload/wire/rpc.ts';
import { crashError, memoryGroupOf, outOfMemoryKills } from '../../process/crash.ts';
import { ipcPort } from '../../process/ipc-port.ts';
import { readLines } from '../../process/stderr-lines.ts';
import type { ChildContract } from '../protocol.ts';

export interface Watchdog {
  /** Between two pings. */
  readonly everyMs: number;
  /** Pings in a row without an answer, after which the child counts as hung. Counted and not timed: a sleeping computer is no hang. */
  readonly unanswered: number;
  /** From the start of the process to its first answer. */
  readonly startMs: number;
  /** A batch that takes longer than this hangs, where nothing better is known of the model. */
  readonly batchMs: number;
}

/** Half a minute without a word; a quarter of an hour for one batch, which a large model on a slow processor needs. */
export const defaultWatchdog: Watchdog = { everyMs: 5000, unanswered: 6, startMs: 90_000, batchMs: 900_000 };

export interface EngineProcess {
  readonly pid: number | undefined;
  /** Names the model that it loads from now on, for what it writes to standard error. */
  serve(modelId: string): void;
  readonly client: Client<ChildContract>;
  /** Why it ended, once it has. */
  readonly death: AppError | undefined;
  /** Resolves with that when it ends. Never rejects. */
  readonly ended: Promise<AppError>;
  /** Ends it; it holds nothing that must be saved. What waited for it gets `reason`. Resolves when the process is gone. */
  kill(reason: AppError): Promise<void>;
  /** How long one batch may take from now on. */
  expectBatch(limitMs: number): void;
  /** The error for what a call of `client` threw: a lost connection is the child's end, which says more. */
  explain(thrown: unknown): Promise<AppError>;
}

const STDERR_TAIL_CHARS = 4000;
/** After the exit, for the last of stderr. */
const STDERR_WAIT_MS = 250;
/** After the channel closed, for the exit. */
const DISCONNECTED_WAIT_MS = 2000;

/** A line that a child wrote to standard error, and the model that it serves; null for one that was given none yet. */
export type OnStderr = (line: string, modelId: string | null, pid: number | undefined) => void;

/** Takes charge of a child that was just started. `child` has an IPC channel and a piped stderr. */
export function superviseChild(
  child: ChildProcess,
  watchdog: Watchdog = defaultWatchdog,
  onStderr: OnStderr = () => {},
): EngineProcess {
  const client = connect<ChildContract>(ipcPort(child));
  let group = memoryGroupOf(child.pid);
  let killsBefore = outOfMemoryKills(group);
  let stderr = '';
  let answered = false;
  let killedFor: AppError | undefined;
  let death: AppError | undefined;
  let batchMs = watchdog.batchMs;
  let modelId: string | null = null;
  let settle = (_death: AppError): void => {};
  const ended = new Promise<AppError>((resolve) => (settle = resolve));

  const die = (error: AppError): void => {
    if (death) return;
    clearInterval(timer);
    death = error;
    settle(error);
  };
  const kill = (reason: AppError): void => {
    if (death) return;
    killedFor ??= reason;
    child.kill('SIGKILL'); // also ends one that is stopped
  };

  if (child.stderr) readLines(child.stderr, (line) => onStderr(line, modelId, child.pid));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-STDERR_TAIL_CHARS)));
  child.once('error', (error) => {
    if (child.pid !== undefined) return; // a signal that could not be sent; the exit will come
    die(
      new AppError('engine.start_failed', 'The engine could not be started.', { reason: error.message.slice(0, 300) }),
    );
  });
  child.once('exit', (code, signal) => {
    const finish = (): void => {
      clearTimeout(wait);
      const outOfMemoryKill = outOfMemoryKills(group) > killsBefore;
      die(killedFor ?? crashError({ code, signal, stderr, answered, outOfMemoryKill }));
    };
    const wait = setTimeout(finish, STDERR_WAIT_MS);
    child.once('close', finish);
  });
  // Without its channel it can neither be asked nor told anything.
  child.once('disconnect', () => {
    const wait = setTimeout(
      () =>
        kill(
          new AppError('engine.crashed', 'The engine lost its connection and was stopped.', { reason: 'disconnected' }),
        ),
      DISCONNECTED_WAIT_MS,
    );
    wait.unref();
    void ended.then(() => clearTimeout(wait));
  });

  let waiting = false;
  let unanswered = 0;
  const ping = (): void => {
    if (waiting) {
      const limit = answered ? watchdog.unanswered : Math.ceil(watchdog.startMs / watchdog.everyMs);
      if (++unanswered >= limit)
        kill(new AppError('engine.crashed', 'The engine no longer answered and was stopped.', { reason: 'hang' }));
      return;
    }
    waiting = true;
    client.call('ping', {}).then(
      ({ idleMs }) => {
        answered = true;
        const now = memoryGroupOf(child.pid);
        if (now !== group) [group, killsBefore] = [now, outOfMemoryKills(now)];
        waiting = false;
        unanswered = 0;
        if (idleMs !== null && idleMs > batchMs)
          kill(
            new AppError('engine.crashed', 'The engine made no progress for a long time and was stopped.', {
              reason: 'hang',
              idleMs: Math.round(idleMs),
            }),
          );
      },
      () => {}, // it is gone, and the exit says why
    );
  };
  const timer = setInterval(ping, watchdog.everyMs);
  timer.unref();
  ping();

  return {
    pid: child.pid,
    serve(id) {
      modelId = id;
    },
    client,
    get death() {
      return death;
    },
    ended,
    async kill(reason) {
      kill(reason);
      await ended;
    },
    expectBatch(limitMs) {
      batchMs = limitMs;
    },
    async explain(thrown) {
      if (isAppError(thrown, 'disconnected')) return await ended;
      if (isAppError(thrown)) return thrown;
      return new AppError('internal', thrown instanceof Error ? thrown.message : String(thrown));
    },
  };
}
