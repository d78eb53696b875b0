/** GPT-2 in all sizes. */
import type { Architecture, TensorRow } from '../architecture.ts';
import { limits, unknownFeature, wrongValue } from '../config.ts';
import { checkActivation, hasOwnHead, headRows } from '../decoder.ts';
import { float32, uint32 } from '../entries.ts';

const rows: readonly TensorRow[] = [
  { from: 'wte.weight', to: 'token_embd.weight', shape: ['vocabulary', 'hidden'] },
  { from: 'wpe.weight', to: 'position_embd.weight', shape: ['positions', 'hidden'] },
  { from: 'ln_f.weight', to: 'output_norm.weight', shape: ['hidden'] },
  { from: 'ln_f.bias', to: 'output_norm.bias', shape: ['hidden'] },
  ...headRows('lm_head.weight'),
  { from: 'h.{layer}.ln_1.weight', to: 'blk.{layer}.attn_norm.weight', shape: ['hidden'] },
  { from: 'h.{layer}.ln_1.bias', to: 'blk.{layer}.attn_norm.bias', shape: ['hidden'] },
  {
    ...{ from: 'h.{layer}.attn.c_attn.weight', to: 'blk.{layer}.attn_qkv.weight' },
    ...{ shape: ['hidden', '3*hidden'], change: { kind: 'transposed' } },
  },
  { from: 'h.{layer}.attn.c_attn.bias', to: 'blk.{layer}.attn_qkv.bias', shape: ['3*hidden'] },
  {
    ...{ from: 'h.{layer}.attn.c_proj.weight', to: 'blk.{layer}.attn_output.weight' },
    ...{ shape: ['hidden', 'hidden'], change: { kind: 'transposed' } },
  },
  { from: 'h.{layer}.attn.c_proj.bias', to: 'blk.{layer}.attn_output.bias', shape: ['hidden'] },
  { from: 'h.{layer}.ln_2.weight', to: 'blk.{layer}.ffn_norm.weight', shape: ['hidden'] },
  { from: 'h.{layer}.ln_2.bias', to: 'blk.{layer}.ffn_norm.bias', shape: ['hidden'] },
  {
    ...{ from: 'h.{layer}.mlp.c_fc.weight', to: 'blk.{layer}.ffn_up.weight' },
    ...{ shape: ['hidden', 'feedForward'], change: { kind: 'transposed' } },
  },
  { from: 'h.{layer}.mlp.c_fc.bias', to: 'blk.{layer}.ffn_up.bias', shape: ['feedForward'] },
  {
    ...{ from: 'h.{layer}.mlp.c_proj.weight', to: 'blk.{layer}.ffn_down.weight' },
    ...{ shape: ['feedForward', 'hidden'], change: { kind: 'transposed' } },
  },
  { from: 'h.{layer}.mlp.c_proj.bias', to: 'blk.{layer}.ffn_down.bias', shape: ['hidden'] },
];

export const gpt2: Architecture = {
  classes: ['GPT2LMHeadModel', 'GPT2Model'],
  prefixes: ['transformer.'],
  describe: (config) => {
    const hidden = config.count(['n_embd', 'hidden_size'], { max: limits.hidden });
    const heads = config.count(['n_head', 'num_attention_heads'], { max: limits.heads });
    if (hidden % heads !== 0) throw wrongValue('n_head', `a divisor of the hidden size ${String(hidden)}`, heads);
    const layers = config.count(['n_layer', 'num_hidden_layers'], { max: limits.layers });
    const positions = config.count(['n_positions', 'n_ctx', 'max_position_embeddings'], { max: limits.positions });
    const feedForward = config.count('n_inner', { max: limits.feedForward, fallback: 4 * hidden });
    checkActivation(config, 'activation_function', ['gelu_new', 'gelu_fast', 'gelu_pytorch_tanh', 'gelu']);
    for (const scale of ['scale_attn_by_inverse_layer_idx', 'add_cross_attention']) {
      if (config.flag(scale, false)) throw unknownFeature(scale, `config.json asks for ${scale}, which is not known.`);
    }
    if (!config.flag('scale_attn_weights', true)) {
      throw unknownFeature(
        'scale_attn_weights',
        'config.json asks for attention that is not scaled, which is not known.',
      );
    }
    return {
      name: 'gpt2',
      sizes: {
        vocabulary: config.count('vocab_size', { max: limits.vocabulary }),
        layers,
        hidden,
        positions,
        feedForward,
      },
      conditions: { untied: hasOwnHead(config, true) },
      metadata: [
        uint32('block_count', layers),
        uint32('context_length', positions),
        uint32('embedding_length', hidden),
        uint32('feed_forward_length', feedForward),
        uint32('attention.head_count', heads),
        float32('attention.layer_norm_epsilon', config.number('layer_norm_epsilon', 1e-5)),
      ],
      computed: [],
    };
  },
  rows,
  // Masks of the published checkpoints.
  ignored: ['h.{layer}.attn.bias', 'h.{layer}.attn.masked_bias'],
};
