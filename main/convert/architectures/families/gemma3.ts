/** Gemma 3, the text model; of a model with pictures the language model alone. */
import type { Architecture } from '../architecture.ts';
import { limits, unknownFeature, wrongValue, type Config } from '../config.ts';
import {
  attentionRows,
  checkActivation,
  decoderEntries,
  gatedRows,
  headNormRows,
  headSizeEntries,
  outerRows,
  readDecoderSizes,
  rotaryBuffers,
  type DecoderSizes,
} from '../decoder.ts';
import { float32, uint32 } from '../entries.ts';
import { checkTied, shiftedNorms } from './gemma1.ts';
import { checkAttentionScale, gemmaNormRows, readWindow } from './gemma2.ts';
import { readRope } from '../rope.ts';

/** Each sixth layer sees the whole context; llama.cpp has this number in its code. */
const GLOBAL_EVERY = 6;
/** The 27B model, the only one whose attention is not scaled by its head size; llama.cpp knows it by its layers. */
const LARGEST_LAYERS = 62;

/** Layers that see the whole context, by `layer_types` (transformers 4.53 and later) or `sliding_window_pattern`. */
function isGlobal(config: Config, layers: number): (layer: number) => boolean {
  if (config.has('layer_types')) {
    const types = config.texts('layer_types', limits.layers);
    if (types.length !== layers) throw wrongValue('layer_types', `a list of ${layers} names`, types.length);
    return (layer) => types[layer] !== 'sliding_attention';
  }
  const every = config.count(['sliding_window_pattern', '_sliding_window_pattern'], {
    max: limits.layers,
    fallback: GLOBAL_EVERY,
  });
  return (layer) => (layer + 1) % every === 0;
}

/** @throws AppError `convert.unsupported` for what llama.cpp computes otherwise. */
function checkFeatures(config: Config, sizes: DecoderSizes): void {
  const { layers } = sizes;
  checkActivation(config, 'hidden_activation', ['gelu_pytorch_tanh', 'gelu', 'gelu_new', 'gelu_fast']);
  const global = isGlobal(config, layers);
  for (let layer = 0; layer < layers; layer++)
    if (global(layer) !== ((layer + 1) % GLOBAL_EVERY === 0))
      throw unknownFeature(
        'sliding_window_pattern',
        `config.json has another pattern of sliding windows than each ${GLOBAL_EVERY}th layer without one, which is all that llama.cpp computes.`,
      );
  checkAttentionScale(config, sizes, LARGEST_LAYERS);
  if (config.has('attn_logit_softcapping'))
    throw unknownFeature(
      'attn_logit_softcapping',
      'config.json caps the logits of the attention, which Gemma 3 does not in llama.cpp.',
    );
  if (config.flag('use_bidirectional_attention', false))
    throw unknownFeature(
      'use_bidirectional_attention',
      'config.json asks for attention in both directions, which llama.cpp does not compute for Gemma 3.',
    );
  if (config.flag('attention_bias', false))
    throw unknownFeature(
      'attention_bias',
      'config.json asks for biases of the attention, which Gemma 3 does not have in llama.cpp.',
    );
}

export const gemma3: Architecture = {
  classes: ['Gemma3ForCausalLM', 'Gemma3ForConditionalGeneration'],
  prefixes: ['model.'],
  describe: (config, surroundings) => {
    const sizes = readDecoderSizes(config, {
      vocabulary: 262_208,
      layers: 26,
      hidden: 2304,
      feedForward: 9216,
      heads: 8,
      kvHeads: 4,
      headSize: 256,
      context: 131_072,
    });
    checkTied(config, surroundings);
    checkFeatures(config, sizes);
    const rope = readRope(config, { theta: 1_000_000, scalings: ['linear'] });
    return {
      name: 'gemma3',
      sizes,
      conditions: { untied: false },
      metadata: [
        ...decoderEntries(sizes, config.number('rms_norm_eps', 1e-6)),
        ...headSizeEntries(sizes.headSize),
        ...rope.metadata,
        float32('rope.freq_base_swa', rope.slidingTheta ?? 10_000),
        uint32('attention.sliding_window', readWindow(config)),
        ...(config.has('final_logit_softcapping')
          ? [float32('final_logit_softcapping', config.number('final_logit_softcapping'))]
          : []),
      ],
      computed: [],
    };
  },
  rows: [
    ...shiftedNorms(outerRows),
    ...attentionRows,
    ...gatedRows,
    ...shiftedNorms([...gemmaNormRows, ...headNormRows]),
  ],
  ignored: rotaryBuffers,
};
