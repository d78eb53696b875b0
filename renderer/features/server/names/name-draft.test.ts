import { describe, expect, it } from 'vitest';
import { defaultSampling } from '../../../../preload/contract/defaults.ts';
import { modelNameSchema, type ModelName } from '../../../../preload/contract/server.ts';
import { isAlias, isOtherName, nameProblems, ownSampling } from './name-draft.ts';

const named = (name: string, more: Partial<ModelName> = {}): ModelName => ({
  ...{ name, modelId: 'o/n/a.gguf', systemPrompt: null, template: null, sampling: {}, messages: [] },
  ...more,
});

describe('a name', () => {
  it('is taken by the form exactly where the contract takes it', () => {
    for (const name of [
      'a',
      'coder',
      'qwen3:8b',
      'a/b@c-1_2.3',
      '',
      ' a',
      '-a',
      'a b',
      'ä',
      'a\n',
      'x'.repeat(200),
      'x'.repeat(201),
    ])
      expect(nameProblems(named(name), []).name === undefined, JSON.stringify(name)).toBe(
        name !== '' && modelNameSchema.shape.name.safeParse(name).success,
      );
    expect(nameProblems(named('Coder'), ['coder']).name).toMatch(/already/);
    expect(nameProblems(named('coder', { modelId: '' }), ['other'])).toEqual({ modelId: 'Choose a model.' });
  });

  it('keeps of a sampling what differs from the defaults', () => {
    expect(ownSampling(defaultSampling, defaultSampling)).toEqual({});
    const own = ownSampling({ ...defaultSampling, temperature: 0, stop: ['x'], presencePenalty: 0 }, defaultSampling);
    expect(own).toEqual({ temperature: 0, stop: ['x'] });
    expect(isAlias(named('a'))).toBe(true);
    expect(isAlias(named('a', { sampling: own }))).toBe(false);
  });
});

it('is the same name in upper and lower case, so that nothing is taken away behind a change of letters', () => {
  expect(isOtherName('Coder', 'coder')).toBe(false);
  expect(isOtherName('coder', 'coder-2')).toBe(true);
});
