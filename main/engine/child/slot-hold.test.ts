import type { Llama, Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../../preload/wire/errors.ts';
import { createBatching, type Batching } from './batch/batching.ts';
import { createScheduler, type Scheduler } from './batch/scheduler.ts';
import type { Drafter } from './batch/speculation.ts';
import type { SequenceSlot } from './sequence-slots.ts';
import { holdSlot, type SlotHold } from './slot-hold.ts';

interface Setup {
  readonly slot: SequenceSlot;
  readonly scheduler: Scheduler<SequenceSlot>;
  readonly batching: Batching;
  readonly hold: SlotHold;
  /** A window that asks for the only slot. */
  readonly window: () => Promise<SequenceSlot>;
  /** The sequence breaks, and an empty one takes its place. */
  readonly breakSequence: () => void;
}

/** A program's reply that holds the only slot, whose sequence is a list of tokens. */
async function setup(signal = new AbortController().signal, drafter: Drafter | null = null): Promise<Setup> {
  const newSequence = (): SequenceSlot['sequence'] => {
    let contextTokens = [1, 2, 3] as Token[];
    return {
      get contextTokens() {
        return contextTokens;
      },
      adaptStateToTokens: async (tokens: Token[]) => void (contextTokens = tokens.slice(0, 1)),
    } as unknown as SequenceSlot['sequence'];
  };
  let sequence = newSequence();
  const slot: SequenceSlot = {
    ...{ index: 0, drafter, chatKey: null, stateOf: 'p', busy: false, lastUsed: 0 },
    get sequence() {
      return sequence;
    },
    tokens: () => sequence.contextTokens,
    replaceSequence: async () => {},
  };
  const scheduler = createScheduler([slot]);
  const batching = createBatching({ maxThreads: 0 } as Llama, { decodeThreads: 1, promptThreads: 1, batchSize: 8 });
  const never = new AbortController().signal;
  const request = { chatKey: null, tokens: [], client: 'p' };
  await scheduler.request({ ...request, priority: 'api' }, never).granted;
  return {
    ...{ slot, scheduler, batching },
    hold: holdSlot(slot, scheduler, batching, signal),
    window: () => scheduler.request({ ...request, priority: 'window' }, never).granted,
    breakSequence: () => (sequence = newSequence()),
  };
}

describe('a hold on a slot', () => {
  it('takes part in batches until the release, which frees the slot once', async () => {
    const { hold, slot, batching, scheduler, window } = await setup();
    expect(batching.idleMs()).not.toBeNull();
    hold.release();
    expect(batching.idleMs()).toBeNull();
    expect(await window()).toBe(slot);
    hold.release();
    expect(scheduler.active()).toBe(1);
  });

  it('yields to a window, and has its tokens evaluated again afterwards', async () => {
    const { hold, slot, scheduler, batching, window } = await setup();
    expect(hold.shouldYield()).toBe(false);
    const waiting = window();
    expect(hold.shouldYield()).toBe(true);
    const before = hold.member;
    const evaluated: (readonly Token[])[] = [];
    const back = hold.yieldSlot(async (tokens) => {
      evaluated.push(tokens, slot.sequence.contextTokens);
    });
    await waiting;
    expect(hold.isHeld).toBe(false);
    expect(batching.idleMs()).toBeNull();
    scheduler.release(slot);
    await back;
    expect(evaluated).toEqual([[1, 2, 3], [1]]);
    expect(hold.isHeld).toBe(true);
    expect(hold.member).not.toBe(before);
    expect(hold.pausedMs).toBeGreaterThan(0);
    expect(slot.stateOf).toBeNull();
    hold.release();
    expect([scheduler.active(), batching.idleMs()]).toEqual([0, null]);
  });

  it('counts its own drafts and not those of the window, and drafts no more after the yield', async () => {
    let draftedTokens = 5;
    const begun: boolean[] = [];
    const drafter = {
      counts: () => ({ draftedTokens, acceptedTokens: 1 }),
      begin: (_: readonly Token[], isOn: boolean) => void begun.push(isOn),
    } as unknown as Drafter;
    const { hold, slot, scheduler, window } = await setup(undefined, drafter);
    expect(hold.draftCounts()).toMatchObject({ draftedTokens: 5 });
    const waiting = window();
    const back = hold.yieldSlot(async () => {});
    await waiting;
    draftedTokens = 90;
    scheduler.release(slot);
    await back;
    expect(hold.draftCounts()).toMatchObject({ draftedTokens: 5 });
    expect(begun).toEqual([false]);
    hold.release();
  });

  it('leaves the slot to the window when it is stopped meanwhile', async () => {
    const abort = new AbortController();
    const { hold, slot, scheduler, window } = await setup(abort.signal);
    const waiting = window();
    const back = hold.yieldSlot(async () => {});
    await waiting;
    abort.abort();
    await expect(back).rejects.toSatisfy((error) => isAppError(error, 'cancelled'));
    hold.release();
    expect([hold.isHeld, slot.busy, scheduler.active()]).toEqual([false, true, 1]);
  });

  it('cannot continue in a sequence that was replaced meanwhile', async () => {
    const { hold, slot, scheduler, breakSequence, window } = await setup();
    const waiting = window();
    const back = hold.yieldSlot(async () => {});
    await waiting;
    breakSequence();
    scheduler.release(slot);
    await expect(back).rejects.toSatisfy((error) => isAppError(error, 'busy'));
    hold.release();
    expect(scheduler.active()).toBe(0);
  });
});
