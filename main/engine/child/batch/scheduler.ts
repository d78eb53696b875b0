/** Which request gets which sequence of the context, and in what order: windows before API work, API clients in fair turns. */
import type { Token } from 'node-llama-cpp';
import { AppError } from '../../../../preload/wire/errors.ts';

/** A sequence as the scheduler sees it. */
export interface Slot {
  /** The chat whose state it holds; null when it belongs to no chat. */
  chatKey: string | null;
  busy: boolean;
  /** The tokens in the sequence. */
  tokens(): readonly Token[];
  /** Of the scheduler's clock, which counts grants and releases. */
  lastUsed: number;
}

export interface SlotRequest {
  readonly chatKey: string | null;
  readonly tokens: readonly Token[];
  readonly priority: 'window' | 'api';
  /** API work is fair between clients. */
  readonly client: string;
}

export interface Scheduler<S extends Slot> {
  /**
   * Grants a slot at once, or when one is free. `ahead` counts the requests that wait before this one (0: it has its slot).
   * `granted` rejects with `cancelled` when `signal` fires before the grant. @throws AppError `busy` when the queue is full.
   */
  request(request: SlotRequest, signal: AbortSignal): { readonly ahead: number; readonly granted: Promise<S> };
  release(slot: S): void;
  /** True while a window's request waits that this slot, held by API work, could serve. */
  shouldYield(slot: S): boolean;
  /**
   * Calls `listener` for each window's request that this slot, held by API work, could serve and that has to wait. Null: nobody listens any
   * more, as after the release.
   */
  onWanted(slot: S, listener: (() => void) | null): void;
  /**
   * Releases a slot to the windows that wait, and resolves when its holder has it again; the sequence has then served others.
   * Rejects with `cancelled` when `signal` fires before; the slot is then no longer held.
   */
  yieldSlot(slot: S, signal: AbortSignal): Promise<void>;
  /** Requests in the queue. */
  waiting(): number;
  /** Slots that are held. */
  active(): number;
}

interface Waiting<S> {
  readonly request: SlotRequest;
  readonly grant: (slot: S) => void;
  /** A reply that yielded its slot continues in that slot only: its tokens were evaluated there. */
  readonly only?: S;
}

/** Requests in the queue. The reply of a later one would begin after its reader has left. */
const queueLimitOf = (slots: number): number => Math.max(32, 8 * slots);

/** Length of the longest common beginning, in tokens. */
export function commonPrefix(a: readonly Token[], b: readonly Token[]): number {
  const length = Math.min(a.length, b.length);
  let index = 0;
  while (index < length && a[index] === b[index]) index++;
  return index;
}

