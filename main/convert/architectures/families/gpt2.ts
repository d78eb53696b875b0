/** GPT-2 in all sizes. */
import type { Architecture, Size, TensorRow } from '../architecture.ts';
import { limits, unknownFeature } from '../config.ts';
import { biasedNorm, checkActivation, hasOwnHead, headRows, linear, readHeads, sizeEntries } from '../decoder.ts';
import { float32 } from '../entries.ts';

/** Conv1D of transformers: a matrix with a row for each input, and its bias. */
const conv1d = (from: string, to: string, output: Size, input: Size): readonly TensorRow[] =>
  linear(from, to, output, input).map((row): TensorRow =>
    row.shape.length === 2 ? { ...row, shape: [input, output], change: { kind: 'transposed' } } : row,
  );

const rows: readonly TensorRow[] = [
  { from: 'wte.weight', to: 'token_embd.weight', shape: ['vocabulary', 'hidden'] },
  { from: 'wpe.weight', to: 'position_embd.weight', shape: ['positions', 'hidden'] },
  ...biasedNorm('ln_f', 'output_norm'),
  ...headRows('lm_head.weight'),
  ...biasedNorm('h.{layer}.ln_1', 'blk.{layer}.attn_norm'),
  ...conv1d('h.{layer}.attn.c_attn', 'blk.{layer}.attn_qkv', '3*hidden', 'hidden'),
  ...conv1d('h.{layer}.attn.c_proj', 'blk.{layer}.attn_output', 'hidden', 'hidden'),
  ...biasedNorm('h.{layer}.ln_2', 'blk.{layer}.ffn_norm'),
  ...conv1d('h.{layer}.mlp.c_fc', 'blk.{layer}.ffn_up', 'feedForward', 'hidden'),
  ...conv1d('h.{layer}.mlp.c_proj', 'blk.{layer}.ffn_down', 'hidden', 'feedForward'),
];

export const gpt2: Architecture = {
  classes: ['GPT2LMHeadModel', 'GPT2Model'],
  prefixes: ['transformer.'],
  describe: (config) => {
    const hidden = config.count(['n_embd', 'hidden_size'], { max: limits.hidden, fallback: 768 });
    const heads = readHeads(config, ['n_head', 'num_attention_heads'], hidden, 12);
    const layers = config.count(['n_layer', 'num_hidden_layers'], { max: limits.layers, fallback: 12 });
    const positions = config.count(['n_positions', 'n_ctx', 'max_position_embeddings'], {
      max: limits.positions,
      fallback: 1024,
    });
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
        vocabulary: config.count('vocab_size', { max: limits.vocabulary, fallback: 50_257 }),
        layers,
        hidden,
        positions,
        feedForward,
      },
      conditions: { untied: hasOwnHead(config, true) },
      metadata: [
        ...sizeEntries({ layers, context: positions, hidden, feedForward, heads }),
        float32('attention.layer_norm_epsilon', config.number('layer_norm_epsilon', 1e-5)),
      ],
      computed: [],
    };
  },
  rows,
  // Masks of the published checkpoints.
  ignored: ['h.{layer}.attn.bias', 'h.{layer}.attn.masked_bias'],
};
