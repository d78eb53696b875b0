import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { LoadSettings } from '../../../preload/contract/engine.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { MemoryUse } from '../../model-file/memory.ts';
import type { ChildMemory, LoadEvent, LoadRequest } from '../protocol.ts';
import { createAdmission, type Admission } from './admission.ts';
import { newInstance, type Instance } from './instance.ts';
import { createInstances } from './instances.ts';
import { defaultLoadSettings, planLoad, type PlanFacts } from './load-plan.ts';
import type { Planner } from './planner.ts';
import type { EngineProcess } from './processes/engine-process.ts';
import { createFailedStarts } from './processes/failed-starts.ts';
import { createScratchFolder } from './processes/scratch-folder.ts';

const model = { modelId: 'a/b/c.gguf', name: 'c', path: '/c.gguf', weightsBytes: 1e6, contextSize: 512 };
const facts: PlanFacts = {
  ...{ weightsBytes: 1e6, summary: null, fallbackContextSize: 512, calibration: null, cores: 1 },
  ...{ memory: { totalRamBytes: 8e9, freeRamBytes: 8e9 }, measured: () => null, backend: 'cpu' },
};

interface World {
  readonly admission: Admission;
  /** The measurements that are kept, by machine and settings. */
  readonly kept: Map<string, MemoryUse>;
  /** The limits of a batch that its child was given, in milliseconds. */
  readonly batchLimits: readonly number[];
  instance(settings: LoadSettings): Instance;
}

/** Loads by a child that takes `memory` right after its load, on a machine where `promptTokensPerSecond` was measured. */
function world(
  memory: ChildMemory,
  {
    promptTokensPerSecond = 0,
    isFull = false,
    question = async () => {},
  }: {
    promptTokensPerSecond?: number;
    isFull?: boolean;
    /** What a plan waits for. */
    question?: (signal?: AbortSignal) => Promise<void>;
  } = {},
): World {
  const batchLimits: number[] = [];
  const calibration =
    promptTokensPerSecond === 0
      ? null
      : {
          ...{ decodeThreads: 1, promptThreads: 1, batchSize: 512, decodeTokensPerSecond: 1, promptTokensPerSecond },
          ...{ tried: [], tookMs: 1, at: 1 },
        };
  const known: PlanFacts = { ...facts, calibration };
  const instances = createInstances(() => {});
  const kept = new Map<string, MemoryUse>();
  async function* stream(_route: string, request: LoadRequest): AsyncGenerator<LoadEvent> {
    const info = { gpuLayers: 0, layerCount: 5, batchSize: request.batchSize, decodeThreads: 1, promptThreads: 1 };
    yield await Promise.resolve({ type: 'ready', info: { ...info, hasChatTemplate: true, notes: [] } } as never);
  }
  const child = {
    ...{ ended: new Promise(() => {}), serve: () => {}, kill: async () => {} },
    expectBatch: (limitMs: number) => void batchLimits.push(limitMs),
    explain: async (thrown: unknown) => thrown,
    client: { stream, call: async () => memory },
  } as unknown as EngineProcess;
  const planner: Pick<Planner, 'planFor' | 'machine'> = {
    async planFor(_model, settings, _files, { signal } = {}) {
      await question(signal);
      return { facts: known, ...planLoad(settings, known) };
    },
    machine: async () => 'machine',
  };
  const keyOf = (...parts: readonly string[]): string => parts.join(' ');
  const admission = createAdmission({
    ...{ instances, planner: planner as Planner, failedStarts: createFailedStarts(), now: Date.now },
    spares: { take: () => child, prepare: () => {}, pids: () => [], close: async () => {} },
    busy: { cores: async () => 0, stop: () => {} },
    records: {
      ...{ settings: () => null, saveSettings: () => {}, calibration: () => null, saveCalibration: () => {} },
      ...{ readBytesPerSecond: () => null, memoryBytesPerSecond: () => null, saveMemoryRate: () => {} },
      measured: (...key) => kept.get(keyOf(...key)) ?? null,
      saveMeasured(modelId, machine, settings, use) {
        if (isFull) throw new AppError('disk.full', 'The disk is full.');
        kept.set(keyOf(modelId, machine, settings), use);
      },
    },
    findAuxiliaryFile: async () => ({ path: '/d.gguf', sizeBytes: 1e6, summary: null }),
    ...{ scratch: createScratchFolder(null), makeRoom: async () => {} },
    ...{ onAuxiliaryUsed: () => {}, onLoaded: () => {} },
  });
  return {
    ...{ admission, kept, batchLimits },
    instance(settings) {
      const instance = newInstance(model, settings, { ifRoom: false }, 0);
      instances.add(instance);
      return instance;
    },
  };
}

