import { describe, expect, it } from 'vitest';
import type { LoadSettings } from '../../../preload/contract/engine.ts';
import type { LoadNote } from '../../../preload/contract/load-notes.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { SUMMARY_FORMAT, type ModelSummary } from '../../model-file/model-summary.ts';
import type { LoadEvent, LoadRequest, Measurement, Tuning } from '../protocol.ts';
import { noAuxiliaryFiles } from './auxiliary-files.ts';
import { loadModel, type Loaded } from './load.ts';
import { defaultLoadSettings, planLoad, type PlanFacts } from './load-plan.ts';
import type { EngineProcess } from './processes/engine-process.ts';

/** Its context takes 1 KiB a token in F16. */
const summary: ModelSummary = {
  ...{ format: SUMMARY_FORMAT, architecture: 'llama', name: null, quantization: null, license: null },
  ...{ parameterCount: 1, weightsBytes: 4e6, contextLength: 1_000_000 },
  layers: Array.from({ length: 4 }, () => ({
    ...{ weightsBytes: 1e6, keyElements: 64, valueElements: 64, windowTokens: null, stateBytes: 0 },
  })),
  ...{ inputBytes: 0, outputBytes: 1e6, outputCopyBytes: 0, embeddingLength: 64, feedForwardLength: 128 },
  ...{ headCount: 4, vocabularySize: 1000, hasChatTemplate: false, notes: [] },
};

const factsWith = (freeRamBytes: number, { vramBytes = 0, fastestBatch = 0 } = {}): PlanFacts => ({
  ...{ weightsBytes: summary.weightsBytes, summary, fallbackContextSize: 4096, cores: 1 },
  calibration:
    fastestBatch === 0
      ? null
      : {
          ...{ decodeThreads: 1, promptThreads: 1, batchSize: fastestBatch, decodeTokensPerSecond: 10 },
          ...{ promptTokensPerSecond: 100, tried: [], tookMs: 1, at: 1 },
        },
  memory: {
    ...{ totalRamBytes: 8e9, freeRamBytes },
    ...(vramBytes > 0 && { freeVramBytes: vramBytes, totalVramBytes: vramBytes }),
  },
  ...{ measured: () => null, backend: vramBytes > 0 ? 'vulkan' : 'cpu' },
});

const measurements: readonly Measurement[] = (['decode', 'prompt'] as const).map((phase) => ({
  ...{ phase, threads: 1, batchSize: 512, tokensPerSecond: 10 },
}));

type Tried = readonly [LoadRequest['kvCacheType'], number];

type Asked = { busyCores?: number; calibrate?: boolean } & Parameters<typeof factsWith>[1];

/** Loads on `freeRamBytes` with a child that answers each attempt with an error or null. */
async function load(
  freeRamBytes: number,
  settings: Partial<LoadSettings>,
  answer: (request: LoadRequest) => AppError | null,
  { busyCores = 0, calibrate = false, ...machine }: Asked = {},
): Promise<{
  tried: readonly Tried[];
  /** Tunings that were set after the load. */
  tunings: readonly Tuning[];
  notes: readonly LoadNote[];
  error: unknown;
  loaded: Loaded | null;
  /** Children that were started, in order, with the error that ended them. */
  children: readonly (readonly unknown[])[];
}> {
  const tried: Tried[] = [];
  const tunings: Tuning[] = [];
  const children: unknown[][] = [];
  let notes: readonly LoadNote[] = [];
  async function* attempt(request: LoadRequest): AsyncGenerator<LoadEvent> {
    tried.push([request.kvCacheType, request.contextSize]);
    const error = answer(request);
    if (error) throw error;
    const info = { gpuLayers: 0, layerCount: 5, batchSize: request.batchSize, decodeThreads: 1, promptThreads: 1 };
    yield { type: 'ready', info } as LoadEvent;
  }
  function take(): EngineProcess {
    // The memory of the attempt before is free.
    expect(children.every((deaths) => deaths.length === 1)).toBe(true);
    const deaths: unknown[] = [];
    children.push(deaths);
    const child = {
      kill: async (error: unknown) => void deaths.push(error),
      explain: async (thrown: unknown) => thrown,
      client: {
        stream: (_route: string, request: LoadRequest) => attempt(request),
        async call(route: string, input: unknown) {
          if (route === 'setTuning') tunings.push(input as Tuning);
          return route === 'measure' ? { measured: measurements } : { rssBytes: 1, vramBytes: 0 };
        },
      },
    };
    return child as unknown as EngineProcess;
  }
  const all = { ...defaultLoadSettings, ...settings };
  const facts = factsWith(freeRamBytes, machine);
  let loaded: Loaded | null = null;
  const error: unknown = await loadModel({
    ...{
      modelPath: 'x',
      weightsBytes: summary.weightsBytes,
      facts: factsWith(freeRamBytes),
      ...{ busyCores: async () => busyCores, calibrate },
      now: Date.now,
    },
    settings: all,
    first: { facts, ...planLoad(all, facts) },
    ...{ files: noAuxiliaryFiles, scratchFolder: null },
    take,
    onProgress: () => {},
    onNotes: (told) => (notes = told),
    isCancelled: () => false,
  }).then(
    (done) => {
      loaded = done;
      return null;
    },
    (thrown: unknown) => thrown,
  );
  return { tried, tunings, notes, error, loaded, children };
}

