/**
 * The engine's host: settings, estimates, several models within a budget, and the stored results of loads. Real models,
 * real children.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import type { Calibration, LoadSettings } from '../../../preload/contract/engine.ts';
import { isAppError } from '../../../preload/wire/errors.ts';
import { defaultLoadSettings, physicalCores, type EngineModel } from '../../../main/engine/engine.ts';
import { summarizeShards } from '../../../main/library/models/model-files.ts';
import { createLoadRecords, type LoadRecords } from '../../../main/store/load-records.ts';
import { openStore, type Store } from '../../../main/store/store.ts';
import { endless } from '../../support/endless.ts';
import {
  ember,
  longStories,
  reply,
  root,
  startEngine,
  stories,
  until,
  write,
  type TestEngine,
} from '../../support/engine-host-setup.ts';
import { isAlive } from '../../support/processes.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let test: TestEngine | undefined;
const stores: { store: Store; folder: string }[] = [];
afterEach(async () => {
  expect(await test?.close()).toEqual(test ? [] : undefined);
  test = undefined;
  for (const { store, folder } of stores.splice(0)) {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

function records(): LoadRecords {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-records-'));
  const store = openStore(folder, path.join(root, 'main/store/migrations'));
  stores.push({ store, folder });
  return createLoadRecords(store);
}

/** As the library finds it: with the facts of its header. */
async function withHeader(model: EngineModel): Promise<EngineModel> {
  const entry = { repoId: 'a/b', commit: '', path: 'c.gguf', openPath: model.path, sizeBytes: model.weightsBytes };
  const file = { ...entry, modifiedAtMs: 0 };
  const summary = await summarizeShards({ ...file, shards: [file], missingShards: 0 } as Parameters<
    typeof summarizeShards
  >[0]);
  return { ...model, weightsBytes: summary.weightsBytes, summary };
}
const copies = (model: EngineModel, count: number): EngineModel[] =>
  Array.from({ length: count }, (_, index) => ({ ...model, modelId: `${model.modelId}-${index}` }));
const ids = ({ engine }: TestEngine): string[] => engine.loaded().map(({ modelId }) => modelId);

describe('load settings', () => {
  it('are kept as the model’s own and used by its next load', async () => {
    const kept = records();
    test = startEngine({ records: kept });
    const { engine } = test;
    const model = await withHeader(ember);
    expect((await engine.settings(model)).settings).toEqual(defaultLoadSettings);
    const own: LoadSettings = {
      ...{ ...defaultLoadSettings, contextSize: 512, kvCacheType: 'Q8_0', threads: 1, batchSize: 128, sequences: 2 },
      mmap: false,
    };
    expect(engine.saveSettings(model.modelId, own)).toEqual(own);
    const state = await engine.load(model);
    expect(state).toMatchObject({
      ...{ contextSize: 512, kvCacheType: 'Q8_0', flashAttention: true, threads: 1, batchSize: 128, sequences: 2 },
      notes: [],
    });
    expect((await engine.settings(model)).settings).toEqual(own);
    expect(engine.saveSettings(model.modelId, null)).toEqual(defaultLoadSettings);
    expect((await engine.settings(model)).settings).toEqual(defaultLoadSettings);
  });

  it('never take more threads than there are cores', async () => {
    const kept = records();
    test = startEngine({ records: kept });
    kept.saveSettings(stories.modelId, { ...defaultLoadSettings, threads: 512 });
    const state = await test.engine.load(await withHeader(stories));
    expect(state.threads).toBeLessThanOrEqual(physicalCores());
  });

  it('that conflict are changed, with a note', async () => {
    const kept = records();
    test = startEngine({ records: kept });
    kept.saveSettings(ember.modelId, { ...defaultLoadSettings, kvCacheType: 'Q8_0', flashAttention: false });
    const state = await test.engine.load(await withHeader(ember));
    expect(state).toMatchObject({ flashAttention: true, kvCacheType: 'Q8_0' });
    expect(state.notes).toContainEqual({ code: 'flash_attention_needed', kvCacheType: 'Q8_0' });
  });

  it('that the model does not support are replaced, with a note, and do not count as lack of memory', async () => {
    const kept = records();
    test = startEngine({ records: kept });
    // Its heads have 8 elements, and a block of Q4_0 has 32.
    kept.saveSettings(stories.modelId, { ...defaultLoadSettings, kvCacheType: 'Q4_0', contextSize: 512 });
    const state = await test.engine.load(await withHeader(stories));
    expect(state).toMatchObject({ kvCacheType: 'F16', contextSize: 512 });
    expect(state.notes).toContainEqual({ code: 'kv_cache_type_refused', kvCacheType: 'Q4_0' });
    expect(test.children.length).toBe(2);
  });

  it('leave fewer threads to a model while other programs are busy', { timeout: 120_000 }, async () => {
    const cores = physicalCores();
    const kept = records();
    const model = await withHeader(stories);
    const measured = { decodeTokensPerSecond: 1000, promptTokensPerSecond: 1000, tried: [], tookMs: 1, at: 1 };
    test = startEngine({
      records: {
        ...kept,
        calibration: () => ({ decodeThreads: cores, promptThreads: cores, batchSize: 512, ...measured }),
      },
    });
    const { engine } = test;
    await engine.load(model);
    const burn = Array.from({ length: cores }, () => spawn(process.execPath, ['-e', 'for (;;);']));
    const writesWith = async (wanted: (threads: number) => boolean): Promise<boolean> => {
      await write(engine, model, 'Once', 2);
      return wanted(engine.loaded()[0]?.threads ?? 0);
    };
    try {
      await expect.poll(() => writesWith((threads) => threads < Math.max(2, cores)), { timeout: 60_000 }).toBe(true);
      expect(engine.loaded()[0]?.threads).toBeGreaterThanOrEqual(1);
    } finally {
      for (const one of burn) one.kill('SIGKILL');
    }
  });
});

