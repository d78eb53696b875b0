import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesOf, llama, small, sourceOfAdapter, tensor, valuesFor } from '../../../test/support/made-adapter.ts';
import { memorySource } from '../../../test/support/memory-source.ts';
import { madeSafetensors, type MadeTensor } from '../../../test/support/safetensors-file.ts';
import { createConfig } from '../architectures/config.ts';
import { findArchitecture } from '../architectures/registry.ts';
import { readStoredTensors } from '../checkpoint/checkpoint.ts';
import { readSmallJson, type CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import { openLocalSource } from '../checkpoint/local-source.ts';
import { unpackedTensors } from '../checkpoint/unpack/unpack.ts';
import type { PlannedTensor } from '../plan/planned-tensor.ts';
import { planRows } from '../plan/rows.ts';
import { decodeValues, plainDtype } from '../write/values/decode-values.ts';
import { readAdapter } from './adapter.ts';
import { expectedTensors } from './base-tensors.ts';
import { joinedSource } from './joined-source.ts';
import { planAdapter, type AdapterPlan } from './lora-plan.ts';
import { mergeTensors } from './merge.ts';
import { openAdapterSource } from './scaled-reader.ts';

const root = path.join(import.meta.dirname, '../../..');
const shared = path.join(root, '../shared/fixtures/conversion');
const nextTurn = (): Promise<void> => Promise.resolve();
const facts = { name: 'lora-llama' };
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
/** The values of a planned tensor, as float32, straight from the words of its origin. */
async function valuesOf(
  { origin }: PlannedTensor,
  { sources }: AdapterPlan,
  source: CheckpointSource,
): Promise<Float32Array> {
  const read = async (name: string): Promise<{ values: Float32Array; rows: number; columns: number }> => {
    const found = sources.find(({ stored }) => stored.name === name);
    if (found === undefined) throw new Error(`There is no ${name}.`);
    const [rows = 0, columns = 0] = found.stored.shape;
    const values = new Float32Array(rows * columns);
    const bytes = new Uint8Array(await openAdapterSource(source, found).readRows(0, rows));
    decodeValues(plainDtype(found.tensor.dtype, name), bytes, values.length, values);
    return { values, rows, columns };
  };
  if (origin.kind === 'values') return origin.values;
  if (origin.kind === 'transposed') {
    const { values, rows, columns } = await read(origin.source);
    return Float32Array.from(values, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)] ?? NaN);
  }
  const all: number[] = [];
  for (const { source: name, firstRow, rowCount, interleave } of origin.pieces) {
    const { values, columns } = await read(name);
    for (let row = 0; row < rowCount; row++) {
      const place = interleave === null ? 0 : row % interleave;
      const from = interleave === null ? row : row - place + (place % 2) * (interleave / 2) + Math.floor(place / 2);
      all.push(...values.subarray((firstRow + from) * columns, (firstRow + from + 1) * columns));
    }
  }
  return Float32Array.from(all);
}

/** alpha / rank * b * a for each tensor of the base, as llama.cpp computes it, with its ggml shape. */
async function deltasOf(
  plan: AdapterPlan,
  source: CheckpointSource,
): Promise<Map<string, { shape: number[]; values: Float32Array }>> {
  const alpha = Number(plan.metadata.find(({ key }) => key === 'adapter.lora.alpha')?.value);
  const byName = new Map(plan.tensors.map((tensor) => [tensor.name, tensor]));
  const deltas = new Map<string, { shape: number[]; values: Float32Array }>();
  for (const [name, second] of byName) {
    if (!name.endsWith('.lora_b')) continue;
    const base = name.slice(0, -'.lora_b'.length);
    const first = byName.get(`${base}.lora_a`);
    if (first === undefined) throw new Error(`${base} has one factor.`);
    const [a, b] = [await valuesOf(first, plan, source), await valuesOf(second, plan, source)];
    const [rank = 0, outputs = 0, items = 1] = second.shape;
    // llama.cpp takes the rows of a token's embedding out of lora_a.
    const isEmbedding = base === 'token_embd.weight';
    const inputs = isEmbedding ? (first.shape[1] ?? 0) : (first.shape[0] ?? 0);
    const [height, width] = isEmbedding ? [inputs, outputs] : [outputs, inputs];
    const values = new Float32Array(items * height * width);
    for (let item = 0; item < items; item++)
      for (let row = 0; row < height; row++)
        for (let column = 0; column < width; column++) {
          let sum = 0;
          for (let k = 0; k < rank; k++)
            sum += isEmbedding
              ? (a[row * rank + k] ?? 0) * (b[column * rank + k] ?? 0)
              : (b[(item * outputs + row) * rank + k] ?? 0) * (a[(item * rank + k) * inputs + column] ?? 0);
          values[(item * height + row) * width + column] = (alpha / rank) * sum;
        }
    deltas.set(base, { shape: [width, height, ...(second.shape.length > 2 ? [items] : [])], values });
  }
  return deltas;
}

