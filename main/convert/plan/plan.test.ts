import { describe, expect, it } from 'vitest';
import { isAppError } from '../../../preload/wire/errors.ts';
import type { Dtype } from '../../model-file/safetensors.ts';
import type { CheckpointTensor } from '../checkpoint/checkpoint-tensor.ts';
import { architectures } from '../architectures/registry.ts';
import { makePlan, type Plan, type PlanInput } from './plan.ts';

const llama = {
  architectures: ['LlamaForCausalLM'],
  ...{ hidden_size: 32, intermediate_size: 64, num_attention_heads: 4, num_key_value_heads: 2 },
  ...{ num_hidden_layers: 2, vocab_size: 96, max_position_embeddings: 128, rms_norm_eps: 1e-5, rope_theta: 10_000 },
};

function tensor(name: string, shape: readonly number[], dtype: Dtype = 'BF16'): CheckpointTensor {
  return { name, dtype, shape, stored: [{ name, dtype, shape, file: 'model.safetensors', startByte: 0, endByte: 0 }] };
}

const layer = (prefix: string): readonly CheckpointTensor[] => [
  tensor(`${prefix}.input_layernorm.weight`, [32]),
  tensor(`${prefix}.post_attention_layernorm.weight`, [32]),
  tensor(`${prefix}.self_attn.q_proj.weight`, [32, 32]),
  tensor(`${prefix}.self_attn.k_proj.weight`, [16, 32]),
  tensor(`${prefix}.self_attn.v_proj.weight`, [16, 32]),
  tensor(`${prefix}.self_attn.o_proj.weight`, [32, 32]),
  tensor(`${prefix}.mlp.gate_proj.weight`, [64, 32]),
  tensor(`${prefix}.mlp.up_proj.weight`, [64, 32]),
  tensor(`${prefix}.mlp.down_proj.weight`, [32, 64]),
];

const body = (prefix = 'model.'): readonly CheckpointTensor[] => [
  tensor(`${prefix}embed_tokens.weight`, [96, 32]),
  ...layer(`${prefix}layers.0`),
  ...layer(`${prefix}layers.1`),
  tensor(`${prefix}norm.weight`, [32]),
];
const head = tensor('lm_head.weight', [96, 32]);

const plan = (config: unknown, tensors = [...body(), head], rest: Partial<PlanInput> = {}): Plan =>
  makePlan({
    ...{ config, generation: null, tensors, vocabulary: [], pooling: null },
    facts: { name: 'someone/Some-Model' },
    ...rest,
  });

/** The facts of the refusal. */
function refusal(act: () => unknown): Readonly<Record<string, unknown>> {
  try {
    act();
  } catch (error) {
    if (isAppError(error)) return { code: error.code, ...error.data };
    throw error;
  }
  throw new Error('It was not refused.');
}

const names = (made: Plan): readonly string[] => made.tensors.map(({ name }) => name);

