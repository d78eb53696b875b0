import type { BatchItem, Llama, Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { createBatching, priorityOf, tokensToKeep, type Batching } from './batching.ts';

const tuning = { decodeThreads: 1, promptThreads: 2, batchSize: 8 };
const made = (): { batching: Batching; llama: { maxThreads: number }; clock: { ms: number } } => {
  const llama = { maxThreads: 0 };
  const clock = { ms: 0 };
  return { batching: createBatching(llama as Llama, tuning, () => clock.ms), llama, clock };
};
const item = (kind: 'window' | 'api', sequence: number, tokens = 1): BatchItem => ({
  tokens: Array.from({ length: tokens }, (_, index) => index as Token),
  logits: [],
  evaluationPriority: priorityOf(kind, sequence),
});

describe('a batch', () => {
  it('has its sequences in order of their index: llama.cpp computes only neighbors together', () => {
    const { batching, llama } = made();
    const items = [item('api', 2), item('window', 3), item('window', 0), item('api', 1)];
    const batch = batching.strategy({ items, size: 512 });
    expect(batch.map((one) => items.indexOf(one.item as BatchItem))).toEqual([2, 3, 0, 1]);
    expect(llama.maxThreads).toBe(tuning.decodeThreads);
  });

  it('takes a prompt in steps beside a reply, and a window’s prompt before one of the API', () => {
    const { batching, llama } = made();
    const [reply, api, window] = [item('window', 0), item('api', 1, 300), item('window', 2, 300)];
    const batch = batching.strategy({ items: [reply, api, window], size: 512 });
    expect(batch).toEqual([
      { item: reply, processAmount: 1 },
      { item: window, processAmount: tuning.batchSize },
    ]);
    expect(batching.strategy({ items: [api, window], size: 512 }).map((one) => one.processAmount)).toEqual([212, 300]);
    expect(llama.maxThreads).toBe(tuning.promptThreads);
  });

  it('is never larger than its size, and every prompt in it has a token at least', () => {
    const { batching } = made();
    const replies = Array.from({ length: 5 }, (_, index) => item('window', index, 3));
    expect(batching.strategy({ items: replies, size: 10 }).map((one) => one.processAmount)).toEqual([3, 3, 3, 1]);
    const prompts = Array.from({ length: 5 }, (_, index) => item('window', index, 100));
    expect(batching.strategy({ items: prompts, size: 3 }).map((one) => one.processAmount)).toEqual([1, 1, 1]);
  });

  it('is waited for once for a reply whose reader takes no events, and then no more until the reader does', () => {
    const { batching } = made();
    const [, slow] = [batching.join(), batching.join()];
    const items = [item('api', 0)];
    /** How often the library asks until it gets a batch. */
    const asks = (): number => {
      for (let count = 1; ; count++) if (batching.strategy({ items, size: 512 }).length > 0) return count;
    };
    slow.awaitReader();
    const first = asks();
    expect(first).toBeGreaterThan(1);
    expect([asks(), asks()]).toEqual([1, 1]);
    slow.resume();
    expect(asks()).toBe(first);
    slow.awaitReader();
    asks();
    slow.leave();
    expect(asks()).toBe(1);
    batching.join();
    expect(asks()).toBe(first);
  });

  it('is not made before the last act on the sequences has ended, and after one that failed', async () => {
    const { batching } = made();
    const reply = batching.join();
    const acts = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const [first, second] = acts.map(({ promise }) => batching.withRepliesPaused(() => promise));
    let isOver = false;
    const pause = reply.betweenSteps()?.then(() => (isOver = true));
    acts[0]?.resolve();
    await first;
    await new Promise(setImmediate);
    expect(isOver).toBe(false);
    acts[1]?.reject(new Error('The disk is full.'));
    await expect(second).rejects.toThrow('full');
    await pause;
    expect(reply.betweenSteps()).toBeNull();
    reply.leave();
  });

  it('waits some microtask turns for a reply that is about to have its token, and not for one that pauses', async () => {
    const { batching } = made();
    const [first, second] = [batching.join(), batching.join()];
    const items = [item('window', 0)];
    let turns = 0;
    while (batching.strategy({ items, size: 512 }).length === 0) turns++;
    expect(turns).toBeGreaterThan(4);
    expect(batching.strategy({ items, size: 512 })).toEqual([]);
    let finish = (): void => {};
    const act = second.withRepliesPaused(() => new Promise<void>((resolve) => (finish = resolve)));
    while (batching.strategy({ items, size: 512 }).length === 0);
    expect(batching.strategy({ items, size: 512 })).toHaveLength(1);
    // While one reply changes its sequence from outside, the other pauses.
    const pause = first.betweenSteps();
    expect(pause).not.toBeNull();
    let isOver = false;
    void pause?.then(() => (isOver = true));
    await new Promise(setImmediate);
    expect(isOver).toBe(false);
    finish();
    await Promise.all([act, pause]);
    expect(first.betweenSteps()).toBeNull();
    // After the pause a batch waits for both again.
    expect(batching.strategy({ items, size: 512 })).toEqual([]);
    while (batching.strategy({ items, size: 512 }).length === 0);
    second.leave();
    expect(batching.strategy({ items, size: 512 })).toHaveLength(1);
    first.leave();
  });
});

describe('the idle time', () => {
  it('counts while a batch is due, from the last one on', () => {
    const { batching, clock } = made();
    expect(batching.idleMs()).toBeNull();
    clock.ms = 1000;
    const reply = batching.join();
    clock.ms = 1500;
    expect(batching.idleMs()).toBe(500);
    batching.strategy({ items: [item('window', 0)], size: 512 });
    expect(batching.idleMs()).toBe(0);
    clock.ms = 9000;
    expect(batching.idleMs()).toBe(7500);
    reply.leave();
    reply.leave();
    expect(batching.idleMs()).toBeNull();
  });

  it('does not count while replies wait for their readers, unless another one computes', () => {
    const { batching, clock } = made();
    const [slow, other] = [batching.join(), batching.join()];
    slow.awaitReader();
    clock.ms = 100;
    expect(batching.idleMs()).toBe(100);
    other.leave();
    expect(batching.idleMs()).toBeNull();
    clock.ms = 900_000;
    slow.resume();
    expect(batching.idleMs()).toBe(0);
    clock.ms = 900_001;
    expect(batching.idleMs()).toBe(1);
    // A reader that leaves takes the reply with it.
    slow.awaitReader();
    slow.leave();
    const next = batching.join();
    expect(batching.idleMs()).toBe(0);
    next.leave();
    expect(batching.idleMs()).toBeNull();
  });

  it('does not count while a state is read or written', async () => {
    const { batching, clock } = made();
    const [first, second] = [batching.join(), batching.join()];
    let finish = (): void => {};
    const act = first.withRepliesPaused(() => new Promise<void>((resolve) => (finish = resolve)));
    const pause = second.betweenSteps();
    clock.ms = 500_000;
    expect(batching.idleMs()).toBeNull();
    finish();
    await Promise.all([act, pause]);
    expect(batching.idleMs()).toBe(0);
    first.leave();
    second.leave();
  });
});

describe('tokensToKeep', () => {
  it('gives up some tokens where that fills a tile behind a long prefix', () => {
    expect(tokensToKeep(4000, 4040)).toBe(4040 - 64);
    expect(tokensToKeep(4000, 4016)).toBe(4000);
    expect(tokensToKeep(4000, 4064)).toBe(4000);
    expect(tokensToKeep(500, 540)).toBe(500);
  });
});
