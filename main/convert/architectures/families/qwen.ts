/** Qwen 2, 2.5 and 3, and embedding models made of them. */
import type { Architecture } from '../architecture.ts';
import { unknownFeature } from '../config.ts';
import {
  attentionRows,
  checkHeadSize,
  checkSilu,
  decoderEntries,
  gatedRows,
  hasOwnHead,
  headNormRows,
  headSizeEntries,
  normRows,
  outerRows,
  qkvBiasRows,
  readDecoderSizes,
  rotaryBuffers,
} from '../decoder.ts';
import { readRope } from '../rope.ts';

/** Sliding windows are left out, as the reference converter does: llama.cpp computes full attention for these architectures. */
export const qwen2: Architecture = {
  classes: ['Qwen2ForCausalLM', 'Qwen2Model'],
  prefixes: ['model.'],
  describe: (config) => {
    const sizes = readDecoderSizes(config, {
      vocabulary: 151_936,
      layers: 32,
      hidden: 4096,
      feedForward: 22_016,
      heads: 32,
      kvHeads: 32,
      context: 32_768,
    });
    checkHeadSize(sizes);
    checkSilu(config);
    return {
      name: 'qwen2',
      sizes,
      conditions: { untied: hasOwnHead(config, false), qkvBias: true },
      metadata: [
        ...decoderEntries(sizes, config.number('rms_norm_eps', 1e-6)),
        ...(config.has('head_dim') ? headSizeEntries(sizes.headSize) : []),
        ...readRope(config, { theta: 10_000, scalings: ['linear', 'yarn'] }).metadata,
      ],
      computed: [],
    };
  },
  rows: [...outerRows, ...normRows, ...attentionRows, ...qkvBiasRows, ...gatedRows],
  ignored: rotaryBuffers,
};

export const qwen3: Architecture = {
  classes: ['Qwen3ForCausalLM', 'Qwen3Model'],
  prefixes: ['model.'],
  describe: (config) => {
    const sizes = readDecoderSizes(config, {
      vocabulary: 151_936,
      layers: 32,
      hidden: 4096,
      feedForward: 22_016,
      heads: 32,
      kvHeads: 32,
      headSize: 128,
      context: 32_768,
    });
    checkSilu(config);
    if (config.flag('attention_bias', false)) {
      const detail = 'config.json asks for biases of the attention, which llama.cpp does not load for Qwen 3.';
      throw unknownFeature('attention_bias', detail);
    }
    return {
      name: 'qwen3',
      sizes,
      conditions: { untied: hasOwnHead(config, false) },
      metadata: [
        ...decoderEntries(sizes, config.number('rms_norm_eps', 1e-6)),
        ...headSizeEntries(sizes.headSize),
        ...readRope(config, { theta: 10_000, scalings: ['linear', 'yarn'] }).metadata,
      ],
      computed: [],
    };
  },
  rows: [...outerRows, ...normRows, ...attentionRows, ...headNormRows, ...gatedRows],
  ignored: rotaryBuffers,
};