/** The calibration of a load of a model that decodes 10 tokens/s; `gpuLayers` of its five layers are on the GPU. */
async function calibrated(gpuLayers: number) {
  // A token reads four layers of 100 MB and an output of 50 MB.
  const layers = summary.layers.map((layer) => ({ ...layer, weightsBytes: 100e6 }));
  const model = { ...summary, weightsBytes: 450e6, layers, outputBytes: 50e6 };
  const facts = { ...factsWith(8e9), weightsBytes: model.weightsBytes, summary: model };
  type Candidates = { decodeThreads: number[]; promptThreads: number[]; batchSizes: number[] };
  const measured = ({ decodeThreads, promptThreads, batchSizes }: Candidates) => [
    ...decodeThreads.map((threads) => ({ phase: 'decode', threads, batchSize: 512, tokensPerSecond: 10 })),
    ...promptThreads.flatMap((threads) =>
      batchSizes.map((batchSize) => ({ phase: 'prompt', threads, batchSize, tokensPerSecond: 1000 })),
    ),
  ];
  async function* stream(_route: string, { batchSize }: LoadRequest): AsyncGenerator<LoadEvent> {
    const info = { gpuLayers, layerCount: 5, batchSize, decodeThreads: 1, promptThreads: 1 };
    yield await Promise.resolve({ type: 'ready', info } as LoadEvent);
  }
  const call = async (route: string, input: Candidates) =>
    route === 'measure' ? { measured: measured(input) } : { rssBytes: 1, vramBytes: 0 };
  const child = { kill: async () => {}, explain: async (thrown: unknown) => thrown, client: { stream, call } };
  const loaded = await loadModel({
    ...{ modelPath: 'x', weightsBytes: model.weightsBytes, facts, calibrate: true, now: () => 7 },
    ...{ settings: defaultLoadSettings, first: { facts, ...planLoad(defaultLoadSettings, facts) } },
    busyCores: async () => 0,
    ...{ files: noAuxiliaryFiles, scratchFolder: null, onProgress: () => {}, onNotes: () => {} },
    ...{ take: () => child as unknown as EngineProcess, isCancelled: () => false },
  });
  return loaded.calibration;
}

it("keeps this machine's rate of reading where all of the model is in main memory", async () => {
  // 450 MB at 10 tokens/s.
  expect(await calibrated(0)).toMatchObject({ decodeTokensPerSecond: 10, readBytesPerSecond: 4.5e9 });
  const partly = await calibrated(2);
  expect(partly).toMatchObject({ decodeTokensPerSecond: 10 });
  expect(partly).not.toHaveProperty('readBytesPerSecond');
});

const refused = new AppError('unsupported', "This model's context cannot be kept in that precision.", {
  setting: 'kvCacheType',
});
const outOfMemory = new AppError('engine.out_of_memory', 'There was not enough memory to load the model.');
const onlyF16 = ({ kvCacheType }: LoadRequest): AppError | null => (kvCacheType === 'F16' ? null : refused);

describe('a memory type that the model refuses', () => {
  it('uses up no step when Hearth chose it', async () => {
    // All five steps are planned: the memory type, and four times half of the context.
    const { tried, notes, error } = await load(2e8, { contextSize: 262_144 }, onlyF16);
    expect(error).toBeNull();
    expect(tried).toEqual([
      ['Q8_0', 16_384],
      ['F16', 8192],
    ]);
    expect(notes.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'context_shortened'));
  });

  it('is taken back for one more attempt when there is nothing left to give up', async () => {
    const least = { contextSize: 512, batchSize: 128 } as const;
    const enough = planLoad({ ...defaultLoadSettings, ...least, kvCacheType: 'Q8_0' }, factsWith(8e9)).fit.ramBytes;
    const { tried, error } = await load(enough, least, onlyF16);
    expect(error).toBeNull();
    expect(tried).toEqual([
      ['Q8_0', 512],
      ['F16', 512],
    ]);
  });

  it('is not what a load fails with in the end when Hearth chose it', async () => {
    const noMemory = (request: LoadRequest): AppError => onlyF16(request) ?? outOfMemory;
    for (const freeRamBytes of [2e8, 3e8, 8e9]) {
      const { error } = await load(freeRamBytes, { contextSize: 262_144 }, noMemory);
      expect(error).toMatchObject({ code: 'engine.out_of_memory' });
    }
  });

  it('is replaced by F16 when the user chose it, and the larger context is made to fit', async () => {
    const { tried, notes, error } = await load(2.5e8, { contextSize: 262_144, kvCacheType: 'Q4_0' }, onlyF16);
    expect(error).toBeNull();
    expect(tried.map(([type]) => type)).toEqual(['Q4_0', 'Q8_0', 'F16']);
    expect(tried.at(-1)?.[1]).toBeLessThanOrEqual(32_768);
    expect(notes[0]).toEqual({ code: 'kv_cache_type_refused', kvCacheType: 'Q4_0' });
  });

  it('ends the load when the model refuses every one', { timeout: 5000 }, async () => {
    const { tried, error } = await load(8e9, { contextSize: 512, kvCacheType: 'Q4_0' }, () => refused);
    expect(error).toMatchObject({ code: 'unsupported' });
    expect(tried.length).toBeLessThan(10);
  });
});

