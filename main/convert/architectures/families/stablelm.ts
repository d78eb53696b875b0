/** StableLM 3B and StableLM 2 (1.6B with biases; 12B with norms of each head and both halves of a layer at once). */
import type { Architecture, TensorRow } from '../architecture.ts';
import {
  attentionRows,
  checkActivation,
  checkHeadSize,
  gatedRows,
  outerRows,
  qkvBiasRows,
  readDecoderSizes,
  rotaryBuffers,
  hasOwnHead,
} from '../decoder.ts';
import { bool, float32, uint32 } from '../entries.ts';
import { readRope } from '../rope.ts';

const normRows: readonly TensorRow[] = [
  { from: 'norm.bias', to: 'output_norm.bias', shape: ['hidden'] },
  { from: 'layers.{layer}.input_layernorm.weight', to: 'blk.{layer}.attn_norm.weight', shape: ['hidden'] },
  { from: 'layers.{layer}.input_layernorm.bias', to: 'blk.{layer}.attn_norm.bias', shape: ['hidden'] },
  {
    from: 'layers.{layer}.post_attention_layernorm.weight',
    to: 'blk.{layer}.ffn_norm.weight',
    shape: ['hidden'],
    when: 'sequential',
  },
  {
    from: 'layers.{layer}.post_attention_layernorm.bias',
    to: 'blk.{layer}.ffn_norm.bias',
    shape: ['hidden'],
    when: 'sequential',
  },
  {
    from: 'layers.{layer}.self_attn.q_layernorm.norms.{item}.weight',
    to: 'blk.{layer}.attn_q_norm.weight',
    shape: ['headSize'],
    change: { kind: 'stacked', count: 'heads' },
    when: 'headNorms',
  },
  {
    from: 'layers.{layer}.self_attn.k_layernorm.norms.{item}.weight',
    to: 'blk.{layer}.attn_k_norm.weight',
    shape: ['headSize'],
    change: { kind: 'stacked', count: 'kvHeads' },
    when: 'headNorms',
  },
];

export const stablelm: Architecture = {
  classes: ['StableLmForCausalLM', 'StableLMEpochForCausalLM'],
  prefixes: ['model.'],
  describe: (config) => {
    const sizes = readDecoderSizes(config, { context: 4096 });
    checkHeadSize(sizes);
    checkActivation(config, 'hidden_act', ['silu', 'swish']);
    const { partialFactor, theta } = readRope(config, { theta: 10_000, scalings: [] });
    const isParallel = config.flag('use_parallel_residual', false);
    return {
      name: 'stablelm',
      sizes,
      conditions: {
        untied: hasOwnHead(config, false),
        qkvBias: config.flag('use_qkv_bias', false),
        headNorms: config.flag('qk_layernorm', false),
        sequential: !isParallel,
      },
      metadata: [
        uint32('block_count', sizes.layers),
        uint32('context_length', sizes.context),
        uint32('embedding_length', sizes.hidden),
        uint32('feed_forward_length', sizes.feedForward),
        uint32('attention.head_count', sizes.heads),
        uint32('attention.head_count_kv', sizes.kvHeads),
        uint32('rope.dimension_count', Math.floor((partialFactor ?? 0.25) * sizes.headSize)),
        bool('use_parallel_residual', isParallel),
        float32('attention.layer_norm_epsilon', config.number(['layer_norm_eps', 'norm_eps'], 1e-5)),
        // The reference converter leaves the base out, which llama.cpp then takes for 10,000.
        ...(theta === 10_000 ? [] : [float32('rope.freq_base', theta)]),
      ],
      computed: [],
    };
  },
  rows: [...outerRows, ...normRows, ...attentionRows, ...qkvBiasRows, ...gatedRows],
  ignored: rotaryBuffers,
};
