/**
 * A checkpoint with an adapter merged into its weights: base + scale * b * a, computed in double precision and rounded once to float32. DoRA
 * gives each row of that the length that was learned, after `DoraLinearLayer` of the PEFT library.
 */
import { shownName } from '../../base/foreign-text.ts';
import { invalidCheckpoint } from '../../model-file/checkpoint-error.ts';
import { shownShape } from '../../model-file/safetensors.ts';
import type { Architecture } from '../architectures/architecture.ts';
import { isRecord } from '../architectures/config.ts';
import { describeModel } from '../architectures/registry.ts';
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import type { CheckpointTensor, TensorReader } from '../checkpoint/checkpoint-tensor.ts';
import { createStoredReader, plainTensor } from '../checkpoint/stored-reader.ts';
import { openTensor, type UnpackedTensor } from '../checkpoint/unpack/unpack.ts';
import { sourcesOf, type PlannedTensor } from '../plan/planned-tensor.ts';
import { planRows } from '../plan/rows.ts';
import { isOfOtherSenses, plainName, sourceNames } from '../plan/tensor-names.ts';
import { decodeValues, plainDtype } from '../write/values/decode-values.ts';
import { unknownAdapter } from './adapter-config.ts';
import type { Adapter, Factors } from './adapter.ts';
import { createChangedReader } from './changed-reader.ts';
import { assertFactors } from './lora-plan.ts';
import { inJoined } from './joined-source.ts';

