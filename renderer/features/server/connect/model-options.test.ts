import { expect, it } from 'vitest';
import type { ModelName } from '../../../../preload/contract/server.ts';
import { modelOptions } from './model-options.ts';

it('puts given names first, and calls the built-in model by its short name unless that is given away', () => {
  const choices = ['o/n/a.gguf', 'hearth/ember/e.gguf', 'remote--x/big'].map((value) => ({ value, label: value }));
  const named = (name: string): ModelName => ({
    ...{ name, modelId: 'o/n/a.gguf', systemPrompt: null, template: null, sampling: {}, messages: [] },
  });
  const values = (names: readonly ModelName[]): readonly string[] =>
    modelOptions(choices, names, { modelId: 'hearth/ember/e.gguf', name: 'ember' }).map(({ value }) => value);
  expect(values([named('coder')])).toEqual(['coder', 'o/n/a.gguf', 'ember', 'remote--x/big']);
  expect(values([named('ember')])).toEqual(['ember', 'o/n/a.gguf', 'hearth/ember/e.gguf', 'remote--x/big']);
});
