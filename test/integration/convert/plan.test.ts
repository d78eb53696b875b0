import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CheckpointTensor } from '../../../main/convert/checkpoint/checkpoint-tensor.ts';
import { makePlan, type Plan } from '../../../main/convert/plan/plan.ts';
import { typeOf, type OutputType } from '../../../main/convert/plan/output-types.ts';
import type { PlannedTensor } from '../../../main/convert/plan/planned-tensor.ts';
import { conversionFixtures, openCheckpoint, type OpenCheckpoint } from '../../support/conversion-checkpoints.ts';

const fixtures = conversionFixtures().filter(({ expected }) => expected.kind !== 'quantized');

const planOf = ({ config, generation, tensors, pooling }: OpenCheckpoint): Plan =>
  makePlan({
    ...{ config, generation, tensors, vocabulary: [], pooling },
    facts: { name: 'a/b', license: null, baseModels: [] },
  });

async function opened(folder: string): Promise<OpenCheckpoint> {
  const checkpoint = await openCheckpoint(folder);
  onTestFinished(() => checkpoint.source.close());
  return checkpoint;
}

describe.each(fixtures)('$name', ({ folder, expected: { gguf } }) => {
  it('has the metadata of the reference converter', async () => {
    const plan = planOf(await opened(folder));
    const found = Object.fromEntries(plan.metadata('F32').map(({ key, value }) => [key, value]));
    const wanted = Object.entries(gguf?.metadata ?? {})
      .filter(([key]) => !key.startsWith('tokenizer.') && !/^general\.(?!architecture|file_type|quant)/.test(key))
      .map(([key, { value }]) => [key, value] as const);
    const single = (value: unknown): unknown => (typeof value === 'number' ? Math.fround(value) : value);
    const own = Object.keys(found).filter((key) => !/^(?:tokenizer|general)\./.test(key));
    expect(wanted.map(([key]) => [key, single(found[key])])).toEqual(wanted.map(([key, value]) => [key, value]));
    expect(own.filter((key) => !wanted.some(([one]) => one === key))).toEqual([]);
  });

  it('has the tensors of the reference converter', async () => {
    const checkpoint = await opened(folder);
    const { tensors } = planOf(checkpoint);
    const shapes = Object.fromEntries(tensors.map(({ name, shape }) => [name, shape]));
    expect(shapes).toEqual(Object.fromEntries((gguf?.tensors ?? []).map(({ name, shape }) => [name, shape])));
    for (const [outputType, { tensors: wanted }] of Object.entries(gguf?.other_outtypes ?? {})) {
      const type = outputType.toUpperCase() as OutputType;
      expect(Object.fromEntries(tensors.map((one) => [one.name, typeOf(one, type)]))).toEqual(
        Object.fromEntries(wanted.map(({ name, type: found }) => [name, found])),
      );
    }
    const hashes: Record<string, string> = {};
    for (const tensor of tensors) {
      const values = await valuesOf(tensor, checkpoint);
      hashes[tensor.name] = createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');
    }
    expect(hashes).toEqual(Object.fromEntries((gguf?.tensors ?? []).map(({ name, sha256 }) => [name, sha256])));
  });
});

/** The tensor's values by the plan, straight from its words. */
async function valuesOf({ origin, shape }: PlannedTensor, checkpoint: OpenCheckpoint): Promise<Float32Array> {
  const stored = (name: string): CheckpointTensor => {
    const found = checkpoint.tensors.find((one) => one.name === name);
    if (found === undefined) throw new Error(`There is no tensor ${name}.`);
    return found;
  };
  switch (origin.kind) {
    case 'values':
      return origin.values;
    case 'transposed': {
      const [rows = 0, columns = 0] = stored(origin.source).shape;
      const values = widen(stored(origin.source).dtype, await checkpoint.readRows(origin.source, 0, rows));
      return Float32Array.from(values, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)] ?? NaN);
    }
    case 'rows': {
      const all: number[] = [];
      for (const { source, firstRow, rowCount, interleave } of origin.pieces) {
        const tensor = stored(source);
        const width = tensor.shape.length < 2 ? 1 : (tensor.shape.at(-1) ?? 1);
        const values = widen(tensor.dtype, await checkpoint.readRows(source, firstRow, rowCount));
        for (let row = 0; row < rowCount; row += 1) {
          const from = interleave === null ? row : halvesToPairs(row, interleave);
          all.push(...values.subarray(from * width, (from + 1) * width));
        }
      }
      expect(all.length).toBe(shape.reduce((product, length) => product * length, 1));
      return Float32Array.from(all, (value) => value + origin.add);
    }
    default:
      return origin satisfies never;
  }
}

function halvesToPairs(row: number, headRows: number): number {
  const inHead = row % headRows;
  return row - inHead + (inHead % 2) * (headRows / 2) + Math.floor(inHead / 2);
}

function widen(dtype: string, { buffer }: Uint8Array): Float32Array {
  if (dtype === 'F32') return new Float32Array(buffer);
  if (dtype === 'F16') return Float32Array.from(new Float16Array(buffer));
  if (dtype !== 'BF16') throw new Error(`The test does not read ${dtype}.`);
  const bits = Uint32Array.from(new Uint16Array(buffer), (half) => half << 16);
  return new Float32Array(bits.buffer);
}