/** The tensors of a checkpoint, and readers of their values. */
export interface MergedTensors {
  /** The base's config.json, with the count of tokens of the adapter where that has embeddings of its own. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Whether the adapter has other tokens than its base. */
  readonly isResized: boolean;
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
 * The tensors of `base`, those that the adapter changes as float32, and those that it replaces as they are stored in it. A head that the
 * base takes from its embeddings becomes one of its own where the adapter changes it.
 * @throws AppError `convert.invalid` for a module that the base does not have, or has in another shape; `convert.unsupported`
 * (`adapter_kind`) for a change of what the GGUF file leaves out; as `findArchitecture`.
 */
export function mergeTensors(
  stored: readonly UnpackedTensor[],
  adapter: Adapter,
  baseConfig: Readonly<Record<string, unknown>>,
): MergedTensors {
  const { architecture } = describeModel(baseConfig);
  const plain = (name: string): string => plainName(name, architecture);
  const base = withTiedHead(stored, adapter, architecture);
  const byPlainName = new Map(base.map((one) => [plain(one.tensor.name), one]));
  const replacedRows = new Map([...adapter.replaced].map(([name, { shape }]) => [plain(name), shape[0]]));
  const embeddings = sourceNames(architecture, 'token_embd.weight').find((name) => byPlainName.has(name)) ?? '';
  const tokenRows = new Set(embeddings === '' ? [] : [embeddings, ...sourceNames(architecture, 'output.weight')]);
  const tokenCount = replacedRows.get(embeddings) ?? byPlainName.get(embeddings)?.tensor.shape[0] ?? 0;
  const isResized = embeddings !== '' && tokenCount !== byPlainName.get(embeddings)?.tensor.shape[0];
  const config = isResized ? withTokenCount(baseConfig, tokenCount) : baseConfig;

  const replacements = new Map<UnpackedTensor, UnpackedTensor>();
  for (const [name, own] of adapter.replaced) {
    const found = byPlainName.get(plain(name));
    if (found === undefined) throw unplaced(name, own.name);
    const { shape } = found.tensor;
    const expected = tokenRows.has(plain(name)) ? [tokenCount, ...shape.slice(1)] : shape;
    if (String(expected) !== String(own.shape)) throw wrongShape(found.tensor, shownShape(own.shape), shape);
    const joined = inJoined(own);
    replacements.set(found, {
      tensor: { ...plainTensor(joined), name: found.tensor.name },
      packing: { kind: 'stored', stored: joined },
    });
  }
  const { tensors: planned, problems } = planRows(
    architecture,
    describeModel(config).description,
    base.map((one) => (replacements.get(one) ?? one).tensor),
  );
  const transposed = new Set(planned.flatMap(({ origin }) => (origin.kind === 'transposed' ? [origin.source] : [])));
  const merges = new Map<UnpackedTensor, Merge>();
  for (const [name, factors] of adapter.factors) {
    const found = byPlainName.get(plain(name));
    if (found === undefined) throw unplaced(name, factors.b.name);
    const { shape, name: baseName } = found.tensor;
    const isTransposed = factors.isEmbedding || transposed.has(baseName);
    const [outputs = 0, inputs = 0] = transposed.has(baseName) ? shape.toReversed() : shape;
    if (shape.length !== 2) throw wrongShape(found.tensor, 'a matrix', shape);
    assertFactors(factors, outputs, inputs);
    if (factors.magnitude !== null && isTransposed) throw unknownAdapter('DoRA of transposed weights');
    merges.set(found, { base: found, factors, isTransposed });
  }
  // Of a base that is wrong itself nothing is planned.
  if (problems.count === 0) assertWritten([...merges.keys(), ...replacements.keys()], planned);
  const merged = base.map((one) => {
    const replacement = replacements.get(one) ?? one;
    const merge = merges.get(one);
    if (merge === undefined) return { tensor: replacement.tensor, merge: null, unpacked: replacement };
    const { a, b, magnitude } = merge.factors;
    const own = [a, b, ...(magnitude === null ? [] : [magnitude])].map(inJoined);
    const tensor: CheckpointTensor = {
      ...replacement.tensor,
      dtype: 'F32',
      stored: [...replacement.tensor.stored, ...own],
    };
    return { tensor, merge: { ...merge, base: replacement }, unpacked: replacement };
  });
  const byName = new Map(merged.map((one) => [one.tensor.name, one]));
  return {
    ...{ config, isResized },
    tensors: merged.map(({ tensor }) => tensor),
    async open(source, { name }) {
      const found = byName.get(name);
      if (found === undefined) throw new RangeError(`There is no tensor ${name}.`);
      if (found.merge === null) return await openTensor(source, found.unpacked);
      return await createMergedReader(source, found.tensor, found.merge);
    },
  };
}

/** `base` with its embeddings as its head, too, where the adapter changes a head that it does not store. */
function withTiedHead(
  base: readonly UnpackedTensor[],
  adapter: Adapter,
  architecture: Architecture,
): readonly UnpackedTensor[] {
  const heads = architecture.rows.flatMap(({ from, to, shape: [rows] }) =>
    to === 'output.weight' || (to === null && rows === 'vocabulary') ? from : [],
  );
  const embeddings = sourceNames(architecture, 'token_embd.weight');
  const changed = [...adapter.factors.keys(), ...adapter.replaced.keys()].map((name) => plainName(name, architecture));
  const head = changed.find((name) => heads.includes(name) && !embeddings.includes(name));
  const tied = base.find(({ tensor }) => embeddings.includes(plainName(tensor.name, architecture)));
  const isStored = base.some(({ tensor }) => plainName(tensor.name, architecture) === head);
  if (head === undefined || tied === undefined || isStored) return base;
  return [...base, { ...tied, tensor: { ...tied.tensor, name: head } }];
}

/** config.json with another count of tokens, where it is said. */
function withTokenCount(config: Readonly<Record<string, unknown>>, vocab_size: number): Record<string, unknown> {
  const inner = config['text_config'];
  return { ...config, vocab_size, ...(isRecord(inner) && { text_config: { ...inner, vocab_size } }) };
}

/** @throws AppError where a changed tensor is none of the file's. What only pictures or sounds need may be left out. */
function assertWritten(changed: readonly UnpackedTensor[], planned: readonly PlannedTensor[]): void {
  const written = sourcesOf(planned);
  const lost = changed.find(({ tensor: { name } }) => !written.has(name) && !isOfOtherSenses(name));
  if (lost !== undefined) throw unknownAdapter(`changes of ${lost.tensor.name}`);
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
  const lengths = factors.magnitude === null ? null : await readMatrix(source, factors.magnitude);
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
        sums[column] = (rows[from + column] ?? 0) + scale * (sums[column] ?? 0);
      const factor = lengths === null ? 1 : (lengths[firstRow + row] ?? 0) / lengthOf(sums);
      for (let column = 0; column < columns; column++) rows[from + column] = factor * (sums[column] ?? 0);
    }
  });
}

function lengthOf(values: Float64Array): number {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares);
}

async function readMatrix(source: CheckpointSource, stored: Factors['a']): Promise<Float64Array> {
  const own = inJoined(stored);
  const bytes = await createStoredReader(source, own).readRows(0, own.shape[0] ?? 0);
  const values = new Float32Array((own.shape[0] ?? 0) * (own.shape[1] ?? 1));
  decodeValues(plainDtype(own.dtype, own.name), new Uint8Array(bytes), values.length, values);
  return new Float64Array(values);
}

function transposedMatrix(values: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column] ?? 0;
  return result;
}
