/// <reference lib="es2025.float16" />
/**
 * Conversions of 16-bit values as tables of all 65,536: one lookup per value is faster than computing. A NaN becomes what ggml's own
 * functions make of it: quiet with its payload in F32 and BF16, and one with the sign alone in F16 (ggml-impl.h).
 */

const VALUES = 0x1_0000;

/** F16 as the bits of F32 (ggml_fp16_to_fp32). */
export const float32BitsOfHalf = lazily(() => {
  const halves = Uint16Array.from({ length: VALUES }, (_, index) => index);
  const table = new Uint32Array(VALUES);
  new Float32Array(table.buffer).set(new Float16Array(halves.buffer));
  for (let half = 0; half < VALUES; half++)
    if ((half & 0x7fff) > 0x7c00) table[half] = (((half & 0x8000) << 16) | 0x7fc0_0000 | ((half & 0x3ff) << 13)) >>> 0;
  return table;
});

/** F16 as BF16. */
export const brainOfHalf = lazily(() => float32BitsOfHalf().reduce(setBrain, new Uint16Array(VALUES)));

/** BF16 as F16. */
export const halfOfBrain = lazily(() => {
  const bits = Uint32Array.from({ length: VALUES }, (_, index) => index << 16);
  const halves = new Uint16Array(VALUES);
  new Float16Array(halves.buffer).set(new Float32Array(bits.buffer));
  for (let index = 0; index < VALUES; index++)
    if ((index & 0x7fff) > 0x7f80) halves[index] = halfOfNan(bits[index] ?? 0);
  return halves;
});

/** The F16 that ggml makes of an F32 that is not a number: quiet, with the sign alone. */
export const halfOfNan = (bits: number): number => ((bits >>> 16) & 0x8000) | 0x7e00;

/** The BF16 of the bits of an F32, to the nearest, with ties to even (ggml_compute_fp32_to_bf16). */
export const brainOfBits = (bits: number): number =>
  (bits & 0x7fff_ffff) > 0x7f80_0000 ? (bits >>> 16) | 64 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;

function setBrain(table: Uint16Array, bits: number, index: number): Uint16Array {
  table[index] = brainOfBits(bits);
  return table;
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
