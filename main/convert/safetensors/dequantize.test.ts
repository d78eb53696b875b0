import { describe, expect, it } from 'vitest';
import { ggmlFunction, hasGgml } from '../../../test/support/ggml-functions.ts';
import { ggmlTypes } from '../../model-file/ggml-types.ts';
import { dequantizerOf } from './dequantize.ts';

const types = ['Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q8_0', 'Q2_K', 'Q3_K', 'Q4_K', 'Q5_K', 'Q6_K', 'IQ4_NL', 'IQ4_XS'];
const BLOCKS = 300;

/** Any bytes are blocks of any type. Scales that are no numbers are left out. */
function blocksOf(name: string): { bytes: Uint8Array; count: number } {
  const type = [...ggmlTypes.values()].find((one) => one.name === name);
  if (type === undefined) throw new Error(`There is no ${name}.`);
  const bytes = new Uint8Array(BLOCKS * type.blockBytes);
  let state = 20_261_128;
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  // The second byte of an F16 has the exponent: without its lowest bit no half is infinite.
  for (let i = 1; i < bytes.length; i += 2) bytes[i] = (bytes[i] ?? 0) & 0xfb;
  return { bytes, count: BLOCKS * type.blockSize };
}

describe.runIf(hasGgml)('a quantized tensor', () => {
  it.each(types)('of the type %s has the values that ggml computes', (name) => {
    const { bytes, count } = blocksOf(name);
    const expected = new Float32Array(count);
    ggmlFunction(`dequantize_row_${name.toLowerCase().replace('_k', '_K')}`)(bytes, expected, count);
    const found = new Float32Array(count);
    dequantizerOf(name)?.(bytes, found);
    expect(new Set(expected).size).toBeGreaterThan(100);
    const wrong = found.findIndex((value, at) => !Object.is(value, expected[at]));
    expect(wrong < 0 ? null : { wrong, found: found[wrong], expected: expected[wrong] }).toBeNull();
  });

  it('of another type has none', () => {
    expect(dequantizerOf('F32')).toBeNull();
    expect(dequantizerOf('IQ2_XXS')).toBeNull();
  });
});
