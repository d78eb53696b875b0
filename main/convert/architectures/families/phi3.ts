/** Phi-3, Phi-3.5 and Phi-4: queries, keys and values in one tensor, and both halves of the feed-forward part in another. */
import type { Architecture, ComputedTensor, MetadataEntry, TensorRow } from '../architecture.ts';
import { limits, wrongValue } from '../config.ts';
import {
  checkSilu,
  decoderEntries,
  hasOwnHead,
  normRows,
  outerRows,
  readDecoderSizes,
  rotaryBuffers,
} from '../decoder.ts';
import { float32, uint32 } from '../entries.ts';
import { readRope, type Rope } from '../rope.ts';

const rows: readonly TensorRow[] = [
  ...outerRows,
  ...normRows,
  {
    ...{ from: 'layers.{layer}.self_attn.qkv_proj.weight', to: 'blk.{layer}.attn_qkv.weight' },
    ...{ shape: ['heads*headSize+2*kvHeads*headSize', 'hidden'] },
  },
  {
    ...{ from: 'layers.{layer}.self_attn.o_proj.weight', to: 'blk.{layer}.attn_output.weight' },
    ...{ shape: ['hidden', 'heads*headSize'] },
  },
  {
    from: 'layers.{layer}.mlp.gate_up_proj.weight',
    to: 'blk.{layer}.ffn_up.weight',
    shape: ['2*feedForward', 'hidden'],
  },
  { from: 'layers.{layer}.mlp.down_proj.weight', to: 'blk.{layer}.ffn_down.weight', shape: ['hidden', 'feedForward'] },
];

export const phi3: Architecture = {
  classes: ['Phi3ForCausalLM', 'Phi3Model'],
  prefixes: ['model.'],
  describe: (config) => {
    const sizes = readDecoderSizes(config, {
      vocabulary: 32_064,
      layers: 32,
      hidden: 3072,
      feedForward: 8192,
      heads: 32,
      context: 4096,
    });
    checkSilu(config);
    const rope = readRope(config, { theta: 10_000, scalings: ['longrope'] });
    const originalContext = rope.originalContext ?? 4096;
    const rotated = Math.floor(((rope.partialFactor ?? 1) * sizes.hidden) / sizes.heads);
    if (rotated % 2 !== 0) throw wrongValue('partial_rotary_factor', 'a share with an even number of values', rotated);
    // Zero says that there is no window, which llama.cpp needs to hear.
    const window = config.count('sliding_window', { min: 0, max: limits.positions, fallback: 0 });
    const { metadata, computed } = stretched(rope, sizes.context / originalContext, originalContext, rotated);
    return {
      name: 'phi3',
      sizes,
      conditions: { untied: hasOwnHead(config, false) },
      metadata: [
        ...decoderEntries(sizes, config.number('rms_norm_eps', 1e-5)),
        uint32('rope.scaling.original_context_length', originalContext),
        uint32('rope.dimension_count', rotated),
        ...rope.metadata,
        ...metadata,
        uint32('attention.sliding_window', window),
      ],
      computed,
    };
  },
  rows,
  ignored: rotaryBuffers,
};

/** The factors of a long rope and what they do to the attention, after `_compute_longrope_parameters` in transformers. */
function stretched(
  { scaling, parameters }: Rope,
  scale: number,
  originalContext: number,
  rotated: number,
): { readonly metadata: readonly MetadataEntry[]; readonly computed: readonly ComputedTensor[] } {
  if (scaling !== 'longrope') return { metadata: [], computed: [] };
  const [long, short] = (['long_factor', 'short_factor'] as const).map((key) => {
    const values = parameters.numbers(key, limits.headSize);
    if (values.length === rotated / 2 && values.every((value) => value > 0)) return Float32Array.from(values);
    throw wrongValue(`rope_scaling.${key}`, `a list of ${String(rotated / 2)} numbers above 0`, values.length);
  });
  const attention = parameters.has('attention_factor')
    ? parameters.number('attention_factor')
    : scale > 1
      ? Math.sqrt(1 + Math.log(scale) / Math.log(originalContext))
      : 1;
  return {
    metadata: [float32('rope.scaling.attn_factor', attention)],
    computed: [
      { name: 'rope_factors_long.weight', values: long ?? new Float32Array() },
      { name: 'rope_factors_short.weight', values: short ?? new Float32Array() },
    ],
  };
}
