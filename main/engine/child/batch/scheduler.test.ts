import type { Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../../../preload/wire/errors.ts';
import { createScheduler, type Scheduler, type Slot, type Wish } from './scheduler.ts';

type TestSlot = Slot & { held: number[] };
const slotsOf = (count: number): TestSlot[] =>
  Array.from({ length: count }, () => {
    const slot: TestSlot = { chatKey: null, busy: false, lastUsed: 0, held: [], tokens: () => slot.held as Token[] };
    return slot;
  });
const wish = (chatKey: string | null, tokens: number[], more: Partial<Wish> = {}): Wish => ({
  chatKey,
  tokens: tokens as Token[],
  priority: 'window',
  client: chatKey ?? '',
  ...more,
});
const never = new AbortController().signal;
const ask = (scheduler: Scheduler<TestSlot>, one: Wish, signal = never): Promise<TestSlot> =>
  scheduler.request(one, signal).granted;

/** After everything that promises alone can bring about: the scheduler has no other clock. */
const turnsDone = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('createScheduler', () => {
  it('gives a chat its own sequence again, and a new one what was used longest ago', async () => {
    const slots = slotsOf(2);
    const scheduler = createScheduler(slots);
    for (const key of ['a', 'b', 'a']) scheduler.release(await ask(scheduler, wish(key, [1])));
    const c = await ask(scheduler, wish('c', [1]));
    expect(slots.map(({ chatKey }) => chatKey)).toEqual(['a', 'c']);
    scheduler.release(c);
    expect((await ask(scheduler, wish('a', [1]))).chatKey).toBe('a');
  });

  it('gives what belongs to nobody the sequence that holds most of its beginning', async () => {
    const slots = slotsOf(3);
    const scheduler = createScheduler(slots);
    slots[0]!.held = [1, 9];
    slots[1]!.held = [1, 2, 3];
    slots[2]!.held = [1, 2, 3, 4];
    slots[2]!.chatKey = 'a chat keeps its own';
    expect(await ask(scheduler, wish(null, [1, 2, 3, 4, 5]))).toBe(slots[1]);
  });

  it('lets windows go first and API clients take turns, and keeps one sequence of several for windows', async () => {
    const scheduler = createScheduler(slotsOf(2));
    const api = (client: string): Wish => wish(null, [1], { priority: 'api', client });
    const order: string[] = [];
    const follow = (name: string, one: Wish): void =>
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
    follow('window', wish('w', [1]));
    await turnsDone();
    expect(order).toEqual(['window']);
    scheduler.release(first);
    await turnsDone();
    expect(order).toEqual(['window', 'modest', 'greedy 2', 'greedy 3']);
    expect([scheduler.active(), scheduler.waiting()]).toEqual([0, 0]);
  });

  it('lends the slot of a program to the windows that wait, and gives it back before other programs get one', async () => {
    const [slot] = slotsOf(1) as [TestSlot];
    const scheduler = createScheduler([slot]);
    const api = (client: string): Wish => wish(null, [1], { priority: 'api', client });
    await ask(scheduler, api('p'));
    const others = ask(scheduler, api('other'));
    expect(scheduler.isWanted(slot)).toBe(false);
    const windows = ['a', 'b'].map((key) => ask(scheduler, wish(key, [1])));
    expect(scheduler.isWanted(slot)).toBe(true);
    const order: string[] = [];
    const back = scheduler.lend(slot, never).then(() => order.push('back'));
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

    // A window that only waits for its own chat's reply to end is kept by nobody else.
    await ask(scheduler, wish('c', [1], { priority: 'api' }));
    void ask(scheduler, wish('c', [1])).then(() => {});
    expect(scheduler.isWanted(slot)).toBe(false);

    const abort = new AbortController();
    const lost = scheduler.lend(slot, abort.signal);
    abort.abort();
    await expect(lost).rejects.toSatisfy((error) => isAppError(error, 'cancelled'));
  });

  it('holds two replies of one chat after each other although another sequence is free', async () => {
    const scheduler = createScheduler(slotsOf(2));
    const one = await ask(scheduler, wish('a', [1]));
    const second = scheduler.request(wish('a', [1]), never);
    expect(second.ahead).toBeGreaterThan(0);
    // It does not stand in the way of others.
    scheduler.release(await ask(scheduler, wish('b', [1])));
    scheduler.release(one);
    expect(await second.granted).toBe(one);
  });

  it('refuses more than the queue holds, and forgets who left it', async () => {
    const scheduler = createScheduler(slotsOf(1), 2);
    const busy = await ask(scheduler, wish('a', [1]));
    const abort = new AbortController();
    const leaving = ask(scheduler, wish('b', [1]), abort.signal);
    const waiting = ask(scheduler, wish('c', [1]));
    expect(() => scheduler.request(wish('d', [1]), never)).toThrow(expect.objectContaining({ code: 'busy' }));
    abort.abort();
    await expect(leaving).rejects.toSatisfy((e) => isAppError(e, 'cancelled'));
    expect(scheduler.waiting()).toBe(1);
    scheduler.release(busy);
    expect((await waiting).chatKey).toBe('c');
  });
});