describe('a load that fails', () => {
  it('ends the child of each attempt, for its error, before the next is started', async () => {
    const { children, error } = await load(8e9, { contextSize: 2048 }, () => outOfMemory);
    expect(error).toMatchObject({ code: 'engine.out_of_memory' });
    expect(children.length).toBeGreaterThan(1);
    expect(children).toEqual(children.map(() => [outOfMemory]));
  });

  it('is tried with less when the system ended the child, as it does when memory runs out', async () => {
    const killed = new AppError('engine.crashed', 'The engine was stopped by the system.', { reason: 'SIGKILL' });
    const { tried, notes, error } = await load(8e9, { contextSize: 8192 }, ({ contextSize }) =>
      contextSize > 4096 ? killed : null,
    );
    expect(error).toBeNull();
    expect(tried).toEqual([
      ['F16', 8192],
      ['Q8_0', 8192],
      ['F16', 4096],
    ]);
    expect(notes.map(({ code }) => code)).toEqual(['context_shortened']);
  });

  it('is not tried with less when the child ended for another reason', async () => {
    for (const reason of ['SIGILL', 'SIGSEGV', 'exit code 1']) {
      const crashed = new AppError('engine.crashed', 'The engine stopped unexpectedly.', { reason });
      const { tried, error } = await load(8e9, { contextSize: 8192 }, () => crashed);
      expect([tried.length, error]).toEqual([1, crashed]);
    }
  });
});

it('a driver that ends the process is left alone: the next attempt is on the processor, with all else as it was', async () => {
  const layers: number[] = [];
  const crashed = new AppError('engine.crashed', 'The engine stopped.', { reason: 'SIGSEGV' });
  const { tried, notes, error } = await load(
    8e9,
    { contextSize: 8192 },
    ({ gpuLayers }) => (layers.push(gpuLayers), gpuLayers > 0 ? crashed : null),
    { vramBytes: 4e9 },
  );
  expect(error).toBeNull();
  expect(layers).toEqual([5, 0]);
  expect(tried).toEqual([
    ['F16', 8192],
    ['F16', 8192],
  ]);
  expect(notes).toEqual([{ code: 'gpu_unused', why: 'driver' }]);
});

it('the batch size that was measured to be the fastest is set behind the load, unless the user chose one', async () => {
  const fast = { fastestBatch: 128 };
  const { tunings, loaded } = await load(8e9, { contextSize: 512 }, () => null, fast);
  expect(tunings).toEqual([{ decodeThreads: 1, promptThreads: 1, batchSize: 128 }]);
  expect(loaded).toMatchObject({ tunedBatchSize: 128, info: { batchSize: 512 } });
  const chosen = await load(8e9, { contextSize: 512, batchSize: 256 }, () => null, fast);
  expect([chosen.tunings, chosen.loaded?.tunedBatchSize]).toEqual([[], 256]);
  expect((await load(8e9, { contextSize: 512 }, () => null, { fastestBatch: 4096 })).tunings).toEqual([]);
});

describe('a calibration in the load', () => {
  it.each([0, 0.49])('is made with %d cores busy elsewhere, and kept', async (busyCores) => {
    const { loaded, error } = await load(8e9, { contextSize: 512 }, () => null, { busyCores, calibrate: true });
    expect(error).toBeNull();
    expect(loaded).toMatchObject({ isNewCalibration: true, calibration: { decodeTokensPerSecond: 10 } });
  });

  it.each([0.5, 3])('waits for an idle machine with %d cores busy elsewhere', async (busyCores) => {
    const { loaded, error } = await load(8e9, { contextSize: 512 }, () => null, { busyCores, calibrate: true });
    expect(error).toBeNull();
    expect(loaded).toMatchObject({ isNewCalibration: false, calibration: null, isUnmeasurable: false });
  });
});
