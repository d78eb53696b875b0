import { describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../preload/contract/engine.ts';
import { memoryParts } from './memory-parts.ts';

const memory = { ramTotalBytes: 1000, ramFreeBytes: 400, ramModelsBytes: 300, diskFreeBytes: null };
const model = (modelId: string, memoryBytes: number): LoadedModel =>
  ({ modelId, name: modelId, memoryBytes }) as LoadedModel;
const figures = (...loaded: LoadedModel[]): readonly (readonly [string, number])[] =>
  memoryParts(memory, loaded).map((part) => [part.key, part.value] as const);

describe('memoryParts', () => {
  it('stacks the loaded models, the rest of the engine, and the others', () => {
    expect(figures(model('a', 150), model('b', 100))).toEqual([
      ['a', 150],
      ['b', 100],
      ['engine', 50],
      ['others', 300],
    ]);
  });

  it('never counts more for the models than is used in all', () => {
    expect(figures(model('a', 550), model('b', 100))).toEqual([
      ['a', 550],
      ['b', 50],
      ['others', 0],
    ]);
  });

  it('has the number of the list of models, where their processes were measured a moment before it', () => {
    expect(figures(model('a', 250), model('b', 100))).toEqual([
      ['a', 250],
      ['b', 100],
      ['others', 250],
    ]);
  });

  it('has one part while the models are unknown', () => {
    expect(figures()).toEqual([
      ['models', 300],
      ['others', 300],
    ]);
  });
});
