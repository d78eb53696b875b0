/** OLMo 2 and 3: norms after each half of a layer, and norms over all queries and all keys. OLMo 3 has sliding windows. */
import type { Architecture, MetadataEntry, TensorRow } from '../architecture.ts';
import { limits, unknownFeature, wrongValue, type Config } from '../config.ts';
import {
  attentionRows,
  checkSilu,
  classNameOf,
  decoderEntries,
  gatedRows,
  hasOwnHead,
  outerRowsWithHead,
  readDecoderSizes,
  rotaryBuffers,
} from '../decoder.ts';
import { uint32 } from '../entries.ts';
import { readRope } from '../rope.ts';

const normRows: readonly TensorRow[] = [
  {
    from: 'layers.{layer}.post_attention_layernorm.weight',
    to: 'blk.{layer}.post_attention_norm.weight',
    shape: ['hidden'],
  },
  {
    from: 'layers.{layer}.post_feedforward_layernorm.weight',
    to: 'blk.{layer}.post_ffw_norm.weight',
    shape: ['hidden'],
  },
  { from: 'layers.{layer}.self_attn.q_norm.weight', to: 'blk.{layer}.attn_q_norm.weight', shape: ['heads*headSize'] },
  { from: 'layers.{layer}.self_attn.k_norm.weight', to: 'blk.{layer}.attn_k_norm.weight', shape: ['kvHeads*headSize'] },
];

/** The window that transformers takes for an OLMo 3 whose config.json names none. */
const USUAL_WINDOW = 4096;

/**
 * OLMo 3: the window, and the layers that have it; without a list all but each fourth. llama.cpp stretches the rope in the other layers alone,
 * as OLMo 3 was trained.
 */
function windowEntries(config: Config, layers: number): readonly MetadataEntry[] {
  const isThird = classNameOf(config) === 'Olmo3ForCausalLM';
  if (config.isNull('sliding_window') || !(isThird || config.has('sliding_window'))) return [];
  const types = config.has('layer_types') ? config.texts('layer_types', limits.layers) : null;
  if (types !== null && types.length !== layers)
    throw wrongValue('layer_types', `a list of ${layers} names`, types.length);
  return [
    uint32(
      'attention.sliding_window',
      config.count('sliding_window', { max: limits.positions, fallback: USUAL_WINDOW }),
    ),
    {
      key: 'attention.sliding_window_pattern',
      type: 'bools',
      value: Array.from({ length: layers }, (_, layer) =>
        types === null ? (layer + 1) % 4 !== 0 : types[layer] === 'sliding_attention',
      ),
    },
  ];
}

const describe: Architecture['describe'] = (config) => {
  const sizes = readDecoderSizes(config, {
    vocabulary: 50_304,
    layers: 32,
    hidden: 4096,
    feedForward: 11_008,
    heads: 32,
    context: 2048,
  });
  checkSilu(config);
  if (config.flag('attention_bias', false))
    throw unknownFeature(
      'attention_bias',
      'config.json asks for biases of the attention, which this architecture does not have in llama.cpp.',
    );
  return {
    name: 'olmo2',
    sizes,
    conditions: { untied: hasOwnHead(config, false) },
    metadata: [
      ...decoderEntries(sizes, config.number('rms_norm_eps', 1e-5)),
      ...readRope(config, { theta: 10_000, scalings: ['linear', 'yarn'] }).metadata,
      ...windowEntries(config, sizes.layers),
    ],
    computed: [],
  };
};

export const olmo2: Architecture = {
  classes: ['Olmo2ForCausalLM', 'Olmo3ForCausalLM'],
  prefixes: ['model.'],
  describe,
  rows: [...outerRowsWithHead, ...normRows, ...attentionRows, ...gatedRows],
  ignored: rotaryBuffers,
};
