/** Nomic Embed v1 and v1.5: BERT with rotary positions, a gated feed-forward part, and no biases but those of norms. */
import type { Architecture, TensorRow } from '../architecture.ts';
import { limits, unknownFeature, type Config } from '../config.ts';
import { biasedNorm, readHeads, sizeEntries } from '../decoder.ts';
import { float32, uint32 } from '../entries.ts';
import { encoderEntries } from '../pooling.ts';

const rows: readonly TensorRow[] = [
  { from: 'embeddings.word_embeddings.weight', to: 'token_embd.weight', shape: ['vocabulary', 'hidden'] },
  {
    from: 'embeddings.token_type_embeddings.weight',
    to: 'token_types.weight',
    shape: ['tokenTypes', 'hidden'],
    when: 'tokenTypes',
  },
  ...biasedNorm('emb_ln', 'token_embd_norm'),
  { from: 'encoder.layers.{layer}.attn.Wqkv.weight', to: 'blk.{layer}.attn_qkv.weight', shape: ['3*hidden', 'hidden'] },
  {
    from: 'encoder.layers.{layer}.attn.out_proj.weight',
    to: 'blk.{layer}.attn_output.weight',
    shape: ['hidden', 'hidden'],
  },
  { from: 'encoder.layers.{layer}.mlp.fc11.weight', to: 'blk.{layer}.ffn_up.weight', shape: ['feedForward', 'hidden'] },
  {
    from: 'encoder.layers.{layer}.mlp.fc12.weight',
    to: 'blk.{layer}.ffn_gate.weight',
    shape: ['feedForward', 'hidden'],
  },
  {
    from: 'encoder.layers.{layer}.mlp.fc2.weight',
    to: 'blk.{layer}.ffn_down.weight',
    shape: ['hidden', 'feedForward'],
  },
  ...biasedNorm('encoder.layers.{layer}.norm1', 'blk.{layer}.attn_output_norm'),
  ...biasedNorm('encoder.layers.{layer}.norm2', 'blk.{layer}.layer_output_norm'),
];

/** What llama.cpp computes. Other values of these keys are other models. */
const needed: readonly (readonly [string, boolean | number | string | null])[] = [
  ['activation_function', 'swiglu'],
  ['causal', false],
  ['qkv_proj_bias', false],
  ['mlp_fc1_bias', false],
  ['mlp_fc2_bias', false],
  ['prenorm', false],
  ['use_rms_norm', false],
  ['parallel_block', false],
  ['rotary_emb_fraction', 1],
  ['rotary_emb_interleaved', false],
];

function checkFeatures(config: Config): void {
  if (config.has('moe_every_n_layers') && config.number('moe_every_n_layers') !== 0)
    throw unknownFeature(
      'moe_every_n_layers',
      'config.json asks for experts (Nomic Embed v2); their tensors have no table here yet. Nomic Embed v1 and v1.5 can be converted.',
    );
  for (const [key, value] of needed) {
    if (!config.has(key)) continue;
    const found =
      typeof value === 'boolean' ? config.flag(key) : typeof value === 'number' ? config.number(key) : config.text(key);
    if (found !== value)
      throw unknownFeature(
        key,
        `config.json has ${key} ${String(found)}; this architecture is known with ${String(value)} alone.`,
      );
  }
  for (const key of ['rotary_emb_scale_base', 'rotary_scaling_factor'])
    if (config.has(key))
      throw unknownFeature(key, `config.json asks for ${key}, which llama.cpp does not compute for this architecture.`);
}

/** v1 and v1.5 name 8192 positions that only a stretched rope reaches; they were trained with 2048. */
const contextOf = (config: Config): number =>
  Math.min(
    config.count('n_positions', { max: limits.positions }),
    config.count('max_trained_positions', { max: limits.positions, fallback: 2048 }),
  );

export const nomicBert: Architecture = {
  classes: ['NomicBertModel'],
  prefixes: [],
  describe: (config, { pooling }) => {
    checkFeatures(config);
    const hidden = config.count('n_embd', { max: limits.hidden });
    const heads = readHeads(config, 'n_head', hidden);
    const layers = config.count('n_layer', { max: limits.layers });
    const feedForward = config.count('n_inner', { max: limits.feedForward });
    const tokenTypes = config.count('type_vocab_size', { min: 0, max: limits.vocabulary, fallback: 0 });
    return {
      name: 'nomic-bert',
      sizes: {
        vocabulary: config.count('vocab_size', { max: limits.vocabulary }),
        layers,
        hidden,
        heads,
        feedForward,
        tokenTypes,
      },
      conditions: { tokenTypes: tokenTypes > 0 },
      metadata: [
        ...sizeEntries({ layers, context: contextOf(config), hidden, feedForward, heads }),
        float32('rope.freq_base', config.number('rotary_emb_base', 1000)),
        float32('attention.layer_norm_epsilon', config.number('layer_norm_epsilon', 1e-12)),
        ...encoderEntries(pooling),
        uint32('tokenizer.ggml.token_type_count', Math.max(1, tokenTypes)),
      ],
      computed: [],
    };
  },
  rows,
  ignored: [],
};
