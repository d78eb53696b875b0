import type { Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../../../preload/wire/errors.ts';
import { createScheduler, type Scheduler, type Slot, type SlotRequest } from './scheduler.ts';

type TestSlot = Slot & { held: number[] };
const slotsOf = (count: number): TestSlot[] =>
  Array.from({ length: count }, () => {
    const slot: TestSlot = { chatKey: null, busy: false, lastUsed: 0, held: [], tokens: () => slot.held as Token[] };
    return slot;
  });
const request = (chatKey: string | null, tokens: number[], more: Partial<SlotRequest> = {}): SlotRequest => ({
  chatKey,
  tokens: tokens as Token[],
  priority: 'window',
  client: chatKey ?? '',
  ...more,
});
const never = new AbortController().signal;
const ask = (scheduler: Scheduler<TestSlot>, one: SlotRequest, signal = never): Promise<TestSlot> =>
  scheduler.request(one, signal).granted;

/** After everything that promises alone can bring about: the scheduler has no other clock. */
const turnsDone = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('createScheduler', () => {
  it('gives a chat its own sequence again, and a new chat the least recently used one', async () => {
    const slots = slotsOf(2);
    const scheduler = createScheduler(slots);
    for (const key of ['a', 'b', 'a']) scheduler.release(await ask(scheduler, request(key, [1])));
    const c = await ask(scheduler, request('c', [1]));
    expect(slots.map(({ chatKey }) => chatKey)).toEqual(['a', 'c']);
    scheduler.release(c);
    expect((await ask(scheduler, request('a', [1]))).chatKey).toBe('a');
  });

  it('gives a request without a chat the unowned sequence with the longest common beginning', async () => {
    const slots = slotsOf(3);
    const scheduler = createScheduler(slots);
    slots[0]!.held = [1, 9];
    slots[1]!.held = [1, 2, 3];
    slots[2]!.held = [1, 2, 3, 4];
    slots[2]!.chatKey = 'owned by a chat';
    expect(await ask(scheduler, request(null, [1, 2, 3, 4, 5]))).toBe(slots[1]);
  });

  it('serves windows first and API clients in turns, which may have all sequences', async () => {
    const scheduler = createScheduler(slotsOf(2));
    const other = await ask(scheduler, request(null, [1], { priority: 'api', client: 'other' }));
    const api = (client: string): SlotRequest => request(null, [1], { priority: 'api', client });
    const order: string[] = [];
    const follow = (name: string, one: SlotRequest): void =>
      void ask(scheduler, one).then((slot) => {
        order.push(name);
        queueMicrotask(() => scheduler.release(slot));
      });
    const first = await ask(scheduler, api('greedy'));
    follow('greedy 2', api('greedy'));
    follow('greedy 3', api('greedy'));
    follow('modest', api('modest'));
    await turnsDone();
    expect(order).toEqual([]);
    follow('window', request('w', [1]));
    await turnsDone();
    expect(order).toEqual([]);
    expect([first, other].map((slot) => scheduler.shouldYield(slot))).toEqual([true, true]);
    scheduler.release(first);
    await turnsDone();
    expect(order).toEqual(['window', 'modest', 'greedy 2', 'greedy 3']);
    scheduler.release(other);
    expect([scheduler.active(), scheduler.waiting()]).toEqual([0, 0]);
  });

  it('yields a slot of API work to the windows that wait, and takes it back before other API work gets one', async () => {
    const [slot] = slotsOf(1) as [TestSlot];
    const scheduler = createScheduler([slot]);
    const api = (client: string): SlotRequest => request(null, [1], { priority: 'api', client });
    await ask(scheduler, api('p'));
    const others = ask(scheduler, api('other'));
    expect(scheduler.shouldYield(slot)).toBe(false);
    const windows = ['a', 'b'].map((key) => ask(scheduler, request(key, [1])));
    expect(scheduler.shouldYield(slot)).toBe(true);
    const order: string[] = [];
    const back = scheduler.yieldSlot(slot, never).then(() => order.push('back'));
    void others.then(() => order.push('other'));
    for (const [index, window] of windows.entries()) {
      order.push(`window ${index}`);
      scheduler.release(await window);
    }
    await back;
    expect(slot.chatKey).toBeNull();
    scheduler.release(slot);
    await others;
    expect(order).toEqual(['window 0', 'window 1', 'back', 'other']);
    scheduler.release(slot);

    // A window that waits for the end of its own chat's reply is no reason to yield.
    await ask(scheduler, request('c', [1], { priority: 'api' }));
    void ask(scheduler, request('c', [1])).then(() => {});
    expect(scheduler.shouldYield(slot)).toBe(false);

    const abort = new AbortController();
    const lost = scheduler.yieldSlot(slot, abort.signal);
    abort.abort();
    await expect(lost).rejects.toSatisfy((error) => isAppError(error, 'cancelled'));
  });

  it('tells holders that listen of windows that wait, one at a time, and no window that has a slot', async () => {
    const slots = slotsOf(2) as [TestSlot, TestSlot];
    const scheduler = createScheduler(slots);
    const told: number[] = [];
    for (const [index, slot] of slots.entries()) {
      await ask(scheduler, request(null, [1], { priority: 'api', client: `${index}` }));
      scheduler.onWanted(slot, () => {
        told.push(index);
        scheduler.release(slot);
      });
    }
    const program = ask(scheduler, request(null, [1], { priority: 'api' }));
    expect(told).toEqual([]);
    expect(await ask(scheduler, request('w', [1]))).toBe(slots[0]);
    expect(told).toEqual([0]);
    scheduler.onWanted(slots[1], null);
    void ask(scheduler, request('x', [1])).catch(() => {});
    expect(told).toEqual([0]);
    scheduler.release(slots[1]);
    scheduler.release(slots[0]);
    expect(await program).toBe(slots[0]);
  });

  it('takes the slot that was released first, whoever got one first', async () => {
    const slots = slotsOf(2) as [TestSlot, TestSlot];
    const scheduler = createScheduler(slots);
    for (const key of ['a', 'b']) await ask(scheduler, request(key, [1]));
    scheduler.release(slots[1]);
    scheduler.release(slots[0]);
    expect(await ask(scheduler, request('c', [1]))).toBe(slots[1]);
  });

  it('lets no window overtake another one that waits for the same slot', async () => {
    const [slot] = slotsOf(1) as [TestSlot];
    const scheduler = createScheduler([slot]);
    await ask(scheduler, request('a', [1]));
    const first = scheduler.request(request('b', [1]), never);
    const second = scheduler.request(request('c', [1]), never);
    expect([first.ahead, second.ahead]).toEqual([1, 1]);
    scheduler.release(slot);
    expect((await first.granted).chatKey).toBe('b');
    // Granted, it no longer listens to its signal.
    const abort = new AbortController();
    const third = ask(scheduler, request('d', [1]), abort.signal);
    expect(scheduler.waiting()).toBe(2);
    scheduler.release(slot);
    await second.granted;
    scheduler.release(slot);
    await third;
    const waiting = ask(scheduler, request('e', [1]));
    abort.abort();
    expect(scheduler.waiting()).toBe(1);
    scheduler.release(slot);
    expect((await waiting).chatKey).toBe('e');
  });

  it('counts one turn for a reply, however often it yields its slot', async () => {
    const [slot] = slotsOf(1) as [TestSlot];
    const scheduler = createScheduler([slot]);
    const api = (client: string): SlotRequest => request(null, [1], { priority: 'api', client });
    // Two turns each: the second one of `p` makes way for windows, twice.
    for (const client of ['p', 'q']) scheduler.release(await ask(scheduler, api(client)));
    await ask(scheduler, api('p'));
    for (const key of ['a', 'b']) {
      const window = ask(scheduler, request(key, [1]));
      const back = scheduler.yieldSlot(slot, never);
      scheduler.release(await window);
      await back;
    }
    const order: string[] = [];
    const served = ['p', 'q'].map((client) =>
      ask(scheduler, api(client)).then((one) => {
        order.push(client);
        scheduler.release(one);
      }),
    );
    scheduler.release(slot);
    await Promise.all(served);
    // Equal turns: who asked first.
    expect(order).toEqual(['p', 'q']);
  });

  it('serves two replies of one chat one after the other although another sequence is free', async () => {
    const scheduler = createScheduler(slotsOf(2));
    const one = await ask(scheduler, request('a', [1]));
    const second = scheduler.request(request('a', [1]), never);
    expect(second.ahead).toBeGreaterThan(0);
    // It does not block other chats.
    scheduler.release(await ask(scheduler, request('b', [1])));
    scheduler.release(one);
    expect(await second.granted).toBe(one);
  });

  it.each([
    [1, 32],
    [4, 32],
    [8, 64],
    [32, 256],
  ])('of %i sequences lets %i requests wait', (count, limit) => {
    const scheduler = createScheduler(slotsOf(count));
    const one = (): unknown => scheduler.request(request(null, [1], { priority: 'api' }), never);
    for (let index = 0; index < count + limit; index++) one();
    expect(scheduler.waiting()).toBe(limit);
    expect(one).toThrow(expect.objectContaining({ code: 'busy', data: { reason: 'queue_full', waiting: limit } }));
  });

  it('refuses more than the queue holds, and forgets a request that was cancelled', async () => {
    const scheduler = createScheduler(slotsOf(1), 2);
    const busy = await ask(scheduler, request('a', [1]));
    const abort = new AbortController();
    const leaving = ask(scheduler, request('b', [1]), abort.signal);
    const waiting = ask(scheduler, request('c', [1]));
    expect(() => scheduler.request(request('d', [1]), never)).toThrow(expect.objectContaining({ code: 'busy' }));
    abort.abort();
    await expect(leaving).rejects.toSatisfy((e) => isAppError(e, 'cancelled'));
    expect(scheduler.waiting()).toBe(1);
    scheduler.release(busy);
    expect((await waiting).chatKey).toBe('c');
  });
});
