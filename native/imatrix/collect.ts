/**
 * Collects an importance matrix while a text is evaluated: for each weight tensor the sums of its squared inputs by column, as llama-imatrix
 * of the llama.cpp project defines them.
 */
import koffi from 'koffi';
import { shownName } from '../../main/base/foreign-text.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { Llama } from '../library/llama.ts';
import { viewBytes } from '../library/memory.ts';
import { evaluationCallback, openTensors, type TensorFields, type TensorReader } from '../library/tensor.ts';

export interface CollectedEntry {
  /** A row of columns for each expert. */
  readonly sums: Float32Array;
  /** Rows that were summed, one number for each expert. A tensor without experts has one, also when it consists of several matrices. */
  readonly counts: Float64Array;
}

export interface Collector extends Disposable {
  /** The address of the callback for `cb_eval`. */
  readonly callback: bigint;
  readonly entries: ReadonlyMap<string, CollectedEntry>;
  /** To be called after each batch. @throws AppError `convert.invalid` (`reason: 'not_finite'`) for infinite sums or NaN. */
  endBatch(): void;
}

const F32 = 0;
/** Smaller batches are not collected by llama-imatrix either. */
const LEAST_ROWS = 16;
/** Of one tensor in the largest models. */
const MAX_SUMS = 2 ** 28;

export function createCollector(llama: Llama): Collector {
  const tensors = openTensors(llama);
  const entries = new Map<string, CollectedEntry>();
  /** Sums of inputs that several tensors share, such as those of query, key and value, by the address of the input. */
  const shared = new Map<bigint, Float64Array>();
  let failure: Error | undefined;

  const callback = koffi.register((pointer: bigint, asks: boolean): boolean => {
    try {
      const product = tensors.read(pointer);
      if (asks) return isWanted(tensors, product);
      if (failure === undefined) collect(llama, tensors, product, entries, shared);
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error));
    }
    return true;
  }, evaluationCallback);

  return {
    callback,
    entries,
    endBatch() {
      shared.clear();
      if (failure !== undefined) throw failure;
    },
    [Symbol.dispose]: () => koffi.unregister(callback),
  };
}