interface ExpectedAdapter {
  readonly gguf_adapter: {
    readonly metadata: Readonly<Record<string, { readonly value: unknown }>>;
    readonly tensors: readonly { readonly name: string; readonly shape: readonly number[]; readonly sha256: string }[];
  };
  readonly effective_delta: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly sha256: string;
  }[];
  readonly merged: readonly { readonly name: string; readonly shape: readonly number[]; readonly sha256: string }[];
}

describe.runIf(existsSync(shared))('the adapter of the fixtures', () => {
  const folder = path.join(shared, 'lora-llama');
  const expected = (): ExpectedAdapter =>
    JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as ExpectedAdapter;

  async function opened(): Promise<{
    adapter: CheckpointSource;
    base: CheckpointSource;
    config: Record<string, unknown>;
  }> {
    const base = await openLocalSource(path.join(shared, 'llama'));
    return { base, adapter: await openLocalSource(folder), config: { ...(await readSmallJson(base, 'config.json')) } };
  }

  it('has the metadata and tensors of the reference converter', async () => {
    const { adapter, base, config } = await opened();
    const plan = planAdapter(await readAdapter(adapter, nextTurn), config, facts);
    const { gguf_adapter: wanted, effective_delta: deltas } = expected();
    expect(Object.fromEntries(plan.metadata.map(({ key, value }) => [key, value]))).toEqual(
      Object.fromEntries(Object.entries(wanted.metadata).map(([key, { value }]) => [key, value])),
    );
    const found: object[] = [];
    for (const tensor of plan.tensors)
      found.push({
        ...{ name: tensor.name, shape: tensor.shape, type: 'F32' },
        sha256: sha256(bytesOf(await valuesOf(tensor, plan, adapter))),
      });
    const byName = (one: object): string => (one as { name: string }).name;
    expect(found.sort((a, b) => (byName(a) < byName(b) ? -1 : 1))).toMatchObject(
      wanted.tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    );
    const own = await deltasOf(plan, adapter);
    expect(own.size).toBe(deltas.length);
    for (const { name, shape, sha256: hash } of deltas) {
      expect(own.get(name)?.shape).toEqual(shape);
      expect(sha256(bytesOf(own.get(name)?.values ?? new Float32Array(0)))).toBe(hash);
    }
    await Promise.all([adapter.close(), base.close()]);
  });

  it('is merged into its base exactly', async () => {
    const { adapter, base, config } = await opened();
    const source = joinedSource(base, adapter);
    const unpacked = unpackedTensors(config, (await readStoredTensors(base, nextTurn)).tensors);
    const merged = mergeTensors(unpacked, await readAdapter(adapter, nextTurn), config);
    expect(merged.tensors.map(({ name, shape }) => ({ name, shape }))).toEqual(
      unpacked.map(({ tensor: { name, shape } }) => ({ name, shape })),
    );
    const changed = expected().merged;
    expect(changed).toHaveLength(21);
    for (const { name, shape, sha256: hash } of changed) {
      const tensor = merged.tensors.find((one) => one.name === name);
      expect(tensor).toMatchObject({ shape, dtype: 'F32' });
      if (tensor === undefined) continue;
      const reader = await merged.open(source, tensor);
      for (const rowsAtOnce of [7, 1000]) {
        const digest = createHash('sha256');
        const rows = shape[0] ?? 0;
        for (let row = 0; row < rows; row += rowsAtOnce)
          digest.update(await reader.readRows(row, Math.min(rowsAtOnce, rows - row)));
        expect(digest.digest('hex')).toBe(hash);
      }
    }
    await source.close();
  });
});

