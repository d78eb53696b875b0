import { describe, expect, it } from 'vitest';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { draftCandidates, loraCandidates } from './auxiliary-files.ts';

function model(
  fileName: string,
  sizeBytes: number,
  architecture = 'llama',
  kind: LocalModel['kind'] = 'model',
): LocalModel {
  return {
    id: `a/b/${fileName}`,
    kind,
    fileName,
    sizeBytes,
    architecture,
    name: fileName,
    problem: null,
  } as LocalModel;
}

const models = [
  model('big.gguf', 8000),
  model('half.gguf', 4500),
  model('small.gguf', 900),
  model('tiny-other.gguf', 100, 'gemma'),
  model('alien.gguf', 40, 'gemma', 'adapter'),
  model('style.gguf', 50, 'llama', 'adapter'),
  model('mmproj.gguf', 55, 'clip', 'projector'),
  model('explorative.gguf', 60),
];

describe('auxiliary files of a model', () => {
  it('offers clearly smaller models as draft models, the same architecture first', () => {
    expect(draftCandidates(models, 'a/b/big.gguf').map((one) => one.fileName)).toEqual([
      'explorative.gguf',
      'small.gguf',
      'tiny-other.gguf',
    ]);
    expect(draftCandidates(models, 'a/b/gone.gguf')).toEqual([]);
  });

  it('recognizes adapters whatever their names, those of the same architecture first', () => {
    expect(loraCandidates(models, 'a/b/big.gguf').map((one) => one.fileName)).toEqual(['style.gguf', 'alien.gguf']);
  });
});
