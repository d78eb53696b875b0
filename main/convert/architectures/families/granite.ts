/** Granite 3: a Llama whose embeddings, attention, residuals and logits are scaled by numbers in config.json. */
import type { Architecture, MetadataEntry } from '../architecture.ts';
import { unknownFeature, type Config } from '../config.ts';
import {
  attentionRows,
  checkHeadSize,
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
import { float32, uint32 } from '../entries.ts';
import { readRope } from '../rope.ts';

/** The keys of transformers and of llama.cpp; 1 where config.json has none. */
const scales: readonly (readonly [string, string])[] = [
  ['attention_multiplier', 'attention.scale'],
  ['embedding_multiplier', 'embedding_scale'],
  ['residual_multiplier', 'residual_scale'],
  ['logits_scaling', 'logit_scale'],
];

/** llama.cpp takes 0 for a scale that is not there. */
const scaleEntries = (config: Config): readonly MetadataEntry[] =>
  scales.map(([key, name]) => float32(name, config.number(key, 1) || 1));

export const granite: Architecture = {
  classes: ['GraniteForCausalLM'],
  prefixes: ['model.'],
  describe: (config) => {
    const sizes = readDecoderSizes(config, {
      vocabulary: 32_000,
      layers: 32,
      hidden: 4096,
      feedForward: 11_008,
      heads: 32,
      context: 2048,
    });
    checkSilu(config);
    checkHeadSize(sizes);
    if (config.flag('attention_bias', false) || config.flag('mlp_bias', false))
      throw unknownFeature('attention_bias', 'config.json asks for biases, which are not known for this architecture.');
    return {
      name: 'granite',
      sizes,
      conditions: { untied: hasOwnHead(config, false) },
      metadata: [
        ...decoderEntries(sizes, config.number('rms_norm_eps', 1e-6)),
        ...readRope(config, { theta: 10_000, scalings: ['linear', 'yarn'] }).metadata,
        uint32('vocab_size', sizes.vocabulary),
        uint32('rope.dimension_count', sizes.headSize),
        ...scaleEntries(config),
      ],
      computed: [],
    };
  },
  rows: [...outerRows, ...normRows, ...interleaved(attentionRows), ...gatedRows],
  ignored: rotaryBuffers,
};
