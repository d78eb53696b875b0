import { describe, expect, it } from 'vitest';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { countMore, differs, isSame, withDefault } from './sampling-differences.ts';

const defaults: Sampling = {
  ...{ temperature: 0.3, topP: 0.95, topK: 40, minP: 0.05, repeatPenalty: 1, maxTokens: null, seed: null },
  xtc: { probability: 0.5, threshold: 0.1 },
};

describe('differences from the default sampling', () => {
  it('takes what is off for off, however it is written, and the order of fields for none', () => {
    const same: Sampling = { ...defaults, stop: [], presencePenalty: 0, xtc: { threshold: 0.1, probability: 0.5 } };
    expect(isSame(same, defaults)).toBe(true);
    expect(countMore(same, defaults)).toBe(0);
    expect(countMore(same)).toBe(1);
  });

  it('counts and resets each field', () => {
    const own: Sampling = { ...defaults, maxTokens: 64, stop: ['END'], logprobs: 5 };
    delete own.xtc;
    expect(countMore(own, defaults)).toBe(3);
    expect((['maxTokens', 'seed', 'xtc', 'stop'] as const).map((key) => differs(own, defaults, key))).toEqual([
      true,
      false,
      true,
      true,
    ]);
    const reset = (['maxTokens', 'xtc', 'stop', 'logprobs'] as const).reduce(
      (sampling, key) => withDefault(sampling, defaults, key),
      own,
    );
    expect(reset).toEqual(defaults);
  });
});
