/** StarCoder2. Sliding windows are left out, as the reference converter does: llama.cpp computes full attention for this architecture. */
import type { Architecture, TensorRow } from '../architecture.ts';
import { unknownFeature } from '../config.ts';
import {
  attentionRows,
  biasedNorm,
  checkActivation,
  groupedSizeEntries,
  hasOwnHead,
  linear,
  outerRows,
  outputBiasRow,
  qkvBiasRows,
  readDecoderSizes,
  rotaryBuffers,
} from '../decoder.ts';
import { float32 } from '../entries.ts';
import { readRope } from '../rope.ts';

const rows: readonly TensorRow[] = [
  ...outerRows,
  { from: 'norm.bias', to: 'output_norm.bias', shape: ['hidden'] },
  ...biasedNorm('layers.{layer}.input_layernorm', 'blk.{layer}.attn_norm'),
  ...biasedNorm('layers.{layer}.post_attention_layernorm', 'blk.{layer}.ffn_norm'),
  ...attentionRows,
  ...qkvBiasRows,
  outputBiasRow,
  ...linear('layers.{layer}.mlp.c_fc', 'blk.{layer}.ffn_up', 'feedForward', 'hidden'),
  ...linear('layers.{layer}.mlp.c_proj', 'blk.{layer}.ffn_down', 'hidden', 'feedForward'),
];

export const starcoder2: Architecture = {
  classes: ['Starcoder2ForCausalLM'],
  prefixes: ['model.'],
  describe: (config) => {
    const sizes = readDecoderSizes(config, {
      vocabulary: 49_152,
      layers: 30,
      hidden: 3072,
      feedForward: 12_288,
      heads: 24,
      kvHeads: 2,
      context: 4096,
    });
    if (!config.flag('use_bias', true)) {
      const detail = 'config.json asks for a model without biases, which llama.cpp does not load for StarCoder2.';
      throw unknownFeature('use_bias', detail);
    }
    checkActivation(config, 'hidden_act', ['gelu_pytorch_tanh', 'gelu', 'gelu_new', 'gelu_fast']);
    return {
      name: 'starcoder2',
      sizes,
      conditions: { untied: hasOwnHead(config, true), qkvBias: true },
      metadata: [
        ...groupedSizeEntries(sizes),
        float32('attention.layer_norm_epsilon', config.number('norm_epsilon', 1e-5)),
        ...readRope(config, { theta: 10_000, scalings: ['linear', 'yarn'] }).metadata,
      ],
      computed: [],
    };
  },
  rows,
  ignored: rotaryBuffers,
};
