/**
 * Child processes that are kept, one for each thing that they know, such as a tokenizer. A text that takes forever, or a file that takes
 * all memory, costs its own child and nothing else.
 */
import type { ChildProcess } from 'node:child_process';
import type { AppError } from '../../preload/wire/errors.ts';
import type { Client, Contract } from '../../preload/wire/rpc.ts';
import { unlessAborted } from '../base/unless-aborted.ts';
import { supervise, type SupervisedChild } from '../process/supervise.ts';
import { cancelled, type ChildKind } from './child-work.ts';

export interface KeptLimits {
  readonly questionMs: number;
  /** How long a question waits for work whose answer nobody wants any more, counted from the beginning of that work. */
  readonly droppedMs: number;
  /** A child without a question for so long is ended. */
  readonly idleMs: number;
  readonly maxChildren: number;
}

export interface KeptKind<C extends Contract> extends ChildKind<C> {
  readonly tooSlow: (limitMs: number) => AppError;
}

export interface KeptOptions<C extends Contract> {
  readonly startChild: () => ChildProcess;
  readonly onStderr?: ((line: string, pid: number | undefined) => void) | undefined;
  readonly kind: KeptKind<C>;
  readonly limits: KeptLimits;
}

/** What is asked of the child that is kept for a key. */
export interface Question<C extends Contract, Prepared, Answer> {
  /** Reads what a new child needs, outside the time limit. */
  readonly prepare: () => Promise<Prepared>;
  /** Gives it to a new child, once. */
  readonly open: (client: Client<C>, prepared: Prepared) => Promise<unknown>;
  readonly work: (client: Client<C>) => Promise<Answer>;
}

export interface KeptChildren<C extends Contract> {
  /**
   * Asks the child of `key`, which is started where there is none. One question at a time for each key, in their order. When `signal` fires,
   * the answer alone is dropped: the child is kept, and ends only where such work goes on for `droppedMs` while another question waits.
   * @throws AppError `cancelled` when `signal` fires and after `close`, those of the kind, and what the question throws.
   */
  ask<Prepared, Answer>(key: string, question: Question<C, Prepared, Answer>, signal?: AbortSignal): Promise<Answer>;
  /** Ends the child of `key`, unless a question waits for it. */
  release(key: string): Promise<void>;
  /** Ends all children. */
  close(): Promise<void>;
}

interface Kept<C extends Contract> {
  readonly child: SupervisedChild<C>;
  isOpen: boolean;
  /** Settles with the last question. Never rejects. */
  last: Promise<unknown>;
  readonly waiting: Set<{ readonly signal: AbortSignal | undefined }>;
  questionCount: number;
  /** Ends the work of now if its answer is dropped and its time is over. */
  endDropped: () => void;
  idleTimer: NodeJS.Timeout | undefined;
}

