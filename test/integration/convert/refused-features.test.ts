/** What config.json may ask for and llama.cpp computes otherwise: refused by the name of the key, before any weights are read. */
import { expect, test } from 'vitest';
import { AppError } from '../../../preload/wire/errors.ts';
import { createConfig } from '../../../main/convert/architectures/config.ts';
import { findArchitecture } from '../../../main/convert/architectures/registry.ts';
import { readReference } from '../../support/made-checkpoint.ts';

/** A reference, the key that is named, and values that take the place of those in its config.json. */
const cases: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] = [
  ['qwen2-moe', 'decoder_sparse_step', { decoder_sparse_step: 2 }],
  ['qwen2-moe', 'mlp_only_layers', { mlp_only_layers: [0] }],
  ['qwen2-moe', 'norm_topk_prob', { norm_topk_prob: true }],
  ['qwen3-moe', 'norm_topk_prob', { norm_topk_prob: false }],
  ['qwen3-moe', 'llama3', { rope_scaling: { rope_type: 'llama3', factor: 8 } }],
  ['qwen3-yarn', 'attention_factor', { rope_scaling: { rope_type: 'yarn', factor: 4, attention_factor: 1.1 } }],
  [
    'llama-yarn-rope',
    'mscale_all_dim',
    { rope_scaling: { rope_type: 'yarn', factor: 4, mscale: 1, mscale_all_dim: 0.5, attn_factor: 1 } },
  ],
  ['gemma', 'tie_word_embeddings', { tie_word_embeddings: false }],
  ['gemma2', 'tie_word_embeddings', { tie_word_embeddings: false }],
  ['starcoder2', 'use_bias', { use_bias: false }],
  ['stablelm-biases', 'relu', { hidden_act: 'relu' }],
  ['olmo2', 'relu', { hidden_act: 'relu' }],
  ['smollm3', 'relu', { hidden_act: 'relu' }],
  ['starcoder2', 'relu', { hidden_act: 'relu' }],
  ['qwen2-moe', 'relu', { hidden_act: 'relu' }],
  ['qwen3-moe', 'relu', { hidden_act: 'relu' }],
  ['granite', 'relu', { hidden_act: 'relu' }],
  ['gemma', 'relu', { hidden_act: 'relu' }],
  ['gemma2', 'relu', { hidden_activation: 'relu' }],
  ['gemma3-text', 'relu', { hidden_activation: 'relu' }],
  ['gemma3-text', 'sliding_window_pattern', { sliding_window_pattern: 4 }],
  ['gemma3-text', 'sliding_window_pattern', { layer_types: Array.from({ length: 7 }, () => 'full_attention') }],
  ['gemma3-text', 'query_pre_attn_scalar', { query_pre_attn_scalar: 168 }],
  ['gemma3-text', 'attn_logit_softcapping', { attn_logit_softcapping: 50 }],
  ['gemma3-text', 'use_bidirectional_attention', { use_bidirectional_attention: true }],
  ['smollm3', 'no_rope_layers', { no_rope_layers: [1, 1, 1, 1, 0] }],
  ['smollm3', 'no_rope_layers', { no_rope_layers: null, no_rope_layer_interval: 3 }],
  ['smollm3', 'use_sliding_window', { use_sliding_window: true }],
  ['olmo2', 'attention_bias', { attention_bias: true }],
  ['granite', 'head_dim', { head_dim: 32 }],
  ['qwen2-sliding-window', 'head_dim', { head_dim: 32 }],
  ['qwen2-moe', 'head_dim', { head_dim: 32 }],
  ['stablelm-biases', 'head_dim', { head_dim: 32 }],
  ['gemma2', 'attn_logit_softcapping', { attn_logit_softcapping: null }],
  ['gemma2', 'final_logit_softcapping', { final_logit_softcapping: null }],
  ['gemma2', 'sliding_window', { sliding_window: null }],
  ['gemma3-text', 'sliding_window', { sliding_window: null }],
  ['gemma2', 'tie_word_embeddings', { tie_word_embeddings: null }],
  ['starcoder2', 'use_bias', { use_bias: null }],
  ['granite', 'attention_bias', { mlp_bias: true }],
  ['nomic-bert-moe', 'activation_function', { activation_function: 'swiglu' }],
  ['nomic-bert-moe', 'mlp_fc2_bias', { mlp_fc2_bias: false }],
  ['nomic-bert-moe', 'moe_normalize_expert_weights', { moe_normalize_expert_weights: true }],
  ['nomic-bert-moe', 'num_shared_experts', { num_shared_experts: 1 }],
  ['nomic-bert', 'activation_function', { activation_function: 'gelu' }],
  ['nomic-bert', 'qkv_proj_bias', { qkv_proj_bias: true }],
  ['nomic-bert', 'rotary_scaling_factor', { rotary_scaling_factor: 2 }],
  ['modernbert', 'hidden_activation', { hidden_activation: 'silu' }],
  ['modernbert', 'norm_bias', { norm_bias: true }],
  [
    'modernbert',
    'layer_types',
    { layer_types: ['full_attention', 'full_attention', 'full_attention', 'full_attention'] },
  ],
];

