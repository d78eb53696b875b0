/** The values that are written, against what the functions of libggml write: all values of 16 bits, and millions of 32 bits. */
import { describe, expect, it } from 'vitest';
import { ggmlFunction, hasGgml } from '../../../../test/support/ggml-functions.ts';
import { createScratch, createValueConverter } from './convert-values.ts';
import type { PlainDtype } from './decode-values.ts';
import { encodedBytes } from './encode-values.ts';
import type { OutputType } from '../../plan/output-types.ts';
import { createVectors } from './vectors.ts';

const allHalves = Uint16Array.from({ length: 0x1_0000 }, (_, index) => index);

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

function convert(
  dtype: PlainDtype,
  output: OutputType,
  values: ArrayBufferView & { readonly length: number },
  add = 0,
): Uint8Array {
  const converter = createValueConverter(dtype, output, add, createScratch());
  const into = new Uint8Array(Math.ceil(encodedBytes(output, values.length)));
  return converter.convert(bytesOf(values), values.length, into).slice();
}

const float32 = (bytes: Uint8Array): Float32Array =>
  new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);

/** Bits of F32, every one of them likely: each exponent has as many values, and each 16th one lies halfway between two shorter values. */
function manyFloats(count: number, seed: number): Float32Array {
  const bits = new Uint32Array(count);
  let state = seed >>> 0 || 1;
  for (let i = 0; i < count; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const halfway = i % 16 === 0 ? 0xffff_e000 : i % 16 === 1 ? 0xffff_8000 : 0xffff_ffff;
    bits[i] = (state & halfway) | (i % 16 === 0 ? 0x1000 : 0);
  }
  return new Float32Array(bits.buffer);
}

/** The same without NaN and infinity. */
function finiteFloats(count: number, seed: number): Float32Array {
  const values = manyFloats(count, seed);
  return values.map((value) => (Number.isFinite(value) ? value : 1));
}

/** The index of the first difference, with both values; null where there is none. */
function firstDifference(a: Uint8Array, b: Uint8Array): object | null {
  if (Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(b)) return null;
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return { at, ours: a.subarray(at - (at % 4), at + 4), theirs: b.subarray(at - (at % 4), at + 4) };
}

function ggml(name: string, values: ArrayBufferView & { readonly length: number }, outBytes: number): Uint8Array {
  const results = new Uint8Array(outBytes);
  ggmlFunction(name)(values, results, values.length);
  return results;
}

const floats = manyFloats(2 ** 22, 20261128);

describe.runIf(hasGgml)('values as ggml writes them', () => {
  it('are the same F32 for every F16 and every BF16', () => {
    expect(
      firstDifference(convert('F16', 'F32', allHalves), ggml('ggml_fp16_to_fp32_row', allHalves, 2 ** 18)),
    ).toBeNull();
    expect(
      firstDifference(convert('BF16', 'F32', allHalves), ggml('ggml_bf16_to_fp32_row', allHalves, 2 ** 18)),
    ).toBeNull();
  });

  it('are the same F16 and BF16 for millions of F32', () => {
    expect(firstDifference(convert('F32', 'F16', floats), ggml('ggml_fp32_to_fp16_row', floats, 2 ** 23))).toBeNull();
    expect(
      firstDifference(convert('F32', 'BF16', floats), ggml('ggml_fp32_to_bf16_row_ref', floats, 2 ** 23)),
    ).toBeNull();
    const finite = finiteFloats(2 ** 21, 7);
    expect(
      firstDifference(convert('F32', 'BF16', finite), ggml('ggml_fp32_to_bf16_row_ref', finite, 2 ** 22)),
    ).toBeNull();
  });

  it('are the same at the ends of F16: subnormal values, ties, the largest ones', () => {
    const edges = Float32Array.from(
      [
        2 ** -24,
        2 ** -25,
        2 ** -25 * 1.0001,
        3 * 2 ** -25,
        2 ** -14,
        2 ** -14 - 2 ** -25,
        65504,
        65519.99,
        65520,
        65536,
        1e38,
        2 ** -149,
        0,
        -0,
      ].flatMap((value) => [value, -value]),
    );
    expect(
      firstDifference(convert('F32', 'F16', edges), ggml('ggml_fp32_to_fp16_row', edges, edges.length * 2)),
    ).toBeNull();
  });

  it('are the same between F16 and BF16 as through F32', () => {
    for (const [dtype, output, toF32, fromF32] of [
      ['F16', 'BF16', 'ggml_fp16_to_fp32_row', 'ggml_fp32_to_bf16_row_ref'],
      ['BF16', 'F16', 'ggml_bf16_to_fp32_row', 'ggml_fp32_to_fp16_row'],
    ] as const) {
      const through = float32(ggml(toF32, allHalves, 2 ** 18));
      expect(firstDifference(convert(dtype, output, allHalves), ggml(fromF32, through, 2 ** 17))).toBeNull();
    }
  });

  it('are the same blocks of Q8_0, of weights and of any values', () => {
    const weights = new Float32Array(2 ** 20);
    const noise = manyFloats(2 ** 20, 11);
    // Sums of four are close to a bell curve, and each 64th block is zero.
    for (let i = 0; i < weights.length; i++)
      weights[i] = i % 2048 < 32 ? 0 : (new Uint16Array(noise.buffer)[i] ?? 0) / 65_536 - 0.5;
    // Halves of the scale: each value lies halfway between two integers.
    for (let i = 0; i < 4096; i++) weights[i] = i % 32 === 0 ? 127 : (i % 254) / 2 - 63.5;
    const size = (2 ** 20 / 32) * 34;
    expect(firstDifference(convert('F32', 'Q8_0', weights), ggml('quantize_row_q8_0_ref', weights, size))).toBeNull();
    // Blocks of one magnitude each; of all magnitudes in one block most integers are 0.
    const finite = finiteFloats(2 ** 20, 3).map((value) => (Math.abs(value) < 1e-30 ? value * 1e30 : value));
    const bits = new Uint32Array(finite.buffer);
    for (let i = 0; i < bits.length; i++)
      bits[i] = ((bits[i] ?? 0) & 0x81ff_ffff) | (((bits[i - (i % 32)] ?? 0) >>> 1) & 0x3e00_0000);
    expect(firstDifference(convert('F32', 'Q8_0', finite), ggml('quantize_row_q8_0_ref', finite, size))).toBeNull();
  });

  it('are the same blocks of Q8_0 with infinity, and with NaN among them', () => {
    const values = Float32Array.from({ length: 32 * 64 }, (_, index) => Math.sin(index));
    for (let block = 0; block < 64; block += 3)
      values[block * 32 + ((block * 7) % 32)] = block % 2 === 0 ? Infinity : Number.NaN;
    values.fill(Number.NaN, 32, 64);
    expect(firstDifference(convert('F32', 'Q8_0', values), ggml('quantize_row_q8_0_ref', values, 64 * 34))).toBeNull();
  });
});