describe('a plan', () => {
  it('leaves out a bias that a library of quantization stores for every module', () => {
    const bias = tensor('model.layers.0.mlp.down_proj.bias', [32], 'F16');
    const made = plan(llama, [...body(), head, { ...bias, isSpareBias: true }]);
    expect(names(made)).toEqual(names(plan(llama)));
    expect(refusal(() => plan(llama, [...body(), head, bias]))).toMatchObject({
      ...{ reason: 'unexpected_tensor', tensor: 'model.layers.0.mlp.down_proj.bias' },
    });
    // Where the model has biases it is one of them.
    const biases = ['q', 'k', 'v', 'o'].flatMap((one) =>
      [0, 1].map((at) => ({
        ...tensor(`model.layers.${String(at)}.self_attn.${one}_proj.bias`, ['k', 'v'].includes(one) ? [16] : [32]),
        isSpareBias: true as const,
      })),
    );
    const biased = plan({ ...llama, attention_bias: true }, [...body(), head, ...biases]);
    expect(names(biased).filter((name) => name.endsWith('.bias'))).toHaveLength(8);
  });

  it('takes the names of a class without a head, and of a language model inside another model', () => {
    const tied = { ...llama, tie_word_embeddings: true };
    const plain = names(plan(tied, [...body()]));
    expect(names(plan(tied, [...body('')]))).toEqual(plain);
    expect(names(plan(tied, [...body('model.language_model.')]))).toEqual(plain);
    const picture = tensor('vision_tower.patch_embedding.weight', [3, 3]);
    expect(names(plan(tied, [...body('language_model.model.'), picture]))).toEqual(plain);
  });

  it('reads the configuration of the language model inside that of another', () => {
    const { architectures: _, ...text } = llama;
    const outer = { architectures: ['SomethingForConditionalGeneration'], hidden_size: 7 };
    const inner = { ...text, architectures: ['LlamaForCausalLM'] };
    expect(names(plan({ ...outer, text_config: inner }))).toEqual(names(plan(llama)));
  });

  it('keeps a head that is stored beside a tied config, as the reference converter does, and checks it', () => {
    const tied = { ...llama, tie_word_embeddings: true };
    expect(names(plan(tied, [...body()]))).not.toContain('output.weight');
    expect(names(plan(tied))).toContain('output.weight');
    expect(refusal(() => plan(tied, [...body(), tensor('lm_head.weight', [95, 32])]))).toMatchObject({
      ...{ reason: 'wrong_shape', tensor: 'lm_head.weight', expected: '96 x 32', found: '95 x 32' },
    });
  });

  it('needs no head for the body of a model alone, nor for an embedding model', () => {
    expect(names(plan(llama, [...body('')]))).not.toContain('output.weight');
    expect(names(plan(llama, [...body()], { pooling: 'last' }))).not.toContain('output.weight');
    expect(refusal(() => plan(llama, [...body()]))).toMatchObject({
      ...{ reason: 'missing_tensor', tensor: 'lm_head.weight' },
    });
  });

  it('interleaves the biases of queries and keys like their weights', () => {
    const biases = [0, 1].flatMap((number) => [
      tensor(`model.layers.${String(number)}.self_attn.q_proj.bias`, [32]),
      tensor(`model.layers.${String(number)}.self_attn.k_proj.bias`, [16]),
      tensor(`model.layers.${String(number)}.self_attn.v_proj.bias`, [16]),
      tensor(`model.layers.${String(number)}.self_attn.o_proj.bias`, [32]),
    ]);
    const { tensors } = plan({ ...llama, attention_bias: true }, [...body(), head, ...biases]);
    const origin = tensors.find(({ name }) => name === 'blk.1.attn_k.bias')?.origin;
    const piece = { source: 'model.layers.1.self_attn.k_proj.bias', firstRow: 0, rowCount: 16, interleave: 8 };
    expect(origin).toEqual({ kind: 'rows', pieces: [piece], add: 0 });
  });

  it('has the name, license and bases of the model', () => {
    const entries = plan(llama, undefined, {
      facts: {
        name: 'mistralai/Mistral-7B-Instruct-v0.3',
        card: { license: 'apache-2.0', baseModels: ['mistralai/Mistral-7B-v0.3'] },
      },
      generation: { temperature: 0.6, top_p: 'high' },
    }).metadata('Q8_0');
    const found = Object.fromEntries(entries.map(({ key, value }) => [key, value]));
    // Read from the reference converter's own function for these names (gguf.Metadata.get_model_id_components).
    expect(found).toMatchObject({
      'general.name': 'Mistral 7B Instruct v0.3',
      'general.organization': 'Mistralai',
      'general.basename': 'Mistral',
      'general.version': 'v0.3',
      'general.license': 'apache-2.0',
      'general.base_model.count': 1,
      'general.base_model.0.name': 'Mistral 7B v0.3',
      'general.base_model.0.organization': 'Mistralai',
      'general.base_model.0.version': 'v0.3',
      'general.base_model.0.repo_url': 'https://huggingface.co/mistralai/Mistral-7B-v0.3',
      'general.sampling.temp': 0.6,
      'general.file_type': 7,
    });
    expect(found).not.toHaveProperty('general.sampling.top_p');
  });
});

