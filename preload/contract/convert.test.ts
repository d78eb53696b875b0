import { describe, expect, it } from 'vitest';
import { directTypes, needsQuantizing, outputTypes, quantizeOptionsSchema, type QuantizeOptions } from './convert.ts';

const options = (of: Partial<QuantizeOptions> = {}): QuantizeOptions => quantizeOptionsSchema.parse(of);

describe('whether llama.cpp writes an output', () => {
  it('is so for every type that a conversion does not write', () => {
    const written = outputTypes.filter((type) => !needsQuantizing(type, null));
    expect(written).toEqual(directTypes);
  });

  it('is so for a direct type of which something else is asked', () => {
    for (const of of [
      { outputTensorType: 'Q6_K' },
      { embeddingTensorType: 'Q4_K' },
      { tensorTypes: [{ pattern: 'attn_v', type: 'Q6_K' }] },
      { pruneLayers: [1] },
    ] satisfies Partial<QuantizeOptions>[])
      expect(needsQuantizing('F16', options(of)), JSON.stringify(of)).toBe(true);
    expect(needsQuantizing('Q8_0', options({ imatrix: { kind: 'text', text: null } }))).toBe(true);
  });

  it('is not so for what changes nothing in a direct type', () => {
    for (const type of directTypes)
      for (const of of [{}, { pure: true }, { allowRequantize: true }])
        expect(needsQuantizing(type, options(of)), `${type} ${JSON.stringify(of)}`).toBe(false);
    expect(needsQuantizing('BF16', options({ imatrix: { kind: 'text', text: null } }))).toBe(false);
  });
});