const mixtral = {
  ...small,
  architectures: ['MixtralForCausalLM'],
  model_type: 'mixtral',
  num_local_experts: 3,
  num_experts_per_tok: 2,
};
const gpt2 = {
  architectures: ['GPT2LMHeadModel'],
  model_type: 'gpt2',
  n_embd: 32,
  n_head: 4,
  n_layer: 2,
  n_positions: 64,
  vocab_size: 40,
};

interface Case {
  readonly config: Record<string, unknown>;
  readonly prefix: string;
  readonly adapter: object;
  /** The rank and the scale of each module, by PEFT's rules. */
  readonly modules: Readonly<Record<string, readonly [rank: number, scale: number]>>;
  /** The base stores a column for each output. */
  readonly isTransposed?: true;
}

const lora = { peft_type: 'LORA', r: 4, lora_alpha: 8, bias: 'none' };
const cases: Record<string, Case> = {
  'a rank-stabilized adapter': {
    ...{ config: llama, prefix: 'model.', adapter: { ...lora, use_rslora: true } },
    modules: { 'layers.0.self_attn.q_proj': [4, 4], 'layers.1.mlp.down_proj': [4, 4] },
  },
  'ranks and alphas of single modules': {
    ...{ config: llama, prefix: 'model.' },
    adapter: {
      ...lora,
      rank_pattern: { 'layers.0.self_attn.k_proj': 8, '^model.layers.1.mlp.up_proj': 2, up_proj: 1 },
      alpha_pattern: { down_proj: 32, '^layers.1.self_attn.o_proj': 1 },
    },
    modules: {
      ...{ 'layers.0.self_attn.k_proj': [8, 1], 'layers.1.mlp.up_proj': [2, 4], 'layers.0.mlp.up_proj': [1, 8] },
      ...{ 'layers.0.mlp.down_proj': [4, 8], 'layers.1.self_attn.o_proj': [4, 2] },
    },
  },
  'regular expressions for ranks and alphas': {
    ...{ config: llama, prefix: 'model.' },
    adapter: {
      ...lora,
      rank_pattern: { 'model\\.layers\\.\\d+\\.self_attn\\.k_proj': 2, '.*\\.mlp\\.(?:up|down)_proj': 1 },
      alpha_pattern: { '^.*layers.1.mlp.(up|gate)_proj$': 32 },
    },
    modules: {
      ...{ 'layers.0.self_attn.k_proj': [2, 4], 'layers.1.self_attn.q_proj': [4, 2] },
      ...{ 'layers.1.mlp.up_proj': [1, 32], 'layers.0.mlp.down_proj': [1, 8], 'layers.1.mlp.gate_proj': [4, 8] },
    },
  },
  'the experts of a layer': {
    ...{ config: mixtral, prefix: 'model.', adapter: lora },
    modules: Object.fromEntries(
      [0, 1, 2].map((expert) => [`layers.0.block_sparse_moe.experts.${String(expert)}.w2`, [4, 2] as const]),
    ),
  },
  'the Conv1D of GPT-2': {
    ...{ config: gpt2, prefix: 'transformer.', adapter: { ...lora, fan_in_fan_out: true }, isTransposed: true },
    modules: { 'h.0.attn.c_attn': [4, 2], 'h.1.mlp.c_proj': [4, 2] },
  },
};

