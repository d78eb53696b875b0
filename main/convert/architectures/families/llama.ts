/** Llama 1 to 3, Mistral and Mixtral: one architecture in llama.cpp. */
import type { Architecture, Description, TensorRow } from '../architecture.ts';
import { limits, type Config } from '../config.ts';
import {
  attentionRows,
  checkSilu,
  decoderEntries,
  expertRows,
  gatedRows,
  hasOwnHead,
  headSizeEntries,
  interleaved,
  normRows,
  outerRows,
  outputBiasRow,
  qkvBiasRows,
  readDecoderSizes,
  rotaryBuffers,
  rowsWhen,
  type DecoderDefaults,
} from '../decoder.ts';
import { uint32 } from '../entries.ts';
import { llama3Factors, readRope } from '../rope.ts';

const rows: readonly TensorRow[] = [
  ...outerRows,
  ...normRows,
  ...interleaved([...attentionRows, ...qkvBiasRows]),
  outputBiasRow,
  ...rowsWhen('dense', gatedRows),
  ...rowsWhen('mlpBias', [
    { from: 'layers.{layer}.mlp.gate_proj.bias', to: 'blk.{layer}.ffn_gate.bias', shape: ['feedForward'] },
    { from: 'layers.{layer}.mlp.up_proj.bias', to: 'blk.{layer}.ffn_up.bias', shape: ['feedForward'] },
    { from: 'layers.{layer}.mlp.down_proj.bias', to: 'blk.{layer}.ffn_down.bias', shape: ['hidden'] },
  ]),
];

const mixtureRows = expertRows('layers.{layer}.block_sparse_moe', 'feedForward', { gate: 'w1', up: 'w3', down: 'w2' });

/** The epsilon of the norms and the base of the rope, where they are not those of Llama. */
interface LlamaDefaults extends DecoderDefaults {
  readonly epsilon?: number;
  readonly theta?: number;
}

function describeLlama(config: Config, defaults: LlamaDefaults): Description {
  const sizes = readDecoderSizes(config, defaults);
  checkSilu(config);
  const rope = readRope(config, { theta: defaults.theta ?? 10_000, scalings: ['linear', 'yarn', 'llama3'] });
  return {
    name: 'llama',
    sizes,
    conditions: {
      untied: hasOwnHead(config, false),
      qkvBias: config.flag('attention_bias', false),
      mlpBias: config.flag('mlp_bias', false),
      dense: true,
    },
    metadata: [
      ...decoderEntries(sizes, config.number('rms_norm_eps', defaults.epsilon ?? 1e-6)),
      ...rope.metadata,
      ...headSizeEntries(sizes.headSize),
      uint32('vocab_size', sizes.vocabulary),
      uint32('rope.dimension_count', sizes.headSize),
    ],
    computed: llama3Factors(rope, sizes.headSize),
  };
}

export const llama: Architecture = {
  classes: ['LlamaForCausalLM', 'LLaMAForCausalLM', 'LlamaModel'],
  prefixes: ['model.'],
  describe: (config) =>
    describeLlama(config, {
      vocabulary: 32_000,
      layers: 32,
      hidden: 4096,
      feedForward: 11_008,
      heads: 32,
      context: 2048,
    }),
  rows,
  ignored: rotaryBuffers,
};

/** Sliding windows are left out, as the reference converter does: llama.cpp computes full attention for this architecture. */
export const mistral: Architecture = {
  classes: ['MistralForCausalLM', 'MistralModel'],
  prefixes: ['model.'],
  describe: (config) =>
    describeLlama(config, {
      vocabulary: 32_000,
      layers: 32,
      hidden: 4096,
      feedForward: 14_336,
      heads: 32,
      kvHeads: 8,
      context: 131_072,
    }),
  rows,
  ignored: rotaryBuffers,
};

const mixtralDefaults: LlamaDefaults = {
  ...{ vocabulary: 32_000, layers: 32, hidden: 4096, feedForward: 14_336, heads: 32, kvHeads: 8, context: 131_072 },
  epsilon: 1e-5,
  theta: 1_000_000,
};

export const mixtral: Architecture = {
  classes: ['MixtralForCausalLM', 'MixtralModel'],
  prefixes: ['model.'],
  describe: (config) => {
    const described = describeLlama(config, mixtralDefaults);
    const experts = config.count(['num_local_experts', 'num_experts'], { max: limits.experts, fallback: 8 });
    const used = config.count('num_experts_per_tok', { max: experts, fallback: 2 });
    const headSize = config.has('head_dim');
    return {
      ...described,
      sizes: { ...described.sizes, experts },
      conditions: { ...described.conditions, dense: false },
      metadata: [
        ...described.metadata.filter(({ key }) => headSize || !/^attention\.(?:key|value)_length$/.test(key)),
        uint32('expert_count', experts),
        uint32('expert_used_count', used),
      ],
    };
  },
  rows: [...rows, ...mixtureRows],
  ignored: rotaryBuffers,
};
