/** GPT-NeoX, Pythia and their kin. */
import type { Architecture, TensorRow } from '../architecture.ts';
import { limits, unknownFeature, wrongValue } from '../config.ts';
import { checkActivation, hasOwnHead, headRows } from '../decoder.ts';
import { bool, float32, uint32 } from '../entries.ts';
import { readRope } from '../rope.ts';

/** Each head has its query, key and value one after another. */
const perHead = { kind: 'regrouped', groups: 'heads', parts: ['headSize', 'headSize', 'headSize'] } as const;

const rows: readonly TensorRow[] = [
  { from: 'embed_in.weight', to: 'token_embd.weight', shape: ['vocabulary', 'hidden'] },
  { from: 'final_layer_norm.weight', to: 'output_norm.weight', shape: ['hidden'] },
  { from: 'final_layer_norm.bias', to: 'output_norm.bias', shape: ['hidden'] },
  ...headRows(['embed_out.weight', 'lm_head.weight']).map((row): TensorRow =>
    // llama.cpp loads no GPT-NeoX without a head, so that a tied one is the embeddings once more.
    row.isOptional === true ? { ...row, from: [row.from, 'embed_in.weight'].flat() } : row,
  ),
  { from: 'layers.{layer}.input_layernorm.weight', to: 'blk.{layer}.attn_norm.weight', shape: ['hidden'] },
  { from: 'layers.{layer}.input_layernorm.bias', to: 'blk.{layer}.attn_norm.bias', shape: ['hidden'] },
  {
    ...{ from: 'layers.{layer}.attention.query_key_value.weight', to: 'blk.{layer}.attn_qkv.weight' },
    ...{ shape: ['3*hidden', 'hidden'], change: perHead },
  },
  {
    ...{ from: 'layers.{layer}.attention.query_key_value.bias', to: 'blk.{layer}.attn_qkv.bias' },
    ...{ shape: ['3*hidden'], change: perHead },
  },
  { from: 'layers.{layer}.attention.dense.weight', to: 'blk.{layer}.attn_output.weight', shape: ['hidden', 'hidden'] },
  { from: 'layers.{layer}.attention.dense.bias', to: 'blk.{layer}.attn_output.bias', shape: ['hidden'] },
  { from: 'layers.{layer}.post_attention_layernorm.weight', to: 'blk.{layer}.ffn_norm.weight', shape: ['hidden'] },
  { from: 'layers.{layer}.post_attention_layernorm.bias', to: 'blk.{layer}.ffn_norm.bias', shape: ['hidden'] },
  {
    from: 'layers.{layer}.mlp.dense_h_to_4h.weight',
    to: 'blk.{layer}.ffn_up.weight',
    shape: ['feedForward', 'hidden'],
  },
  { from: 'layers.{layer}.mlp.dense_h_to_4h.bias', to: 'blk.{layer}.ffn_up.bias', shape: ['feedForward'] },
  {
    from: 'layers.{layer}.mlp.dense_4h_to_h.weight',
    to: 'blk.{layer}.ffn_down.weight',
    shape: ['hidden', 'feedForward'],
  },
  { from: 'layers.{layer}.mlp.dense_4h_to_h.bias', to: 'blk.{layer}.ffn_down.bias', shape: ['hidden'] },
];

export const gptNeoX: Architecture = {
  classes: ['GPTNeoXForCausalLM', 'GPTNeoXModel'],
  prefixes: ['gpt_neox.'],
  describe: (config) => {
    checkActivation(config, 'hidden_act', ['gelu', 'gelu_new', 'gelu_fast', 'gelu_pytorch_tanh']);
    if (!config.flag('attention_bias', true)) {
      throw unknownFeature(
        'attention_bias',
        'config.json asks for attention without biases, which llama.cpp does not compute for GPT-NeoX.',
      );
    }
    const hidden = config.count('hidden_size', { max: limits.hidden });
    const heads = config.count('num_attention_heads', { max: limits.heads });
    if (hidden % heads !== 0)
      throw wrongValue('num_attention_heads', `a divisor of the hidden size ${String(hidden)}`, heads);
    const headSize = hidden / heads;
    const layers = config.count('num_hidden_layers', { max: limits.layers });
    const feedForward = config.count('intermediate_size', { max: limits.feedForward });
    const rope = readRope(config, { theta: 10_000, scalings: ['linear', 'yarn'] });
    return {
      name: 'gptneox',
      sizes: {
        vocabulary: config.count('vocab_size', { max: limits.vocabulary }),
        ...{ layers, hidden, heads, headSize, feedForward },
      },
      conditions: { untied: hasOwnHead(config, false) },
      metadata: [
        uint32('context_length', config.count('max_position_embeddings', { max: limits.positions, fallback: 2048 })),
        uint32('embedding_length', hidden),
        uint32('block_count', layers),
        uint32('feed_forward_length', feedForward),
        uint32('rope.dimension_count', Math.floor((rope.partialFactor ?? 0.25) * headSize)),
        uint32('attention.head_count', heads),
        bool('use_parallel_residual', config.flag('use_parallel_residual', true)),
        float32('attention.layer_norm_epsilon', config.number('layer_norm_eps', 1e-5)),
        // The reference converter leaves the base out, which llama.cpp then takes for 10,000.
        ...rope.metadata.filter(({ key }) => key !== 'rope.freq_base' || rope.theta !== 10_000),
      ],
      computed: [],
      hasFileType: false,
    };
  },
  rows,
  // Masks and frequencies of the published checkpoints.
  ignored: [
    'layers.{layer}.attention.bias',
    'layers.{layer}.attention.masked_bias',
    'layers.{layer}.attention.rotary_emb.inv_freq',
    'rotary_emb.inv_freq',
  ],
};
