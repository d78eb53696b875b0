/** Checkpoints with what the reference implementations make of them: a few lie here, more beside the repository where they are there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TokenizerVector } from './conversion-fixtures.ts';
import { openLocalSource } from '../../main/convert/checkpoint/local-source.ts';
import type { CheckpointSource } from '../../main/convert/checkpoint/checkpoint-source.ts';
import { createStoredReader } from '../../main/convert/checkpoint/stored-reader.ts';
import type { OutputType } from '../../main/convert/plan/output-types.ts';
import { typeOf } from '../../main/convert/plan/output-types.ts';
import type { PlannedTensor } from '../../main/convert/plan/planned-tensor.ts';
import { readCheckpointPlan, type CheckpointPlan } from '../../main/convert/plan/read-plan.ts';
import { encodeValues } from '../../main/convert/write/values/encode-values.ts';
import { layOutGguf, tensorBytes } from '../../main/model-file/gguf-writer.ts';

const root = path.join(import.meta.dirname, '../..');
const folders = [path.join(root, 'test/fixtures/conversion'), path.join(root, '../shared/fixtures/conversion')];

export interface ConversionFixture {
  readonly name: string;
  readonly folder: string;
  readonly expected: ExpectedConversion;
}

export interface ExpectedTensor {
  readonly name: string;
  readonly type: string;
  readonly sha256: string;
  /** In ggml's order; given with F32 only. */
  readonly shape?: readonly number[];
}

export interface ExpectedPrompt {
  readonly text: string;
  readonly ids: readonly number[];
  readonly logits_last: readonly number[];
  readonly greedy: readonly number[];
}

export interface ExpectedConversion {
  readonly tokenizer_vectors?: readonly TokenizerVector[];
  readonly kind?: string;
  readonly gelu_note?: string;
  readonly max_abs_logit_diff_llamacpp?: number;
  readonly prompts?: readonly ExpectedPrompt[];
  readonly embeddings?: readonly { readonly ids: readonly number[]; readonly pooled: readonly number[] }[];
  readonly gguf: {
    readonly metadata: Readonly<Record<string, { readonly value: unknown }>>;
    readonly arrays: Readonly<Record<string, { readonly values: readonly unknown[] }>>;
    readonly tensors: readonly ExpectedTensor[];
    readonly other_outtypes: Readonly<
      Record<string, { readonly file_type?: number; readonly tensors: readonly ExpectedTensor[] }>
    >;
    readonly insignificant_metadata?: readonly string[];
  };
}

/** Every folder with a checkpoint and expected.json, each name once. */
export function conversionFixtures(): readonly ConversionFixture[] {
  const found = new Map<string, ConversionFixture>();
  for (const parent of folders.filter((one) => existsSync(one))) {
    for (const name of readdirSync(parent)) {
      const folder = path.join(parent, name);
      const file = path.join(folder, 'expected.json');
      if (found.has(name) || !existsSync(file) || !existsSync(path.join(folder, 'config.json'))) continue;
      found.set(name, { name, folder, expected: JSON.parse(readFileSync(file, 'utf8')) as ExpectedConversion });
    }
  }
  return [...found.values()];
}

export interface OpenCheckpoint extends CheckpointPlan {
  readonly source: CheckpointSource;
}

/** The plan of a folder, whose source the caller closes. */
export async function openCheckpoint(folder: string): Promise<OpenCheckpoint> {
  const source = await openLocalSource(folder);
  try {
    return { source, ...(await readCheckpointPlan(source, path.basename(folder), () => Promise.resolve())) };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** The values of a planned tensor of plain weights, by the words of the plan alone, apart from the writer. */
export async function plannedFileValues(
  { origin }: PlannedTensor,
  { source, tensors }: OpenCheckpoint,
): Promise<Float32Array> {
  const read = async (name: string, firstRow: number, rowCount: number): Promise<[Float32Array, number]> => {
    const stored = tensors.find(({ tensor }) => tensor.name === name)?.tensor.stored[0];
    if (stored === undefined) throw new Error(`There is no tensor ${name}.`);
    const bytes = (await createStoredReader(source, stored).readRows(firstRow, rowCount)).slice();
    return [widened(stored.dtype, bytes.buffer), stored.shape.length < 2 ? 1 : (stored.shape.at(-1) ?? 1)];
  };
  switch (origin.kind) {
    case 'values':
      return origin.values;
    case 'transposed': {
      const rows = tensors.find(({ tensor }) => tensor.name === origin.source)?.tensor.shape[0] ?? 0;
      const [values, columns] = await read(origin.source, 0, rows);
      return Float32Array.from(values, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)] ?? NaN);
    }
    case 'rows': {
      const all: number[] = [];
      for (const { source: name, firstRow, rowCount, interleave } of origin.pieces) {
        const [values, width] = await read(name, firstRow, rowCount);
        for (let row = 0; row < rowCount; row += 1) {
          const from = interleave === null ? row : halvesToPairs(row, interleave);
          for (const value of values.subarray(from * width, (from + 1) * width)) all.push(value);
        }
      }
      return Float32Array.from(all, (value) => value + origin.add);
    }
    default:
      return origin satisfies never;
  }
}

/** The data of a tensor in a file of `outputType`. */
export function encodedValues(values: Float32Array, tensor: PlannedTensor, outputType: OutputType): Uint8Array {
  const type = typeOf(tensor, outputType);
  const bytes = new Uint8Array(tensorBytes({ ...tensor, type }));
  encodeValues(values, type, bytes, true);
  return bytes;
}

function halvesToPairs(row: number, headRows: number): number {
  const inHead = row % headRows;
  return row - inHead + (inHead % 2) * (headRows / 2) + Math.floor(inHead / 2);
}

function widened(dtype: string, buffer: ArrayBufferLike): Float32Array {
  if (dtype === 'F32') return new Float32Array(buffer);
  if (dtype === 'F16') return Float32Array.from(new Float16Array(buffer));
  if (dtype !== 'BF16') throw new Error(`This does not read ${dtype}.`);
  return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer);
}

/** Writes a GGUF file of plain weights by the plan, in memory and apart from the product's writer. */
export async function writePlannedFile(checkpoint: OpenCheckpoint, type: OutputType, file: string): Promise<void> {
  const { plan } = checkpoint;
  const typed = plan.tensors.map((tensor) => ({ ...tensor, type: typeOf(tensor, type) }));
  const { header, tensors, fileBytes } = layOutGguf(plan.metadata(type), typed);
  const bytes = new Uint8Array(fileBytes);
  bytes.set(header);
  for (const [index, { offsetBytes }] of tensors.entries()) {
    const tensor = plan.tensors[index];
    if (tensor === undefined) throw new Error('The layout has a tensor that the plan has not.');
    bytes.set(encodedValues(await plannedFileValues(tensor, checkpoint), tensor, type), offsetBytes);
  }
  await writeFile(file, bytes);
}