test.each(cases)('%s: %s', (name, feature, values) => {
  const config = { ...readReference(name).config, ...values };
  const describe = (): unknown =>
    findArchitecture(config).describe(createConfig(config), { pooling: null, tokenCount: null });
  let caught: unknown;
  try {
    describe();
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(AppError);
  expect(caught).toMatchObject({
    code: 'convert.unsupported',
    data: { reason: 'feature', file: 'config.json', found: feature },
  });
  // The sentence names the key or its value, so that the reader can find it.
  expect(String((caught as AppError).data?.['detail'])).toContain(
    ['llama3', 'relu'].includes(feature) ? feature : 'config.json',
  );
});

test('null in config.json is what transformers makes of it: none, false, or as many as the heads', () => {
  const described = (name: string, values: Readonly<Record<string, unknown>>) => {
    const config = { ...readReference(name).config, ...values };
    return findArchitecture(config).describe(createConfig(config), { pooling: null, tokenCount: null });
  };
  expect(described('smollm3', { num_key_value_heads: null }).sizes).toMatchObject({ heads: 4, kvHeads: 4 });
  expect(described('qwen3-yarn', { head_dim: null }).sizes).toMatchObject({ headSize: 16 });
  expect(described('smollm3', { tie_word_embeddings: null }).conditions).toMatchObject({ untied: true });
  expect(described('stablelm-biases', { use_qkv_bias: null }).conditions).toMatchObject({ qkvBias: false });
  const windows = (sliding_window: number | null | undefined): readonly unknown[] =>
    described('olmo3', { sliding_window }).metadata.flatMap(({ key, value }) =>
      key === 'attention.sliding_window' ? [value] : [],
    );
  expect(windows(null)).toEqual([]);
  // The default of transformers; OLMo 2 has none.
  expect(windows(undefined)).toEqual([4096]);
  expect(described('olmo2', {}).metadata.map(({ key }) => key)).not.toContain('attention.sliding_window');
});

test('the attention_factor that llama.cpp computes itself is no other feature', () => {
  const config = {
    ...readReference('qwen3-yarn').config,
    // That of OLMo 3 as it is published, and rounded.
    rope_scaling: { rope_type: 'yarn', factor: 8, attention_factor: 1.2079441541679836 },
  };
  const describe = (rope_scaling: object): unknown =>
    findArchitecture(config).describe(createConfig({ ...config, rope_scaling }), { pooling: null, tokenCount: null });
  for (const attention_factor of [1.2079441541679836, 1.2079, null])
    expect(describe({ ...config.rope_scaling, attention_factor })).toBeDefined();
  // transformers reads no attn_factor, and llama.cpp neither.
  expect(describe({ rope_type: 'yarn', factor: 4, attn_factor: 0.878 })).toBeDefined();
});
