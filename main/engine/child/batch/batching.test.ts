import type { BatchItem, Llama, Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { createBatching, priorityOf, tokensToKeep } from './batching.ts';

const tuning = { decodeThreads: 1, promptThreads: 2, batchSize: 8 };
const made = (): { batching: ReturnType<typeof createBatching>; llama: { maxThreads: number } } => {
  const llama = { maxThreads: 0 };
  return { batching: createBatching(llama as Llama, tuning), llama };
};
const item = (kind: 'window' | 'api', sequence: number, tokens = 1): BatchItem => ({
  tokens: Array.from({ length: tokens }, (_, index) => index as Token),
  logits: [],
  evaluationPriority: priorityOf(kind, sequence),
});

describe('a batch', () => {
  it('has its sequences in order, whoever came first: llama.cpp computes only neighbours together', () => {
    const { batching, llama } = made();
    const items = [item('api', 2), item('window', 3), item('window', 0), item('api', 1)];
    const batch = batching.strategy({ items, size: 512 });
    expect(batch.map((one) => items.indexOf(one.item as BatchItem))).toEqual([2, 3, 0, 1]);
    expect(llama.maxThreads).toBe(tuning.decodeThreads);
  });

  it('takes a prompt in steps beside a reply, and a window’s prompt before a program’s', () => {
    const { batching, llama } = made();
    const [reply, program, window] = [item('window', 0), item('api', 1, 300), item('window', 2, 300)];
    const batch = batching.strategy({ items: [reply, program, window], size: 512 });
    expect(batch).toEqual([
      { item: reply, processAmount: 1 },
      { item: window, processAmount: tuning.batchSize },
    ]);
    expect(batching.strategy({ items: [program, window], size: 512 }).map((one) => one.processAmount)).toEqual([
      212, 300,
    ]);
    expect(llama.maxThreads).toBe(tuning.promptThreads);
  });

  it('waits some turns for a reply that is about to have its token, and not for one that pauses', async () => {
    const { batching } = made();
    const [first, second] = [batching.enter(), batching.enter()];
    const items = [item('window', 0)];
    let turns = 0;
    while (batching.strategy({ items, size: 512 }).length === 0) turns++;
    expect(turns).toBeGreaterThan(4);
    expect(batching.strategy({ items, size: 512 })).toEqual([]);
    let done = (): void => {};
    const act = second.alone(() => new Promise<void>((resolve) => (done = resolve)));
    while (batching.strategy({ items, size: 512 }).length === 0);
    expect(batching.strategy({ items, size: 512 })).toHaveLength(1);
    // What needs the context for itself lets the other reply pause until it is over.
    const pause = first.pass();
    expect(pause).not.toBeNull();
    let wentOn = false;
    void pause?.then(() => (wentOn = true));
    await new Promise(setImmediate);
    expect(wentOn).toBe(false);
    done();
    await Promise.all([act, pause]);
    expect(first.pass()).toBeNull();
    first.leave();
    second.leave();
  });
});

describe('what a sequence keeps', () => {
  it('gives some tokens up where that fills a tile behind a long text', () => {
    expect(tokensToKeep(4000, 4040)).toBe(4040 - 64);
    expect(tokensToKeep(4000, 4016)).toBe(4000);
    expect(tokensToKeep(4000, 4064)).toBe(4000);
    expect(tokensToKeep(500, 540)).toBe(500);
  });
});
