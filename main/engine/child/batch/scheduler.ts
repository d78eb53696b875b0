/** Which request gets which sequence of the context, and in what order: windows before API work, API clients in fair turns. */
import type { Token } from 'node-llama-cpp';
import { AppError } from '../../../../preload/wire/errors.ts';

/** A sequence as the scheduler sees it. */
export interface Slot {
  /** Whose state it holds; null: nobody's. */
  chatKey: string | null;
  busy: boolean;
  /** What it holds. */
  tokens(): readonly Token[];
  lastUsed: number;
}

export interface Wish {
  readonly chatKey: string | null;
  readonly tokens: readonly Token[];
  readonly priority: 'window' | 'api';
  /** Who asks. */
  readonly client: string;
}

export interface Scheduler<S extends Slot> {
  /**
   * A slot for a wish, at once or when one is free. `ahead` is how many wait before it (0 when it has its slot).
   * `granted` rejects with `cancelled` when `signal` fires before. @throws AppError `busy` when the queue is full.
   */
  request(wish: Wish, signal: AbortSignal): { readonly ahead: number; readonly granted: Promise<S> };
  release(slot: S): void;
  /** Whether a window waits that a program's reply in this slot keeps from its turn. */
  isWanted(slot: S): boolean;
  /**
   * Gives a slot to the window that waits, and resolves when it is the same wish's again; the sequence has then served another.
   * Rejects with `cancelled` when `signal` fires before; the slot is then not held any more.
   */
  lend(slot: S, signal: AbortSignal): Promise<void>;
  waiting(): number;
  active(): number;
}

interface Waiting<S> {
  readonly wish: Wish;
  readonly grant: (slot: S) => void;
  /** A reply that has lent its slot goes on in no other. */
  readonly only?: S;
}

/** Requests that may wait; more would wait longer than anyone does. */
export const QUEUE_LIMIT = 32;

export function commonPrefix(a: readonly Token[], b: readonly Token[]): number {
  const length = Math.min(a.length, b.length);
  let index = 0;
  while (index < length && a[index] === b[index]) index++;
  return index;
}

/** A scheduler over the sequences of one context. */
export function createScheduler<S extends Slot>(slots: readonly S[], queueLimit = QUEUE_LIMIT): Scheduler<S> {
  const queue: Waiting<S>[] = [];
  /** Turns that each API client has had; who has had the fewest is next. */
  const turns = new Map<string, number>();
  let clock = 0;
  const busyWith = new Map<S, Wish>();

  /** A slot that may serve the wish now. */
  function slotFor(wish: Wish, only?: S): S | undefined {
    if (only) return only.busy ? undefined : only;
    // A chat goes on from its own state, so two replies of one chat follow each other.
    const own = wish.chatKey === null ? undefined : slots.find((slot) => slot.chatKey === wish.chatKey);
    if (own?.busy) return undefined;
    // One sequence stays for windows where there are several.
    const apiBusy = [...busyWith.values()].filter(({ priority }) => priority === 'api').length;
    if (wish.priority === 'api' && slots.length > 1 && apiBusy >= slots.length - 1) return undefined;
    if (own) return own;
    const free = slots.filter((slot) => !slot.busy);
    const nobodys = free.filter((slot) => slot.chatKey === null);
    const candidates = nobodys.length > 0 ? nobodys : free;
    // The longest common beginning first, else what was used longest ago.
    return candidates
      .map((slot) => ({ slot, common: commonPrefix(slot.tokens(), wish.tokens) }))
      .sort((a, b) => b.common - a.common || a.slot.lastUsed - b.slot.lastUsed)[0]?.slot;
  }

  function take(slot: S, wish: Wish, goesOn = false): S {
    slot.busy = true;
    busyWith.set(slot, wish);
    slot.lastUsed = ++clock;
    slot.chatKey = wish.chatKey;
    if (wish.priority === 'api' && !goesOn) {
      const fewest = Math.min(...turns.values(), Infinity);
      // Who comes back after a pause starts where the others are: a pause saves up nothing.
      const had = turns.get(wish.client) ?? (Number.isFinite(fewest) ? fewest : 0);
      turns.set(wish.client, had + 1);
      if (turns.size > 1000) turns.clear();
    }
    return slot;
  }

  const order = (): Waiting<S>[] => {
    const rank = ({ wish, only }: Waiting<S>): number =>
      wish.priority === 'window' ? -2 : only ? -1 : (turns.get(wish.client) ?? 0);
    return queue
      .map((entry, index) => ({ entry, index }))
      .sort((a, b) => rank(a.entry) - rank(b.entry) || a.index - b.index)
      .map(({ entry }) => entry);
  };

  function serveQueue(): void {
    for (const entry of order()) {
      const slot = slotFor(entry.wish, entry.only);
      if (!slot) continue;
      queue.splice(queue.indexOf(entry), 1);
      entry.grant(take(slot, entry.wish, entry.only !== undefined));
      // The order has changed with the turn that was given.
      serveQueue();
      return;
    }
  }

  function enqueue(wish: Wish, signal: AbortSignal, only?: S): { entry: Waiting<S>; granted: Promise<S> } {
    const { promise, resolve, reject } = Promise.withResolvers<S>();
    const onAbort = (): void => {
      queue.splice(queue.indexOf(entry), 1);
      reject(new AppError('cancelled', 'Stopped before the reply began.'));
    };
    const entry: Waiting<S> = {
      wish,
      ...(only ? { only } : {}),
      grant(slot) {
        signal.removeEventListener('abort', onAbort);
        resolve(slot);
      },
    };
    queue.push(entry);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.catch(() => {}); // awaited by who asked
    return { entry, granted: promise };
  }

  return {
    request(wish, signal) {
      const mayGo =
        queue.length === 0 || (wish.priority === 'window' && !queue.some((w) => w.wish.priority === 'window'));
      const slot = mayGo ? slotFor(wish) : undefined;
      if (slot) return { ahead: 0, granted: Promise.resolve(take(slot, wish)) };
      if (queue.length >= queueLimit)
        throw new AppError('busy', `${queue.length} requests wait for this model already. Try again in a while.`, {
          waiting: queue.length,
        });
      const { entry, granted } = enqueue(wish, signal);
      const ahead = Math.max(
        1,
        order().findIndex((one) => one === entry),
      );
      // A wish that may go past the others (another chat's slot is free) goes at once.
      serveQueue();
      return { ahead, granted };
    },
    release(slot) {
      slot.busy = false;
      slot.lastUsed = ++clock;
      busyWith.delete(slot);
      serveQueue();
    },
    isWanted: (slot) =>
      busyWith.get(slot)?.priority === 'api' &&
      queue.some(
        ({ wish }) =>
          wish.priority === 'window' &&
          // Two replies of one chat follow each other.
          (wish.chatKey === null || !slots.some(({ chatKey }) => chatKey === wish.chatKey)),
      ),
    async lend(slot, signal) {
      const wish = busyWith.get(slot);
      if (!wish) throw new AppError('internal', 'Only a slot that is held can be lent.');
      const { granted } = enqueue(wish, signal, slot);
      this.release(slot);
      await granted;
    },
    waiting: () => queue.length,
    active: () => busyWith.size,
  };
}
