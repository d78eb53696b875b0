import { describe, expect, it } from 'vitest';
import { sweepIdle } from './idle-sweep.ts';
import { newInstance, type Instance } from './instance.ts';
import { createInstances } from './instances.ts';
import { defaultLoadSettings } from './load-plan.ts';
import { createUsers, type Users } from './users.ts';

const LIMIT_MINUTES = 5;
const LIMIT_MS = 300_000;

interface World {
  readonly users: Users;
  readonly clock: { ms: number };
  readonly ended: string[];
  sweep(): number | null;
  instance(modelId: string): Instance;
}

/** Models in memory whose children nobody asks, with a clock that stands still. */
function world(modelIds: readonly string[], idleUnloadMinutes: number | null = LIMIT_MINUTES): World {
  const clock = { ms: 1_000_000 };
  const now = (): number => clock.ms;
  const ended: string[] = [];
  const instances = createInstances(() => {});
  for (const modelId of modelIds) {
    const model = { modelId, name: modelId, path: `/${modelId}`, weightsBytes: 1, contextSize: 512 };
    const instance = newInstance(model, defaultLoadSettings, { ifRoom: false }, clock.ms);
    instance.loaded = {} as NonNullable<Instance['loaded']>;
    instances.add(instance);
  }
  const sweep = (): number | null =>
    sweepIdle({
      ...{ instances, now, isKept: (modelId) => users.isKept(modelId) },
      idleUnloadMinutes: () => idleUnloadMinutes,
      async end({ model }) {
        ended.push(model.modelId);
      },
    });
  const users = createUsers({ instances, now, onChange: sweep });
  const instance = (modelId: string): Instance => {
    const found = instances.get(modelId);
    if (!found) throw new Error(`${modelId} is not there`);
    return found;
  };
  return { users, clock, ended, sweep, instance };
}

describe('the idle time of a model', () => {
  it('begins when the last window that shows it closes', () => {
    const { users, clock, ended, sweep, instance } = world(['a']);
    const close = [users.keep('a'), users.keep('a')];
    sweep();
    expect(instance('a').state.unloadsAt).toBeNull();
    clock.ms += 2 * LIMIT_MS;
    close[0]?.();
    close[0]?.();
    sweep();
    expect([users.isKept('a'), ended]).toEqual([true, []]);
    close[1]?.();
    expect([users.isKept('a'), ended]).toEqual([false, []]);
    expect(instance('a').state.unloadsAt).toBe(clock.ms + LIMIT_MS);
    clock.ms += LIMIT_MS - 1;
    sweep();
    expect(ended).toEqual([]);
    clock.ms += 1;
    sweep();
    expect(ended).toEqual(['a']);
  });

  it('begins when its last user leaves, and at each new use', () => {
    const { users, clock, ended, sweep, instance } = world(['a', 'b']);
    const leave = [users.lease(instance('a')), users.lease(instance('a'))];
    clock.ms += 2 * LIMIT_MS;
    leave[0]?.();
    leave[0]?.();
    sweep();
    // Only the other model was idle.
    expect(ended).toContain('b');
    expect(ended).not.toContain('a');
    expect(instance('a').state.leases).toBe(1);
    leave[1]?.();
    expect(instance('a').state.unloadsAt).toBe(clock.ms + LIMIT_MS);
    clock.ms += LIMIT_MS - 1;
    users.lease(instance('a'))();
    clock.ms += LIMIT_MS - 1;
    sweep();
    expect(ended).not.toContain('a');
  });

  it('does not end while a request runs or Hearth works with the model, and has no end without a limit', () => {
    const { users, clock, ended, sweep, instance } = world(['a']);
    const stop = users.run(instance('a'));
    clock.ms += 2 * LIMIT_MS;
    sweep();
    expect(ended).toEqual([]);
    const done = users.work(instance('a'));
    stop();
    expect(ended).toEqual([]);
    done();
    expect(ended).toEqual(['a']);

    const forever = world(['a'], null);
    forever.clock.ms += 1e12;
    forever.sweep();
    expect([forever.ended, forever.instance('a').state.unloadsAt]).toEqual([[], null]);
  });

  it('is what the latest order said: at once, until told otherwise, or as the settings say', () => {
    const { users, clock, ended, sweep, instance } = world(['a', 'b', 'c']);
    instance('a').keepMs = null;
    instance('b').keepMs = 0;
    instance('c').keepMs = 1000;
    const shown = users.keep('b');
    const leave = users.lease(instance('b'));
    expect(sweep()).toBe(clock.ms + 1000);
    expect([instance('a').state.unloadsAt, instance('b').state.unloadsAt]).toEqual([null, null]);
    expect(instance('c').state.unloadsAt).toBe(clock.ms + 1000);
    leave();
    // A window shows it.
    expect(ended).toEqual([]);
    shown();
    expect(ended).toEqual(['b']);
    clock.ms += 1000;
    sweep();
    expect(ended).toContain('c');
    clock.ms += 1e9;
    sweep();
    expect(ended).not.toContain('a');
    instance('a').keepMs = undefined;
    sweep();
    expect(ended).toContain('a');
  });

  it('is not looked at while a model loads or ends', () => {
    const { clock, ended, sweep, instance } = world(['loads', 'ends']);
    instance('loads').loaded = undefined;
    instance('ends').ending = Promise.resolve();
    clock.ms += 2 * LIMIT_MS;
    sweep();
    expect(ended).toEqual([]);
  });
});

describe('what is published of the users of a model', () => {
  it('is how many requests run, at most as many as there are sequences', () => {
    const { users, instance } = world(['a']);
    instance('a').state = { ...instance('a').state, sequences: 2 };
    const stops = [1, 2, 3].map(() => users.run(instance('a')));
    expect(instance('a').state).toMatchObject({ status: 'generating', activeSequences: 2 });
    stops[0]?.();
    stops[1]?.();
    expect(instance('a').state).toMatchObject({ status: 'generating', activeSequences: 1 });
    stops[2]?.();
    expect(instance('a').state).toMatchObject({ status: 'ready', activeSequences: 0 });
  });
});

describe('a wait for the users', () => {
  it('ends with the last lease and the last work, or when the model ends', async () => {
    const { users, instance } = world(['a']);
    let isOver = false;
    const leave = users.lease(instance('a'));
    const done = users.work(instance('a'));
    const wait = users.released(60_000).then(() => (isOver = true));
    leave();
    await new Promise(setImmediate);
    expect(isOver).toBe(false);
    done();
    await wait;
    users.lease(instance('a'));
    const second = users.released(60_000);
    instance('a').ending = Promise.resolve();
    users.recheck();
    await second;
  });

  it('for Hearth’s own work is true when it ended, and false when the time ran out', async () => {
    const { users, instance } = world(['a']);
    expect(await users.worked(instance('a'), 0)).toBe(true);
    const done = users.work(instance('a'));
    expect(await users.worked(instance('a'), 1)).toBe(false);
    const wait = users.worked(instance('a'), 60_000);
    done();
    expect(await wait).toBe(true);
  });
});
