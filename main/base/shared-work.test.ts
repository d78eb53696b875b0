import { describe, expect, it } from 'vitest';
import { createSharedWork } from './shared-work.ts';

/** Work that is finished by hand, with the signals that it was given. */
function manual() {
  const begun: { signal: AbortSignal; finish: (value: string) => void; fail: (error: Error) => void }[] = [];
  const work = (signal: AbortSignal): Promise<string> =>
    new Promise((finish, fail) => {
      begun.push({ signal, finish, fail });
      signal.addEventListener('abort', () => fail(signal.reason as Error));
    });
  return { begun, work };
}
const never = new AbortController().signal;

describe('createSharedWork', () => {
  it('does the same thing once for all who wait, and again afterwards', async () => {
    const { begun, work } = manual();
    const share = createSharedWork<string>();
    const both = [share('a', never, work), share('a', never, work), share('b', never, work)];
    expect(begun).toHaveLength(2);
    begun[0]?.finish('A');
    begun[1]?.finish('B');
    expect(await Promise.all(both)).toEqual(['A', 'A', 'B']);
    const again = share('a', never, work);
    begun[2]?.finish('A2');
    expect(await again).toBe('A2');
  });

  it('goes on while one is left, and is aborted when nobody is', async () => {
    const { begun, work } = manual();
    const share = createSharedWork<string>();
    const [one, two] = [new AbortController(), new AbortController()];
    const first = share('a', one.signal, work);
    const second = share('a', two.signal, work);
    one.abort(new Error('left'));
    await expect(first).rejects.toThrow('left');
    expect(begun[0]?.signal.aborted).toBe(false);
    two.abort(new Error('left too'));
    await expect(second).rejects.toThrow('left too');
    expect(begun[0]?.signal.aborted).toBe(true);
    // The aborted work is nobody's: who comes now begins anew.
    const third = share('a', never, work);
    begun[1]?.finish('new');
    expect(await third).toBe('new');
    await expect(share('a', one.signal, work)).rejects.toThrow('left');
  });

  it('throws what the work throws, to all', async () => {
    const { begun, work } = manual();
    const share = createSharedWork<string>();
    const both = [share('a', never, work), share('a', never, work)];
    begun[0]?.fail(new Error('broken'));
    for (const one of both) await expect(one).rejects.toThrow('broken');
  });
});
