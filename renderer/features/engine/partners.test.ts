import { describe, expect, it } from 'vitest';
import type { LocalModel } from '../../../preload/contract/models.ts';
import { draftCandidates, loraCandidates } from './partners.ts';

function model(fileName: string, sizeBytes: number, architecture = 'llama'): LocalModel {
  return { id: `a/b/${fileName}`, fileName, sizeBytes, architecture, name: fileName, problem: null } as LocalModel;
}

const models = [
  model('big.gguf', 8000),
  model('half.gguf', 4500),
  model('small.gguf', 900),
  model('tiny-other.gguf', 100, 'gemma'),
  model('style-LoRA-f16.gguf', 50),
  model('explorative.gguf', 60),
];

describe('partners of a model', () => {
  it('offers clearly smaller models as guessers, the same family first', () => {
    expect(draftCandidates(models, 'a/b/big.gguf').map((one) => one.fileName)).toEqual([
      'explorative.gguf',
      'small.gguf',
      'tiny-other.gguf',
    ]);
    expect(draftCandidates(models, 'a/b/gone.gguf')).toEqual([]);
  });

  it('takes for adapters what is named one', () => {
    expect(loraCandidates(models, 'a/b/big.gguf').map((one) => one.fileName)).toEqual(['style-LoRA-f16.gguf']);
  });
});
