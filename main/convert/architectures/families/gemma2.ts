/** Gemma 2: norms before and after each half of a layer, capped logits, and a sliding window in every second layer. */
import type { Architecture, TensorRow } from '../architecture.ts';
import { limits, unknownFeature, wrongValue, type Config } from '../config.ts';
import {
  attentionRows,
  checkActivation,
  decoderEntries,
  gatedRows,
  headSizeEntries,
  readDecoderSizes,
  rotaryBuffers,
  tiedRows,
  type DecoderSizes,
} from '../decoder.ts';
import { float32, uint32 } from '../entries.ts';
import { checkTied, shiftedNorms } from './gemma1.ts';
import { entriesWithoutUsualBase, readRope } from '../rope.ts';

/** The layers of the 27B model, which llama.cpp knows by them: its attention alone is not scaled by the size of a head. */
const LARGEST_LAYERS = 46;

/** Norms before and after each half of a layer, as Gemma 3 has them too. */
export const gemmaNormRows: readonly TensorRow[] = [
  { from: 'layers.{layer}.input_layernorm.weight', to: 'blk.{layer}.attn_norm.weight', shape: ['hidden'] },
  {
    ...{ from: 'layers.{layer}.post_attention_layernorm.weight', to: 'blk.{layer}.post_attention_norm.weight' },
    ...{ shape: ['hidden'] },
  },
  { from: 'layers.{layer}.pre_feedforward_layernorm.weight', to: 'blk.{layer}.ffn_norm.weight', shape: ['hidden'] },
  {
    ...{ from: 'layers.{layer}.post_feedforward_layernorm.weight', to: 'blk.{layer}.post_ffw_norm.weight' },
    ...{ shape: ['hidden'] },
  },
];

/**
 * Checks by what the attention is scaled: by the size of a head, but in the model with `largestLayers` layers.
 * @throws AppError `convert.unsupported` for another scale than llama.cpp's.
 */
export function checkAttentionScale(
  config: Config,
  { layers, hidden, heads, headSize }: DecoderSizes,
  largestLayers: number,
): void {
  const expected = layers === largestLayers ? hidden / heads : headSize;
  const scalar = config.number('query_pre_attn_scalar', 256);
  if (scalar === expected) return;
  const detail = `config.json has query_pre_attn_scalar ${scalar}; llama.cpp computes this model with ${expected} alone.`;
  throw unknownFeature('query_pre_attn_scalar', detail);
}

/** The window of layers that do not see the whole context. @throws AppError `convert.unsupported` where `null` switches it off. */
export function readWindow(config: Config): number {
  if (config.isNull('sliding_window')) {
    const detail =
      'config.json switches the sliding window off, without which llama.cpp does not compute this architecture.';
    throw unknownFeature('sliding_window', detail);
  }
  return config.count('sliding_window', { max: limits.positions, fallback: 4096 });
}

/** @throws AppError `convert.unsupported` for what llama.cpp computes otherwise. */
function checkFeatures(config: Config, sizes: DecoderSizes): void {
  const { layers } = sizes;
  checkActivation(config, ['hidden_activation', 'hidden_act'], ['gelu_pytorch_tanh', 'gelu']);
  checkAttentionScale(config, sizes, LARGEST_LAYERS);
  for (const key of ['attn_logit_softcapping', 'final_logit_softcapping']) {
    if (config.isNull(key))
      throw unknownFeature(key, `config.json switches ${key} off, without which llama.cpp does not compute Gemma 2.`);
  }
  if (config.flag('attention_bias', false)) {
    throw unknownFeature(
      'attention_bias',
      'config.json asks for biases of the attention, which Gemma 2 has not in llama.cpp.',
    );
  }
  if (config.flag('use_bidirectional_attention', false)) {
    const detail = 'config.json asks for attention in both directions, which llama.cpp does not compute for Gemma 2.';
    throw unknownFeature('use_bidirectional_attention', detail);
  }
  if (!config.has('layer_types')) return;
  const types = config.texts('layer_types', limits.layers);
  if (types.length !== layers) throw wrongValue('layer_types', `a list of ${String(layers)} names`, types.length);
  if (types.some((type, layer) => (type === 'sliding_attention') !== (layer % 2 === 0))) {
    const detail =
      'config.json has another pattern of sliding windows than every second layer, which is all that llama.cpp computes.';
    throw unknownFeature('layer_types', detail);
  }
}

export const gemma2: Architecture = {
  classes: ['Gemma2ForCausalLM', 'Gemma2Model'],
  prefixes: ['model.'],
  describe: (config, surroundings) => {
    checkTied(config, surroundings);
    const sizes = readDecoderSizes(config, {
      vocabulary: 256_000,
      layers: 26,
      hidden: 2304,
      feedForward: 9216,
      heads: 8,
      kvHeads: 4,
      headSize: 256,
      context: 8192,
    });
    checkFeatures(config, sizes);
    const rope = readRope(config, { theta: 10_000, scalings: [] });
    return {
      name: 'gemma2',
      sizes,
      conditions: { untied: false },
      metadata: [
        ...decoderEntries(sizes, config.number('rms_norm_eps', 1e-6)),
        ...headSizeEntries(sizes.headSize),
        float32('attn_logit_softcapping', config.number('attn_logit_softcapping', 50)),
        float32('final_logit_softcapping', config.number('final_logit_softcapping', 30)),
        uint32('attention.sliding_window', readWindow(config)),
        ...entriesWithoutUsualBase(rope),
      ],
      computed: [],
    };
  },
  rows: [...shiftedNorms(tiedRows), ...attentionRows, ...gatedRows, ...shiftedNorms(gemmaNormRows)],
  ignored: rotaryBuffers,
};
