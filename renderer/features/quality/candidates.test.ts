import { describe, expect, it } from 'vitest';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { basesOf, firstChoice, othersOf } from './candidates.ts';

const model = (id: string, facts: Partial<LocalModel>): LocalModel =>
  ({
    id,
    kind: 'model',
    problem: null,
    architecture: 'llama',
    parameterCount: 7,
    sizeBytes: 1,
    ...facts,
  }) as LocalModel;
const models = [
  model('q4', { sizeBytes: 4 }),
  model('f16', { sizeBytes: 16 }),
  model('q8', { sizeBytes: 8 }),
  model('small', { parameterCount: 1, sizeBytes: 2 }),
  model('broken', { problem: { code: 'model.corrupt', message: '' } }),
  model('adapter', { kind: 'adapter' }),
  model('alone', { architecture: 'gemma3' }),
];
const bases = basesOf(models);

describe('the models to compare', () => {
  it('are usable models of one architecture, from the largest', () => {
    expect(bases.map((base) => base.models.map(({ id }) => id))).toEqual([['f16', 'q8', 'q4', 'small']]);
  });

  it('begin with those of one size, measured against the largest file', () => {
    expect(firstChoice(bases, null)).toEqual({ referenceId: 'f16', modelIds: ['q8', 'q4'] });
    expect(firstChoice(bases, 'q4')).toEqual({ referenceId: 'f16', modelIds: ['q8', 'q4'] });
    expect(firstChoice(bases, 'small')).toEqual({ referenceId: 'small', modelIds: [] });
    expect(firstChoice([], null)).toBeNull();
  });

  it('begin with a model that lacks layers and the one that it was made of', () => {
    expect(firstChoice(bases, 'small', 'f16')).toEqual({ referenceId: 'f16', modelIds: ['small'] });
    expect(firstChoice(bases, 'small', 'gone')).toEqual({ referenceId: 'small', modelIds: [] });
  });

  it('are offered with those of the same size first', () => {
    expect(othersOf(bases, 'q8').map(({ id }) => id)).toEqual(['f16', 'q4', 'small']);
    expect(othersOf(bases, 'gone')).toEqual([]);
  });
});
