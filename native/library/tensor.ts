/**
 * The fields of struct ggml_tensor that the evaluation callback needs. Their places are tried on a tensor with known values before they
 * are trusted.
 */
import koffi from 'koffi';
import { AppError } from '../../preload/wire/errors.ts';
import type { Pointer } from './functions.ts';
import type { Llama } from './llama.ts';
import { viewBytes } from './memory.ts';

/** Byte offsets in release 0.4.0, after ggml.h: 10 sources, 4 dimensions, 64 bytes of operation parameters, a name of 64 bytes. */
const places = {
  type: 0,
  buffer: 8,
  sizes: 16,
  strides: 48,
  operation: 80,
  sources: 152,
  data: 248,
  name: 256,
} as const;
const STRUCT_BYTES = 336;
const NAME_BYTES = 64;
const SOURCES = 3;

export interface TensorFields {
  readonly pointer: bigint;
  /** A number of ggml_type. */
  readonly type: number;
  readonly buffer: Pointer;
  /** Elements by dimension, the contiguous one first. */
  readonly sizes: readonly [number, number, number, number];
  /** Bytes between neighbors, by dimension. */
  readonly strides: readonly [number, number, number, number];
  readonly operation: number;
  readonly sources: readonly bigint[];
  readonly data: Pointer;
  readonly name: string;
}

export interface TensorReader {
  /** The numbers of the matrix products in ggml_op. */
  readonly mulMat: number;
  readonly mulMatId: number;
  read(pointer: bigint): TensorFields;
}

const F32 = 0;
const I32 = 26;

function readTensor(pointer: bigint): TensorFields {
  const bytes = Buffer.from(viewBytes(pointer, STRUCT_BYTES).buffer);
  const four = (at: number): [number, number, number, number] => [
    Number(bytes.readBigInt64LE(at)),
    Number(bytes.readBigInt64LE(at + 8)),
    Number(bytes.readBigInt64LE(at + 16)),
    Number(bytes.readBigInt64LE(at + 24)),
  ];
  const name = bytes.subarray(places.name, places.name + NAME_BYTES);
  return {
    pointer,
    type: bytes.readInt32LE(places.type),
    buffer: bytes.readBigUInt64LE(places.buffer),
    sizes: four(places.sizes),
    strides: four(places.strides),
    operation: bytes.readInt32LE(places.operation),
    sources: Array.from({ length: SOURCES }, (_, index) => bytes.readBigUInt64LE(places.sources + index * 8)),
    data: bytes.readBigUInt64LE(places.data),
    name: name.toString('utf8', 0, name.indexOf(0)),
  };
}

/** @throws AppError `unsupported` (`reason: 'layout'`) when a tensor of the library is laid out in another way. */
export function openTensors({ base }: Llama): TensorReader {
  const context = base.init({ mem_size: 1 << 20, mem_buffer: null, no_alloc: false });
  const make = (type: number, ...sizes: bigint[]): Pointer =>
    base.newTensor(context, type, sizes.length, BigInt64Array.from(sizes));
  try {
    const weights = make(F32, 32n, 5n, 7n);
    base.setName(weights, 'blk.3.tried.weight');
    const inputs = make(F32, 32n, 2n, 3n);
    const ids = make(I32, 2n, 3n);
    const plain = base.mulMat(context, make(F32, 32n, 5n), inputs);
    const byExpert = base.mulMatId(context, weights, inputs, ids);
    const [read, product, indirect] = [weights, plain, byExpert].map((one) => readTensor(one ?? 0n));
    const isAsKnown =
      read !== undefined &&
      product !== undefined &&
      indirect !== undefined &&
      [read.type, read.operation, read.name, read.buffer].join() === `${F32},0,blk.3.tried.weight,0` &&
      read.sizes.join() === '32,5,7,1' &&
      read.strides.join() === '4,128,640,4480' &&
      // Without a backend the values lie behind the tensor, in the memory of its context.
      read.data === (weights ?? 0n) + BigInt(STRUCT_BYTES) &&
      product.sources[1] === inputs &&
      indirect.sources.join() === [weights, inputs, ids].join() &&
      indirect.sizes.join() === '5,2,3,1' &&
      product.operation > 0 &&
      product.operation !== indirect.operation;
    if (!isAsKnown)
      throw new AppError('unsupported', 'Tensors of the installed llama.cpp are not laid out as is known.', {
        reason: 'layout',
        function: 'ggml_new_tensor',
      });
    return { mulMat: product.operation, mulMatId: indirect.operation, read: readTensor };
  } finally {
    base.free(context);
  }
}

/** The type of an evaluation callback: tensor, whether it only asks, user data. */
export const evaluationCallback = koffi.pointer(koffi.proto('bool', ['void *', 'bool', 'void *']));
