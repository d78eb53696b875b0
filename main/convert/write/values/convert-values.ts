/** Converts the values of a tensor, piece by piece, and counts those that a model cannot be used with. */
import { dtypeBytes } from '../../../model-file/safetensors.ts';
import type { PlainDtype } from './decode-values.ts';
import { decodeValues } from './decode-values.ts';
import { encodedBytes, encodeValues } from './encode-values.ts';
import { brainOfHalf, halfOfBrain } from './float-tables.ts';
import type { OutputType } from '../../plan/output-types.ts';
import { createVectors, VECTOR_VALUES, type Vectors } from './vectors.ts';

/** Values that are no numbers, infinite ones, and finite ones that the output's type has no place for. */
export interface OddValues {
  nan: number;
  infinite: number;
  overflowing: number;
}

export interface ValueConverter {
  /**
   * Converts `count` values of `bytes`, which begin at a multiple of eight in their buffer. The result is valid until the next call and may
   * be `bytes` themselves, or lies in `into`, which has room for it and begins at a multiple of four.
   */
  convert(bytes: Uint8Array, count: number, into: Uint8Array): Uint8Array;
  /** What `convert` counted since the converter was made. */
  readonly odd: OddValues;
}

/** The magnitude, as the bits of F32, from which a value becomes infinite in the type; for Q8_0 its block's scale does. */
const limits: Readonly<Record<OutputType, number>> = {
  F32: 0x7f80_0000,
  // 65,520 and 3.396e38, halfway to what would follow the largest value; for Q8_0 65,520 x 127.
  F16: 0x477f_f000,
  BF16: 0x7f7f_8000,
  Q8_0: 0x4afd_f020,
};
const INFINITE = 0x7f80_0000;

/** What converters share that are used one after another. */
export interface Scratch {
  /** Memory for values between decoding and encoding. */
  floats(count: number): Float32Array;
  /** Null where values are converted one by one. */
  readonly vectors: Vectors | null;
}

/** `vectors` may be left out, for the same bytes later. */
export function createScratch(vectors = createVectors()): Scratch {
  let values = new Float32Array(0);
  return {
    vectors,
    floats(count) {
      if (values.length < count) values = new Float32Array(count);
      return values.subarray(0, count);
    },
  };
}

/** A converter from `dtype` to `type` that adds `add` to each value, in F32. */
export function createValueConverter(
  dtype: PlainDtype,
  type: OutputType,
  add: number,
  scratch: Scratch,
): ValueConverter {
  const odd: OddValues = { nan: 0, infinite: 0, overflowing: 0 };
  const halves = add === 0 ? halfConversion(dtype, type) : null;

  function convertHalves(
    bytes: Uint8Array,
    count: number,
    into: Uint8Array,
    { table, limit, infinite }: HalfConversion,
  ): Uint8Array {
    const values = new Uint16Array(bytes.buffer, bytes.byteOffset, count);
    if (hasHalfFrom(values, limit)) countHalves(values, limit, infinite, odd);
    if (table === null) return bytes.subarray(0, count * 2);
    const results = new Uint16Array(into.buffer, into.byteOffset, count);
    for (let i = 0; i < count; i++) results[i] = table[values[i] as number] as number;
    return into.subarray(0, count * 2);
  }

  /** The values as F32: where they are, in their place in the output, or in memory that is free again after the call. */
  function floatsOf(bytes: Uint8Array, count: number, into: Uint8Array): Float32Array {
    if (dtype === 'F32') return new Float32Array(bytes.buffer, bytes.byteOffset, count);
    const values = type === 'F32' ? new Float32Array(into.buffer, into.byteOffset, count) : scratch.floats(count);
    decodeValues(dtype, bytes, count, values);
    return values;
  }

  function convertSingly(bytes: Uint8Array, count: number, into: Uint8Array): Uint8Array {
    if (halves !== null) return convertHalves(bytes, count, into, halves);
    const values = floatsOf(bytes, count, into);
    if (add !== 0) for (let i = 0; i < count; i++) values[i] = (values[i] as number) + add;
    const hasOdd = hasFloatFrom(values, limits[type]);
    if (hasOdd) countFloats(values, limits[type], odd);
    if (type === 'F32') return new Uint8Array(values.buffer, values.byteOffset, count * 4);
    const length = encodedBytes(type, count);
    encodeValues(values, type, into, hasOdd);
    return into.subarray(0, length);
  }

  /** Groups without odd values are converted at once, the others and what is left at the end one by one. */
  function convertGroups(vectors: Vectors, bytes: Uint8Array, count: number, into: Uint8Array): Uint8Array {
    for (let done = 0; done < count;) {
      const next = Math.min(VECTOR_VALUES, count - done);
      const whole = next - (next % GROUP_VALUES);
      const values = bytes.subarray(done * dtypeBytes[dtype]);
      const results = into.subarray(encodedBytes(type, done));
      const isDone = whole > 0 && vectors.convert(dtype, type, values, whole, results);
      if (!isDone) convertSingly(values, whole || next, results);
      done += whole || next;
    }
    return into.subarray(0, encodedBytes(type, count));
  }

  const { vectors } = scratch;
  const useVectors = vectors?.has(dtype, type) === true && add === 0;
  return {
    odd,
    convert: (bytes, count, into) =>
      useVectors ? convertGroups(vectors, bytes, count, into) : convertSingly(bytes, count, into),
  };
}