describe('values in groups', () => {
  const groups: Readonly<Record<'F32' | 'F16' | 'BF16', ArrayBufferView & { readonly length: number }>> = {
    F32: floats.subarray(0, 2 ** 17),
    F16: allHalves,
    BF16: allHalves,
  };

  it.each<['F32' | 'F16' | 'BF16', OutputType]>([
    ['F32', 'F16'],
    ['F32', 'BF16'],
    ['F32', 'Q8_0'],
    ['F16', 'F32'],
    ['F16', 'Q8_0'],
    ['BF16', 'F32'],
    ['BF16', 'F16'],
    ['BF16', 'Q8_0'],
  ])('of %s as %s are what they are one by one, with the same counts', (dtype, output) => {
    const vectors = createVectors();
    expect(vectors?.has(dtype, output)).toBe(true);
    const values = groups[dtype];
    const size = values.byteLength / values.length;
    // Lengths with and without a rest, and groups of 32 by themselves, so that odd values are among few others.
    const parts = [
      [0, values.length],
      [0, output === 'Q8_0' ? 32 * 1025 : 32 * 1025 + 7],
    ];
    for (let first = 0; first < 2 ** 15; first += 32) parts.push([first, first + 32]);
    const fast = createValueConverter(dtype, output, 0, createScratch(vectors));
    const plain = createValueConverter(dtype, output, 0, createScratch(null));
    const into = [
      new Uint8Array(encodedBytes(output, 2 ** 17)),
      new Uint8Array(encodedBytes(output, 2 ** 17)),
    ] as const;
    for (const [first = 0, end = 0] of parts) {
      const bytes = bytesOf(values).subarray(first * size, end * size);
      const expected = plain.convert(bytes, end - first, into[0]);
      expect(firstDifference(fast.convert(bytes, end - first, into[1]), expected)).toBeNull();
    }
    expect(fast.odd).toEqual(plain.odd);
    expect(plain.odd.nan).toBeGreaterThan(0);
  });

  it('are the same in memory that needs no copy, and none is given beyond a bound', () => {
    const scratch = createScratch();
    expect(scratch.vectors?.room(2 ** 30, 1)).toBeNull();
    const count = 100_000;
    const [input, output] = scratch.vectors?.room(count * 4, count * 2) ?? [];
    if (input === undefined || output === undefined) throw new Error('There is no room.');
    const finite = finiteFloats(count, 5).map((value) => value % 1000);
    input.set(bytesOf(finite));
    const result = createValueConverter('F32', 'F16', 0, scratch).convert(input, count, output);
    expect(result.buffer).toBe(output.buffer);
    const plain = createValueConverter('F32', 'F16', 0, createScratch(null));
    expect(firstDifference(result, plain.convert(bytesOf(finite), count, new Uint8Array(count * 2)))).toBeNull();
  });
});