export function createKeptChildren<C extends Contract>(options: KeptOptions<C>): KeptChildren<C> {
  const { kind, limits } = options;
  /** By key, the one that was used last at the end. */
  const children = new Map<string, Kept<C>>();
  let isClosed = false;
  let onRoom: (() => void)[] = [];

  function end(key: string, kept: Kept<C>, reason: AppError): Promise<void> {
    if (children.get(key) === kept) children.delete(key);
    clearTimeout(kept.idleTimer);
    return kept.child.kill(reason);
  }

  function start(key: string): Kept<C> {
    const process = options.startChild();
    const child = supervise<C>(process, {
      limits: kind.limits,
      errors: kind.errors,
      async ping(client) {
        await kind.ping(client);
        return null;
      },
      onStderr: (line) => options.onStderr?.(line, process.pid),
    });
    const kept: Kept<C> = {
      ...{ child, isOpen: false, last: Promise.resolve(), waiting: new Set(), questionCount: 0 },
      ...{ endDropped: () => {}, idleTimer: undefined },
    };
    void child.ended.then(() => {
      if (children.get(key) === kept) children.delete(key);
    });
    return kept;
  }

  /** The child of a key with one more question, once there is room for one. */
  async function childOf(key: string, signal: AbortSignal | undefined): Promise<Kept<C>> {
    for (;;) {
      if (isClosed || signal?.aborted === true) throw cancelled();
      const found = children.get(key);
      const known = found?.child.death === undefined ? found : undefined;
      if (known !== undefined || children.size < limits.maxChildren) {
        const kept = known ?? start(key);
        children.delete(key);
        children.set(key, kept);
        // Counted at once: another question of this turn would take the child for an idle one.
        kept.questionCount += 1;
        clearTimeout(kept.idleTimer);
        return kept;
      }
      const [idle] = [...children].filter(([, one]) => one.questionCount === 0);
      if (idle !== undefined) await end(...idle, cancelled());
      else await unlessAborted(new Promise<void>((resolve) => onRoom.push(resolve)), signal, 'Cancelled.');
    }
  }

  function tellRoom(): void {
    const told = onRoom;
    onRoom = [];
    for (const tell of told) tell();
  }

  /** Runs a call to the child within the time limit. */
  async function limited<T>(key: string, kept: Kept<C>, signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
    const begunAt = performance.now();
    let droppedTimer: NodeJS.Timeout | undefined;
    const timer = setTimeout(() => void end(key, kept, kind.tooSlow(limits.questionMs)), limits.questionMs);
    const onAbort = (): void => {
      droppedTimer = setTimeout(
        () => {
          kept.endDropped = () => {
            if ([...kept.waiting].some((one) => one.signal?.aborted !== true)) void end(key, kept, cancelled());
          };
          kept.endDropped();
        },
        Math.max(0, limits.droppedMs - (performance.now() - begunAt)),
      );
    };
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted === true) onAbort();
    try {
      return await work;
    } finally {
      clearTimeout(timer);
      clearTimeout(droppedTimer);
      signal?.removeEventListener('abort', onAbort);
      kept.endDropped = () => {};
    }
  }

  async function askNow<P, A>(
    key: string,
    kept: Kept<C>,
    { prepare, open, work }: Question<C, P, A>,
    signal: AbortSignal | undefined,
  ): Promise<A> {
    if (isClosed || signal?.aborted === true) throw cancelled();
    const { client } = kept.child;
    try {
      if (!kept.isOpen) {
        const prepared = await prepare();
        await limited(key, kept, signal, open(client, prepared));
        kept.isOpen = true;
      }
      return await limited(key, kept, signal, work(client));
    } catch (error) {
      throw await kept.child.explain(error);
    }
  }

  async function askKept<P, A>(key: string, question: Question<C, P, A>, signal: AbortSignal | undefined): Promise<A> {
    const kept = await childOf(key, signal);
    const own = { signal };
    kept.waiting.add(own);
    kept.endDropped();
    const answer = kept.last
      .then(async () => {
        kept.waiting.delete(own);
        // The child may have ended with the question before.
        if (kept.child.death !== undefined) return await askKept(key, question, signal);
        return await askNow(key, kept, question, signal);
      })
      .finally(() => {
        kept.waiting.delete(own);
        kept.questionCount -= 1;
        if (kept.questionCount > 0) return;
        // A child that could not be opened holds memory for nothing.
        if (!kept.isOpen) void end(key, kept, cancelled());
        else kept.idleTimer = setTimeout(() => void end(key, kept, cancelled()), limits.idleMs).unref();
        tellRoom();
      });
    kept.last = answer.catch(() => {});
    return await answer;
  }

  return {
    async ask(key, question, signal) {
      const answer = askKept(key, question, signal);
      answer.catch(() => {}); // of a dropped answer
      return await unlessAborted(answer, signal, 'Cancelled.');
    },
    async release(key) {
      const kept = children.get(key);
      if (kept?.questionCount === 0) await end(key, kept, cancelled());
      tellRoom();
    },
    async close() {
      isClosed = true;
      tellRoom();
      await Promise.all([...children].map(([key, kept]) => end(key, kept, cancelled())));
    },
  };
}
