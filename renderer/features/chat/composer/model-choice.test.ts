import { describe, expect, it } from 'vitest';
import type { LocalModel } from '../../../../preload/contract/library.ts';
import type { ProviderEntry, RemoteModel } from '../../../../preload/contract/providers.ts';
import { chooseModel, distinctNames, modelDetail, nameElsewhere, remoteDetail } from './model-choice.ts';

function model(id: string, more: Partial<LocalModel> = {}): LocalModel {
  return {
    id,
    kind: 'model',
    repoId: 'a/b',
    fileName: 'c.gguf',
    name: id,
    origin: 'hub',
    pinned: false,
    updateRevision: null,
    revision: null,
    sizeBytes: 4_370_000_000,
    quantization: 'Q4_K_M',
    architecture: null,
    parameterCount: null,
    contextLength: null,
    license: null,
    addedAt: 0,
    lastUsedAt: null,
    lastRepliedAt: null,
    fit: {
      verdict: 'fits',
      reason: 'fits_in_ram',
      basis: 'header',
      weightsBytes: 0,
      kvCacheBytes: 0,
      computeBytes: 0,
      contextSize: 0,
      freeRamBytes: 0,
      totalRamBytes: 0,
      usableRamBytes: 0,
      tokensPerSecond: null,
      isSpeedEstimated: false,
      freeVramBytes: 0,
      totalVramBytes: 0,
      gpuLayers: 0,
      layerCount: 0,
      ramBytes: 1000,
      vramBytes: 0,
    },
    problem: null,
    notes: [],
    ...more,
  };
}

const broken = { code: 'model.corrupt', message: 'Cut short.' } as const;

describe('chooseModel', () => {
  const ember = model('ember', { origin: 'built_in' });

  it('takes the model that wrote last, else the built-in one, when none was chosen', () => {
    expect(chooseModel([model('new'), ember], null)).toEqual({ state: 'ready', model: ember });
    const used = model('used', { lastRepliedAt: 5 });
    expect(chooseModel([model('earlier', { lastRepliedAt: 2 }), used, ember], null)).toEqual({
      state: 'ready',
      model: used,
    });
    expect(chooseModel([model('bad', { lastRepliedAt: 9, problem: broken }), ember], null)).toEqual({
      state: 'ready',
      model: ember,
    });
  });

  it('never takes a draft model that was only loaded beside another one', () => {
    const wrote = model('wrote', { lastUsedAt: 5, lastRepliedAt: 5 });
    const draft = model('draft', { lastUsedAt: 9 });
    expect(chooseModel([draft, wrote, ember], null)).toEqual({ state: 'ready', model: wrote });
    expect(chooseModel([draft, ember], null)).toEqual({ state: 'ready', model: ember });
  });

  it('never takes an adapter for a model, whatever its last use', () => {
    const adapter = model('lora', { kind: 'adapter', lastRepliedAt: 9 });
    expect(chooseModel([adapter, ember], null)).toEqual({ state: 'ready', model: ember });
    expect(chooseModel([adapter, ember], 'lora').state).toBe('gone');
  });

  it('never replaces a chosen model that was deleted', () => {
    expect(chooseModel([ember], 'org/repo/Big-7B.gguf')).toEqual({
      state: 'gone',
      modelId: 'org/repo/Big-7B.gguf',
      name: 'Big-7B',
    });
    expect(chooseModel([ember], 'x', new Map([['x', 'Big 7B']]))).toMatchObject({ name: 'Big 7B' });
    expect(chooseModel([model('bad', { problem: broken })], 'bad').state).toBe('gone');
  });

  it('is unknown before the list arrives', () => {
    expect(chooseModel(undefined, 'x')).toEqual({ state: 'unknown' });
    expect(chooseModel([], null)).toEqual({ state: 'unknown' });
  });
});

describe('words about a model', () => {
  it('gives size, quantization and fit, or the problem', () => {
    expect(modelDetail(model('a'))).toBe('4.37\u00a0GB · Q4_K_M · Fits');
    expect(modelDetail(model('a', { quantization: null, fit: { ...model('a').fit, verdict: 'unknown' } }))).toBe(
      '4.37\u00a0GB',
    );
    expect(modelDetail(model('a', { problem: broken }))).toBe('The model file is damaged');
  });

  it('distinguishes models of the same name', () => {
    const names = distinctNames([
      model('1', { name: 'Same' }),
      model('2', { name: 'Same', quantization: 'Q8_0' }),
      model('3', { name: 'Other' }),
      model('4', { name: 'Twin' }),
      model('5', { name: 'Twin' }),
    ]);
    expect([...names.values()]).toEqual(['Same (Q4_K_M)', 'Same (Q8_0)', 'Other', 'Twin (4)', 'Twin (5)']);
  });
});

describe('a model elsewhere', () => {
  const unknown = {
    chat: null,
    vision: null,
    audio: null,
    tools: null,
    reasoning: null,
    embeddings: null,
    tokenize: null,
  };
  const remote: RemoteModel = {
    ...{ modelId: 'remote--gpu/Qwen/Qwen3-8B', name: 'Qwen/Qwen3-8B', contextSize: 40_960 },
    abilities: { ...unknown, vision: true, tools: true },
  };
  const server = (more: Partial<ProviderEntry> = {}): ProviderEntry => ({
    ...{ id: 'gpu', kind: 'openai-compatible', name: 'GPU', address: 'http://gpu', hasKey: false, headerNames: [] },
    ...{ certificates: null, enabled: true, leavesComputer: true, unencrypted: true },
    ...{ status: { state: 'ready', at: 0 }, server: null, models: [remote], modelsLeftOut: 0 },
    ...more,
  });
  const choose = (servers: readonly ProviderEntry[] | undefined) => chooseModel([], remote.modelId, new Map(), servers);

  it('is chosen with the server that it is sent to', () => {
    expect(choose([server()])).toMatchObject({
      ...{ state: 'elsewhere', model: { id: remote.modelId, name: 'Qwen/Qwen3-8B', contextSize: 40_960 } },
    });
  });

  it('is asked where its server does not answer, and is gone where that is off, removed, or has it no more', () => {
    const failed = { state: 'failed', at: 0, error: { code: 'remote.unreachable', message: '' } } as const;
    expect(choose([server({ status: failed, models: [] })])).toMatchObject({
      state: 'elsewhere',
      model: { contextSize: null },
    });
    expect(choose(undefined)).toMatchObject({ state: 'elsewhere', model: { server: null } });
    expect(choose([server({ enabled: false })])).toMatchObject({ state: 'gone', isOff: true });
    expect(choose([server({ models: [] })])).toEqual({ state: 'gone', modelId: remote.modelId, name: 'Qwen/Qwen3-8B' });
    expect(choose([])).toMatchObject({ state: 'gone' });
  });

  it('is described by what its server tells', () => {
    expect(remoteDetail(remote)).toBe('Context size 40,960 · Vision · Tools');
    expect(remoteDetail({ ...remote, contextSize: null, abilities: unknown })).toBe('Context size unknown');
    expect(nameElsewhere('/data/models/a.gguf')).toBe('a.gguf');
    expect(nameElsewhere('Qwen/Qwen3-8B')).toBe('Qwen/Qwen3-8B');
  });
});
