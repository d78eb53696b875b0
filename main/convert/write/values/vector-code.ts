/**
 * Conversions of many values at once, as WebAssembly with vectors of 128 bits. They give the bytes of ggml's reference functions for finite
 * values that the result's type has. Each function answers a negative number where it met others, and its results are worth nothing then.
 *
 * Parameters of each: the address of the values, the one behind the last of them, and the address of the results. The values are whole
 * groups of 16, and of 32 for Q8_0.
 */
import { f32x4, i16x8, i32, i32x4, i8x16, local, repeatWhile, v128, wasmModule, when } from './wasm-code.ts';
import type { Code, WasmFunction } from './wasm-code.ts';

export type VectorFunction =
  'floatsToHalves' | 'floatsToBrains' | 'floatsToBlocks' | 'brainsToHalves' | 'brainsToFloats' | 'halvesToFloats';

const [FROM, END, TO, FOUND] = [0, 1, 2, 3];
const FIRST_VECTOR = 4;
const from = local.get(FROM);
const to = local.get(TO);

interface Vector {
  readonly get: Code;
  readonly set: (value: Code) => Code;
}

interface Group {
  readonly name: VectorFunction;
  /** Bytes of a group of values, and of its results. */
  readonly fromBytes: number;
  readonly toBytes: number;
  /** Code for one group. `largest` takes the magnitudes; `vector` gives another local with each call. */
  readonly body: (largest: Vector, vector: () => Vector) => Code;
  /** Whether any magnitude of `largest` is odd, as an integer. */
  readonly isOdd: (largest: Code) => Code;
}

/** A function that does the same for each group. */
function everyGroup({ name, fromBytes, toBytes, body, isOdd }: Group): WasmFunction {
  let vectorCount = 0;
  const vector = (): Vector => {
    const index = FIRST_VECTOR + vectorCount++;
    return { get: local.get(index), set: (value) => local.set(index, value) };
  };
  const largest = vector();
  const advance = (index: number, bytes: number): Code => local.set(index, i32.add(local.get(index), i32.const(bytes)));
  const loop = repeatWhile(
    [...body(largest, vector), ...advance(FROM, fromBytes), ...advance(TO, toBytes)],
    i32.lessThan(from, local.get(END)),
  );
  const answer = [...when(isOdd(largest.get), local.set(FOUND, i32.const(-1))), ...local.get(FOUND)];
  return { name, parameterCount: 3, integerCount: 1, vectorCount, body: [...loop, ...answer] };
}

const magnitudeOf = (value: Code): Code => v128.and(value, v128.i32s(0x7fff_ffff));
/** The last bit that stays when `bits` are dropped. */
const lastKept = (value: Code, bits: number): Code => v128.and(i32x4.shiftRightUnsigned(value, bits), v128.i32s(1));
const take = (largest: Vector, magnitude: Code): Code => largest.set(i32x4.max(largest.get, magnitude));
const reaches =
  (limit: number) =>
  (largest: Code): Code =>
    v128.anyTrue(i32x4.moreThan(largest, v128.i32s(limit - 1)));

/** 2^-14, the smallest normal F16, as F32. */
const SMALLEST_NORMAL = 0x3880_0000;
/** 0.5 as bits. What is added to it ends where the last bit of a subnormal F16 does. */
const HALF = 0x3f00_0000;

/** F16 in 32 bits each, of magnitudes that are normal as F16, to the nearest with ties to even. */
const normalHalves = (magnitude: Code): Code =>
  i32x4.shiftRightUnsigned(
    i32x4.add(i32x4.add(magnitude, v128.i32s(((15 - 127) << 23) + 0xfff)), lastKept(magnitude, 13)),
    13,
  );

/** The same of any magnitudes. */
function anyHalves(magnitude: Code): Code {
  const subnormal = i32x4.subtract(f32x4.add(magnitude, v128.f32s(0.5)), v128.i32s(HALF));
  const isSubnormal = i32x4.lessThan(magnitude, v128.i32s(SMALLEST_NORMAL));
  return v128.select(subnormal, normalHalves(magnitude), isSubnormal);
}

/** Two numbers of 16 bits that are the same. */
const twice = (value: number): number => (value * 0x1_0001) | 0;
/** The upper 16 bits of eight integers. */
const upperParts: Code = Array.from({ length: 16 }, (_, index) => (index >> 1) * 4 + 2 + (index & 1));

/** Magnitudes that become infinite: halfway to what would follow the largest F16, BF16, and scale of Q8_0 (65,520 x 127). */
const BEYOND_HALF = 0x477f_f000;
const BEYOND_BRAIN = 0x7f7f_8000;
const BEYOND_BLOCK = 0x4afd_f020;

