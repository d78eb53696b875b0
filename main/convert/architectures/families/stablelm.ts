/** StableLM 3B and StableLM 2 (1.6B with biases; 12B with norms of each head and both halves of a layer at once). */
import type { Architecture, TensorRow } from '../architecture.ts';
import {
  attentionRows,
  biasedNorm,
  checkHeadSize,
  checkSilu,
  gatedRows,
  groupedSizeEntries,
  hasOwnHead,
  outerRowsWithHead,
  qkvBiasRows,
  readDecoderSizes,
  rotaryBuffers,
  rowsWhen,
} from '../decoder.ts';
import { bool, float32, uint32 } from '../entries.ts';
import { entriesWithoutUsualBase, readRope } from '../rope.ts';

const normRows: readonly TensorRow[] = [
  { from: 'norm.bias', to: 'output_norm.bias', shape: ['hidden'] },
  ...biasedNorm('layers.{layer}.input_layernorm', 'blk.{layer}.attn_norm'),
  ...rowsWhen('sequential', biasedNorm('layers.{layer}.post_attention_layernorm', 'blk.{layer}.ffn_norm')),
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
    const sizes = readDecoderSizes(config, {
      vocabulary: 50_304,
      layers: 32,
      hidden: 2560,
      feedForward: 6912,
      heads: 32,
      kvHeads: 32,
      context: 4096,
    });
    checkHeadSize(sizes);
    checkSilu(config);
    const rope = readRope(config, { theta: 10_000, scalings: [] });
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
        ...groupedSizeEntries(sizes),
        uint32('rope.dimension_count', Math.floor((rope.partialFactor ?? 0.25) * sizes.headSize)),
        bool('use_parallel_residual', isParallel),
        float32('attention.layer_norm_epsilon', config.number(['layer_norm_eps', 'norm_eps'], 1e-5)),
        ...entriesWithoutUsualBase(rope),
      ],
      computed: [],
    };
  },
  rows: [...outerRowsWithHead, ...normRows, ...attentionRows, ...qkvBiasRows, ...gatedRows],
  ignored: rotaryBuffers,
};