/** The name of a weight tensor without what a scheduler puts around it: `CUDA0#blk.0.attn_k.weight#0`. */
const weightName = (name: string): string => /^[^#]*#([^#]*)/.exec(name)?.[1] ?? name;

function isWanted(tensors: TensorReader, product: TensorFields): boolean {
  if (product.operation === tensors.mulMatId) return true;
  if (product.operation !== tensors.mulMat) return false;
  const [weights, inputs] = sourcesOf(tensors, product);
  return inputs.sizes[1] >= LEAST_ROWS && inputs.type === F32 && weightName(weights.name).startsWith('blk.');
}

function sourcesOf(tensors: TensorReader, product: TensorFields): [TensorFields, TensorFields] {
  const [weights = 0n, inputs = 0n] = product.sources;
  return [tensors.read(weights), tensors.read(inputs)];
}

function collect(
  llama: Llama,
  tensors: TensorReader,
  product: TensorFields,
  entries: Map<string, CollectedEntry>,
  shared: Map<bigint, Float64Array>,
): void {
  const [weights, inputs] = sourcesOf(tensors, product);
  const name = weightName(weights.name);
  if (inputs.type !== F32 || inputs.strides[0] !== 4) throw notCollected(name, 'its inputs are not rows of F32 values');
  const [width] = inputs.sizes;
  const isByExpert = product.operation === tensors.mulMatId;
  const matrices = isByExpert ? weights.sizes[2] : weights.sizes[2] * weights.sizes[3];
  if (width * matrices > MAX_SUMS) throw notCollected(name, 'it is too large');
  let entry = entries.get(name);
  if (entry === undefined) {
    entry = { sums: new Float32Array(width * matrices), counts: new Float64Array(isByExpert ? matrices : 1) };
    entries.set(name, entry);
  } else if (entry.sums.length !== width * matrices) throw notCollected(name, 'its inputs change their size');
  if (isByExpert) addByExpert(llama, tensors, product, name, inputs, entry);
  else {
    const key = inputs.pointer;
    let sums = shared.get(key);
    if (sums === undefined || sums.length !== width * matrices) {
      sums = sumSquares(valuesOf(llama, inputs), inputs, weights.sizes[2], weights.sizes[3]);
      shared.set(key, sums);
    }
    for (let at = 0; at < sums.length; at++) entry.sums[at] = (entry.sums[at] ?? 0) + (sums[at] ?? 0);
    const rows = inputs.sizes[1] * inputs.sizes[2] * inputs.sizes[3];
    entry.counts[0] = (entry.counts[0] ?? 0) + Math.floor(rows / matrices);
  }
  if (!entry.sums.every(Number.isFinite))
    throw new AppError('convert.invalid', `The inputs of ${shownName(name)} are infinite or NaN.`, {
      reason: 'not_finite',
      detail: `The inputs of ${shownName(name)} are infinite or NaN.`,
      tensor: shownName(name),
    });
}

const notCollected = (name: string, why: string): AppError =>
  new AppError('convert.unsupported', `No importances can be collected for ${shownName(name)}: ${why}.`, {
    reason: 'imatrix_inputs',
    detail: `No importances can be collected for ${shownName(name)}: ${why}.`,
    tensor: shownName(name),
  });

/** The bytes of a tensor, without a copy where they lie in main memory. */
function bytesOf(llama: Llama, tensor: TensorFields): Uint8Array {
  const size = llama.base.sizeBytes(tensor.pointer);
  if (tensor.data !== null && llama.base.isHostBuffer(tensor.buffer)) return viewBytes(tensor.data, size);
  const copy = new Uint8Array(size);
  llama.base.getTensor(tensor.pointer, copy, 0, size);
  return copy;
}

function valuesOf(llama: Llama, tensor: TensorFields): Float32Array {
  const bytes = bytesOf(llama, tensor);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** Sums of squares by column. Inputs of more matrices than there are weights share them in turn. */
function sumSquares(values: Float32Array, inputs: TensorFields, depth: number, outer: number): Float64Array {
  const [width, rows, planes, volumes] = inputs.sizes;
  const [, rowStride, planeStride, volumeStride] = inputs.strides;
  const sums = new Float64Array(width * depth * outer);
  for (let volume = 0; volume < volumes; volume++)
    for (let plane = 0; plane < planes; plane++) {
      const first = ((volume % outer) * depth + (plane % depth)) * width;
      for (let row = 0; row < rows; row++) {
        const start = (row * rowStride + plane * planeStride + volume * volumeStride) / 4;
        for (let at = 0; at < width; at++) {
          const value = values[start + at] ?? 0;
          sums[first + at] = (sums[first + at] ?? 0) + value * value;
        }
      }
    }
  return sums;
}

/** Adds each token's input to the experts that the token was sent to. `ids` has their numbers, token by token. */
function addByExpert(
  llama: Llama,
  tensors: TensorReader,
  product: TensorFields,
  name: string,
  inputs: TensorFields,
  { sums, counts }: CollectedEntry,
): void {
  const ids = tensors.read(product.sources[2] ?? 0n);
  const [width, perToken, tokens] = inputs.sizes;
  if (ids.sizes[1] !== tokens || inputs.sizes[3] !== 1)
    throw notCollected(name, 'its experts are chosen in another way');
  const values = valuesOf(llama, inputs);
  const chosen = bytesOf(llama, ids);
  const numbers = new DataView(chosen.buffer, chosen.byteOffset, chosen.byteLength);
  for (let slot = 0; slot < ids.sizes[0]; slot++)
    for (let token = 0; token < tokens; token++) {
      const expert = numbers.getInt32(token * ids.strides[1] + slot * ids.strides[0], true);
      if (expert < 0 || expert >= counts.length) throw notCollected(name, 'it has no such expert');
      counts[expert] = (counts[expert] ?? 0) + 1;
      const start = ((slot % perToken) * inputs.strides[1] + token * inputs.strides[2]) / 4;
      for (let at = 0; at < width; at++) {
        const value = values[start + at] ?? 0;
        const to = expert * width + at;
        sums[to] = (sums[to] ?? 0) + value * value;
      }
    }
}