const floatsToHalves: Group = {
  ...{ name: 'floatsToHalves', fromBytes: 64, toBytes: 32, isOdd: reaches(BEYOND_HALF) },
  body(largest, vector) {
    const [low, high, lowSize, highSize, halves] = [vector(), vector(), vector(), vector(), vector()];
    const signs = v128.and(v128.shuffle(low.get, high.get, upperParts), v128.i32s(twice(0x8000)));
    const smallest = i32x4.min(lowSize.get, highSize.get);
    const narrowed = (of: (magnitude: Code) => Code): Code =>
      halves.set(i16x8.narrowUnsigned(of(lowSize.get), of(highSize.get)));
    return [0, 1].flatMap((index) => [
      ...low.set(v128.load(from, index * 32)),
      ...high.set(v128.load(from, index * 32 + 16)),
      ...lowSize.set(magnitudeOf(low.get)),
      ...highSize.set(magnitudeOf(high.get)),
      ...take(largest, i32x4.max(lowSize.get, highSize.get)),
      ...narrowed(normalHalves),
      // Rare among weights, so that the branch is cheaper than the computation.
      ...when(v128.anyTrue(i32x4.lessThan(smallest, v128.i32s(SMALLEST_NORMAL))), narrowed(anyHalves)),
      ...v128.store(to, v128.or(halves.get, signs), index * 16),
    ]);
  },
};

const floatsToBrains: Group = {
  ...{ name: 'floatsToBrains', fromBytes: 64, toBytes: 32, isOdd: reaches(BEYOND_BRAIN) },
  body(largest, vector) {
    const [bits, low, high] = [vector(), vector(), vector()];
    const four = (at: number, into: Vector): Code => [
      ...bits.set(v128.load(from, at)),
      ...take(largest, magnitudeOf(bits.get)),
      ...into.set(
        i32x4.shiftRightUnsigned(i32x4.add(i32x4.add(bits.get, v128.i32s(0x7fff)), lastKept(bits.get, 16)), 16),
      ),
    ];
    return [0, 1].flatMap((index) => [
      ...four(index * 32, low),
      ...four(index * 32 + 16, high),
      ...v128.store(to, i16x8.narrowUnsigned(low.get, high.get), index * 16),
    ]);
  },
};

const floatsOfLow = (brains: Code): Code => i32x4.shiftLeft(i32x4.extendLowUnsigned(brains), 16);
const floatsOfHigh = (brains: Code): Code => i32x4.shiftLeft(i32x4.extendHighUnsigned(brains), 16);
const takeShort = (largest: Vector, magnitude: Code): Code => largest.set(i16x8.max(largest.get, magnitude));
const shortsReach =
  (limit: number) =>
  (largest: Code): Code =>
    v128.anyTrue(i16x8.moreThan(largest, v128.i32s(twice(limit - 1))));
const shortMagnitude = (brains: Code): Code => v128.and(brains, v128.i32s(twice(0x7fff)));

const BRAIN_INFINITE = 0x7f80;
/** 65,536, the first BF16 that F16 has no place for, and 2^-14. */
const BRAIN_BEYOND_HALF = 0x4780;
const BRAIN_SMALLEST_NORMAL = 0x3880;

const brainsToFloats: Group = {
  ...{ name: 'brainsToFloats', fromBytes: 32, toBytes: 64, isOdd: shortsReach(BRAIN_INFINITE) },
  body(largest, vector) {
    const brains = vector();
    return [0, 1].flatMap((index) => [
      ...brains.set(v128.load(from, index * 16)),
      ...takeShort(largest, shortMagnitude(brains.get)),
      ...v128.store(to, floatsOfLow(brains.get), index * 32),
      ...v128.store(to, floatsOfHigh(brains.get), index * 32 + 16),
    ]);
  },
};

const HALF_INFINITE = 0x7c00;

/** The bits of F16 where F32 has them, times the difference of the exponents. Exact, for subnormal values too. */
const halvesToFloats: Group = {
  ...{ name: 'halvesToFloats', fromBytes: 32, toBytes: 64, isOdd: shortsReach(HALF_INFINITE) },
  body(largest, vector) {
    const [halves, magnitude] = [vector(), vector()];
    const floats = (magnitudes: Code, bits: Code): Code =>
      v128.or(
        f32x4.multiply(i32x4.shiftLeft(magnitudes, 13), v128.f32s(2 ** (127 - 15))),
        v128.and(i32x4.shiftLeft(bits, 16), v128.i32s(-0x8000_0000)),
      );
    return [0, 1].flatMap((index) => [
      ...halves.set(v128.load(from, index * 16)),
      ...magnitude.set(shortMagnitude(halves.get)),
      ...takeShort(largest, magnitude.get),
      ...v128.store(
        to,
        floats(i32x4.extendLowUnsigned(magnitude.get), i32x4.extendLowUnsigned(halves.get)),
        index * 32,
      ),
      ...v128.store(
        to,
        floats(i32x4.extendHighUnsigned(magnitude.get), i32x4.extendHighUnsigned(halves.get)),
        index * 32 + 16,
      ),
    ]);
  },
};

