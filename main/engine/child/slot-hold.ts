/** A reply's hold on a slot, from the grant to the release: its membership in batches, and its pauses for waiting windows. */
import type { Token } from 'node-llama-cpp';
import { AppError } from '../../../preload/wire/errors.ts';
import type { Batching, BatchMember } from './batch/batching.ts';
import type { Scheduler } from './batch/scheduler.ts';
import type { DraftCounts } from './batch/speculation.ts';
import type { SequenceSlot } from './sequence-slots.ts';

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
  yieldSlot(evaluate: (tokens: Token[]) => Promise<void>): Promise<void>;
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
  /** Taken before the first pause: later the drafter counts another reply's. */
  let ownCounts: { readonly counts: DraftCounts | null } | undefined;
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
    async yieldSlot(evaluate) {
      const from = performance.now();
      const { sequence } = slot;
      const tokens = sequence.contextTokens;
      ownCounts ??= { counts: countDrafts() };
      member.leave();
      isHeld = false;
      await scheduler.yieldSlot(slot, signal);
      isHeld = true;
      member = batching.join();
      slot.stateOf = null;
      drafter?.begin(tokens, false);
      if (slot.sequence !== sequence)
        throw new AppError('busy', 'The reply was paused for another one and cannot be continued. Try again.', {
          reason: 'preempted',
        });
      await member.withRepliesPaused(() => sequence.adaptStateToTokens(tokens, false));
      await evaluate(tokens);
      pausedMs += performance.now() - from;
    },
    draftCounts: () => (ownCounts ? ownCounts.counts : countDrafts()),
    release() {
      member.leave();
      if (isHeld) scheduler.release(slot);
      isHeld = false;
    },
  };
}
