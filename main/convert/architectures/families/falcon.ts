/** Falcon 7B, 40B, 180B and Falcon 2: attention and feed-forward part side by side. */
import type { Architecture, TensorRow } from '../architecture.ts';
import { limits, unknownFeature, wrongValue, type Config } from '../config.ts';
import { biasedNorm, checkActivation, hasOwnHead, headRows, readHeads, rowsWhen } from '../decoder.ts';
import { float32, string, uint32 } from '../entries.ts';
import { entriesWithoutUsualBase, readRope } from '../rope.ts';

const rows: readonly TensorRow[] = [
  { from: 'word_embeddings.weight', to: 'token_embd.weight', shape: ['vocabulary', 'hidden'] },
  ...biasedNorm('ln_f', 'output_norm'),
  ...headRows('lm_head.weight'),
  ...rowsWhen('!twoNorms', biasedNorm('h.{layer}.input_layernorm', 'blk.{layer}.attn_norm')),
  ...rowsWhen('twoNorms', biasedNorm('h.{layer}.ln_mlp', 'blk.{layer}.attn_norm')),
  ...rowsWhen('twoNorms', biasedNorm('h.{layer}.ln_attn', 'blk.{layer}.attn_norm_2')),
  {
    ...{ from: 'h.{layer}.self_attention.query_key_value.weight', to: 'blk.{layer}.attn_qkv.weight' },
    ...{ shape: ['hidden+2*kvHeads*headSize', 'hidden'] },
    change: { kind: 'regrouped', groups: 'kvHeads', parts: ['queriesPerGroup*headSize', 'headSize', 'headSize'] },
  },
  { from: 'h.{layer}.self_attention.dense.weight', to: 'blk.{layer}.attn_output.weight', shape: ['hidden', 'hidden'] },
  { from: 'h.{layer}.mlp.dense_h_to_4h.weight', to: 'blk.{layer}.ffn_up.weight', shape: ['feedForward', 'hidden'] },
  { from: 'h.{layer}.mlp.dense_4h_to_h.weight', to: 'blk.{layer}.ffn_down.weight', shape: ['hidden', 'feedForward'] },
];

/** Heads of keys and values. The first Falcons have one for all, whatever `num_kv_heads` says. */
function readKvHeads(config: Config, heads: number, isNew: boolean): number {
  if (!isNew) return config.flag('multi_query', true) ? 1 : heads;
  const kvHeads = config.count(['num_kv_heads', 'n_head_kv'], { max: limits.heads, fallback: heads });
  if (heads % kvHeads !== 0)
    throw wrongValue('num_kv_heads', `a divisor of the ${String(heads)} attention heads`, kvHeads);
  return kvHeads;
}

/** @throws AppError `convert.unsupported` for what llama.cpp computes otherwise. */
function checkFeatures(config: Config, isNew: boolean): void {
  checkActivation(config, 'activation', ['gelu']);
  for (const [key, fallback, needed] of [
    ['alibi', false, false],
    ['bias', false, false],
    ['parallel_attn', true, true],
  ] as const) {
    // A model of the new design has its halves side by side, whatever this key says.
    if (key === 'parallel_attn' && isNew) continue;
    if (config.flag(key, fallback) !== needed) {
      const detail = `config.json has ${key} ${String(!needed)}; llama.cpp computes Falcon with ${String(needed)} alone.`;
      throw unknownFeature(key, detail);
    }
  }
}

export const falcon: Architecture = {
  classes: ['FalconForCausalLM', 'RWForCausalLM', 'FalconModel'],
  prefixes: ['transformer.'],
  describe: (config) => {
    const isNew = config.flag('new_decoder_architecture', false);
    checkFeatures(config, isNew);
    const hidden = config.count(['hidden_size', 'n_embed'], { max: limits.hidden, fallback: 4544 });
    const heads = readHeads(config, ['num_attention_heads', 'n_head'], hidden, 71);
    const headSize = hidden / heads;
    const kvHeads = readKvHeads(config, heads, isNew);
    const layers = config.count(['num_hidden_layers', 'n_layer'], { max: limits.layers, fallback: 32 });
    const feedForward = config.count('ffn_hidden_size', { max: limits.feedForward, fallback: 4 * hidden });
    const norms = config.count('num_ln_in_parallel_attn', { max: 2, fallback: 2 });
    const rope = readRope(config, { theta: 10_000, scalings: ['linear', 'yarn'] });
    return {
      name: 'falcon',
      sizes: {
        vocabulary: config.count('vocab_size', { max: limits.vocabulary, fallback: 65_024 }),
        ...{ layers, hidden, heads, kvHeads, headSize, feedForward, queriesPerGroup: heads / kvHeads },
      },
      conditions: { untied: hasOwnHead(config, true), twoNorms: isNew && norms === 2 },
      metadata: [
        // The first models were trained with 2048 positions and name none.
        uint32('context_length', config.count('max_position_embeddings', { max: limits.positions, fallback: 2048 })),
        string('tensor_data_layout', 'jploski'),
        uint32('embedding_length', hidden),
        uint32('feed_forward_length', feedForward),
        uint32('block_count', layers),
        uint32('attention.head_count', heads),
        uint32('attention.head_count_kv', kvHeads),
        float32('attention.layer_norm_epsilon', config.number('layer_norm_epsilon', 1e-5)),
        ...entriesWithoutUsualBase(rope),
      ],
      computed: [],
    };
  },
  rows,
  ignored: ['h.{layer}.self_attention.rotary_emb.inv_freq', 'h.{layer}.self_attention.maybe_rotary.inv_freq'],
};
