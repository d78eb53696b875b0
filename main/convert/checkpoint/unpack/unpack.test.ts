import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../../../test/support/memory-source.ts';
import { madeSafetensors, type MadeTensor } from '../../../../test/support/safetensors-file.ts';
import { readStoredTensors } from '../checkpoint.ts';
import { readSmallJson, type CheckpointSource } from '../checkpoint-source.ts';
import type { StoredTensor, TensorReader } from '../checkpoint-tensor.ts';
import { openLocalSource } from '../local-source.ts';
import { createColumnReader } from './column-reader.ts';
import { e4m3Values, e5m2Values, e8m0Values } from './float8.ts';
import { withoutSpareBiases } from './column-tensors.ts';
import { openTensor, unpackedTensors, type UnpackedTensor } from './unpack.ts';

const root = path.join(import.meta.dirname, '../../../..');
const nextTurn = (): Promise<void> => Promise.resolve();

interface Reference {
  readonly name: string;
  readonly shape: readonly number[];
  readonly sha256: string;
}

async function referenceOf({ tensor, readRows }: TensorReader, rowsAtOnce: number): Promise<Reference> {
  const { name, shape } = tensor;
  const rows = shape.slice(0, -1).reduce((product, length) => product * length, 1);
  const hash = createHash('sha256');
  for (let row = 0; row < rows; row += rowsAtOnce) hash.update(await readRows(row, Math.min(rowsAtOnce, rows - row)));
  return { name, shape, sha256: hash.digest('hex') };
}

