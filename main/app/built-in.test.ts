import { expect, it } from 'vitest';
import { defaultSampling } from '../../preload/contract/defaults.ts';
import { builtInModel, modelsToPreload, samplingFor } from './built-in.ts';

it('is greedy until somebody chooses otherwise or asks again', () => {
  expect(samplingFor(builtInModel.id, defaultSampling, false).temperature).toBe(0);
  expect(samplingFor(builtInModel.id, defaultSampling, true)).toEqual(defaultSampling);
  expect(samplingFor('o/n/x.gguf', defaultSampling, false)).toEqual(defaultSampling);
  const chosen = { ...defaultSampling, topK: 7 };
  expect(samplingFor(builtInModel.id, chosen, false)).toEqual(chosen);
});

it('is loaded at the start unless other models are', () => {
  expect(modelsToPreload([])).toEqual({ modelIds: [builtInModel.id], ifRoom: false });
  expect(modelsToPreload(['o/n/x.gguf'])).toEqual({ modelIds: ['o/n/x.gguf'], ifRoom: true });
});
