/// <reference lib="es2025.float16" />
/**
 * The values of ggml's tensor types as F32, bit for bit as the `dequantize_row_*` functions of ggml-quants.c compute them: products and
 * sums are rounded to F32 one by one, in their order.
 */

/** Fills `values`, whole blocks, from `bytes`. */
type Dequantize = (bytes: Uint8Array, values: Float32Array) => void;

const { fround } = Math;
const half = new Uint16Array(1);
const halfValue = new Float16Array(half.buffer);

/** The F16 at a place. */
function halfAt(bytes: Uint8Array, at: number): number {
  half[0] = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  return halfValue[0] ?? 0;
}

const signed = (byte: number): number => (byte << 24) >> 24;
const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;

/** Calls `block` for each block with its place in `bytes` and in `values`. */
const eachBlock =
  (
    blockSize: number,
    blockBytes: number,
    block: (bytes: Uint8Array, at: number, values: Float32Array, to: number) => void,
  ): Dequantize =>
  (bytes, values) => {
    for (let at = 0, to = 0; to < values.length; at += blockBytes, to += blockSize) block(bytes, at, values, to);
  };

const q4_0 = eachBlock(32, 18, (bytes, at, values, to) => {
  const scale = halfAt(bytes, at);
  for (let i = 0; i < 16; i++) {
    const pair = byteAt(bytes, at + 2 + i);
    values[to + i] = ((pair & 15) - 8) * scale;
    values[to + 16 + i] = ((pair >> 4) - 8) * scale;
  }
});

const q4_1 = eachBlock(32, 20, (bytes, at, values, to) => {
  const [scale, least] = [halfAt(bytes, at), halfAt(bytes, at + 2)];
  for (let i = 0; i < 16; i++) {
    const pair = byteAt(bytes, at + 4 + i);
    values[to + i] = fround((pair & 15) * scale) + least;
    values[to + 16 + i] = fround((pair >> 4) * scale) + least;
  }
});

/** The fifth bit of value `i` of a block, at the place of its value 16. */
const fifthBit = (bytes: Uint8Array, at: number, i: number): number =>
  ((byteAt(bytes, at + (i >> 3)) >> (i & 7)) & 1) << 4;

const q5_0 = eachBlock(32, 22, (bytes, at, values, to) => {
  const scale = halfAt(bytes, at);
  for (let i = 0; i < 16; i++) {
    const pair = byteAt(bytes, at + 6 + i);
    values[to + i] = (((pair & 15) | fifthBit(bytes, at + 2, i)) - 16) * scale;
    values[to + 16 + i] = (((pair >> 4) | fifthBit(bytes, at + 2, i + 16)) - 16) * scale;
  }
});

const q5_1 = eachBlock(32, 24, (bytes, at, values, to) => {
  const [scale, least] = [halfAt(bytes, at), halfAt(bytes, at + 2)];
  for (let i = 0; i < 16; i++) {
    const pair = byteAt(bytes, at + 8 + i);
    values[to + i] = fround(((pair & 15) | fifthBit(bytes, at + 4, i)) * scale) + least;
    values[to + 16 + i] = fround(((pair >> 4) | fifthBit(bytes, at + 4, i + 16)) * scale) + least;
  }
});

const q8_0 = eachBlock(32, 34, (bytes, at, values, to) => {
  const scale = halfAt(bytes, at);
  for (let i = 0; i < 32; i++) values[to + i] = signed(byteAt(bytes, at + 2 + i)) * scale;
});

/** Values of IQ4_NL and IQ4_XS (kvalues_iq4nl). */
const iq4Values = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

const iq4_nl = eachBlock(32, 18, (bytes, at, values, to) => {
  const scale = halfAt(bytes, at);
  for (let i = 0; i < 16; i++) {
    const pair = byteAt(bytes, at + 2 + i);
    values[to + i] = scale * (iq4Values[pair & 15] ?? 0);
    values[to + 16 + i] = scale * (iq4Values[pair >> 4] ?? 0);
  }
});

const iq4_xs = eachBlock(256, 136, (bytes, at, values, to) => {
  const scale = halfAt(bytes, at);
  const high = byteAt(bytes, at + 2) | (byteAt(bytes, at + 3) << 8);
  for (let group = 0; group < 8; group++) {
    const low = (byteAt(bytes, at + 4 + (group >> 1)) >> (4 * (group & 1))) & 15;
    const own = fround(scale * ((low | (((high >> (2 * group)) & 3) << 4)) - 32));
    for (let i = 0; i < 16; i++) {
      const pair = byteAt(bytes, at + 8 + group * 16 + i);
      values[to + group * 32 + i] = own * (iq4Values[pair & 15] ?? 0);
      values[to + group * 32 + 16 + i] = own * (iq4Values[pair >> 4] ?? 0);
    }
  }
});