describe('an adapter', () => {
  it.each(Object.entries(cases))(
    'with %s changes what PEFT changes',
    async (_, { config, prefix, adapter, modules, isTransposed }) => {
      const architecture = findArchitecture(config);
      const description = architecture.describe(createConfig(config), { pooling: null, tokenCount: null });
      const shapes = new Map(
        expectedTensors(architecture, description, () => false).map(({ name, shape }) => [
          name === 'lm_head.weight' ? name : prefix + name,
          shape,
        ]),
      );
      const base = Object.fromEntries([...shapes].map(([name, shape]) => [name, tensor(name, shape)]));
      const factors: Record<string, MadeTensor> = {};
      const wanted = new Map<string, Float32Array>();
      for (const [module, [rank, scale]] of Object.entries(modules)) {
        const name = `${prefix}${module}.weight`;
        const [outputs = 0, inputs = 0] = isTransposed
          ? (shapes.get(name) ?? []).toReversed()
          : (shapes.get(name) ?? []);
        const [aName, bName] = ['A', 'B'].map((letter) => `base_model.model.${prefix}${module}.lora_${letter}.weight`);
        const a = valuesFor(aName ?? '', rank * inputs);
        const b = valuesFor(bName ?? '', outputs * rank);
        factors[aName ?? ''] = { dtype: 'F32', shape: [rank, inputs], bytes: bytesOf(a) };
        factors[bName ?? ''] = { dtype: 'F32', shape: [outputs, rank], bytes: bytesOf(b) };
        const merged = valuesFor(name, outputs * inputs);
        for (let output = 0; output < outputs; output++)
          for (let input = 0; input < inputs; input++) {
            let sum = 0;
            for (let k = 0; k < rank; k++) sum += (b[output * rank + k] ?? 0) * (a[k * inputs + input] ?? 0);
            const at = isTransposed ? input * outputs + output : output * inputs + input;
            merged[at] = (merged[at] ?? 0) + scale * sum;
          }
        wanted.set(name, merged);
      }
      const adapterSource = memorySource({
        'adapter_config.json': Buffer.from(JSON.stringify(adapter)),
        'adapter_model.safetensors': madeSafetensors(factors),
      });
      const baseSource = memorySource({ 'model.safetensors': madeSafetensors(base) });
      const read = await readAdapter(adapterSource, nextTurn);
      const unpacked = unpackedTensors(config, (await readStoredTensors(baseSource, nextTurn)).tensors);
      const merged = mergeTensors(unpacked, read, config);
      const values = new Map<string, Float32Array>();
      for (const one of merged.tensors) {
        const reader = await merged.open(joinedSource(baseSource, adapterSource), one);
        const rows = one.shape.length < 2 ? 1 : (one.shape[0] ?? 0);
        values.set(one.name, new Float32Array(new Uint8Array(await reader.readRows(0, rows)).buffer));
      }
      expect([...wanted].map(([name]) => [name, values.get(name)])).toEqual([...wanted]);

      // The file's deltas are what the plan makes of the merged weights, less what it makes of the base.
      const plan = planAdapter(read, config, facts);
      const deltas = await deltasOf(plan, adapterSource);
      const planned = planRows(architecture, description, merged.tensors).tensors;
      for (const [name, { values: delta, shape }] of deltas) {
        const one = planned.find((candidate) => candidate.name === name);
        expect(one?.shape).toEqual(shape);
        if (one === undefined) continue;
        const after = plainValues(one, (source) => values.get(source) ?? new Float32Array(0), shapes);
        const before = plainValues(one, (source) => valuesFor(source, values.get(source)?.length ?? 0), shapes);
        expect(delta).toEqual(after.map((value, at) => value - (before[at] ?? 0)));
        expect(delta.some((value) => value !== 0)).toBe(true);
      }
      expect(deltas.size).toBeGreaterThan(0);
    },
  );

  it('of embeddings gives llama.cpp the rows of tokens', async () => {
    const [a, b] = [valuesFor('a', 4 * 40), valuesFor('b', 32 * 4)];
    const name = 'base_model.model.model.embed_tokens.lora_embedding_';
    const source = memorySource({
      'adapter_config.json': Buffer.from(JSON.stringify(lora)),
      'adapter_model.safetensors': madeSafetensors({
        [`${name}A`]: { dtype: 'F32', shape: [4, 40], bytes: bytesOf(a) },
        [`${name}B`]: { dtype: 'F32', shape: [32, 4], bytes: bytesOf(b) },
      }),
    });
    const plan = planAdapter(await readAdapter(source, nextTurn), llama, facts);
    expect(plan.tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['token_embd.weight.lora_a', [4, 40]],
      ['token_embd.weight.lora_b', [4, 32]],
    ]);
    const delta = (await deltasOf(plan, source)).get('token_embd.weight');
    const expected = Float32Array.from({ length: 40 * 32 }, (_, at) => {
      const [token, feature] = [Math.floor(at / 32), at % 32];
      return 2 * [0, 1, 2, 3].reduce((sum, k) => sum + (b[feature * 4 + k] ?? 0) * (a[k * 40 + token] ?? 0), 0);
    });
    expect(delta).toEqual({ shape: [32, 40], values: expected });
  });
});

