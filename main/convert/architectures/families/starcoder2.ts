/** StarCoder2. Sliding windows are left out, as the reference converter does: llama.cpp computes full attention for this architecture. */
import type { Architecture, TensorRow } from '../architecture.ts';
import { unknownFeature } from '../config.ts';
import {
  attentionRows,
  checkActivation,
  outerRows,
  qkvBiasRows,
  readDecoderSizes,
  rotaryBuffers,
  hasOwnHead,
} from '../decoder.ts';
import { float32, uint32 } from '../entries.ts';
import { readRope } from '../rope.ts';

const rows: readonly TensorRow[] = [
  ...outerRows,
  { from: 'norm.bias', to: 'output_norm.bias', shape: ['hidden'] },
  { from: 'layers.{layer}.input_layernorm.weight', to: 'blk.{layer}.attn_norm.weight', shape: ['hidden'] },
  { from: 'layers.{layer}.input_layernorm.bias', to: 'blk.{layer}.attn_norm.bias', shape: ['hidden'] },
  { from: 'layers.{layer}.post_attention_layernorm.weight', to: 'blk.{layer}.ffn_norm.weight', shape: ['hidden'] },
  { from: 'layers.{layer}.post_attention_layernorm.bias', to: 'blk.{layer}.ffn_norm.bias', shape: ['hidden'] },
  ...attentionRows,
  ...qkvBiasRows,
  {
    from: 'layers.{layer}.self_attn.o_proj.bias',
    to: 'blk.{layer}.attn_output.bias',
    shape: ['hidden'],
  },
  { from: 'layers.{layer}.mlp.c_fc.weight', to: 'blk.{layer}.ffn_up.weight', shape: ['feedForward', 'hidden'] },
  { from: 'layers.{layer}.mlp.c_fc.bias', to: 'blk.{layer}.ffn_up.bias', shape: ['feedForward'] },
  { from: 'layers.{layer}.mlp.c_proj.weight', to: 'blk.{layer}.ffn_down.weight', shape: ['hidden', 'feedForward'] },
  { from: 'layers.{layer}.mlp.c_proj.bias', to: 'blk.{layer}.ffn_down.bias', shape: ['hidden'] },
];

export const starcoder2: Architecture = {
  classes: ['Starcoder2ForCausalLM'],
  prefixes: ['model.'],
  describe: (config) => {
    const sizes = readDecoderSizes(config, { context: 4096, heads: 24, kvHeads: 2 });
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
        uint32('block_count', sizes.layers),
        uint32('context_length', sizes.context),
        uint32('embedding_length', sizes.hidden),
        uint32('feed_forward_length', sizes.feedForward),
        uint32('attention.head_count', sizes.heads),
        uint32('attention.head_count_kv', sizes.kvHeads),
        float32('attention.layer_norm_epsilon', config.number('norm_epsilon', 1e-5)),
        ...readRope(config, { theta: 10_000, scalings: ['linear', 'yarn'] }).metadata,
      ],
      computed: [],
    };
  },
  rows,
  ignored: rotaryBuffers,
};