/** BF16 has fewer bits behind the point than F16 has. But for subnormal results, only the exponent is another. */
const brainsToHalves: Group = {
  ...{ name: 'brainsToHalves', fromBytes: 32, toBytes: 32, isOdd: shortsReach(BRAIN_BEYOND_HALF) },
  body(largest, vector) {
    const [brains, magnitude, halves, low] = [vector(), vector(), vector(), vector()];
    const isSubnormal = i16x8.lessThan(magnitude.get, v128.i32s(twice(BRAIN_SMALLEST_NORMAL)));
    const signs = v128.and(brains.get, v128.i32s(twice(0x8000)));
    const rebased = i16x8.subtract(magnitude.get, v128.i32s(twice((127 - 15) << 7)));
    return [0, 16].flatMap((at) => [
      ...brains.set(v128.load(from, at)),
      ...magnitude.set(shortMagnitude(brains.get)),
      ...takeShort(largest, magnitude.get),
      ...halves.set(i16x8.shiftLeft(rebased, 3)),
      ...when(v128.anyTrue(isSubnormal), [
        ...low.set(floatsOfLow(magnitude.get)),
        ...magnitude.set(floatsOfHigh(magnitude.get)),
        ...halves.set(i16x8.narrowUnsigned(anyHalves(low.get), anyHalves(magnitude.get))),
      ]),
      ...v128.store(to, v128.or(halves.get, signs), at),
    ]);
  },
};

/** Scales below the smallest normal F32 have an inverse that may be infinite. */
const SMALLEST_SCALE = 2 ** -126;

/** The values at these places of a vector of four. */
const places = (...indexes: readonly number[]): Code =>
  indexes.flatMap((index) => [index * 4, index * 4 + 1, index * 4 + 2, index * 4 + 3]);

/** Blocks of 32: the scale as F16, and 32 integers of 8 bits, to the nearest with ties away from zero (quantize_row_q8_0_ref). */
const floatsToBlocks: Group = {
  ...{ name: 'floatsToBlocks', fromBytes: 128, toBytes: 34, isOdd: reaches(BEYOND_BLOCK) },
  body(odd, vector) {
    const values = Array.from({ length: 8 }, vector);
    const [largest, scale, inverse, size, whole] = [vector(), vector(), vector(), vector(), vector()];
    const swapped = (order: Code): Code => v128.shuffle(largest.get, largest.get, order);
    const integers = (value: Vector): Code => {
      const scaled = f32x4.multiply(value.get, inverse.get);
      const isUp = f32x4.atLeast(f32x4.subtract(size.get, whole.get), v128.f32s(0.5));
      // The mask is -1 where it is set.
      const rounded = i32x4.subtract(i32x4.truncate(whole.get), isUp);
      const sign = i32x4.shiftRight(value.get, 31);
      return [
        ...size.set(magnitudeOf(scaled)),
        ...whole.set(f32x4.truncate(size.get)),
        ...value.set(i32x4.subtract(v128.xor(rounded, sign), sign)),
      ];
    };
    const isTiny = v128.and(
      f32x4.lessThan(scale.get, v128.f32s(SMALLEST_SCALE)),
      f32x4.lessThan(v128.f32s(0), scale.get),
    );
    return [
      ...values.flatMap((value, index) => value.set(v128.load(from, index * 16))),
      ...largest.set(values.map(({ get }) => magnitudeOf(get)).reduce((a, b) => i32x4.max(a, b))),
      ...largest.set(i32x4.max(largest.get, swapped(places(2, 3, 0, 1)))),
      ...largest.set(i32x4.max(largest.get, swapped(places(1, 0, 3, 2)))),
      ...take(odd, largest.get),
      ...scale.set(f32x4.divide(largest.get, v128.f32s(127))),
      ...take(odd, magnitudeOf(isTiny)),
      ...inverse.set(v128.andNot(f32x4.divide(v128.f32s(1), scale.get), f32x4.equal(scale.get, v128.f32s(0)))),
      ...i32.store16(to, v128.extractFirstI32(anyHalves(scale.get)), 0),
      ...values.flatMap(integers),
      ...[0, 4].flatMap((first) => {
        const narrow = (index: number): Code =>
          i16x8.narrow(values[first + index]?.get ?? [], values[first + index + 1]?.get ?? []);
        return v128.store(to, i8x16.narrow(narrow(0), narrow(2)), 2 + first * 4);
      }),
    ];
  },
};

/** The module. It imports its memory as `host.memory`, and exports each function under its name. */
export const vectorModule = (): Uint8Array<ArrayBuffer> =>
  wasmModule(
    [floatsToHalves, floatsToBrains, floatsToBlocks, brainsToHalves, brainsToFloats, halvesToFloats].map(everyGroup),
  );
