/**
 * The engine on a GPU. Its libraries are fetched from the npm registry, as the app does it. Without a GPU no test runs,
 * and the reason is printed.
 */
import { existsSync, mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBackends, defaultLoadSettings, npmRegistry, type Backends } from '../../main/engine/engine.ts';
import { alone } from '../support/alone.ts';
import type { LoadRecords } from '../../main/store/load-records.ts';
import { summarizeShards } from '../../main/library/models/model-files.ts';
import type { LoadSettings } from '../../preload/contract/engine.ts';
import { stories, startEngine, write, type TestEngine } from '../support/engine-host-setup.ts';

/**
 * The libraries for this machine's GPU, or those that HEARTH_TEST_BACKEND names; a string is the reason why there are
 * none.
 */
function choose(): 'cuda' | 'vulkan' | 'metal' | { readonly reason: string } {
  const named = process.env['HEARTH_TEST_BACKEND'];
  if (named === 'cuda' || named === 'vulkan' || named === 'metal') return named;
  if (process.platform === 'darwin')
    return process.arch === 'arm64' ? 'metal' : { reason: 'llama.cpp uses no GPU of an Intel Mac' };
  if (process.arch !== 'x64') return { reason: `there are no GPU libraries for ${process.platform} ${process.arch}` };
  if (existsSync('/proc/driver/nvidia/version')) return 'cuda';
  if (process.platform === 'win32' || existsSync('/dev/dri')) return 'vulkan';
  return { reason: 'this machine has no GPU (no /proc/driver/nvidia, no /dev/dri)' };
}

const chosen = choose();
if (typeof chosen !== 'string') console.log(`test/gpu does not run: ${chosen.reason}.`);

describe.skipIf(typeof chosen !== 'string')('on the GPU', () => {
  let test: TestEngine;
  let settings: LoadSettings = defaultLoadSettings;
  const model = { ...stories };
  const records: LoadRecords = {
    settings: () => settings,
    saveSettings() {},
    calibration: () => null,
    saveCalibration() {},
    readBytesPerSecond: () => null,
    memoryBytesPerSecond: () => null,
    saveMemoryRate() {},
    measured: () => null,
    saveMeasured() {},
  };

  beforeAll(async () => {
    // Kept between runs: the libraries have some hundred megabytes.
    const folder = path.join(os.tmpdir(), 'hearth-gpu-libraries');
    mkdirSync(folder, { recursive: true });
    let fetched: Promise<void> | undefined;
    const backends: Backends = createBackends({
      ...{ folder, registry: npmRegistry(process.env), fetch, offlineBy: null },
      run(order) {
        fetched = order.run({ ...alone, log: console.log });
        return { jobId: 'fetch' };
      },
    });
    if ((chosen === 'cuda' || chosen === 'vulkan') && !backends.installed().includes(chosen)) {
      backends.install(chosen, () => {});
      await fetched;
    }
    const file = {
      repoId: 'a/b',
      commit: '',
      path: 'c.gguf',
      openPath: model.path,
      sizeBytes: 1_000_000,
      modifiedAtMs: 0,
    };
    Object.assign(model, {
      summary: await summarizeShards({ ...file, shards: [file], missingShards: 0 } as Parameters<
        typeof summarizeShards
      >[0]),
    });
    test = startEngine({ backends, records });
  }, 900_000);
  afterAll(async () => {
    expect(await test.close()).toEqual([]);
  });

  it('lists it with its memory', async () => {
    const { devices, backends } = await test.engine.hardware();
    const gpu = devices.find(({ kind }) => kind === 'gpu');
    expect(gpu?.name).not.toBe('');
    expect(gpu?.totalBytes).toBeGreaterThan(0);
    expect(backends.find(({ id }) => id === chosen)).toMatchObject({ installed: true, problem: null });
  });

  it('loads all layers there and writes what the processor writes', async () => {
    const state = await test.engine.load(model);
    expect(state.gpuLayers).toBe(state.layerCount);
    expect(state.device).not.toBe('CPU');
    expect(state.vramBytes).toBeGreaterThan(0);
    const onGpu = await write(test.engine, model, 'Once upon a time', 24);
    settings = { ...defaultLoadSettings, gpuLayers: 0 };
    await test.engine.unload(model.modelId);
    expect((await test.engine.load(model)).device).toBe('CPU');
    expect((await write(test.engine, model, 'Once upon a time', 24)).slice(0, 20)).toBe(onGpu.slice(0, 20));
  });

  it('puts the given number of layers there', async () => {
    settings = { ...defaultLoadSettings, gpuLayers: 2 };
    await test.engine.unload(model.modelId);
    const state = await test.engine.load(model);
    expect(state.gpuLayers).toBe(2);
    expect(await write(test.engine, model, 'Once', 4)).not.toBe('');
  });

  it('steps down when the context does not fit, and says what it changed', async () => {
    const { devices } = await test.engine.hardware();
    const free = devices.find(({ kind }) => kind === 'gpu')?.freeBytes ?? 0;
    // This model needs 640 bytes of KV cache per token; the context would take twice the free memory.
    settings = {
      ...defaultLoadSettings,
      gpuLayers: 'all',
      contextSize: Math.min(16_777_216, Math.floor((free * 2) / 640)),
    };
    await test.engine.unload(model.modelId);
    const state = await test.engine.load(model);
    if (free * 2 < 16_777_216 * 640)
      expect(state.notes.map(({ code }) => code).join()).toMatch(/_lowered|_shortened|gpu_unused/);
    expect(await write(test.engine, model, 'Once', 4)).not.toBe('');
  });
});
