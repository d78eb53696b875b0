/**
 * Supervises a child process of any kind. Only the exit event counts as its end, and everyone who waits for the child gets the same typed
 * error. A watchdog ends a child that no longer answers.
 */
import type { ChildProcess } from 'node:child_process';
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import { connect, type Client, type Contract } from '../../preload/wire/rpc.ts';
import { memoryGroupOf, outOfMemoryKills, type ChildEnd } from './child-end.ts';
import { ipcPort } from './ipc-port.ts';
import { withoutHidden } from './hidden-lines.ts';
import { limitLines, readLines } from './stderr-lines.ts';

export interface PingLimits {
  /** Time between two pings. */
  readonly everyMs: number;
  /** Number of pings in a row without an answer after which the child counts as hung. Not a time, because the computer may sleep. */
  readonly unanswered: number;
  /** Time limit from the start of the process to its first answer. */
  readonly startMs: number;
}

/** The errors for the ways in which a child can end, made by its owner. */
export interface EndErrors {
  readonly notStarted: (reason: string) => AppError;
  readonly ended: (end: ChildEnd) => AppError;
  /** For a child that lost its channel and was stopped. */
  readonly disconnected: () => AppError;
  /** For a child that no longer answered and was stopped. */
  readonly hung: () => AppError;
}

export interface Supervision<C extends Contract> {
  readonly limits: PingLimits;
  readonly errors: EndErrors;
  /** Asks the child for an answer. Resolves with an error when the child must be ended although it answers; else with null. */
  readonly ping: (client: Client<C>) => Promise<AppError | null>;
  /** Gets the lines of the child's standard error, limited per minute and without hidden ones. */
  readonly onStderr?: (line: string) => void;
}

export interface SupervisedChild<C extends Contract> {
  readonly pid: number | undefined;
  readonly client: Client<C>;
  /** The reason of its end; undefined while it runs. */
  readonly death: AppError | undefined;
  /** Resolves with that reason when it ends. Never rejects. */
  readonly ended: Promise<AppError>;
  /** Kills the child, which has nothing to save. Everyone who waits for it gets `reason`. Resolves when the process is gone. */
  kill(reason: AppError): Promise<void>;
  /** The error for an exception of a call of `client`. For a lost connection it is the reason of the child's end. */
  explain(thrown: unknown): Promise<AppError>;
}

const STDERR_TAIL_CHARS = 4000;
/** Time to wait for the end of stderr after the exit. */
const STDERR_WAIT_MS = 250;
/** Time to wait for the exit after the channel closed. */
const DISCONNECTED_WAIT_MS = 2000;

/** Supervises a child that was just started. `child` has an IPC channel and a piped stderr. */
export function supervise<C extends Contract>(child: ChildProcess, options: Supervision<C>): SupervisedChild<C> {
  const { limits, errors } = options;
  const client = connect<C>(ipcPort(child));
  let group = memoryGroupOf(child.pid);
  let killsBefore = outOfMemoryKills(group);
  let stderr = '';
  let answered = false;
  let killedFor: AppError | undefined;
  let death: AppError | undefined;
  const { promise: ended, resolve: settle } = Promise.withResolvers<AppError>();

  const die = (error: AppError): void => {
    if (death) return;
    stopWatching();
    death = error;
    settle(error);
  };
  const kill = (reason: AppError): void => {
    if (death) return;
    killedFor ??= reason;
    // Without an id it was not started, and `error` says why.
    if (child.pid !== undefined) child.kill('SIGKILL'); // also ends one that is stopped
  };

  const told = limitLines(options.onStderr ?? (() => {}));
  if (child.stderr)
    readLines(
      child.stderr,
      withoutHidden({
        line(text) {
          stderr = `${stderr}${text}\n`.slice(-STDERR_TAIL_CHARS);
          told.line(text);
        },
        end: told.end,
      }),
    );
  child.once('error', (error) => {
    if (child.pid !== undefined) return; // a signal that could not be sent; the exit will come
    die(errors.notStarted(error.message.slice(0, 300)));
  });
  child.once('exit', (code, signal) => {
    const finish = (): void => {
      clearTimeout(wait);
      const outOfMemoryKill = outOfMemoryKills(group) > killsBefore;
      die(killedFor ?? errors.ended({ code, signal, stderr, answered, outOfMemoryKill }));
    };
    const wait = setTimeout(finish, STDERR_WAIT_MS);
    child.once('close', finish);
  });
  // Without its channel the child is of no use.
  child.once('disconnect', () => {
    const wait = setTimeout(() => kill(errors.disconnected()), DISCONNECTED_WAIT_MS).unref();
    void ended.then(() => clearTimeout(wait));
  });
  const stopWatching = watch(
    limits,
    async () => {
      const reason = await options.ping(client);
      answered = true;
      // The system may have moved it to another control group since its start.
      const now = memoryGroupOf(child.pid);
      if (now !== group) [group, killsBefore] = [now, outOfMemoryKills(now)];
      if (reason !== null) kill(reason);
    },
    () => kill(errors.hung()),
  );

  return {
    pid: child.pid,
    client,
    get death() {
      return death;
    },
    ended,
    async kill(reason) {
      kill(reason);
      await ended;
    },
    async explain(thrown) {
      if (isAppError(thrown, 'disconnected')) return await ended;
      if (isAppError(thrown)) return thrown;
      return new AppError('internal', thrown instanceof Error ? thrown.message : String(thrown));
    },
  };
}

/** Pings at intervals until the returned function is called. Calls `onHang` after too many pings in a row without an answer or with an error. */
function watch(limits: PingLimits, ping: () => Promise<void>, onHang: () => void): () => void {
  let hasAnswered = false;
  let isWaiting = false;
  let unanswered = 0;
  const tick = (): void => {
    if (isWaiting) {
      const limit = hasAnswered ? limits.unanswered : Math.ceil(limits.startMs / limits.everyMs);
      if (++unanswered >= limit) onHang();
      return;
    }
    isWaiting = true;
    ping().then(
      () => {
        [hasAnswered, isWaiting, unanswered] = [true, false, 0];
      },
      () => {}, // it is gone, and its exit says why
    );
  };
  const timer = setInterval(tick, limits.everyMs);
  timer.unref();
  tick();
  return () => clearInterval(timer);
}
