import { describe, expect, it } from 'vitest';
import type { FreeMemory } from '../../../model-file/fit.ts';
import type { ChildBackend, DeviceReport } from '../../protocol.ts';
import type { EngineProcess } from '../processes/engine-process.ts';
import { createHardwareProbe } from './hardware.ts';

const RAM: FreeMemory = { totalRamBytes: 64e9, freeRamBytes: 32e9 };
const report = (freeVramBytes: number): DeviceReport => ({
  ...{ backend: 'vulkan', gpuNames: ['Card'], totalVramBytes: 16e9, freeVramBytes, unifiedMemory: false },
  cpuFeatures: ['AVX2'],
});

/** A child that is asked, with its answer in the test's hands. */
interface Question {
  readonly backend: ChildBackend;
  readonly killed: () => boolean;
  answer(report: DeviceReport): void;
  fail(): void;
}

function setUp(installed: ('vulkan' | 'cuda')[] = ['vulkan']) {
  const asked: Question[] = [];
  let nowMs = 0;
  let occupied = 'nobody';
  const start = (backend: ChildBackend): EngineProcess => {
    const answer = Promise.withResolvers<DeviceReport>();
    let isKilled = false;
    asked.push({
      ...{ backend, killed: () => isKilled, answer: answer.resolve },
      fail: () => answer.reject(new Error('The driver fell over.')),
    });
    return {
      client: { call: () => answer.promise },
      explain: (error: unknown) => Promise.resolve(error),
      kill(error: Error) {
        isKilled = true;
        answer.reject(error);
        return Promise.resolve();
      },
    } as unknown as EngineProcess;
  };
  const hardware = createHardwareProbe({
    start,
    backends: { list: () => [], installed: () => installed },
    occupancy: () => occupied,
    elapsedMs: () => nowMs,
  });
  return {
    ...{ asked, hardware },
    pass: (ms: number) => void (nowMs += ms),
    occupy: (key: string) => void (occupied = key),
    /** Answers the latest question once there are `count` of them. */
    async answer(count: number, freeVramBytes: number) {
      await expect.poll(() => asked.length).toBe(count);
      asked[count - 1]?.answer(report(freeVramBytes));
    },
  };
}
/** All microtasks and what waits for them. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('the memory of the GPU', () => {
  it('is asked once, and again after some seconds', async () => {
    const { asked, hardware, pass, answer } = setUp();
    const both = [hardware.memory(RAM), hardware.describe(RAM)] as const;
    await answer(1, 8e9);
    expect(await both[0]).toEqual({ ...RAM, freeVramBytes: 8e9, totalVramBytes: 16e9, unifiedMemory: false });
    expect((await both[1]).devices[1]).toMatchObject({ name: 'Card', freeBytes: 8e9 });
    for (let count = 0; count < 20; count++) await hardware.memory(RAM);
    pass(1000);
    await hardware.memory(RAM);
    expect(asked).toHaveLength(1);
    pass(60_000);
    expect(hardware.lastMemory(RAM).freeVramBytes).toBe(8e9);
    const later = [hardware.memory(RAM), hardware.memory(RAM), hardware.describe(RAM)] as const;
    await answer(2, 5e9);
    expect((await later[0]).freeVramBytes).toBe(5e9);
    await Promise.all(later);
    expect(asked).toHaveLength(2);
    expect(hardware.lastMemory(RAM).freeVramBytes).toBe(5e9);
  });

  it('is asked again when a model was loaded or ended, also during a question', async () => {
    const { asked, hardware, occupy, answer } = setUp();
    const first = hardware.memory(RAM);
    await answer(1, 8e9);
    await first;
    occupy('a model');
    const second = hardware.memory(RAM);
    await expect.poll(() => asked.length).toBe(2);
    occupy('two models');
    const late = hardware.memory(RAM);
    await answer(3, 2e9);
    asked[1]?.answer(report(4e9));
    expect((await second).freeVramBytes).toBe(2e9);
    expect((await late).freeVramBytes).toBe(2e9);
    expect(asked).toHaveLength(3);
  });

  it('is asked again after new libraries, and an old question is not kept', async () => {
    const { asked, hardware, pass, answer } = setUp();
    const first = hardware.memory(RAM);
    await answer(1, 8e9);
    await first;
    pass(60_000);
    const old = hardware.memory(RAM);
    await expect.poll(() => asked.length).toBe(2);
    hardware.forget();
    asked[1]?.answer(report(7e9));
    await old;
    const next = hardware.memory(RAM);
    await answer(3, 6e9);
    expect((await next).freeVramBytes).toBe(6e9);
    expect(asked).toHaveLength(3);
  });

  it('is not that of an old question which is answered behind the first one to new libraries', async () => {
    const { asked, hardware, pass, answer } = setUp();
    const first = hardware.memory(RAM);
    await answer(1, 8e9);
    await first;
    pass(60_000);
    const old = hardware.memory(RAM);
    await expect.poll(() => asked.length).toBe(2);
    hardware.forget();
    const next = hardware.memory(RAM);
    await answer(3, 6e9);
    expect((await next).freeVramBytes).toBe(6e9);
    asked[1]?.answer(report(7e9));
    await old;
    expect(hardware.lastMemory(RAM).freeVramBytes).toBe(6e9);
    expect((await hardware.memory(RAM)).freeVramBytes).toBe(6e9);
    expect(asked).toHaveLength(3);
  });

  it('is left as it was for some seconds where the driver does not answer', async () => {
    const { asked, hardware, pass, answer } = setUp();
    const first = hardware.memory(RAM);
    await answer(1, 8e9);
    await first;
    pass(60_000);
    const failing = hardware.memory(RAM);
    await expect.poll(() => asked.length).toBe(2);
    asked[1]?.fail();
    expect((await failing).freeVramBytes).toBe(8e9);
    expect((await hardware.memory(RAM)).freeVramBytes).toBe(8e9);
    expect(asked).toHaveLength(2);
  });

  it('is asked until the last one who waits has left', async () => {
    const { asked, hardware, pass, answer } = setUp();
    const first = hardware.memory(RAM);
    await answer(1, 8e9);
    await first;
    pass(60_000);
    const [one, two] = [new AbortController(), new AbortController()];
    const asking = [hardware.memory(RAM, one.signal), hardware.memory(RAM, two.signal)] as const;
    await expect.poll(() => asked.length).toBe(2);
    one.abort();
    await expect(asking[0]).rejects.toMatchObject({ code: 'cancelled' });
    expect(asked[1]?.killed()).toBe(false);
    two.abort();
    await expect(asking[1]).rejects.toMatchObject({ code: 'cancelled' });
    expect(asked[1]?.killed()).toBe(true);
    await settled();
    // An ended question says nothing, so the next one is asked.
    const next = hardware.memory(RAM);
    await answer(3, 3e9);
    expect((await next).freeVramBytes).toBe(3e9);
  });

  it('lets one leave while the first look at the devices goes on', async () => {
    const { asked, hardware, answer } = setUp();
    const leaving = new AbortController();
    const asking = hardware.memory(RAM, leaving.signal);
    await expect.poll(() => asked.length).toBe(1);
    leaving.abort();
    await expect(asking).rejects.toMatchObject({ code: 'cancelled' });
    expect(asked[0]?.killed()).toBe(false);
    await answer(1, 8e9);
    expect((await hardware.memory(RAM)).freeVramBytes).toBe(8e9);
    expect(asked).toHaveLength(1);
  });
});

describe('the features of the processor', () => {
  it('are asked once for all, again after a failure, and never once they are known', async () => {
    const { asked, hardware } = setUp([]);
    const failing = hardware.describe(RAM);
    await expect.poll(() => asked.length).toBe(1);
    asked[0]?.fail();
    expect((await failing).cpuFeatures).toEqual([]);
    const leaving = new AbortController();
    const left = hardware.describe(RAM, leaving.signal);
    await expect.poll(() => asked.length).toBe(2);
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: 'cancelled' });
    expect(asked[1]?.killed()).toBe(true);
    const both = [hardware.describe(RAM), hardware.describe(RAM)];
    await expect.poll(() => asked.length).toBe(3);
    expect(asked[2]?.backend).toBe('cpu');
    asked[2]?.answer(report(0));
    for (const { cpuFeatures } of await Promise.all(both)) expect(cpuFeatures).toEqual(['AVX2']);
    expect((await hardware.describe(RAM)).cpuFeatures).toEqual(['AVX2']);
    expect(asked).toHaveLength(3);
  });
});

it('nothing is asked once the engine has closed, also of those that are asked at that moment', async () => {
  const { asked, hardware } = setUp(['vulkan', 'cuda']);
  const probed = hardware.probe();
  await expect.poll(() => asked.length).toBe(1);
  await hardware.close();
  expect(await probed).toMatchObject({ backend: 'cpu', report: null });
  expect((await hardware.describe(RAM)).devices).toHaveLength(1);
  expect(asked.map(({ backend, killed }) => [backend, killed()])).toEqual([['vulkan', true]]);
});