const q2_k = eachBlock(256, 84, (bytes, at, values, to) => {
  const [scale, least] = [halfAt(bytes, at + 80), halfAt(bytes, at + 82)];
  for (let group = 0; group < 16; group++) {
    const packed = byteAt(bytes, at + group);
    const [own, low] = [fround(scale * (packed & 15)), fround(least * (packed >> 4))];
    const from = at + 16 + (group >> 3) * 32 + (group & 1) * 16;
    const shift = ((group >> 1) & 3) * 2;
    for (let i = 0; i < 16; i++)
      values[to + group * 16 + i] = fround(own * ((byteAt(bytes, from + i) >> shift) & 3)) - low;
  }
});

const q3_k = eachBlock(256, 110, (bytes, at, values, to) => {
  const scale = halfAt(bytes, at + 108);
  for (let group = 0; group < 16; group++) {
    // Twelve bytes hold 16 scales of six bits: the low four in the first eight bytes, the high two in the last four.
    const low = (byteAt(bytes, at + 96 + (group & 7)) >> (group < 8 ? 0 : 4)) & 15;
    const high = (byteAt(bytes, at + 104 + (group & 3)) >> (2 * (group >> 2))) & 3;
    const own = fround(scale * ((low | (high << 4)) - 32));
    const from = at + 32 + (group >> 3) * 32 + (group & 1) * 16;
    const shift = ((group >> 1) & 3) * 2;
    const bit = 1 << (group >> 1);
    for (let i = 0; i < 16; i++) {
      const third = (byteAt(bytes, at + (group & 1) * 16 + i) & bit) === 0 ? 4 : 0;
      values[to + group * 16 + i] = own * (((byteAt(bytes, from + i) >> shift) & 3) - third);
    }
  }
});

/** Scale and minimum of six bits each of group `group` of Q4_K and Q5_K, whose twelve bytes begin at `at` (get_scale_min_k4). */
function scaleAndMinimum(bytes: Uint8Array, at: number, group: number): readonly [scale: number, minimum: number] {
  if (group < 4) return [byteAt(bytes, at + group) & 63, byteAt(bytes, at + group + 4) & 63];
  const both = byteAt(bytes, at + group + 4);
  return [
    (both & 15) | ((byteAt(bytes, at + group - 4) >> 6) << 4),
    (both >> 4) | ((byteAt(bytes, at + group) >> 6) << 4),
  ];
}

const q4_k = eachBlock(256, 144, (bytes, at, values, to) => {
  const [scale, least] = [halfAt(bytes, at), halfAt(bytes, at + 2)];
  for (let group = 0; group < 8; group++) {
    const [own, minimum] = scaleAndMinimum(bytes, at + 4, group);
    const [step, low] = [fround(scale * own), fround(least * minimum)];
    const from = at + 16 + (group >> 1) * 32;
    const shift = (group & 1) * 4;
    for (let i = 0; i < 32; i++)
      values[to + group * 32 + i] = fround(step * ((byteAt(bytes, from + i) >> shift) & 15)) - low;
  }
});

const q5_k = eachBlock(256, 176, (bytes, at, values, to) => {
  const [scale, least] = [halfAt(bytes, at), halfAt(bytes, at + 2)];
  for (let group = 0; group < 8; group++) {
    const [own, minimum] = scaleAndMinimum(bytes, at + 4, group);
    const [step, low] = [fround(scale * own), fround(least * minimum)];
    const from = at + 48 + (group >> 1) * 32;
    const shift = (group & 1) * 4;
    for (let i = 0; i < 32; i++) {
      const fifth = ((byteAt(bytes, at + 16 + i) >> group) & 1) << 4;
      values[to + group * 32 + i] = fround(step * (((byteAt(bytes, from + i) >> shift) & 15) + fifth)) - low;
    }
  }
});

const q6_k = eachBlock(256, 210, (bytes, at, values, to) => {
  const scale = halfAt(bytes, at + 208);
  for (let i = 0; i < 256; i++) {
    const [part, place] = [i >> 7, i & 127];
    const [quarter, column] = [place >> 5, place & 31];
    const low = byteAt(bytes, at + part * 64 + (quarter & 1) * 32 + column) >> (quarter >> 1 === 0 ? 0 : 4);
    const high = byteAt(bytes, at + 128 + part * 32 + column) >> (2 * quarter);
    const own = signed(byteAt(bytes, at + 192 + part * 8 + quarter * 2 + (column >> 4)));
    values[to + i] = fround(scale * own) * (((low & 15) | ((high & 3) << 4)) - 32);
  }
});

const kernels = new Map<string, Dequantize>([
  ['Q4_0', q4_0],
  ['Q4_1', q4_1],
  ['Q5_0', q5_0],
  ['Q5_1', q5_1],
  ['Q8_0', q8_0],
  ['Q2_K', q2_k],
  ['Q3_K', q3_k],
  ['Q4_K', q4_k],
  ['Q5_K', q5_k],
  ['Q6_K', q6_k],
  ['IQ4_NL', iq4_nl],
  ['IQ4_XS', iq4_xs],
]);

/** The function for a quantized type by its name; null for the other types. */
export const dequantizerOf = (type: string): Dequantize | null => kernels.get(type) ?? null;