/** Name, shape and hash of every float32 tensor that is computed, read `rowsAtOnce` rows at a time. */
async function dequantized(source: CheckpointSource, rowsAtOnce: number): Promise<Reference[]> {
  const config = await readSmallJson(source, 'config.json');
  const { tensors } = await readStoredTensors(source, nextTurn);
  const found: Reference[] = [];
  for (const unpacked of unpackedTensors(config ?? {}, tensors)) {
    if (unpacked.packing.kind === 'stored') continue;
    found.push(await referenceOf(await openTensor(source, unpacked), rowsAtOnce));
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const plain = ({ name, shape, sha256 }: Reference): Reference => ({ name, shape, sha256 });
const own = path.join(root, 'test/fixtures/conversion/quantized');
const { float8, ...cases } = JSON.parse(readFileSync(path.join(own, 'expected.json'), 'utf8')) as {
  readonly float8: Readonly<Record<string, readonly (number | string)[]>>;
} & Readonly<Record<string, { readonly config: object; readonly dequantized: readonly Reference[] }>>;

const sourceOf = (config: object, weights: Uint8Array): CheckpointSource =>
  memorySource({ 'config.json': Buffer.from(JSON.stringify(config)), 'model.safetensors': weights });

describe('8-bit floats', () => {
  it.each([
    ['F8_E4M3', e4m3Values],
    ['F8_E5M2', e5m2Values],
    ['F8_E8M0', e8m0Values],
  ])('%s have the values of PyTorch', (name, values) => {
    const expected = float8[name]?.map((value) =>
      typeof value === 'number' ? value : Number(value.replace('inf', 'Infinity')),
    );
    expect([...values]).toEqual(expected);
  });
});

describe('a checkpoint that a library packed', () => {
  it.each(Object.entries(cases))(
    '%s has the values that the library reads',
    async (name, { config, dequantized: expected }) => {
      const source = sourceOf(config, readFileSync(path.join(own, `${name}.safetensors`)));
      for (const rowsAtOnce of [1, 7, 64]) expect(await dequantized(source, rowsAtOnce)).toEqual(expected.map(plain));
    },
  );

  it.each(['awq-group', 'gptq-4-order', 'gptq-3-order', 'gptq-8-sym'])('%s is read in bands', async (name) => {
    const { config, dequantized: expected } = cases[name] ?? { config: {}, dequantized: [] };
    const source = sourceOf(config, readFileSync(path.join(own, `${name}.safetensors`)));
    const { tensors } = await readStoredTensors(source, nextTurn);
    const [unpacked] = unpackedTensors(config as Record<string, unknown>, tensors).filter(
      ({ packing }) => packing.kind === 'columns',
    );
    if (unpacked?.packing.kind !== 'columns') throw new Error(`${name} has no columns.`);
    const read = (stored: StoredTensor, start: number, end: number): Promise<Uint8Array> =>
      source.read(stored.file, stored.startByte + start, stored.startByte + end);
    const reader = await createColumnReader(unpacked.tensor, unpacked.packing, read, 1);
    for (const rowsAtOnce of [5, 64]) expect(await referenceOf(reader, rowsAtOnce)).toEqual(expected.map(plain)[0]);
  });

  it('keeps what is stored plainly, and drops what belongs to activations', async () => {
    const weights = readFileSync(path.join(own, 'fp8-tensor.safetensors'));
    const { tensors } = await readStoredTensors(sourceOf({}, weights), nextTurn);
    const names = unpackedTensors(cases['fp8-tensor']?.config as Record<string, unknown>, tensors);
    expect(names.map(({ tensor }) => tensor.name)).toEqual(['model.layers.0.mlp.up_proj.weight']);
    const awq = await readStoredTensors(sourceOf({}, readFileSync(path.join(own, 'awq-group.safetensors'))), nextTurn);
    expect(
      unpackedTensors(cases['awq-group']?.config as Record<string, unknown>, awq.tensors).map(({ tensor, packing }) => [
        tensor.name.split('.').at(-1),
        tensor.dtype,
        packing.kind,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['bias', 'F16', 'stored'],
        ['weight', 'F32', 'columns'],
      ]),
    );
  });
});

describe('biases that AutoGPTQ stores for modules that have none', () => {
  const name = 'gptq-4-order';
  const { config, dequantized: expected } = cases[name] ?? { config: {}, dequantized: [] };
  const weight = expected[0]?.name ?? '';
  const bias = weight.replace(/weight$/, 'bias');
  const rows = expected[0]?.shape[0] ?? 0;

  /** The fixture with such a bias, of zeros but for `last`. */
  async function withBias(last: number): Promise<CheckpointSource> {
    const fixture = sourceOf(config, readFileSync(path.join(own, `${name}.safetensors`)));
    const values = Float16Array.from({ length: rows }, (_, at) => (at === rows - 1 ? last : -0));
    const tensors: Record<string, MadeTensor> = {};
    for (const { name: one, dtype, shape, file, startByte, endByte } of (await readStoredTensors(fixture, nextTurn))
      .tensors)
      tensors[one] = { dtype, shape, bytes: await fixture.read(file, startByte, endByte) };
    const made = { dtype: 'F16', shape: [rows], bytes: new Uint8Array(values.buffer) };
    return sourceOf(config, madeSafetensors({ ...tensors, [bias]: made }));
  }

  async function unpackedOf(source: CheckpointSource): Promise<readonly UnpackedTensor[]> {
    return unpackedTensors(config as Record<string, unknown>, (await readStoredTensors(source, nextTurn)).tensors);
  }

  it('are told, and stay where the model has a place for them', async () => {
    const unpacked = await unpackedOf(await withBias(0.5));
    expect(unpacked.filter(({ tensor }) => tensor.isSpareBias).map(({ tensor }) => tensor.name)).toEqual([bias]);
    expect(withoutSpareBiases(unpacked, new Set([weight, bias]))).toEqual(unpacked);
  });

  it('are left out where they are zero, and refused where they are not', async () => {
    for (const last of [0, 0.5]) {
      const source = await withBias(last);
      const kept = withoutSpareBiases(await unpackedOf(source), new Set([weight]));
      expect(kept.map(({ tensor }) => tensor.name)).toEqual([weight]);
      const [one] = kept;
      if (one === undefined) continue;
      const reader = openTensor(source, one);
      if (last === 0) expect(await referenceOf(await reader, 64)).toEqual(plain(expected[0] ?? ({} as Reference)));
      else
        await expect(reader).rejects.toMatchObject({
          code: 'convert.invalid',
          data: { reason: 'unexpected_tensor', tensor: bias, expected: 'zeros' },
        });
    }
  });
});

it.each(['kv_scale', 'k_scale', 'input_scale_ub'])('%s of an FP8 checkpoint is of no weight', async (kind) => {
  const scale = { dtype: 'F32', shape: [1], bytes: new Uint8Array(Float32Array.of(0.5).buffer) };
  const weights = { 'a.weight': made('F8_E4M3', [4, 8], 1), 'a.weight_scale': scale };
  const config = { quantization_config: { quant_method: 'fp8' } };
  const source = sourceOf(config, madeSafetensors({ ...weights, [`a.${kind}`]: scale }));
  const unpacked = unpackedTensors(config, (await readStoredTensors(source, nextTurn)).tensors);
  expect(unpacked.map(({ tensor }) => tensor.name)).toEqual(['a.weight']);
});

it.each([{}, { config_groups: null }, { config_groups: {} }, { sparsity_config: { format: 'dense' } }])(
  'plain weights of compressed-tensors have no groups: %o',
  async (more) => {
    const config = { quantization_config: { quant_method: 'compressed-tensors', format: 'dense', ...more } };
    const tensors = { 'a.weight': made('BF16', [4, 8], 2), 'a.k_scale': made('BF16', [1], 2) };
    const unpackedOf = async (made: Readonly<Record<string, MadeTensor>>): Promise<readonly UnpackedTensor[]> =>
      unpackedTensors(config, (await readStoredTensors(sourceOf(config, madeSafetensors(made)), nextTurn)).tensors);
    expect((await unpackedOf(tensors)).map(({ tensor, packing }) => [tensor.name, packing.kind])).toEqual([
      ['a.weight', 'stored'],
    ]);
    for (const kind of ['weight_packed', 'weight_scale'])
      await expect(unpackedOf({ ...tensors, [`a.${kind}`]: made('I32', [4, 8], 4) })).rejects.toMatchObject({
        code: 'convert.unsupported',
        data: { reason: 'quantization' },
      });
  },
);

/** The formula of pack_to_int32 in older versions of compressed-tensors, along rows: whole codes from the lowest bits of each word. */
function packedWhole(codes: readonly (readonly number[])[], bits: number): MadeTensor {
  const perWord = Math.floor(32 / bits);
  const words = codes.map((row) =>
    Array.from({ length: Math.ceil(row.length / perWord) }, (_, word) =>
      row.slice(word * perWord, (word + 1) * perWord).reduce((sum, code, at) => sum + code * 2 ** (bits * at), 0),
    ),
  );
  return {
    ...{ dtype: 'I32', shape: [words.length, words[0]?.length ?? 0] },
    bytes: new Uint8Array(Uint32Array.from(words.flat()).buffer),
  };
}

it.each([3, 5, 6, 7])('codes of %i bits are read from older packs, in which none lies in two words', async (bits) => {
  const [rows, columns, groups] = [23, 96, 3];
  const grid = (height: number, width: number, valueAt: (row: number, column: number) => number): number[][] =>
    Array.from({ length: height }, (_, row) => Array.from({ length: width }, (__, column) => valueAt(row, column)));
  const codes = grid(rows, columns, (row, column) => (row * 31 + column * 17) % 2 ** bits);
  // A row for each group, since they are packed along the rows of the weight.
  const zeros = grid(groups, rows, (group, row) => (group * 5 + row * 3) % 2 ** bits);
  const zeroWords = packedWhole(zeros, bits);
  const [, perGroup = 0] = zeroWords.shape;
  const flat = new Uint32Array(zeroWords.bytes.buffer);
  const turned = Uint32Array.from(
    { length: flat.length },
    (_, at) => flat[(at % groups) * perGroup + Math.floor(at / groups)] ?? 0,
  );
  const scales = Float32Array.from({ length: rows * groups }, (_, at) => (at + 1) / 64);
  const weights = { num_bits: bits, type: 'int', strategy: 'group', group_size: 32, symmetric: false };
  const config = { quantization_config: groupOf(weights) };
  const source = sourceOf(
    config,
    madeSafetensors({
      'a.weight_packed': packedWhole(codes, bits),
      'a.weight_scale': { dtype: 'F32', shape: [rows, groups], bytes: new Uint8Array(scales.buffer) },
      'a.weight_zero_point': { dtype: 'I32', shape: [perGroup, groups], bytes: new Uint8Array(turned.buffer) },
      'a.weight_shape': { dtype: 'I64', shape: [2], bytes: new Uint8Array(BigInt64Array.of(23n, 96n).buffer) },
    }),
  );
  const [unpacked] = unpackedTensors(config, (await readStoredTensors(source, nextTurn)).tensors);
  if (unpacked === undefined) throw new Error('There is no tensor.');
  const reader = await openTensor(source, unpacked);
  for (const [row, expected] of codes.entries()) {
    const values = new Float32Array(new Uint8Array(await reader.readRows(row, 1)).buffer);
    expect([...values]).toEqual(
      expected.map((code, column) => {
        const group = Math.floor(column / 32);
        return (code - (zeros[group]?.[row] ?? 0)) * (scales[row * groups + group] ?? 0);
      }),
    );
  }
});

const shared = path.join(root, '../shared/fixtures/conversion');

describe.runIf(existsSync(shared))('the quantized checkpoints of the fixtures', () => {
  it.each(['quant-fp8-block', 'quant-int4-group', 'quant-gptq'])(
    '%s has the values of its expected.json',
    async (name) => {
      const expected = JSON.parse(readFileSync(path.join(shared, name, 'expected.json'), 'utf8')) as {
        dequantized: Reference[];
      };
      const wanted = expected.dequantized.map(plain).sort((a, b) => (a.name < b.name ? -1 : 1));
      expect(wanted).toHaveLength(14);
      const source = await openLocalSource(path.join(shared, name));
      for (const rowsAtOnce of [1, 50, 1000]) expect(await dequantized(source, rowsAtOnce)).toEqual(wanted);
      await source.close();
    },
  );
});

const made = (dtype: string, shape: readonly number[], width: number): MadeTensor => ({
  ...{ dtype, shape },
  bytes: new Uint8Array(shape.reduce((product, length) => product * length, width)),
});

const gptq = { quant_method: 'gptq', bits: 4, group_size: 32, desc_act: false, sym: true };
const gptqTensors = {
  'a.qweight': made('I32', [8, 32], 4),
  'a.qzeros': made('I32', [2, 4], 4),
  'a.scales': made('F16', [2, 32], 2),
  'a.g_idx': made('I32', [64], 4),
};
const awq = { quant_method: 'awq', bits: 4, group_size: 32, zero_point: true };
const awqTensors = {
  'a.qweight': made('I32', [64, 4], 4),
  'a.qzeros': made('I32', [2, 4], 4),
  'a.scales': made('F16', [2, 32], 2),
};
const fp8 = { quant_method: 'fp8', weight_block_size: [32, 32] };
const fp8Tensors = { 'a.weight': made('F8_E4M3', [40, 64], 1), 'a.weight_scale_inv': made('F32', [2, 2], 4) };
const groupOf = (weights: object, format = 'pack-quantized'): object => ({
  quant_method: 'compressed-tensors',
  format,
  config_groups: { group_0: { targets: ['Linear'], weights } },
});
const packed = groupOf({ num_bits: 4, type: 'int', strategy: 'group', group_size: 32, symmetric: true });
const packedTensors = {
  'a.weight_packed': made('I32', [40, 8], 4),
  'a.weight_scale': made('BF16', [40, 2], 2),
  'a.weight_shape': made('I64', [2], 8),
};

type Tensors = Readonly<Record<string, MadeTensor>>;

async function unpackMade(quantization_config: object | null, tensors: Tensors): Promise<unknown> {
  const config = quantization_config === null ? {} : { quantization_config };
  const source = sourceOf(config, madeSafetensors(tensors));
  const { tensors: stored } = await readStoredTensors(source, nextTurn);
  for (const unpacked of unpackedTensors(config, stored)) await openTensor(source, unpacked);
  return null;
}

describe('a quantization that cannot be unpacked', () => {
  it.each([
    ['bitsandbytes', { quant_method: 'bitsandbytes', load_in_4bit: true }],
    ['bitsandbytes', { load_in_8bit: true }],
    ['hqq', { quant_method: 'hqq' }],
    ['mxfp4', { quant_method: 'mxfp4' }],
    ['exl2', { quant_method: 'exl2', bits: 4.25 }],
    ['exl3', { quant_method: 'exl3' }],
    ['aqlm', { quant_method: 'aqlm' }],
    ['quanto', { quant_method: 'quanto' }],
    ['eetq', { quant_method: 'eetq' }],
    ['torchao', { quant_method: 'torchao' }],
    ['auto-round', { quant_method: 'auto-round' }],
    ['bitnet', { quant_method: 'bitnet' }],
    ['unnamed', {}],
    ['modelopt (NVFP4)', { quant_method: 'modelopt', quant_algo: 'NVFP4' }],
    ['modelopt (NVFP4)', { quant_algo: 'NVFP4', producer: { name: 'modelopt' } }],
    ['gptq (5 bits)', { ...gptq, bits: 5 }],
    ['gptq (marlin)', { ...gptq, is_marlin_format: true }],
    ['gptq (gptq_p)', { ...gptq, checkpoint_format: 'gptq_p' }],
    ['gptq (int16)', { ...gptq, pack_dtype: 'int16' }],
    ['awq (gemv)', { ...awq, version: 'gemv' }],
    ['awq (3 bits)', { ...awq, bits: 3 }],
    ['compressed-tensors (nvfp4-pack-quantized)', groupOf({ num_bits: 4, type: 'float' }, 'nvfp4-pack-quantized')],
    ['compressed-tensors (marlin-24)', groupOf({ num_bits: 4 }, 'marlin-24')],
    ['compressed-tensors (sparse-24-bitmask)', { ...groupOf({}), sparsity_config: { format: 'sparse-24-bitmask' } }],
    ['compressed-tensors (transforms)', { ...groupOf({}), transform_config: { config_groups: { u: {} } } }],
    ['compressed-tensors (strategy token)', groupOf({ num_bits: 8, strategy: 'token' }, 'int-quantized')],
  ])('%s is refused by its name', async (found, config) => {
    await expect(unpackMade(config, {})).rejects.toMatchObject({
      code: 'convert.unsupported',
      data: { reason: 'quantization', found },
    });
  });

  it.each([{ 'a.qweight': made('I32', [8, 32], 4) }, { 'a.weight_packed': made('I32', [8, 32], 4) }])(
    'is refused where config.json does not tell',
    async (tensors) => {
      await expect(unpackMade(null, tensors as Tensors)).rejects.toMatchObject({
        code: 'convert.unsupported',
        data: { reason: 'quantization' },
      });
    },
  );
});

describe('a quantized checkpoint that contradicts itself', () => {
  const without = (tensors: Tensors, name: string): Tensors =>
    Object.fromEntries(Object.entries(tensors).filter(([key]) => key !== name));

  it('is not what the tests below begin with', async () => {
    await unpackMade(gptq, gptqTensors);
    await unpackMade(awq, awqTensors);
    await unpackMade(fp8, fp8Tensors);
    const shape = { dtype: 'I64', shape: [2], bytes: new Uint8Array(BigInt64Array.of(40n, 64n).buffer) };
    await unpackMade(packed, { ...packedTensors, 'a.weight_shape': shape });
  });

  it.each<[string, object, Tensors, object]>([
    ['the scales of GPTQ', gptq, without(gptqTensors, 'a.scales'), { reason: 'missing_tensor', tensor: 'a.scales' }],
    ['the codes of GPTQ', gptq, without(gptqTensors, 'a.qweight'), { reason: 'missing_tensor', tensor: 'a.qweight' }],
    [
      'the order',
      { ...gptq, desc_act: true },
      without(gptqTensors, 'a.g_idx'),
      { reason: 'missing_tensor', tensor: 'a.g_idx' },
    ],
    ['the zero points', awq, without(awqTensors, 'a.qzeros'), { reason: 'missing_tensor', tensor: 'a.qzeros' }],
    [
      'the scales of FP8',
      fp8,
      without(fp8Tensors, 'a.weight_scale_inv'),
      { reason: 'missing_tensor', tensor: 'a.weight_scale' },
    ],
    ['the codes of FP8', fp8, without(fp8Tensors, 'a.weight'), { reason: 'missing_tensor', tensor: 'a.weight' }],
    [
      'packed scales',
      packed,
      without(packedTensors, 'a.weight_scale'),
      { reason: 'missing_tensor', tensor: 'a.weight_scale' },
    ],
  ])('is refused without %s', async (_, config, tensors, data) => {
    await expect(unpackMade(config, tensors)).rejects.toMatchObject({ code: 'convert.invalid', data });
  });

  it.each<[string, object, Tensors, object]>([
    ['bits', { ...gptq, bits: 8 }, gptqTensors, { tensor: 'a.qweight', expected: '16 x 32', found: '8 x 32' }],
    ['groups', { ...gptq, group_size: 16 }, gptqTensors, { tensor: 'a.scales', expected: '4 x 32', found: '2 x 32' }],
    [
      'zero points',
      gptq,
      { ...gptqTensors, 'a.qzeros': made('I32', [2, 3], 4) },
      { tensor: 'a.qzeros', expected: '2 x 4', found: '2 x 3' },
    ],
    [
      'an order',
      gptq,
      { ...gptqTensors, 'a.g_idx': made('I32', [65], 4) },
      { tensor: 'a.qweight', expected: '9 x 32', found: '8 x 32' },
    ],
    [
      'rows of AWQ',
      awq,
      { ...awqTensors, 'a.scales': made('F16', [2, 24], 2) },
      { tensor: 'a.scales', expected: '2 x 32', found: '2 x 24' },
    ],
    [
      'blocks',
      fp8,
      { ...fp8Tensors, 'a.weight_scale_inv': made('F32', [2, 1], 4) },
      { tensor: 'a.weight_scale_inv', expected: '2 x 2', found: '2 x 1' },
    ],
    [
      'packed groups',
      packed,
      { ...packedTensors, 'a.weight_scale': made('BF16', [40, 3], 2) },
      { tensor: 'a.weight_scale', expected: '40 x 2', found: '40 x 3' },
    ],
    [
      'packed words',
      packed,
      { ...packedTensors, 'a.weight_packed': made('I32', [40, 9], 4) },
      { tensor: 'a.weight_packed', found: '40 x 9' },
    ],
    ['a stored shape', packed, packedTensors, { tensor: 'a.weight', expected: '40 x 64', found: '0 x 0' }],
  ])('is refused with other %s', async (_, config, tensors, data) => {
    await expect(unpackMade(config, tensors)).rejects.toMatchObject({
      code: 'convert.invalid',
      data: { reason: 'shape_mismatch', ...data },
    });
  });

  it('is refused with a group that is not there, and with a type that makes no sense', async () => {
    const order = { dtype: 'I32', shape: [64], bytes: new Uint8Array(new Int32Array(64).fill(2).buffer) };
    await expect(unpackMade(gptq, { ...gptqTensors, 'a.g_idx': order })).rejects.toMatchObject({
      data: { reason: 'group_index', tensor: 'a.g_idx', expected: '0 to 1', found: 2 },
    });
    await expect(unpackMade(fp8, { ...fp8Tensors, 'a.weight': made('BF16', [40, 64], 2) })).rejects.toMatchObject({
      data: { reason: 'dtype', tensor: 'a.weight', found: 'BF16' },
    });
    await expect(unpackMade(gptq, { ...gptqTensors, 'a.scales': made('I16', [2, 32], 2) })).rejects.toMatchObject({
      data: { reason: 'dtype', tensor: 'a.scales', found: 'I16' },
    });
  });

  it.each([
    ['bits', { ...gptq, bits: 'four' }],
    ['group_size', { ...gptq, group_size: 0 }],
    ['weight_block_size', { ...fp8, weight_block_size: [128] }],
    ['config_groups', { quant_method: 'compressed-tensors', format: 'pack-quantized', config_groups: [] }],
    ['group_0.group_size', groupOf({ num_bits: 4, strategy: 'group' })],
    ['group_0.block_structure', groupOf({ num_bits: 8, type: 'float', strategy: 'block' }, 'float-quantized')],
  ])('is refused with a wrong %s in config.json', async (key, config) => {
    await expect(unpackMade(config, {})).rejects.toMatchObject({
      code: 'convert.invalid',
      data: { reason: 'config', file: 'config.json', detail: expect.stringContaining(key) as string },
    });
  });

  it('is read where two groups of compressed-tensors differ in their bits, and refused where both fit', async () => {
    const weights = { type: 'int', strategy: 'group', group_size: 32, symmetric: true };
    const groups = (strategy: object): object => ({
      quant_method: 'compressed-tensors',
      format: 'mixed-precision',
      config_groups: {
        group_0: { weights: { ...weights, num_bits: 8, ...strategy }, format: 'pack-quantized' },
        group_1: { weights: { ...weights, num_bits: 4, ...strategy }, format: 'pack-quantized' },
      },
    });
    const shape = { dtype: 'I64', shape: [2], bytes: new Uint8Array(BigInt64Array.of(40n, 64n).buffer) };
    await unpackMade(groups({}), { ...packedTensors, 'a.weight_shape': shape });
    await expect(
      unpackMade(groups({ strategy: 'channel' }), { ...packedTensors, 'a.weight_scale': made('BF16', [40, 1], 2) }),
    ).rejects.toMatchObject({
      code: 'convert.unsupported',
      data: { reason: 'quantization', tensor: 'a.weight_packed' },
    });
  });
});
