/** The values of a checkpoint as F32: exact where F32 has the value, else the nearest, with ties to even. */
import type { Dtype } from '../../checkpoint/checkpoint-tensor.ts';
import { unsupportedCheckpoint } from '../../../model-file/checkpoint-error.ts';
import { float32BitsOfHalf } from './float-tables.ts';

/** Element types whose values can be written. The others are parts of quantizations, which are unpacked before. */
export type PlainDtype = Exclude<Dtype, 'F8_E4M3' | 'F8_E5M2' | 'F8_E8M0'>;

/** @throws AppError `convert.unsupported` for the types of a quantization that nothing unpacked. */
export function plainDtype(dtype: Dtype, tensor: string): PlainDtype {
  if (dtype === 'F8_E4M3' || dtype === 'F8_E5M2' || dtype === 'F8_E8M0')
    throw unsupportedCheckpoint({
      ...{ reason: 'dtype', tensor, found: dtype },
      detail: `The tensor ${tensor} has values of the type ${dtype}, and config.json names no quantization that explains them.`,
    });
  return dtype;
}

/** Writes the first `count` values of `bytes`, which begin at a multiple of eight in their buffer, into `values`. */
export function decodeValues(
  dtype: PlainDtype,
  { buffer, byteOffset }: Uint8Array,
  count: number,
  values: Float32Array,
): void {
  switch (dtype) {
    case 'F32':
      return values.set(new Float32Array(buffer, byteOffset, count));
    case 'F64':
      return values.set(new Float64Array(buffer, byteOffset, count));
    case 'F16':
      return decodeHalves(new Uint16Array(buffer, byteOffset, count), values);
    case 'BF16':
      return decodeBrains(new Uint16Array(buffer, byteOffset, count), values);
    case 'I8':
      return values.set(new Int8Array(buffer, byteOffset, count));
    case 'U8':
      return values.set(new Uint8Array(buffer, byteOffset, count));
    case 'I16':
      return values.set(new Int16Array(buffer, byteOffset, count));
    case 'U16':
      return values.set(new Uint16Array(buffer, byteOffset, count));
    case 'I32':
      return values.set(new Int32Array(buffer, byteOffset, count));
    case 'U32':
      return values.set(new Uint32Array(buffer, byteOffset, count));
    case 'I64':
      return decodeLongs(new BigInt64Array(buffer, byteOffset, count), values);
    case 'U64':
      return decodeLongs(new BigUint64Array(buffer, byteOffset, count), values);
    case 'BOOL':
      return values.set(new Uint8Array(buffer, byteOffset, count).map((value) => (value === 0 ? 0 : 1)));
    default:
      dtype satisfies never;
  }
}

const bitsOf = ({ buffer, byteOffset, length }: Float32Array): Int32Array => new Int32Array(buffer, byteOffset, length);

function decodeHalves(halves: Uint16Array, values: Float32Array): void {
  const table = float32BitsOfHalf();
  const bits = bitsOf(values);
  for (let i = 0; i < halves.length; i++) bits[i] = table[halves[i] as number] as number;
}

function decodeBrains(brains: Uint16Array, values: Float32Array): void {
  const bits = bitsOf(values);
  for (let i = 0; i < brains.length; i++) bits[i] = (brains[i] as number) << 16;
}

/** Integers below this are doubles. */
const EXACT = 2n ** 53n;
/** Bits that a 64-bit integer has beyond a double. */
const EXCESS_BITS = 11n;

function decodeLongs(longs: BigInt64Array | BigUint64Array, values: Float32Array): void {
  for (let i = 0; i < longs.length; i++) values[i] = numberOf(longs[i] as bigint);
}

/** A number that rounds to the same F32 as `long`: what a double lacks is kept as its last bit, so that nothing is rounded twice. */
function numberOf(long: bigint): number {
  if (long < EXACT && long > -EXACT) return Number(long);
  const sign = long < 0n ? -1 : 1;
  const size = long < 0n ? -long : long;
  const top = size >> EXCESS_BITS;
  const rest = size - (top << EXCESS_BITS);
  return sign * Number(rest === 0n ? top : top | 1n) * 2 ** Number(EXCESS_BITS);
}
