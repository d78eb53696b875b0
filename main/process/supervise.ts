/**
 * One child process and its end, whatever it is for. The exit event is the only truth about a child: whoever waits for it gets the one
 * typed error that its end tells. A watchdog ends a child that no longer answers.
 */
import type { ChildProcess } from 'node:child_process';
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import { connect, type Client, type Contract } from '../../preload/wire/rpc.ts';
import { memoryGroupOf, outOfMemoryKills, type ChildEnd } from './child-end.ts';
import { ipcPort } from './ipc-port.ts';
import { withoutHidden } from './hidden-lines.ts';
import { limitLines, readLines } from './stderr-lines.ts';

export interface PingLimits {
  /** Between two pings. */
  readonly everyMs: number;
  /** Pings in a row without an answer, after which the child counts as hung. Counted and not timed: a sleeping computer is no hang. */
  readonly unanswered: number;
  /** From the start of the process to its first answer. */
  readonly startMs: number;
}

/** What is said of a child's end, in the words of its owner. */
export interface EndErrors {
  readonly notStarted: (reason: string) => AppError;
  readonly ended: (end: ChildEnd) => AppError;
  /** It lost its channel and was stopped. */
  readonly disconnected: () => AppError;
  /** It no longer answered and was stopped. */
  readonly hung: () => AppError;
}

export interface Supervision<C extends Contract> {
  readonly limits: PingLimits;
  readonly errors: EndErrors;
  /** Asks the child for an answer. Resolves with why it must be ended although it answers; null when all is well. */
  readonly ping: (client: Client<C>) => Promise<AppError | null>;
  /** Gets the lines that the child writes to standard error: so many a minute, the last ones, and none that it hides. */
  readonly onStderr?: (line: string) => void;
}

export interface SupervisedChild<C extends Contract> {
  readonly pid: number | undefined;
  readonly client: Client<C>;
  /** Why it ended, once it has. */
  readonly death: AppError | undefined;
  /** Resolves with that when it ends. Never rejects. */
  readonly ended: Promise<AppError>;
  /** Ends it; it holds nothing that must be saved. What waited for it gets `reason`. Resolves when the process is gone. */
  kill(reason: AppError): Promise<void>;
  /** The error for what a call of `client` threw: a lost connection is the child's end, which says more. */
  explain(thrown: unknown): Promise<AppError>;
}

const STDERR_TAIL_CHARS = 4000;
/** After the exit, for the last of stderr. */
const STDERR_WAIT_MS = 250;
/** After the channel closed, for the exit. */
const DISCONNECTED_WAIT_MS = 2000;

/** Takes charge of a child that was just started. `child` has an IPC channel and a piped stderr. */
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
  // Without its channel it can neither be asked nor told anything.
  child.once('disconnect', () => {
    const wait = setTimeout(() => kill(errors.disconnected()), DISCONNECTED_WAIT_MS).unref();
    void ended.then(() => clearTimeout(wait));
  });
  const stopWatching = watch(
    limits,
    async () => {
      const reason = await options.ping(client);
      answered = true;
      // The system may have moved it to a group of its own since its start.
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

/** Pings now and then until the answer is called; `onHang` when too many in a row have no answer. A ping that rejects is one without. */
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
