import { describe, expect, it } from 'vitest';
import { bytesOf, llama, small, sourceOfAdapter, tensor, valuesFor } from '../../../test/support/made-adapter.ts';
import { memorySource } from '../../../test/support/memory-source.ts';
import { madeSafetensors, type MadeTensor } from '../../../test/support/safetensors-file.ts';
import { valueCount } from '../../model-file/ggml-types.ts';
import { describeModel } from '../architectures/registry.ts';
import { readStoredTensors } from '../checkpoint/checkpoint.ts';
import { unpackedTensors } from '../checkpoint/unpack/unpack.ts';
import { planRows } from '../plan/rows.ts';
import { readAdapter } from './adapter.ts';
import { expectedTensors } from './base-tensors.ts';
import { joinedSource } from './joined-source.ts';
import { planAdapter } from './lora-plan.ts';
import { mergeTensors } from './merge.ts';

const nextTurn = (): Promise<void> => Promise.resolve();
const facts = { name: 'lora-llama' };
const lora = { peft_type: 'LORA', r: 4, lora_alpha: 8, bias: 'none' };

/** The tensors of a model of this configuration, and those of it with the adapter, by the names of its file, with their values. */
async function mergedWith(
  config: Record<string, unknown>,
  tensors: Readonly<Record<string, MadeTensor>>,
  rename: (plain: string) => string = (plain) => `model.${plain}`,
  adapterConfig: object = lora,
): Promise<{ base: Record<string, Float32Array>; merged: Record<string, Float32Array>; config: object }> {
  const { architecture, description } = describeModel(config);
  const base: Record<string, MadeTensor> = {};
  for (const { name, shape } of expectedTensors(architecture, description, () => false)) {
    const own = name === 'lm_head.weight' ? name : rename(name);
    base[own] = tensor(own, shape);
  }
  const [baseSource, adapterSource] = [
    memorySource({ 'model.safetensors': madeSafetensors(base) }),
    sourceOfAdapter(adapterConfig, tensors),
  ];
  const unpacked = unpackedTensors(config, (await readStoredTensors(baseSource, nextTurn)).tensors);
  const found = mergeTensors(unpacked, await readAdapter(adapterSource, nextTurn), config);
  const merged: Record<string, Float32Array> = {};
  for (const one of found.tensors) {
    const reader = await found.open(joinedSource(baseSource, adapterSource), one);
    const bytes = new Uint8Array(await reader.readRows(0, one.shape[0] ?? 1));
    merged[one.name] = new Float32Array(bytes.buffer);
  }
  const { description: again } = describeModel(found.config);
  planRows(architecture, again, found.tensors).problems.assertNone();
  const values = Object.entries(base).map(([name, { shape }]) => [name, valuesFor(name, valueCount(shape))]);
  return { base: Object.fromEntries(values) as Record<string, Float32Array>, merged, config: found.config };
}