describe('a refusal', () => {
  it('names up to 20 tensors and counts the others', () => {
    const facts = refusal(() => plan({ ...llama, num_hidden_layers: 5 }));
    expect(facts).toMatchObject({
      ...{ code: 'convert.invalid', reason: 'missing_tensor', count: 27 },
      ...{ tensor: 'model.layers.2.input_layernorm.weight', expected: '32' },
    });
    expect(String(facts['detail']).split('\n')).toHaveLength(21);
    expect(facts['detail']).toContain('The tensor model.layers.3.self_attn.q_proj.weight is missing');
    expect(facts['detail']).toContain('7 more tensors are wrong.');
  });

  it('stops looking where config.json asks for hundreds of thousands of tensors', () => {
    const mixtral = { ...llama, architectures: ['MixtralForCausalLM'], num_hidden_layers: 512, num_local_experts: 512 };
    const facts = refusal(() => plan(mixtral));
    expect(facts).toMatchObject({ code: 'convert.invalid', reason: 'missing_tensor', count: 1000 });
    expect(facts['detail']).toContain('At least 980 more tensors are wrong.');
  });

  it('names tensors that are missing, superfluous, of another shape, dtype or there twice', () => {
    const tensors = [
      ...body().filter(({ name }) => name !== 'model.norm.weight'),
      ...[tensor('model.layers.2.mlp.up_proj.weight', [64, 32]), tensor('embed_tokens.weight', [96, 32])],
      ...[tensor('lm_head.weight', [96, 32], 'I64'), tensor('constructor', [1])],
    ];
    const detail = String(refusal(() => plan({ ...llama, intermediate_size: 48 }, tensors))['detail']);
    expect(detail.split('\n').toSorted()).toEqual(
      [
        'The tensor model.embed_tokens.weight of model.safetensors is there a second time, as embed_tokens.weight.',
        'The tensor model.norm.weight is missing; it would be 32.',
        ...[0, 1].flatMap((number) =>
          ['gate_proj', 'up_proj', 'down_proj'].map((name) => {
            const [found, wanted] = name === 'down_proj' ? ['32 x 64', '32 x 48'] : ['64 x 32', '48 x 32'];
            return `The tensor model.layers.${String(number)}.mlp.${name}.weight of model.safetensors is ${found}; config.json implies ${wanted}.`;
          }),
        ),
        'The tensor lm_head.weight of model.safetensors is stored as I64; weights are F64, F32, F16, BF16, I8, U8.',
        'The tensor model.layers.2.mlp.up_proj.weight of model.safetensors (BF16, 64 x 32) has no place in this architecture.',
        'The tensor constructor of model.safetensors (BF16, 1) has no place in this architecture.',
      ].toSorted(),
    );
  });

  it.each([
    ['num_hidden_layers', 1e9],
    ['num_hidden_layers', -1],
    ['num_hidden_layers', 1.5],
    ['num_hidden_layers', '2'],
    ['num_attention_heads', 0],
    ['num_attention_heads', 6],
    ['num_key_value_heads', 3],
    ['hidden_size', 2 ** 40],
    ['vocab_size', [96]],
    ['head_dim', 7],
    ['intermediate_size', {}],
    ['rope_theta', 0],
    ['rope_theta', 'much'],
    ['rope_scaling', 'llama3'],
    ['attention_bias', 'yes'],
    ['max_position_embeddings', 2 ** 31],
    ['rms_norm_eps', null],
  ])('of a config.json with %s %j names the key or takes the default', (key, value) => {
    const act = (): unknown => plan({ ...llama, [key]: value });
    if (value === null) expect(act).not.toThrow();
    else expect(refusal(act)).toMatchObject({ code: 'convert.invalid', reason: 'config', file: 'config.json', key });
  });

  it.each([
    [{ rope_scaling: { type: 'spiral', factor: 2 } }, 'spiral'],
    [{ rope_parameters: { rope_type: 'longrope', short_factor: [], long_factor: [] } }, 'longrope'],
    [{ hidden_act: 'gelu' }, 'gelu'],
    [{ architectures: ['Qwen3ForCausalLM'], attention_bias: true }, 'attention_bias'],
  ])('of %j names what is not known', (values, found) => {
    expect(refusal(() => plan({ ...llama, ...values }))).toMatchObject({
      ...{ code: 'convert.unsupported', reason: 'feature', found },
    });
  });

  it('names an unknown architecture, and the lack of one', () => {
    const unknown = refusal(() => plan({ ...llama, architectures: ['PerceptronForCausalLM'] }));
    expect(unknown).toMatchObject({
      code: 'convert.unsupported',
      reason: 'architecture',
      found: 'PerceptronForCausalLM',
    });
    for (const values of [
      {},
      { architectures: [] },
      { architectures: [7] },
      { architectures: '__proto__' },
      [],
      null,
    ]) {
      expect(refusal(() => plan(values))).toMatchObject({ code: 'convert.invalid', reason: 'config' });
    }
  });

  it('says that the vocabulary and the embeddings differ', () => {
    const vocabulary = [{ key: 'tokenizer.ggml.tokens', type: 'strings', value: ['a', 'b'] }] as const;
    expect(refusal(() => plan(llama, undefined, { vocabulary }))).toMatchObject({
      ...{ code: 'convert.invalid', reason: 'vocabulary', expected: 96, found: 2 },
    });
  });

  it('of any family with impossible values is one of its own errors', () => {
    const odd = [null, -1, 0, 1, 2, 1e18, 'text', [], {}, true];
    const keys = [
      'hidden_size',
      'n_embd',
      'num_hidden_layers',
      'n_layer',
      'num_attention_heads',
      'n_head',
      'vocab_size',
    ];
    for (const { classes } of architectures) {
      for (const value of odd) {
        const config = { architectures: classes, ...Object.fromEntries(keys.map((key) => [key, value])) };
        expect(refusal(() => plan(config))['code']).toMatch(/^convert\./);
      }
    }
  });
});
