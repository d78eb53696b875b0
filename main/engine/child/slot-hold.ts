/** A reply's hold on a slot, from the grant to the release: its membership in batches, and its pauses for waiting windows. */
import type { Token } from 'node-llama-cpp';
import { AppError } from '../../../preload/wire/errors.ts';
import type { Batching, BatchMember } from './batch/batching.ts';
import type { Scheduler } from './batch/scheduler.ts';
import type { DraftCounts } from './batch/speculation.ts';
import type { SequenceSlot } from './sequence-slots.ts';

/** Evaluates the tokens that a sequence had. Ends early when `signal` fires. */
export type Restore = (tokens: Token[], signal: AbortSignal) => Promise<void>;

export interface SlotHold {
  readonly slot: SequenceSlot;
  /** The reply in the batches. Another one after each `yieldSlot`. */
  readonly member: BatchMember;
  /** False from a cancelled `yieldSlot` or `release` on. */
  readonly isHeld: boolean;
  /** Milliseconds in `yieldSlot`. */
  readonly pausedMs: number;
  shouldYield(): boolean;
  /**
   * Yields the slot to the waiting windows, and restores the sequence's tokens with `evaluate` afterwards. The sampler and the text are
   * unchanged meanwhile. Drafts stay off from here on, because the drafter has followed another reply.
   * @throws AppError `cancelled`, `busy` when the sequence was replaced.
   */
  yieldSlot(evaluate: Restore): Promise<void>;
  /**
   * The reply hands an event to its reader, who may take any time for it. Meanwhile no batch is due for the reply, and a waiting window may
   * have the slot, as with `yieldSlot`.
   */
  awaitReader(evaluate: Restore): void;
  /** The reader has the event. To be awaited unless null: a window has the slot. @throws as `yieldSlot`. */
  resume(): Promise<void> | null;
  /** Of the reply's own drafts; null when there were none. */
  draftCounts(): DraftCounts | null;
  /** May be called more than once. */
  release(): void;
}

/** The hold on a slot that `scheduler` has granted. */
export function holdSlot(
  slot: SequenceSlot,
  scheduler: Scheduler<SequenceSlot>,
  batching: Pick<Batching, 'join'>,
  signal: AbortSignal,
): SlotHold {
  const { drafter } = slot;
  let member = batching.join();
  let isHeld = true;
  let pausedMs = 0;
  const countDrafts = (): DraftCounts | null => drafter?.counts(slot.sequence) ?? null;
  const released = new AbortController();
  const isOver = AbortSignal.any([signal, released.signal]);
  /** The member takes part in no batch until the reader has its event. */
  let isAway = false;
  let isReaderDue = false;
  let pause: Promise<void> | null = null;
  /** Taken before the first pause: later the drafter counts another reply's. */
  let ownCounts: { readonly counts: DraftCounts | null } | undefined;
  async function yieldSlot(evaluate: Restore): Promise<void> {
    const from = performance.now();
    const { sequence } = slot;
    const tokens = sequence.contextTokens;
    ownCounts ??= { counts: countDrafts() };
    member.leave();
    [isHeld, isAway] = [false, false];
    await scheduler.yieldSlot(slot, isOver);
    isHeld = true;
    member = batching.join();
    slot.stateOf = null;
    drafter?.begin(tokens, false);
    if (slot.sequence !== sequence)
      throw new AppError('busy', 'The reply was paused for another one and cannot be continued. Try again.', {
        reason: 'preempted',
      });
    await member.withRepliesPaused(() => sequence.adaptStateToTokens(tokens, false));
    await evaluate(tokens, isOver);
    pausedMs += performance.now() - from;
  }

  /** The slot is yielded when a window wants it, until `resume`. */
  function offer(evaluate: Restore): void {
    if (scheduler.shouldYield(slot)) makeWay(evaluate);
    else scheduler.onWanted(slot, () => makeWay(evaluate));
  }

  function makeWay(evaluate: Restore): void {
    pause = yieldSlot(evaluate).then(() => {
      pause = null;
      if (!isReaderDue || released.signal.aborted) return;
      isAway = true;
      member.awaitReader();
      offer(evaluate);
    });
    pause.catch(() => {}); // told by `resume`
  }

  return {
    slot,
    get member() {
      return member;
    },
    get isHeld() {
      return isHeld;
    },
    get pausedMs() {
      return pausedMs;
    },
    shouldYield: () => scheduler.shouldYield(slot),
    yieldSlot,
    awaitReader(evaluate) {
      if (!isHeld) return;
      member.awaitReader();
      [isAway, isReaderDue] = [true, true];
      offer(evaluate);
    },
    resume() {
      scheduler.onWanted(slot, null);
      if (isAway) member.resume();
      [isAway, isReaderDue] = [false, false];
      return pause;
    },
    draftCounts: () => (ownCounts ? ownCounts.counts : countDrafts()),
    release() {
      released.abort();
      const free = (): void => {
        member.leave();
        if (isHeld) scheduler.release(slot);
        isHeld = false;
      };
      // A sequence that is being restored cannot be another's yet.
      if (pause) pause.then(free, free);
      else free();
    },
  };
}