describe('the memory that a load was measured to take', () => {
  it('is kept for the next estimate, and the most of it when it grows and shrinks', async () => {
    const { admission, kept, instance } = world({ rssBytes: 5e8, vramBytes: 3e8 });
    const loaded = instance(defaultLoadSettings);
    await admission.admit(loaded);
    expect([...kept.values()]).toEqual([{ ramBytes: 5e8, vramBytes: 3e8 }]);
    await admission.measured(loaded, { rssBytes: 7e8, vramBytes: 2e8 });
    expect([...kept.values()]).toEqual([{ ramBytes: 7e8, vramBytes: 3e8 }]);
    await admission.measured(loaded, { rssBytes: 4e8, vramBytes: 4e8 });
    expect([...kept.values()]).toEqual([{ ramBytes: 7e8, vramBytes: 4e8 }]);
    // A window sees what it takes now.
    expect(loaded.state).toMatchObject({ memoryBytes: 4e8, vramBytes: 4e8 });
  });

  it.each<Partial<LoadSettings>>([
    { speculation: { kind: 'draft', modelId: 'd' } },
    { loras: [{ modelId: 'd', scale: 1 }] },
  ])('is not kept for loads of the model alone when more was in memory: %o', async (settings) => {
    const { admission, kept, instance } = world({ rssBytes: 5e8, vramBytes: 0 });
    const loaded = instance({ ...defaultLoadSettings, ...settings });
    await admission.admit(loaded);
    await admission.measured(loaded, { rssBytes: 7e8, vramBytes: 0 });
    expect(loaded.state).toMatchObject({ status: 'ready', memoryBytes: 7e8 });
    expect(kept.size).toBe(0);
  });
});

it('a model whose memory cannot be kept, because the disk is full, is loaded all the same', async () => {
  const { admission, instance } = world({ rssBytes: 5e8, vramBytes: 0 }, { isFull: true });
  const loaded = instance(defaultLoadSettings);
  expect(await admission.admit(loaded)).toMatchObject({ status: 'ready', memoryBytes: 5e8 });
  await admission.measured(loaded, { rssBytes: 7e8, vramBytes: 0 });
  expect(loaded.state).toMatchObject({ status: 'ready', memoryBytes: 7e8 });
});

it.each([
  // A batch of 512 tokens takes 51.2 s, and a hang thirty times as long.
  [10, [1_536_000]],
  [1000, [120_000]],
  [0, []],
])('a batch of a model that was measured with %d tokens a second is awaited for %j ms', async (speed, limits) => {
  const { admission, batchLimits, instance } = world({ rssBytes: 5e8, vramBytes: 0 }, { promptTokensPerSecond: speed });
  await admission.admit(instance(defaultLoadSettings));
  expect(batchLimits).toEqual(limits);
});

it('a load that is cancelled does not wait for the answer of a GPU', async () => {
  const asked = Promise.withResolvers<void>();
  // The GPU never answers.
  const { admission, instance } = world(
    { rssBytes: 5e8, vramBytes: 0 },
    {
      question: async (signal) => {
        asked.resolve();
        await once(signal ?? new EventTarget(), 'abort');
        throw new AppError('cancelled', 'The question for the devices was stopped.');
      },
    },
  );
  const loading = instance(defaultLoadSettings);
  const load = admission.admit(loading);
  await asked.promise;
  loading.ending = Promise.resolve();
  loading.end.abort();
  await expect(load).rejects.toMatchObject({ code: 'cancelled' });
});
