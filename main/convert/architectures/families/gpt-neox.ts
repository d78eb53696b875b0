/** GPT-NeoX, Pythia and their kin. */
import type { Architecture, TensorRow } from '../architecture.ts';
import { limits, unknownFeature } from '../config.ts';
import { biasedNorm, checkActivation, hasOwnHead, linear, readHeads, requiredHeadRows } from '../decoder.ts';
import { bool, float32, uint32 } from '../entries.ts';
import { entriesWithoutUsualBase, readRope } from '../rope.ts';

/** Each head has its query, key and value one after another. */
const perHead = { kind: 'regrouped', groups: 'heads', parts: ['headSize', 'headSize', 'headSize'] } as const;

const rows: readonly TensorRow[] = [
  { from: 'embed_in.weight', to: 'token_embd.weight', shape: ['vocabulary', 'hidden'] },
  ...biasedNorm('final_layer_norm', 'output_norm'),
  ...requiredHeadRows(['embed_out.weight', 'lm_head.weight'], 'embed_in.weight'),
  ...biasedNorm('layers.{layer}.input_layernorm', 'blk.{layer}.attn_norm'),
  ...linear('layers.{layer}.attention.query_key_value', 'blk.{layer}.attn_qkv', '3*hidden', 'hidden').map(
    (row): TensorRow => ({ ...row, change: perHead }),
  ),
  ...linear('layers.{layer}.attention.dense', 'blk.{layer}.attn_output', 'hidden', 'hidden'),
  ...biasedNorm('layers.{layer}.post_attention_layernorm', 'blk.{layer}.ffn_norm'),
  ...linear('layers.{layer}.mlp.dense_h_to_4h', 'blk.{layer}.ffn_up', 'feedForward', 'hidden'),
  ...linear('layers.{layer}.mlp.dense_4h_to_h', 'blk.{layer}.ffn_down', 'hidden', 'feedForward'),
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
    const hidden = config.count('hidden_size', { max: limits.hidden, fallback: 6144 });
    const heads = readHeads(config, 'num_attention_heads', hidden, 64);
    const headSize = hidden / heads;
    const layers = config.count('num_hidden_layers', { max: limits.layers, fallback: 44 });
    const feedForward = config.count('intermediate_size', { max: limits.feedForward, fallback: 24_576 });
    const rope = readRope(config, { theta: 10_000, scalings: ['linear', 'yarn'] });
    return {
      name: 'gptneox',
      sizes: {
        vocabulary: config.count('vocab_size', { max: limits.vocabulary, fallback: 50_432 }),
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
        ...entriesWithoutUsualBase(rope),
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
