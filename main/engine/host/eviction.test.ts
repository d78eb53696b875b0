import { describe, expect, it } from 'vitest';
import { isAppError } from '../../../preload/wire/errors.ts';
import { isNoRoom, makeRoom } from './eviction.ts';
import { newInstance, type Instance } from './instance.ts';
import { defaultLoadSettings } from './load-plan.ts';
import type { Occupant } from './planner.ts';

const occupant = (modelId: string, patch: Partial<Occupant> = {}): Occupant => ({
  ...{ modelId, ramBytes: 100, vramBytes: 0, lastUsedAt: 0, busy: false, working: false, kept: false, pid: undefined },
  ...patch,
});

/** Makes room for 100 bytes in a memory of 150. Returns the models that were evicted, in order. */
async function room(
  occupants: Occupant[],
  options: { ifRoom?: boolean; worked?: (instance: Instance) => Promise<boolean> } = {},
): Promise<string[]> {
  const model = { modelId: 'new', name: 'new', path: '/new', weightsBytes: 1, contextSize: 512 };
  const instance = newInstance(model, defaultLoadSettings, { ifRoom: options.ifRoom ?? false }, 0);
  const evicted: string[] = [];
  let looks = 0;
  await makeRoom(
    instance,
    { ramBytes: 100, vramBytes: 0 },
    {
      occupants() {
        // A loop without an end lets no timer fire, and so no limit of the test.
        if (++looks > 10) throw new Error('no room is found again and again');
        return occupants;
      },
      allowance: async () => ({ ramBytes: 150, vramBytes: Infinity, unifiedMemory: false }),
      async evict(modelId) {
        evicted.push(modelId);
        occupants.splice(
          occupants.findIndex((one) => one.modelId === modelId),
          1,
        );
      },
      worked: async () => (await options.worked?.(instance)) ?? true,
    },
  );
  return evicted;
}

describe('room for a load', () => {
  it('is made of idle models, and never of one in use', async () => {
    expect(await room([occupant('a', { lastUsedAt: 2 }), occupant('b', { lastUsedAt: 1 })])).toEqual(['b', 'a']);
    expect(await room([occupant('small', { ramBytes: 50 })])).toEqual([]);
    await expect(room([occupant('a', { busy: true }), occupant('b')])).rejects.toMatchObject({
      code: 'busy',
      data: { reason: 'memory_in_use' },
    });
  });

  it('is not made for a load that may evict nothing', async () => {
    const occupants = [occupant('a')];
    await expect(room(occupants, { ifRoom: true })).rejects.toSatisfy((error) => isAppError(error) && isNoRoom(error));
    expect(occupants).toHaveLength(1);
  });

  it('waits for Hearth’s own work with a model, which is in use when that does not end', async () => {
    const working = occupant('a', { working: true });
    const occupants = [working];
    const ends = async (): Promise<boolean> => {
      occupants[0] = { ...working, working: false };
      return true;
    };
    expect(await room(occupants, { worked: ends })).toEqual(['a']);
    await expect(room([working], { worked: async () => false })).rejects.toMatchObject({ code: 'busy' });
  });

  it('is not made for a load that was cancelled while it waited', async () => {
    const occupants = [occupant('a', { working: true }), occupant('b', { lastUsedAt: 1 })];
    const cancel = async (instance: Instance): Promise<boolean> => {
      instance.ending = Promise.resolve();
      return true;
    };
    await expect(room(occupants, { worked: cancel })).rejects.toMatchObject({ code: 'cancelled' });
    expect(occupants).toHaveLength(2);
  });
});
