/** A checkpoint with an adapter merged into its weights: base + scale * b * a, computed in double precision and rounded once to float32. */
import { shownName } from '../../base/foreign-text.ts';
import { invalidCheckpoint } from '../../model-file/checkpoint-error.ts';
import { shownShape } from '../../model-file/safetensors.ts';
import { createConfig } from '../architectures/config.ts';
import { findArchitecture } from '../architectures/registry.ts';
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import type { CheckpointTensor, TensorReader } from '../checkpoint/checkpoint-tensor.ts';
import { createStoredReader, plainTensor } from '../checkpoint/stored-reader.ts';
import { openTensor, type UnpackedTensor } from '../checkpoint/unpack/unpack.ts';
import { planRows } from '../plan/rows.ts';
import { plainName } from '../plan/tensor-names.ts';
import { decodeValues, plainDtype } from '../write/decode-values.ts';
import type { Adapter, Factors } from './adapter.ts';
import { createChangedReader } from './changed-reader.ts';
import { assertFactors } from './lora-plan.ts';
import { inJoined } from './joined-source.ts';

/** The tensors of a checkpoint, and readers of their values. */
export interface MergedTensors {
  readonly tensors: readonly CheckpointTensor[];
  /** A reader of a tensor of the list. `source` joins the base and the adapter. */
  readonly open: (source: CheckpointSource, tensor: CheckpointTensor) => Promise<TensorReader>;
}

/** Where the values of a merged tensor come from. */
interface Merge {
  readonly base: UnpackedTensor;
  readonly factors: Factors;
  /** The base stores a column for each output (Conv1D, embeddings). */
  readonly isTransposed: boolean;
}

/**
 * The tensors of `base`, those that the adapter changes as float32, and those that it replaces as they are stored in it.
 * @throws AppError `convert.invalid` for a module that the base does not have, or has in another shape; as `findArchitecture`.
 */
export function mergeTensors(
  base: readonly UnpackedTensor[],
  adapter: Adapter,
  baseConfig: Readonly<Record<string, unknown>>,
): MergedTensors {
  const architecture = findArchitecture(baseConfig);
  const byPlainName = new Map(base.map((one) => [plainName(one.tensor.name, architecture), one]));
  const description = architecture.describe(createConfig(baseConfig), { pooling: null, tokenCount: null });
  const { tensors: planned } = planRows(
    architecture,
    description,
    base.map(({ tensor }) => tensor),
  );
  const transposed = new Set(planned.flatMap(({ origin }) => (origin.kind === 'transposed' ? [origin.source] : [])));
  const merges = new Map<UnpackedTensor, Merge>();
  for (const [name, factors] of adapter.factors) {
    const found = byPlainName.get(plainName(name, architecture));
    if (found === undefined) throw unplaced(name, factors.b.name);
    const { shape, name: baseName } = found.tensor;
    const isTransposed = factors.isEmbedding || transposed.has(baseName);
    const [outputs = 0, inputs = 0] = transposed.has(baseName) ? shape.toReversed() : shape;
    if (shape.length !== 2) throw wrongShape(found.tensor, 'a matrix', shape);
    assertFactors(factors, outputs, inputs);
    merges.set(found, { base: found, factors, isTransposed });
  }
  const replacements = new Map<UnpackedTensor, UnpackedTensor>();
  for (const [name, stored] of adapter.replaced) {
    const found = byPlainName.get(plainName(name, architecture));
    if (found === undefined) throw unplaced(name, stored.name);
    if (String(found.tensor.shape) !== String(stored.shape))
      throw wrongShape(found.tensor, shownShape(stored.shape), found.tensor.shape);
    const own = inJoined(stored);
    replacements.set(found, {
      tensor: { ...plainTensor(own), name: found.tensor.name },
      packing: { kind: 'stored', stored: own },
    });
  }
  const merged = base.map((one) => {
    const replacement = replacements.get(one) ?? one;
    const merge = merges.get(one);
    if (merge === undefined) return { tensor: replacement.tensor, merge: null, unpacked: replacement };
    const { a, b } = merge.factors;
    const stored = [...replacement.tensor.stored, inJoined(a), inJoined(b)];
    const tensor: CheckpointTensor = { ...replacement.tensor, dtype: 'F32', stored };
    return { tensor, merge: { ...merge, base: replacement }, unpacked: replacement };
  });
  const byName = new Map(merged.map((one) => [one.tensor.name, one]));
  return {
    tensors: merged.map(({ tensor }) => tensor),
    async open(source, { name }) {
      const found = byName.get(name);
      if (found === undefined) throw new RangeError(`There is no tensor ${name}.`);
      if (found.merge === null) return await openTensor(source, found.unpacked);
      return await createMergedReader(source, found.tensor, found.merge);
    },
  };
}

function unplaced(name: string, tensor: string): Error {
  return invalidCheckpoint({
    ...{ reason: 'unexpected_tensor', tensor },
    detail: `The adapter changes ${shownName(name)}, which its base does not have.`,
  });
}

function wrongShape({ name }: CheckpointTensor, expected: string, shape: readonly number[]): Error {
  const found = shownShape(shape);
  return invalidCheckpoint({
    ...{ reason: 'shape_mismatch', tensor: name, expected, found },
    detail: `The base's tensor ${shownName(name)} is ${found}; the adapter needs ${expected}.`,
  });
}

/** Both factors are kept, as float64; beside them the reader keeps the rows of one call. */
async function createMergedReader(
  source: CheckpointSource,
  tensor: CheckpointTensor,
  { base, factors, isTransposed }: Merge,
): Promise<TensorReader> {
  const { rank, scale } = factors;
  const columns = tensor.shape[1] ?? 1;
  const reader = await openTensor(source, base);
  const dtype = plainDtype(base.tensor.dtype, tensor.name);
  const a = await readMatrix(source, factors.a);
  const b = await readMatrix(source, factors.b);
  const [inputs, outputs] = [factors.a.shape[1] ?? 0, factors.b.shape[0] ?? 0];
  // `left` has `rank` values for each row of the tensor, `right` one for each column in each of `rank` rows.
  const left = isTransposed ? transposedMatrix(a, rank, inputs) : b;
  const right = isTransposed ? transposedMatrix(b, outputs, rank) : a;
  const sums = new Float64Array(columns);
  return createChangedReader(tensor, reader, dtype, (rows, firstRow, rowCount) => {
    for (let row = 0; row < rowCount; row++) {
      sums.fill(0);
      for (let k = 0; k < rank; k++) {
        const weight = left[(firstRow + row) * rank + k] ?? 0;
        const from = k * columns;
        for (let column = 0; column < columns; column++)
          sums[column] = (sums[column] ?? 0) + weight * (right[from + column] ?? 0);
      }
      const from = row * columns;
      for (let column = 0; column < columns; column++)
        rows[from + column] = (rows[from + column] ?? 0) + scale * (sums[column] ?? 0);
    }
  });
}

async function readMatrix(source: CheckpointSource, stored: Factors['a']): Promise<Float64Array> {
  const own = inJoined(stored);
  const bytes = await createStoredReader(source, own).readRows(0, own.shape[0] ?? 0);
  const values = new Float32Array((own.shape[0] ?? 0) * (own.shape[1] ?? 0));
  decodeValues(plainDtype(own.dtype, own.name), new Uint8Array(bytes), values.length, values);
  return new Float64Array(values);
}

function transposedMatrix(values: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column] ?? 0;
  return result;
}