describe('stored results of loads', () => {
  it('a small model ends with one thread, the calibration is kept, and the measured memory makes the next estimate', async () => {
    const kept = records();
    test = startEngine({ records: kept });
    const { engine } = test;
    const model = await withHeader(stories);
    expect((await engine.settings(model)).fit.basis).toBe('header');
    await engine.load(model);
    const calibrate = async (): Promise<Calibration> => {
      const found = await engine.calibrate(model.modelId);
      // Its limit of 3 s is tested with a fake clock in calibration.test.ts.
      expect(found.tried.length).toBeLessThan(50);
      return found;
    };
    let calibration = await calibrate();
    // A machine that stands still during one measurement finds that candidate slow.
    for (let tries = 0; tries < 3 && calibration.decodeThreads !== 1; tries++) calibration = await calibrate();
    expect(calibration.decodeThreads).toBe(1);
    expect(calibration.tried.every(({ threads }) => threads <= physicalCores())).toBe(true);
    expect(new Set(calibration.tried.map(({ phase }) => phase))).toEqual(new Set(['decode', 'prompt']));
    expect(engine.loaded()[0]).toMatchObject({ calibration, threads: 1 });
    expect(await write(engine, model, 'Once', 4)).not.toBe('');

    const known = await engine.settings(model);
    expect(known.calibration).toEqual(calibration);
    expect(known.fit.basis).toBe('measured');
    const total = known.fit.weightsBytes + known.fit.kvCacheBytes + known.fit.computeBytes;
    expect(total).toBeGreaterThan(40e6);
    expect((await engine.estimate(model, { ...defaultLoadSettings, contextSize: 256 })).basis).toBe('header');

    await engine.unload(model.modelId);
    expect((await engine.load(model)).calibration).toEqual(calibration);
  });

  it('refuses to measure a model that writes, and one that is not loaded', async () => {
    test = startEngine({ records: records() });
    const { engine } = test;
    await expect(engine.calibrate(stories.modelId)).rejects.toSatisfy((e) => isAppError(e, 'engine.not_loaded'));
    const model = longStories;
    await engine.load(model);
    const abort = new AbortController();
    for await (const event of reply(engine, model, { input: { rawPrompt: 'Once' }, sampling: endless }, abort.signal))
      if (event.type === 'text' && !abort.signal.aborted) {
        await expect(engine.calibrate(model.modelId)).rejects.toSatisfy((e) => isAppError(e, 'busy'));
        abort.abort();
      }
  });
});

