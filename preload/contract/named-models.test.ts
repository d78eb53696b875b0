import { describe, expect, it } from 'vitest';
import { filesInRepository, modelsWithId } from './named-models.ts';

const file = (modelId: string, quantization: string, shortName: string | null = null) => {
  const [owner = '', name = '', ...path] = modelId.split('/');
  return { modelId, shortName, repoId: `${owner}/${name}`, path: path.join('/'), kind: 'model', quantization };
};
const models = [
  file('hearth/ember-3M/ember-3M-Q8_0.gguf', 'Q8_0', 'ember'),
  file('lab/One-GGUF/one-Q4_0.gguf', 'Q4_0'),
  file('lab/One-GGUF/one-Q8_0.gguf', 'Q8_0'),
  file('lab/One-GGUF/ONE-Q8_0.gguf', 'Q8_0'),
];

describe('modelsWithId', () => {
  const ids = (text: string): string[] => modelsWithId(models, text).map(({ modelId }) => modelId);
  it.each([
    ['hearth/ember-3M/ember-3M-Q8_0.gguf', [0]],
    ['HEARTH/ember-3m/ember-3m-q8_0.gguf', [0]],
    ['Ember', [0]],
    // Two that differ by their letters alone are told apart by them.
    ['lab/One-GGUF/one-Q8_0.gguf', [2]],
    ['lab/One-GGUF/ONE-Q8_0.gguf', [3]],
    ['LAB/one-gguf/one-q8_0.gguf', [2, 3]],
    ['lab/One-GGUF', []],
    ['', []],
    ['null', []],
  ])('finds by %s', (text, places) => expect(ids(text)).toEqual(places.map((place) => models[place]?.modelId)));
});

describe('filesInRepository', () => {
  it('answers what is here of a repository, and which of it is meant', () => {
    expect(filesInRepository(models, 'LAB/one-gguf')).toMatchObject({
      reference: { repoId: 'LAB/one-gguf', tag: null },
      files: models.slice(1),
      choice: { kind: 'open' },
    });
    expect(filesInRepository(models, 'lab/One-GGUF:q4_0')?.choice).toEqual({ kind: 'file', file: models[1] });
    expect(filesInRepository(models, 'lab/One-GGUF:Q8_0')?.choice).toMatchObject({ kind: 'several' });
    expect(filesInRepository(models, 'lab/One-GGUF:Q5_K_M')?.choice).toEqual({ kind: 'none' });
    expect(filesInRepository(models, 'other/repository')).toMatchObject({ files: [], choice: { kind: 'open' } });
    for (const text of ['ember', '', '../x', 'a//b', 'remote--far/ember'])
      expect(filesInRepository(models, text), text).toBeNull();
  });
});