describe('a merge', () => {
  const tied = { ...llama, tie_word_embeddings: true };
  const embeddings = 'model.embed_tokens.weight';
  const [a, b] = [valuesFor('a', 4 * 32), valuesFor('b', 40 * 4)];
  const headFactors = {
    'base_model.model.lm_head.lora_A.weight': tensor('a', [4, 32]),
    'base_model.model.lm_head.lora_B.weight': tensor('b', [40, 4]),
  };
  const saved = (name: string, rows = 40): Record<string, MadeTensor> => ({
    [`base_model.model.${name}`]: tensor(`saved ${name}`, [rows, 32]),
  });

  it('gives a base whose head is its embeddings a head of its own, where the adapter has one', async () => {
    const { base, merged } = await mergedWith(tied, { ...saved(embeddings), ...saved('lm_head.weight') });
    expect(merged).toEqual({
      ...base,
      [embeddings]: valuesFor(`saved ${embeddings}`, 40 * 32),
      'lm_head.weight': valuesFor('saved lm_head.weight', 40 * 32),
    });
  });

  it('adds to the embeddings what the adapter adds to such a head, and leaves the embeddings', async () => {
    const { base, merged } = await mergedWith(tied, headFactors);
    const head = base[embeddings]?.map((value, at) => {
      const [row, column] = [Math.floor(at / 32), at % 32];
      return value + 2 * [0, 1, 2, 3].reduce((sum, k) => sum + (b[row * 4 + k] ?? 0) * (a[k * 32 + column] ?? 0), 0);
    });
    expect(merged).toEqual({ ...base, 'lm_head.weight': head });
  });

  it.each([43, 38])('takes embeddings of %d tokens for 40', async (rows) => {
    const own = { ...saved(embeddings, rows), ...saved('lm_head.weight', rows) };
    const { merged, config } = await mergedWith(llama, own);
    expect(config).toEqual({ ...llama, vocab_size: rows });
    expect(merged[embeddings]).toEqual(valuesFor(`saved ${embeddings}`, rows * 32));
    expect(merged['lm_head.weight']).toEqual(valuesFor('saved lm_head.weight', rows * 32));
    await expect(mergedWith(llama, saved('lm_head.weight', rows))).rejects.toMatchObject({
      data: { reason: 'shape_mismatch', tensor: 'lm_head.weight' },
    });
  });

  it('leaves out the copies that a whole state has of the base', async () => {
    const { base, merged } = await mergedWith(llama, {
      'base_model.model.lm_head.modules_to_save.default.weight': tensor('new', [40, 32]),
      'base_model.model.lm_head.original_module.weight': tensor('old', [40, 32]),
    });
    expect(merged).toEqual({ ...base, 'lm_head.weight': valuesFor('new', 40 * 32) });
  });

  it('gives the rows of DoRA the lengths that were learned, as PyTorch computes them', async () => {
    const module = 'model.layers.0.mlp.up_proj';
    const [aName, bName, mName] = ['lora_A.weight', 'lora_B.weight', 'lora_magnitude_vector'].map(
      (kind) => `base_model.model.${module}.${kind}`,
    ) as [string, string, string];
    const lengths = valuesFor(mName, 48).map((value) => value + 2);
    const { base, merged } = await mergedWith(
      llama,
      {
        ...{ [aName]: tensor(aName, [4, 32]), [bName]: tensor(bName, [48, 4]) },
        [mName]: { dtype: 'F32', shape: [48], bytes: bytesOf(lengths) },
      },
      undefined,
      { ...lora, use_dora: true },
    );
    const { [`${module}.weight`]: changed = new Float32Array(0), ...others } = merged;
    expect(base).toMatchObject(others);
    const expected = {
      160: [
        0.16364797949790955, 0.3842169940471649, -0.4340228736400604, 0.298835426568985, 0.6296889185905457,
        0.20989631116390228,
      ],
      1530: [
        -0.1324896514415741, -0.6605821847915649, -0.06717785447835922, 0.22952432930469513, -0.4833073019981384,
        0.2836398184299469,
      ],
    };
    for (const [at, values] of Object.entries(expected))
      for (const [index, value] of values.entries()) expect(changed[Number(at) + index]).toBeCloseTo(value, 6);
  });

  it('of a language model inside another one is that of the language model, and leaves out its sight', async () => {
    const gemma = {
      ...{ architectures: ['Gemma3ForConditionalGeneration'], model_type: 'gemma3' },
      text_config: { ...small, head_dim: 8, sliding_window: 8, query_pre_attn_scalar: 8 },
    };
    const module = 'model.language_model.layers.1.mlp.up_proj';
    const sight = 'base_model.model.model.vision_tower.vision_model.encoder.layers.0.self_attn.q_proj';
    const factorsOf = (prefix: string, outputs: number): Record<string, MadeTensor> => ({
      [`${prefix}.lora_A.weight`]: tensor('a', [4, 32]),
      [`${prefix}.lora_B.weight`]: tensor('c', [outputs, 4]),
    });
    const own = factorsOf(`base_model.model.${module}`, 48);
    const { base, merged } = await mergedWith(gemma, own, (plain) => `language_model.model.${plain}`);
    const changed = Object.keys(base).filter((name) => String(base[name]) !== String(merged[name]));
    expect(changed).toEqual(['language_model.model.layers.1.mlp.up_proj.weight']);
    const read = await readAdapter(sourceOfAdapter(lora, { ...own, ...factorsOf(sight, 32) }), nextTurn);
    expect(planAdapter(read, gemma, facts).tensors.map(({ name }) => name)).toEqual([
      ...['blk.1.ffn_up.weight.lora_a', 'blk.1.ffn_up.weight.lora_b'],
    ]);
    const alone = await readAdapter(sourceOfAdapter(lora, factorsOf(sight, 32)), nextTurn);
    expect(() => planAdapter(alone, gemma, facts)).toThrow('other parts than the language model');
  });

  it('is refused where the GGUF file has no place for what is changed', async () => {
    const gemma = { ...small, architectures: ['GemmaForCausalLM'], head_dim: 8 };
    await expect(mergedWith(gemma, saved('lm_head.weight'))).rejects.toMatchObject({
      data: { reason: 'adapter_kind', found: 'changes of lm_head.weight' },
    });
  });
});
