/** The memory and the speed of one model are the same numbers in every place that shows them. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { defaultLoadSettings, type EngineModel } from '../../../main/engine/engine.ts';
import { machineKey } from '../../../main/engine/host/machine/hardware.ts';
import { describeModel } from '../../../main/library/models/local-model.ts';
import type { ModelSummary } from '../../../main/model-file/model-summary.ts';
import { createHubRecords } from '../../../main/store/hub-answers.ts';
import { createLoadRecords } from '../../../main/store/load-records.ts';
import { openStore } from '../../../main/store/store.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import { ggufContent } from '../../hub-server/gguf-file.ts';
import { shapes } from '../../hub-server/seed.ts';
import { migrations } from '../../support/cache-setup.ts';
import { setUp, temporaryFolder } from '../../support/hub-setup.ts';
import { startScripted } from '../../support/scripted-engine.ts';

const repoId = 'acme/Seven-GGUF';
const file = 'Seven-Q4_K_M.gguf';
const modelId = `${repoId}/${file}`;
const never = new AbortController().signal;
const own = { repoId, revision: 'main', contextSize: null, kvCacheType: null, gpuLayers: null } as const;
const hash = (character: string): string => character.repeat(64);

async function start() {
  const store = openStore(await temporaryFolder(), migrations);
  const { engine } = startScripted(
    { rssBytes: 5_000_000_000, tokensPerSecond: 7 },
    {
      records: createLoadRecords(store),
      freeMemory: () => ({ totalRamBytes: 64e9, freeRamBytes: 30e9 }),
    },
  );
  onTestFinished(async () => {
    await engine.close();
    store.close();
  });
  const records = createHubRecords(store);
  const saveMemoryRate = (rate: number): void => createLoadRecords(store).saveMemoryRate(machineKey(null), rate);
  const shape = shapes['7B'];
  const { hub } = await setUp(
    { fitOf: engine.fitOf, records },
    {
      repos: [
        {
          id: repoId,
          files: {
            [file]: ggufContent({ shape, quantization: 'Q4_K_M', seed: 1 }, hash('a')),
            'Seven-Q8_0.gguf': ggufContent({ shape, quantization: 'Q8_0', seed: 1 }, hash('b')),
          },
        },
      ],
    },
  );
  const listed = async () => {
    const { files, revision } = await hub.model(repoId, 'main', never);
    const fits = Object.fromEntries(files.map(({ path: name, fit, sizeBytes }) => [name, { fit, sizeBytes }]));
    return { revision, ...fits } as Record<string, { fit: Fit; sizeBytes: number }> & { revision: string };
  };

  async function known(): Promise<EngineModel & { readonly summary: ModelSummary; readonly sizeBytes: number }> {
    await hub.fit({ ...own, path: file }, never);
    const { revision, [file]: row } = await listed();
    const summary = records.readHeaders(repoId, revision).get(file);
    if (!row || !summary) throw new Error('The header was not kept.');
    const { weightsBytes } = summary;
    return {
      ...{ modelId, name: 'Seven', path: modelId, weightsBytes, summary, contextSize: 8192 },
      sizeBytes: row.sizeBytes,
    };
  }

  /** The fits of every place: Discover's card and list, this computer's list, the load settings and their estimate. */
  async function everywhere(): Promise<Readonly<Record<string, Fit>>> {
    const card = (await hub.fit({ ...own, path: file }, never)).fit;
    const row = (await listed())[file]?.fit;
    const model = await known();
    const { summary, sizeBytes } = model;
    if (!row) throw new Error('The file is not listed.');
    const entry = { repoId, commit: '', path: file, openPath: file, sizeBytes, modifiedAtMs: 0 };
    const local = describeModel(
      modelId,
      {
        ...{ summary, auxiliary: null, problem: null, origin: 'hub', name: 'Seven' },
        file: { ...entry, shards: [entry], missingShards: 0 },
      },
      'model',
      { use: new Map(), replies: new Map(), pins: new Set(), heads: new Map(), fitOf: engine.fitOf },
    );
    const { settings, fit } = await engine.settings(model);
    return { card, row, local: local.fit, settings: fit, estimate: await engine.estimate(model, settings) };
  }
  return { engine, known, listed, everywhere, saveMemoryRate };
}

describe('one model has one number', () => {
  it('as soon as its header was read, and other quantizations have its cache', async () => {
    const { listed, everywhere } = await start();
    expect((await listed())[file]?.fit.basis).toBe('file_size');
    const { card, ...others } = await everywhere();
    // 8,192 and more tokens: 32 layers of 8 heads with 128 elements, keys and values, 2 bytes each.
    expect(card?.kvCacheBytes).toBe((card?.contextSize ?? 0) * 32 * 8 * 128 * 2 * 2);
    for (const [place, fit] of Object.entries(others)) expect({ place, fit }).toEqual({ place, fit: card });
    const other = (await listed())['Seven-Q8_0.gguf'];
    expect(other?.fit).toMatchObject({ basis: 'file_size', kvCacheBytes: card?.kvCacheBytes, layerCount: 33 });
    // Each layer is rounded to a byte.
    expect(Math.abs((other?.fit.weightsBytes ?? 0) - (other?.sizeBytes ?? 0))).toBeLessThan(33);
  });

  it('estimated from memory before any model was measured, and then measured', async () => {
    const { engine, known, everywhere, saveMemoryRate } = await start();
    for (const fit of Object.values(await everywhere())) expect(fit.tokensPerSecond).toBeNull();
    saveMemoryRate(40e9);
    const { weightsBytes, inputBytes } = (await known()).summary;
    for (const [place, fit] of Object.entries(await everywhere())) {
      // 4,096 of its tokens, as half of a typical chat has.
      const bytesPerToken = weightsBytes - inputBytes + (fit.kvCacheBytes / fit.contextSize) * 4096;
      expect({ place, isEstimated: fit.isSpeedEstimated }).toEqual({ place, isEstimated: true });
      expect(fit.tokensPerSecond).toBeCloseTo((0.74 * 40e9) / bytesPerToken, 3);
    }
    await engine.load(await known());
    for (const fit of Object.values(await everywhere()))
      expect(fit).toMatchObject({ tokensPerSecond: 7, isSpeedEstimated: false });
  });

  it('measured, once it was loaded', async () => {
    const { engine, known, everywhere } = await start();
    const loaded = await engine.load(await known());
    expect(loaded.memoryBytes).toBe(5_000_000_000);
    for (const when of ['loaded', 'unloaded']) {
      if (when === 'unloaded') await engine.unload(modelId);
      const fits = await everywhere();
      for (const [place, { basis, ramBytes, tokensPerSecond }] of Object.entries(fits))
        expect({ when, place, basis, ramBytes, tokensPerSecond }).toEqual({
          ...{ when, place, basis: 'measured', ramBytes: 5_000_000_000, tokensPerSecond: 7 },
        });
    }
  });

  it('with load settings of its own', async () => {
    const { engine, everywhere } = await start();
    engine.saveSettings(modelId, { ...defaultLoadSettings, contextSize: 4096, kvCacheType: 'Q8_0' });
    const fits = await everywhere();
    for (const fit of Object.values(fits))
      expect(fit).toMatchObject({ contextSize: 4096, kvCacheBytes: (4096 * 32 * 8 * 128 * 2 * 34) / 32 });
    expect(Object.keys(fits)).toHaveLength(5);
  });
});