function plainValues(
  { origin }: PlannedTensor,
  valuesOfSource: (name: string) => Float32Array,
  shapes: ReadonlyMap<string, readonly number[]>,
): Float32Array {
  if (origin.kind === 'values') return origin.values;
  if (origin.kind === 'transposed') {
    const [rows = 0, columns = 0] = shapes.get(origin.source) ?? [];
    const values = valuesOfSource(origin.source);
    return values.map((_, at) => values[(at % rows) * columns + Math.floor(at / rows)] ?? NaN);
  }
  return Float32Array.from(
    origin.pieces.flatMap(({ source, firstRow, rowCount, interleave }) => {
      const columns = shapes.get(source)?.[1] ?? 1;
      const values = valuesOfSource(source);
      return Array.from({ length: rowCount }, (_, row) => {
        const place = interleave === null ? 0 : row % interleave;
        const from = interleave === null ? row : row - place + (place % 2) * (interleave / 2) + Math.floor(place / 2);
        return [...values.subarray((firstRow + from) * columns, (firstRow + from + 1) * columns)];
      }).flat();
    }),
  );
}

describe('an adapter that cannot be converted', () => {
  const factors = { 'base_model.model.model.layers.0.mlp.up_proj.lora_A.weight': tensor('a', [4, 32]) };
  const both = { ...factors, 'base_model.model.model.layers.0.mlp.up_proj.lora_B.weight': tensor('b', [48, 4]) };
  const plan = async (config: object, tensors: Readonly<Record<string, MadeTensor>> = both): Promise<AdapterPlan> => {
    const files = {
      'adapter_config.json': Buffer.from(JSON.stringify(config)),
      'adapter_model.safetensors': madeSafetensors(tensors),
    };
    return planAdapter(await readAdapter(memorySource(files), nextTurn), llama, facts);
  };

  it.each([
    ['LOHA', { peft_type: 'LOHA' }],
    ['PREFIX_TUNING', { peft_type: 'PREFIX_TUNING' }],
    ['bias: all', { ...lora, bias: 'all' }],
    ['lora_bias', { ...lora, lora_bias: true }],
    ['init_lora_weights: pissa_niter_4', { ...lora, init_lora_weights: 'pissa_niter_4' }],
    ['layer_replication', { ...lora, layer_replication: [[0, 1]] }],
    ['target_parameters', { ...lora, target_parameters: ['mlp.experts.gate_up_proj'] }],
    ['trainable_token_indices', { ...lora, trainable_token_indices: [1, 2] }],
    ['rank_pattern: (?=up).*', { ...lora, rank_pattern: { '(?=up).*': 2 } }],
  ])('is refused by name: %s', async (found, config) => {
    await expect(plan(config)).rejects.toMatchObject({
      code: 'convert.unsupported',
      data: { reason: 'adapter_kind', found },
    });
  });

  it('is refused alone where llama.cpp could not load it: DoRA, and a head that the base takes from its embeddings', async () => {
    const lengths = { 'base_model.model.model.layers.0.mlp.up_proj.lora_magnitude_vector': tensor('m', [48]) };
    await expect(plan({ ...lora, use_dora: true }, { ...both, ...lengths })).rejects.toMatchObject({
      data: { reason: 'adapter_kind', found: 'DoRA' },
    });
    await expect(plan({ ...lora, use_dora: true })).rejects.toMatchObject({ data: { reason: 'missing_tensor' } });
    await expect(plan(lora, lengths)).rejects.toMatchObject({ data: { reason: 'missing_tensor' } });
    await expect(plan(lora, { ...both, [Object.keys(lengths)[0] ?? '']: tensor('m', [47]) })).rejects.toMatchObject({
      data: { reason: 'shape_mismatch', expected: 48, found: '47' },
    });
    const head = {
      'base_model.model.lm_head.lora_A.weight': tensor('a', [4, 32]),
      'base_model.model.lm_head.lora_B.weight': tensor('b', [40, 4]),
    };
    const read = await readAdapter(sourceOfAdapter(lora, { ...both, ...head }), nextTurn);
    expect(() => planAdapter(read, { ...llama, tie_word_embeddings: true }, facts)).toThrow(
      expect.objectContaining({ data: expect.objectContaining({ found: 'a head of its own' }) as object }) as Error,
    );
    expect(planAdapter(read, llama, facts).tensors.map(({ name }) => name)).toContain('output.weight.lora_b');
  });

  it('is refused with whole tensors, which a merge takes over', async () => {
    const head = { 'base_model.model.lm_head.weight': tensor('head', [40, 32]) };
    await expect(plan(lora, { ...both, ...head })).rejects.toMatchObject({
      data: { reason: 'adapter_kind', found: 'modules_to_save: lm_head.weight' },
    });
    const files = {
      'adapter_config.json': Buffer.from(JSON.stringify(lora)),
      'adapter_model.safetensors': madeSafetensors({
        'base_model.model.lm_head.modules_to_save.default.weight': tensor('head', [40, 32]),
      }),
    };
    const baseSource = memorySource({
      'model.safetensors': madeSafetensors({ 'lm_head.weight': tensor('lm_head.weight', [40, 32]) }),
    });
    const adapterSource = memorySource(files);
    const unpacked = unpackedTensors(llama, (await readStoredTensors(baseSource, nextTurn)).tensors);
    const merged = mergeTensors(unpacked, await readAdapter(adapterSource, nextTurn), llama);
    const reader = await merged.open(joinedSource(baseSource, adapterSource), merged.tensors[0]!);
    expect(new Float32Array(new Uint8Array(await reader.readRows(0, 40)).buffer)).toEqual(valuesFor('head', 40 * 32));
  });

  it.each<[string, Readonly<Record<string, MadeTensor>>, object]>([
    ['one factor', factors, { reason: 'missing_tensor' }],
    [
      'another rank',
      { ...both, 'base_model.model.model.layers.0.mlp.up_proj.lora_B.weight': tensor('b', [48, 5]) },
      { reason: 'shape_mismatch', expected: 'rank 4', found: '48 x 5' },
    ],
    [
      'other outputs',
      { ...both, 'base_model.model.model.layers.0.mlp.up_proj.lora_B.weight': tensor('b', [47, 4]) },
      { reason: 'shape_mismatch', expected: 48, found: '47 x 4' },
    ],
    [
      'a module that is not there',
      Object.fromEntries(Object.entries(both).map(([name, one]) => [name.replace('up_proj', 'wide_proj'), one])),
      { reason: 'unexpected_tensor' },
    ],
    [
      'a layer that is not there',
      Object.fromEntries(Object.entries(both).map(([name, one]) => [name.replace('layers.0', 'layers.7'), one])),
      { reason: 'unexpected_tensor' },
    ],
  ])('is refused with %s', async (_, tensors, data) => {
    await expect(plan(lora, tensors)).rejects.toMatchObject({ code: 'convert.invalid', data });
  });

  it.each([
    [{ ...lora, r: 0 }],
    [{ ...lora, r: 'four' }],
    [{ ...lora, lora_alpha: 0 }],
    [{ ...lora, rank_pattern: { up_proj: 0.5 } }],
  ])('is refused with the values %j', async (config) => {
    await expect(plan(config)).rejects.toMatchObject({ code: 'convert.invalid', data: { reason: 'config' } });
  });
});
