import { describe, expect, it } from 'vitest';
import type { ModelName } from '../../../preload/contract/server.ts';
import { createNames, type NameableModel } from './names.ts';

const model = (modelId: string, quantization: string | null = null, shortName: string | null = null): NameableModel => {
  const [owner = '', name = '', ...rest] = modelId.split('/');
  return { modelId, repoId: `${owner}/${name}`, path: rest.join('/'), quantization, shortName };
};
const models = [
  model('hearth/ember-3M/ember-3M-Q8_0.gguf', 'Q8_0', 'ember'),
  model('Qwen/Qwen3-4B-GGUF/Qwen3-4B-Q4_K_M.gguf', 'Q4_K_M'),
  model('Qwen/Qwen3-4B-GGUF/Qwen3-4B-Q8_0.gguf', 'Q8_0'),
  model('lab/one-GGUF/one.gguf', 'F16'),
];
const given: ModelName[] = [
  {
    ...{
      name: 'gpt-4o',
      modelId: 'lab/one-GGUF/one.gguf',
      systemPrompt: null,
      template: null,
      sampling: {},
      messages: [],
    },
  },
];
const names = createNames(models, given);
const idOf = (name: string): string => names.find(name).modelId;

describe('a name', () => {
  it.each([
    ['ember', 0],
    ['EMBER', 0],
    ['ember:latest', 0],
    ['hearth/ember-3M/ember-3M-Q8_0.gguf', 0],
    ['Qwen/Qwen3-4B-GGUF:Q4_K_M', 1],
    ['qwen/qwen3-4b-gguf:q4_k_m', 1],
    ['Qwen3-4B-Q8_0.gguf', 2],
    ['Qwen3-4B-Q8_0', 2],
    ['Qwen/Qwen3-4B-GGUF/Qwen3-4B-Q8_0.gguf:latest', 2],
    ['Qwen/Qwen3-4B-GGUF/Qwen3-4B-Q8_0.gguf', 2],
    ['lab/one-GGUF', 3],
    ['lab/one-GGUF:latest', 3],
    ['gpt-4o', 3],
    ['gpt-4o:latest', 3],
    ['GPT-4o:LATEST', 3],
  ])('%s means model %i', (name, index) => expect(idOf(name)).toBe(models[index]?.modelId));

  it('of a repository with several models is refused with their names', () => {
    expect(() => idOf('Qwen/Qwen3-4B-GGUF')).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        message: expect.stringContaining('Qwen/Qwen3-4B-GGUF:Q4_K_M, Qwen/Qwen3-4B-GGUF:Q8_0'),
      }),
    );
  });

  it.each([
    ['embre', 'ember'],
    ['qwen3-4b', 'Qwen/Qwen3-4B-GGUF:Q4_K_M or Qwen/Qwen3-4B-GGUF:Q8_0'],
    ['gpt-4', 'gpt-4o'],
    ['Qwen/Qwen3-4B-GGUF:Q5_K_M', 'Qwen/Qwen3-4B-GGUF:Q4_K_M'],
  ])('that is not here, as %s, is refused with the nearest', (name, nearest) => {
    expect(() => idOf(name)).toThrow(
      expect.objectContaining({ code: 'model.missing', message: expect.stringContaining(nearest) }),
    );
  });

  it('that is like none is refused all the same', () => {
    for (const name of [
      'claude-opus-4',
      '../../etc/passwd',
      '\u0000',
      ':latest',
      'x'.repeat(600),
      '__proto__',
      'constructor',
    ])
      expect(() => idOf(name), name).toThrow(expect.objectContaining({ code: 'model.missing' }));
  });
});

it('lists each model under the shortest name that means no other', () => {
  expect(names.listed.map(({ name }) => name)).toEqual([
    'ember',
    'Qwen/Qwen3-4B-GGUF:Q4_K_M',
    'Qwen/Qwen3-4B-GGUF:Q8_0',
    'lab/one-GGUF:F16',
  ]);
  for (const { name, model: one } of names.listed) expect(idOf(name)).toBe(one.modelId);
});