describe('several models', () => {
  it('stay in memory together, and the least recently used one is evicted for another', async () => {
    let memoryBudgetBytes: number | null = null;
    test = startEngine({ limits: () => ({ memoryBudgetBytes, idleUnloadMinutes: null }) });
    const { engine } = test;
    const [a, b, c, d] = copies(stories, 4) as [EngineModel, EngineModel, EngineModel, EngineModel];
    await engine.load(a);
    await engine.load(b);
    expect(ids(test)).toEqual([a.modelId, b.modelId]);
    const [first] = engine.loaded();
    const budget = Math.round(2.5 * Math.max(first?.memoryBytes ?? 0, 150_000_000));
    memoryBudgetBytes = budget;
    // A budget for two and a half of them: the third one fits only after the least recently used one is evicted.
    await write(engine, a, 'Once', 2);
    await engine.load(c);
    await engine.load(d);
    expect(ids(test)).toContain(d.modelId);
    expect(ids(test)).not.toContain(b.modelId);
    expect(ids(test).length).toBeLessThan(4);
    const total = engine.loaded().reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    expect(total).toBeLessThanOrEqual(budget * 1.05);
    expect(test.children.filter(({ pid }) => pid !== undefined && isAlive(pid)).length).toBe(ids(test).length);
  });

  it('that write are not evicted: the other load is refused as busy', async () => {
    test = startEngine({ limits: () => ({ memoryBudgetBytes: 200_000_000, idleUnloadMinutes: null }) });
    const { engine } = test;
    const [a, b] = copies(longStories, 2) as [EngineModel, EngineModel];
    await engine.load(a);
    const abort = new AbortController();
    let refused = false;
    for await (const event of reply(engine, a, { input: { rawPrompt: 'Once' }, sampling: endless }, abort.signal))
      if (event.type === 'text' && !refused) {
        refused = true;
        await expect(engine.load(b)).rejects.toSatisfy((e) => isAppError(e, 'busy'));
        abort.abort();
      }
    expect(refused).toBe(true);
    // The estimate does not count a model that would be evicted for it.
    expect((await engine.estimate(b, defaultLoadSettings)).freeRamBytes).toBe(200_000_000);
    await engine.load(b, { retry: true });
    expect(ids(test)).toEqual([b.modelId]);
    await expect(engine.load(a, { ifRoom: true })).rejects.toSatisfy((e) => isAppError(e, 'engine.out_of_memory'));
  });

  it('are unloaded when they were idle for too long, except one that somebody looks at', async () => {
    let now = 1_000_000;
    let looks = 0;
    test = startEngine({
      now() {
        looks++;
        return now;
      },
      limits: () => ({ memoryBudgetBytes: null, idleUnloadMinutes: 5 }),
      sweepMs: 20,
    });
    const { engine } = test;
    const [a, b] = copies(stories, 2) as [EngineModel, EngineModel];
    const release = engine.keep(a.modelId);
    await engine.load(a);
    await engine.load(b);
    await until(() => engine.loaded().at(-1)?.unloadsAt === now + 300_000, 'the time is told');
    expect(engine.loaded()[0]?.unloadsAt).toBeNull();
    now += 299_000;
    await write(engine, b, 'Once', 2);
    now += 10_000;
    // Some sweeps later.
    const seen = looks;
    await until(() => looks > seen + 20, 'the clock is looked at');
    expect(ids(test!)).toEqual([a.modelId, b.modelId]);
    now += 300_000;
    await until(() => ids(test!).length === 1, 'the idle one goes');
    expect(ids(test)).toEqual([a.modelId]);
    release();
    now += 301_000;
    await until(() => ids(test!).length === 0, 'nobody looks at it any more');
  });

  it('stay in memory for as long as the latest order said, to the moment', async () => {
    // No regular sweep in the time of this test.
    test = startEngine({ limits: () => ({ memoryBudgetBytes: null, idleUnloadMinutes: 1 }), sweepMs: 3_600_000 });
    const { engine } = test;
    const [a, b] = copies(stories, 2) as [EngineModel, EngineModel];
    {
      using first = await engine.open(a, { keepMs: null });
      using second = await engine.open(a, { keepMs: 0 });
      using other = await engine.open(b, { keepMs: 0 });
      expect([first.state().unloadsAt, second.state().unloadsAt, other.state().unloadsAt]).toEqual([null, null, null]);
      (await engine.open(b, { keepMs: 400 }))[Symbol.dispose]();
      expect(ids(test)).toEqual([a.modelId, b.modelId]);
    }
    const unloadsAt = engine.loaded().find(({ modelId }) => modelId === b.modelId)?.unloadsAt ?? 0;
    expect(unloadsAt).toBeGreaterThan(0);
    expect(unloadsAt).toBeLessThanOrEqual(Date.now() + 400);
    await until(() => ids(test!).length === 1, 'the one that is not kept goes');
    await until(() => ids(test!).length === 0, 'the other one goes');
    expect(Date.now()).toBeGreaterThanOrEqual(unloadsAt);
    (await engine.open(a, { keepMs: null }))[Symbol.dispose]();
    expect(engine.loaded()[0]?.unloadsAt).toBeNull();
    (await engine.open(a))[Symbol.dispose]();
    expect(engine.loaded()[0]?.unloadsAt).toBeGreaterThan(Date.now() + 50_000);
  });

  it('load one after the other, and a waiting load can be canceled', async () => {
    test = startEngine();
    const { engine } = test;
    const [a, b] = copies(stories, 2) as [EngineModel, EngineModel];
    const first = engine.load(a);
    const second = engine.load(b);
    const outcome = expect(second).rejects.toSatisfy((e) => isAppError(e, 'cancelled'));
    expect(ids(test)).toEqual([a.modelId, b.modelId]);
    await engine.unload(b.modelId);
    await outcome;
    await first;
    expect(ids(test)).toEqual([a.modelId]);
    expect(test.children.length).toBe(1);
  });
});

