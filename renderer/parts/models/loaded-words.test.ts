import { describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../preload/contract/engine.ts';
import { loadedWords } from './loaded-words.ts';

const loaded: LoadedModel = {
  modelId: 'a/b/c.gguf',
  name: 'C',
  status: 'ready',
  progress: 1,
  contextSize: 4096,
  trainedContextSize: 8192,
  threads: 2,
  gpuLayers: 0,
  layerCount: 24,
  device: 'CPU',
  memoryBytes: 1_200_000_000,
  loadMs: 900,
  notes: [],
  error: null,
  batchSize: 512,
  kvCacheType: 'F16',
  flashAttention: true,
  sequences: 4,
  activeSequences: 0,
  leases: 0,
  vramBytes: 0,
  unloadsAt: null,
  calibration: null,
};

describe('loadedWords', () => {
  it('gives the memory, and when the model is unloaded', () => {
    expect(loadedWords(loaded, 0)).toBe('1.20\u00a0GB on CPU');
    expect(loadedWords({ ...loaded, unloadsAt: 720_000 }, 0)).toBe('1.20\u00a0GB on CPU · unloads in 12\u00a0min');
    expect(loadedWords({ ...loaded, unloadsAt: 5_000 }, 0)).toContain('under a minute');
    expect(loadedWords({ ...loaded, unloadsAt: 86_400_000 }, 0)).toContain('in 24\u00a0h');
    expect(loadedWords({ ...loaded, device: 'L4', vramBytes: 4_400_000_000 }, 0)).toBe(
      '1.20\u00a0GB, 4.40\u00a0GB on L4',
    );
  });

  it('says that it is in use while it is leased and writes nothing', () => {
    expect(loadedWords({ ...loaded, leases: 1 }, 0)).toBe('1.20\u00a0GB on CPU · in use');
  });

  it('says what it does instead while it works', () => {
    expect(loadedWords({ ...loaded, status: 'generating', activeSequences: 3, unloadsAt: 5 }, 0)).toBe(
      '1.20\u00a0GB on CPU · writing 3 replies',
    );
    expect(loadedWords({ ...loaded, status: 'loading', progress: 0.4 }, 0)).toBe('Loading, 40%');
    expect(loadedWords({ ...loaded, status: 'loading', progress: 1 }, 0)).toBe('Preparing');
    expect(loadedWords({ ...loaded, status: 'failed' }, 0)).toBe('Could not be loaded');
  });
});