describe('values', () => {
  it('of 64 bits are the nearest F32, rounded once', () => {
    expect([
      ...float32(convert('F64', 'F32', Float64Array.of(0.1, 1 + 2 ** -24, 1 + 2 ** -24 + 2 ** -50, 1e300))),
    ]).toEqual([Math.fround(0.1), 1, 1 + 2 ** -23, Infinity]);
    // 2^61 + 2^37 lies halfway to the next F32, 2^61 + 2^38; one more is nearer to that.
    const longs = BigInt64Array.of(
      7n,
      -9n,
      2n ** 61n + 2n ** 37n,
      2n ** 61n + 2n ** 37n + 1n,
      -(2n ** 61n) - 2n ** 37n - 1n,
      -(2n ** 63n),
    );
    expect([...float32(convert('I64', 'F32', longs))]).toEqual([
      7,
      -9,
      2 ** 61,
      2 ** 61 + 2 ** 38,
      -(2 ** 61) - 2 ** 38,
      -(2 ** 63),
    ]);
    expect([...float32(convert('U64', 'F32', BigUint64Array.of(2n ** 64n - 1n)))]).toEqual([2 ** 64]);
  });

  it('of integers and truth values are numbers', () => {
    expect([...float32(convert('I8', 'F32', Int8Array.of(-128, 127)))]).toEqual([-128, 127]);
    expect([...float32(convert('U8', 'F32', Uint8Array.of(255)))]).toEqual([255]);
    expect([...float32(convert('I16', 'F32', Int16Array.of(-32_768)))]).toEqual([-32_768]);
    expect([...float32(convert('U16', 'F32', Uint16Array.of(65_535)))]).toEqual([65_535]);
    expect([...float32(convert('I32', 'F32', Int32Array.of(-16_777_217)))]).toEqual([-16_777_216]);
    expect([...float32(convert('U32', 'F32', Uint32Array.of(4_294_967_295)))]).toEqual([2 ** 32]);
    expect([...float32(convert('BOOL', 'F32', Uint8Array.of(0, 1, 2)))]).toEqual([0, 1, 1]);
  });

  it('that stay as they are keep every bit', () => {
    for (const dtype of ['F16', 'BF16'] as const)
      expect(firstDifference(convert(dtype, dtype, allHalves), bytesOf(allHalves))).toBeNull();
    expect(firstDifference(convert('F32', 'F32', floats), bytesOf(floats))).toBeNull();
  });

  it('get what is added in F32', () => {
    expect([...float32(convert('F16', 'F32', Uint16Array.of(0x3c00, 0x0001), 1))]).toEqual([
      2,
      Math.fround(1 + 2 ** -24),
    ]);
    expect([...float32(convert('BF16', 'F32', Uint16Array.of(0x3f80), 1))]).toEqual([2]);
  });

  it.each<[PlainDtype, OutputType, ArrayBufferView & { readonly length: number }, object]>([
    ['F32', 'F32', Float32Array.of(NaN, Infinity, -Infinity, 3.4e38), { nan: 1, infinite: 2, overflowing: 0 }],
    ['F32', 'F16', Float32Array.of(NaN, -Infinity, 65_519, 65_520, -1e30), { nan: 1, infinite: 1, overflowing: 2 }],
    ['F32', 'BF16', Float32Array.of(-NaN, Infinity, 3.39e38, 3.4e38), { nan: 1, infinite: 1, overflowing: 1 }],
    [
      'F32',
      'Q8_0',
      new Float32Array(32).fill(8_321_039.5).fill(8_321_040, 5, 7),
      { nan: 0, infinite: 0, overflowing: 2 },
    ],
    ['F16', 'F16', Uint16Array.of(0x7c01, 0xffff, 0xfc00, 0x7bff, 0x7c00), { nan: 2, infinite: 2, overflowing: 0 }],
    ['F16', 'F32', Uint16Array.of(0x7c01, 0xfc00, 0x7bff), { nan: 1, infinite: 1, overflowing: 0 }],
    ['BF16', 'F16', Uint16Array.of(0x7f81, 0xff80, 0x477f, 0xc780, 0x7f7f), { nan: 1, infinite: 1, overflowing: 2 }],
    ['BF16', 'BF16', Uint16Array.of(0x7f80, 0x7f7f, 0x7fc0), { nan: 1, infinite: 1, overflowing: 0 }],
  ])('of %s as %s are counted where they are odd', (dtype, output, values, odd) => {
    const converter = createValueConverter(dtype, output, 0, createScratch());
    converter.convert(bytesOf(values), values.length, new Uint8Array(256));
    expect(converter.odd).toEqual(odd);
  });
});