describe('children', () => {
  it('one spare is kept for the next load, and another one after it', async () => {
    test = startEngine({ spare: true });
    const { engine, children } = test;
    await until(() => children.length === 1, 'the spare child is started');
    await engine.load(stories);
    expect(children.length).toBe(1);
    expect(children[0]?.pid).toSatisfy(isAlive);
    await until(() => children.length === 2, 'the next spare child is started');
    await engine.load(ember);
    expect(children.length).toBe(2);
  });

  it('have a folder of their own below the writable one, which is deleted with them', async () => {
    test = startEngine();
    const { engine, folder } = test;
    const scratch = path.join(folder, 'states/scratch');
    await engine.load(stories);
    expect(readdirSync(scratch).length).toBe(1);
    await engine.unload(stories.modelId);
    await until(() => readdirSync(scratch).length === 0, 'the folder is removed');
  });

  // A limit for hangs only: 200 starts take two minutes on an idle machine, and longer on a busy one.
  it('start and end 200 times without a leak', { timeout: 3_600_000 }, async () => {
    test = startEngine();
    const { engine, children } = test;
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    const cycle = async (): Promise<void> => {
      await engine.load(stories);
      await engine.unload(stories.modelId);
    };
    // Ended children are remembered by their pids: references to the objects would be a leak of this test itself.
    const pids: number[] = [];
    const forget = (): void => void pids.push(...children.splice(0).flatMap(({ pid }) => pid ?? []));
    const use = (): { rss: number; heap: number; descriptors: number } => {
      collectGarbage();
      const { rss, heapUsed } = process.memoryUsage();
      return { rss, heap: heapUsed, descriptors: process.platform === 'linux' ? descriptors() : 0 };
    };
    // The first cycles grow permanent memory: code, heaps, connections.
    for (let i = 0; i < 20; i++) await cycle();
    forget();
    const before = use();
    for (let i = 0; i < 180; i++) await cycle();
    forget();
    const after = use();
    expect(engine.loaded()).toEqual([]);
    expect(pids.length).toBe(200);
    expect(after.rss).toBeLessThan(before.rss * 1.05);
    // 5 KB per cycle: an error with its stack, or a listener that holds its frame, would be more.
    expect(after.heap - before.heap).toBeLessThan(900_000);
    // The last child's files, which the system may not have closed yet.
    expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 4);
    expect(pids.filter(isAlive)).toEqual([]);
  });
});

describe('the hardware', () => {
  it('is reported: the processor, its features, and no GPU without one', async () => {
    test = startEngine();
    const hardware = await test.engine.hardware();
    expect(hardware.devices[0]).toMatchObject({ kind: 'cpu', totalBytes: os.totalmem() });
    expect(hardware.physicalCores).toBe(physicalCores());
    if (process.arch === 'x64') expect(hardware.cpuFeatures).toContain('SSE3');
    if (hardware.devices.length === 1)
      expect(hardware.backends.every(({ id, installed }) => id === 'metal' || !installed)).toBe(true);
  });
});