/** A scheduler over the sequences of one context. */
export function createScheduler<S extends Slot>(
  slots: readonly S[],
  queueLimit = queueLimitOf(slots.length),
): Scheduler<S> {
  const queue: Waiting<S>[] = [];
  const holders = new Map<S, SlotRequest>();
  const listeners = new Map<S, () => void>();
  const fairness = createFairness();
  let clock = 0;

  /** A free slot that may serve the request now. */
  function slotFor(request: SlotRequest, only?: S): S | undefined {
    if (only) return only.busy ? undefined : only;
    // A chat continues from its own state, so two replies of one chat follow each other.
    const own = request.chatKey === null ? undefined : slots.find((slot) => slot.chatKey === request.chatKey);
    if (own?.busy) return undefined;
    if (own) return own;
    const free = slots.filter((slot) => !slot.busy);
    const unowned = free.filter((slot) => slot.chatKey === null);
    // The longest common beginning is best; among equals the least recently used slot is evicted.
    return (unowned.length > 0 ? unowned : free)
      .map((slot) => ({ slot, common: commonPrefix(slot.tokens(), request.tokens) }))
      .sort((a, b) => b.common - a.common || a.slot.lastUsed - b.slot.lastUsed)[0]?.slot;
  }

  function hold(slot: S, request: SlotRequest, isResumed = false): S {
    slot.busy = true;
    holders.set(slot, request);
    slot.lastUsed = ++clock;
    slot.chatKey = request.chatKey;
    if (request.priority === 'api' && !isResumed) fairness.count(request.client);
    return slot;
  }

  /** The queue in the order of service: windows, then replies that yielded their slot, then clients by their turns. */
  const inOrder = (): Waiting<S>[] => {
    const rank = ({ request, only }: Waiting<S>): number =>
      request.priority === 'window' ? -2 : only ? -1 : fairness.turnsOf(request.client);
    return queue
      .map((entry, index) => ({ entry, index }))
      .sort((a, b) => rank(a.entry) - rank(b.entry) || a.index - b.index)
      .map(({ entry }) => entry);
  };

  function serveQueue(): void {
    for (const entry of inOrder()) {
      const slot = slotFor(entry.request, entry.only);
      if (!slot) continue;
      queue.splice(queue.indexOf(entry), 1);
      entry.grant(hold(slot, entry.request, entry.only !== undefined));
      // The grant counts as a turn, which may change the order.
      serveQueue();
      return;
    }
  }

  function enqueue(request: SlotRequest, signal: AbortSignal, only?: S): { entry: Waiting<S>; granted: Promise<S> } {
    const { promise, resolve, reject } = Promise.withResolvers<S>();
    const onAbort = (): void => {
      queue.splice(queue.indexOf(entry), 1);
      reject(new AppError('cancelled', 'Stopped before the reply began.'));
    };
    const entry: Waiting<S> = {
      request,
      ...(only ? { only } : {}),
      grant(slot) {
        signal.removeEventListener('abort', onAbort);
        resolve(slot);
      },
    };
    queue.push(entry);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.catch(() => {}); // the caller awaits it, perhaps later
    return { entry, granted: promise };
  }

  function shouldYield(slot: S): boolean {
    return (
      holders.get(slot)?.priority === 'api' &&
      queue.some(
        ({ request }) =>
          request.priority === 'window' &&
          // A window whose chat has a slot waits for that slot and for no other.
          (request.chatKey === null || !slots.some(({ chatKey }) => chatKey === request.chatKey)),
      )
    );
  }

  function tellHolders(): void {
    // The first one that yields serves the window.
    for (const [slot, listener] of [...listeners]) if (shouldYield(slot)) listener();
  }

  return {
    request(request, signal) {
      const isNext =
        queue.length === 0 ||
        (request.priority === 'window' && !queue.some((entry) => entry.request.priority === 'window'));
      const slot = isNext ? slotFor(request) : undefined;
      if (slot) return { ahead: 0, granted: Promise.resolve(hold(slot, request)) };
      if (queue.length >= queueLimit)
        throw new AppError('busy', `${queue.length} requests are already waiting for this model. Try again later.`, {
          reason: 'queue_full',
          waiting: queue.length,
        });
      const { entry, granted } = enqueue(request, signal);
      const ahead = Math.max(
        1,
        inOrder().findIndex((one) => one === entry),
      );
      // Those before it may wait for their own chats' slots while another slot is free.
      serveQueue();
      tellHolders();
      return { ahead, granted };
    },
    release(slot) {
      slot.busy = false;
      slot.lastUsed = ++clock;
      holders.delete(slot);
      listeners.delete(slot);
      serveQueue();
    },
    shouldYield,
    onWanted(slot, listener) {
      if (listener) listeners.set(slot, listener);
      else listeners.delete(slot);
    },
    async yieldSlot(slot, signal) {
      const request = holders.get(slot);
      if (!request) throw new AppError('internal', 'Only a slot that is held can be yielded.');
      const { granted } = enqueue(request, signal, slot);
      this.release(slot);
      await granted;
    },
    waiting: () => queue.length,
    active: () => holders.size,
  };
}

/** Clients that are remembered; more of them are forgotten all at once. */
const CLIENT_LIMIT = 1000;

/** Counts the turns of API clients: the client with the fewest is next. */
function createFairness(): { turnsOf(client: string): number; count(client: string): void } {
  const turns = new Map<string, number>();
  return {
    turnsOf: (client) => turns.get(client) ?? 0,
    count(client) {
      const fewest = Math.min(...turns.values(), Infinity);
      // A new client starts at the fewest turns of the others: an absence earns no credit.
      const before = turns.get(client) ?? (Number.isFinite(fewest) ? fewest : 0);
      turns.set(client, before + 1);
      if (turns.size > CLIENT_LIMIT) turns.clear();
    },
  };
}