/** Values of the largest group that is converted at once: a block of Q8_0. */
const GROUP_VALUES = 32;

interface HalfConversion {
  /** Null where the values stay as they are. */
  readonly table: Uint16Array | null;
  /** The magnitude from which a value becomes infinite, and that of infinity, in the bits of the source. */
  readonly limit: number;
  readonly infinite: number;
}

const HALF_INFINITE = 0x7c00;
const BRAIN_INFINITE = 0x7f80;
/** 65,536, the first BF16 that F16 has no place for. */
const BRAIN_BEYOND_HALF = 0x4780;

/** How values of 16 bits become others of 16 bits without F32 between; null for all other conversions. */
function halfConversion(dtype: PlainDtype, type: OutputType): HalfConversion | null {
  if (dtype === 'F16' && (type === 'F16' || type === 'BF16'))
    return { table: type === 'F16' ? null : brainOfHalf(), limit: HALF_INFINITE, infinite: HALF_INFINITE };
  if (dtype === 'BF16' && type === 'BF16') return { table: null, limit: BRAIN_INFINITE, infinite: BRAIN_INFINITE };
  if (dtype === 'BF16' && type === 'F16')
    return { table: halfOfBrain(), limit: BRAIN_BEYOND_HALF, infinite: BRAIN_INFINITE };
  return null;
}

/** Whether any magnitude is at least `limit`: adding the rest up to the sign sets the sign's bit, without a branch per value. */
function hasFloatFrom({ buffer, byteOffset, length }: Float32Array, limit: number): boolean {
  const bits = new Int32Array(buffer, byteOffset, length);
  const rest = 0x8000_0000 - limit;
  let found = 0;
  for (let i = 0; i < length; i++) found |= ((bits[i] as number) & 0x7fff_ffff) + rest;
  return found < 0;
}

/** The same for two values of 16 bits at a time. */
function hasHalfFrom({ buffer, byteOffset, length }: Uint16Array, limit: number): boolean {
  const pairs = new Int32Array(buffer, byteOffset, length >> 1);
  const rest = (0x8000 - limit) * 0x1_0001;
  let found = 0;
  for (let i = 0; i < pairs.length; i++) found |= ((pairs[i] as number) & 0x7fff_7fff) + rest;
  const last = length % 2 === 1 ? new Uint16Array(buffer, byteOffset, length)[length - 1] : 0;
  return (found & 0x8000_8000) !== 0 || ((last ?? 0) & 0x7fff) >= limit;
}

function countFloats({ buffer, byteOffset, length }: Float32Array, limit: number, odd: OddValues): void {
  const bits = new Int32Array(buffer, byteOffset, length);
  for (let i = 0; i < length; i++) count((bits[i] as number) & 0x7fff_ffff, limit, INFINITE, odd);
}

function countHalves(values: Uint16Array, limit: number, infinite: number, odd: OddValues): void {
  for (let i = 0; i < values.length; i++) count((values[i] as number) & 0x7fff, limit, infinite, odd);
}

function count(magnitude: number, limit: number, infinite: number, odd: OddValues): void {
  if (magnitude > infinite) odd.nan++;
  else if (magnitude === infinite) odd.infinite++;
  else if (magnitude >= limit) odd.overflowing++;
}
