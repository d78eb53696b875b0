/** SmolLM3: a Llama whose each fourth layer has no rotary positions. */
import type { Architecture } from '../architecture.ts';
import { limits, unknownFeature, type Config } from '../config.ts';
import {
  attentionRows,
  checkSilu,
  decoderEntries,
  gatedRows,
  hasOwnHead,
  interleaved,
  normRows,
  outerRows,
  readDecoderSizes,
  rotaryBuffers,
} from '../decoder.ts';
import { uint32 } from '../entries.ts';
import { readRope } from '../rope.ts';

/** llama.cpp has this number in its code. */
const WITHOUT_ROPE_EVERY = 4;

/** `no_rope_layers` has a 1 for each layer with rotary positions. */
function checkRopeLayers(config: Config, layers: number): void {
  const every = config.count('no_rope_layer_interval', { max: limits.layers, fallback: WITHOUT_ROPE_EVERY });
  const flags = config.has('no_rope_layers')
    ? config.numbers('no_rope_layers', limits.layers)
    : Array.from({ length: layers }, (_, layer) => ((layer + 1) % every === 0 ? 0 : 1));
  const fits =
    flags.length === layers && flags.every((flag, layer) => (flag === 0) === ((layer + 1) % WITHOUT_ROPE_EVERY === 0));
  if (!fits)
    throw unknownFeature(
      'no_rope_layers',
      `config.json names other layers without rotary positions than each ${WITHOUT_ROPE_EVERY}th, which is all that llama.cpp computes.`,
    );
}

export const smollm3: Architecture = {
  classes: ['SmolLM3ForCausalLM'],
  prefixes: ['model.'],
  describe: (config) => {
    const sizes = readDecoderSizes(config, {
      vocabulary: 128_256,
      layers: 36,
      hidden: 2048,
      feedForward: 11_008,
      heads: 16,
      kvHeads: 4,
      context: 32_768,
    });
    checkSilu(config);
    checkRopeLayers(config, sizes.layers);
    if (config.flag('use_sliding_window', false))
      throw unknownFeature(
        'use_sliding_window',
        'config.json asks for sliding windows, which llama.cpp does not compute for this architecture.',
      );
    if (config.flag('attention_bias', false) || config.flag('mlp_bias', false))
      throw unknownFeature(
        'attention_bias',
        'config.json asks for biases, which this architecture does not have in llama.cpp.',
      );
    return {
      name: 'smollm3',
      sizes,
      conditions: { untied: hasOwnHead(config, true) },
      metadata: [
        ...decoderEntries(sizes, config.number('rms_norm_eps', 1e-6)),
        ...readRope(config, { theta: 2_000_000, scalings: ['linear', 'yarn'] }).metadata,
        uint32('vocab_size', sizes.vocabulary),
        uint32('rope.dimension_count', sizes.headSize),
      ],
      computed: [],
    };
  },
  rows: [...outerRows, ...normRows, ...interleaved(attentionRows), ...gatedRows],
  ignored: rotaryBuffers,
};
