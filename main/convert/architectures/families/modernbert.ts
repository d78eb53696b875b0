/** ModernBERT, as an encoder: its head for masked tokens is left out. */
import type { Architecture, MetadataEntry, TensorRow } from '../architecture.ts';
import { limits, unknownFeature, wrongValue, type Config } from '../config.ts';
import { readHeads, sizeEntries } from '../decoder.ts';
import { float32, string, uint32 } from '../entries.ts';
import { encoderEntries } from '../pooling.ts';
import { readRope } from '../rope.ts';

const rows: readonly TensorRow[] = [
  { from: 'embeddings.tok_embeddings.weight', to: 'token_embd.weight', shape: ['vocabulary', 'hidden'] },
  { from: 'embeddings.norm.weight', to: 'token_embd_norm.weight', shape: ['hidden'] },
  { from: 'final_norm.weight', to: 'output_norm.weight', shape: ['hidden'] },
  // The norm of the embeddings stands for the first one.
  {
    from: 'layers.{layer}.attn_norm.weight',
    to: 'blk.{layer}.attn_norm.weight',
    shape: ['hidden'],
    when: 'afterFirst',
  },
  { from: 'layers.{layer}.attn.Wqkv.weight', to: 'blk.{layer}.attn_qkv.weight', shape: ['3*hidden', 'hidden'] },
  { from: 'layers.{layer}.attn.Wo.weight', to: 'blk.{layer}.attn_output.weight', shape: ['hidden', 'hidden'] },
  { from: 'layers.{layer}.mlp_norm.weight', to: 'blk.{layer}.ffn_norm.weight', shape: ['hidden'] },
  { from: 'layers.{layer}.mlp.Wi.weight', to: 'blk.{layer}.ffn_up.weight', shape: ['2*feedForward', 'hidden'] },
  { from: 'layers.{layer}.mlp.Wo.weight', to: 'blk.{layer}.ffn_down.weight', shape: ['hidden', 'feedForward'] },
];

function checkFeatures(config: Config): void {
  for (const key of ['attention_bias', 'mlp_bias', 'norm_bias'])
    if (config.flag(key, false))
      throw unknownFeature(key, `config.json asks for ${key}, which this architecture does not have in llama.cpp.`);
  const activation = config.text('hidden_activation', 'gelu');
  if (activation !== 'gelu')
    throw unknownFeature(
      'hidden_activation',
      `config.json asks for the activation ${activation}, which llama.cpp does not compute for this architecture.`,
    );
}

/** Which layers see the whole text: each nth from the first on. */
function globalEvery(config: Config, layers: number): number {
  const every = config.count('global_attn_every_n_layers', { max: limits.layers, fallback: 3 });
  if (!config.has('layer_types')) return every;
  const types = config.texts('layer_types', limits.layers);
  const fits =
    types.length === layers && types.every((type, layer) => (type === 'sliding_attention') === (layer % every !== 0));
  if (!fits)
    throw unknownFeature(
      'layer_types',
      'config.json has another pattern of sliding windows than each nth layer without one, which is all that llama.cpp computes.',
    );
  return every;
}

/** Facts for a classifier on top, which reference files have for every ModernBERT. */
const classifierEntries = (config: Config): readonly MetadataEntry[] => {
  const pooling = config.text('classifier_pooling', 'cls');
  if (pooling !== 'cls' && pooling !== 'mean') throw wrongValue('classifier_pooling', 'cls or mean', pooling);
  return [
    uint32('classifier.pooling_type', pooling === 'mean' ? 1 : 2),
    string('classifier.activation', config.text('classifier_activation', 'gelu')),
  ];
};

export const modernBert: Architecture = {
  classes: ['ModernBertModel', 'ModernBertForMaskedLM'],
  prefixes: ['model.'],
  describe: (config) => {
    checkFeatures(config);
    const hidden = config.count('hidden_size', { max: limits.hidden, fallback: 768 });
    const heads = readHeads(config, 'num_attention_heads', hidden, 12);
    const layers = config.count('num_hidden_layers', { max: limits.layers, fallback: 22 });
    const feedForward = config.count('intermediate_size', { max: limits.feedForward, fallback: 1152 });
    const vocabulary = config.count('vocab_size', { max: limits.vocabulary, fallback: 50_368 });
    const epsilon = config.number('norm_eps', 1e-5);
    const rope = readRope(config, { theta: 160_000, scalings: [] });
    return {
      name: 'modern-bert',
      sizes: { vocabulary, layers, hidden, heads, feedForward },
      conditions: { afterFirst: (layer) => layer > 0 },
      metadata: [
        ...sizeEntries({
          ...{ layers, hidden, feedForward, heads },
          context: config.count('max_position_embeddings', { max: limits.positions, fallback: 8192 }),
        }),
        ...rope.metadata,
        float32('rope.freq_base_swa', rope.slidingTheta ?? 10_000),
        string('rope.scaling.type', 'none'),
        float32('attention.layer_norm_rms_epsilon', epsilon),
        float32('attention.layer_norm_epsilon', epsilon),
        ...encoderEntries,
        ...classifierEntries(config),
        uint32('attention.sliding_window', config.count('local_attention', { max: limits.positions, fallback: 128 })),
        uint32('attention.sliding_window_pattern', globalEvery(config, layers)),
        uint32('vocab_size', vocabulary),
        string('hidden_activation', 'gelu'),
      ],
      computed: [],
    };
  },
  rows,
  ignored: ['head.*', 'decoder.*', 'layers.{layer}.attn.rotary_emb.inv_freq'],
};
