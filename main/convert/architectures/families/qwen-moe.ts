/** Qwen's mixtures of experts: Qwen1.5-MoE and Qwen2-57B (`qwen2moe`), and Qwen3-30B-A3B and its like (`qwen3moe`). */
import type { Architecture, TensorRow } from '../architecture.ts';
import { limits, unknownFeature, type Config } from '../config.ts';
import {
  attentionRows,
  checkHeadSize,
  checkSilu,
  decoderEntries,
  expertRows,
  hasOwnHead,
  headNormRows,
  headSizeEntries,
  normRows,
  outerRows,
  outerRowsWithHead,
  qkvBiasRows,
  readDecoderSizes,
  rotaryBuffers,
  sharedExpertRows,
  type DecoderSizes,
} from '../decoder.ts';
import { uint32 } from '../entries.ts';
import { readRope } from '../rope.ts';

/** The expert that every token passes has a gate of its own. */
const sharedRows: readonly TensorRow[] = [
  {
    from: 'layers.{layer}.mlp.shared_expert_gate.weight',
    to: 'blk.{layer}.ffn_gate_inp_shexp.weight',
    shape: ['1', 'hidden'],
  },
  ...sharedExpertRows('layers.{layer}.mlp.shared_expert', 'sharedFeedForward'),
];

const ownExpertRows = expertRows('layers.{layer}.mlp', 'expertFeedForward');

interface Experts {
  readonly experts: number;
  readonly used: number;
  readonly expertFeedForward: number;
}

interface ExpertDefaults extends Experts {
  /** Whether llama.cpp divides the weights of the chosen experts by their sum for this architecture. */
  readonly normalized: boolean;
}

/** llama.cpp computes every layer with experts, and knows one rule for their weights in each architecture. */
function readExperts(config: Config, defaults: ExpertDefaults): Experts {
  if (config.count('decoder_sparse_step', { min: 0, max: limits.layers, fallback: 1 }) !== 1)
    throw unknownFeature(
      'decoder_sparse_step',
      'config.json asks for layers without experts between those with experts, which llama.cpp does not compute for this architecture.',
    );
  if (config.has('mlp_only_layers') && config.numbers('mlp_only_layers', limits.layers).length > 0)
    throw unknownFeature(
      'mlp_only_layers',
      'config.json asks for layers without experts, which llama.cpp does not compute for this architecture.',
    );
  if (config.flag('norm_topk_prob', false) !== defaults.normalized)
    throw unknownFeature(
      'norm_topk_prob',
      `config.json has norm_topk_prob ${String(!defaults.normalized)}; llama.cpp computes this architecture with ${String(defaults.normalized)} alone.`,
    );
  const experts = config.count(['num_experts', 'num_local_experts'], {
    max: limits.experts,
    fallback: defaults.experts,
  });
  return {
    experts,
    used: config.count('num_experts_per_tok', { max: experts, fallback: defaults.used }),
    expertFeedForward: config.count('moe_intermediate_size', {
      max: limits.feedForward,
      fallback: defaults.expertFeedForward,
    }),
  };
}

const expertEntries = (
  sizes: DecoderSizes,
  config: Config,
  { experts, used, expertFeedForward }: Experts,
): ReturnType<typeof decoderEntries> => [
  ...decoderEntries(sizes, config.number('rms_norm_eps', 1e-6)),
  uint32('expert_count', experts),
  uint32('expert_used_count', used),
  uint32('expert_feed_forward_length', expertFeedForward),
];

export const qwen2Moe: Architecture = {
  classes: ['Qwen2MoeForCausalLM'],
  prefixes: ['model.'],
  describe: (config) => {
    const sizes = readDecoderSizes(config, {
      vocabulary: 151_936,
      layers: 24,
      hidden: 2048,
      feedForward: 5632,
      heads: 16,
      kvHeads: 16,
      context: 32_768,
    });
    checkHeadSize(sizes);
    checkSilu(config);
    const experts = readExperts(config, { experts: 60, used: 4, expertFeedForward: 1408, normalized: false });
    const sharedFeedForward = config.count('shared_expert_intermediate_size', {
      max: limits.feedForward,
      fallback: 5632,
    });
    return {
      name: 'qwen2moe',
      sizes: { ...sizes, ...experts, sharedFeedForward },
      conditions: { untied: hasOwnHead(config, false), qkvBias: config.flag('qkv_bias', true) },
      metadata: [
        ...expertEntries(sizes, config, experts),
        uint32('expert_shared_feed_forward_length', sharedFeedForward),
        ...(config.has('head_dim') ? headSizeEntries(sizes.headSize) : []),
        ...readRope(config, { theta: 10_000, scalings: ['linear', 'yarn'] }).metadata,
      ],
      computed: [],
    };
  },
  rows: [...outerRowsWithHead, ...normRows, ...attentionRows, ...qkvBiasRows, ...ownExpertRows, ...sharedRows],
  ignored: rotaryBuffers,
};

export const qwen3Moe: Architecture = {
  classes: ['Qwen3MoeForCausalLM'],
  prefixes: ['model.'],
  describe: (config) => {
    const sizes = readDecoderSizes(config, {
      vocabulary: 151_936,
      layers: 24,
      hidden: 2048,
      feedForward: 6144,
      heads: 32,
      kvHeads: 4,
      context: 32_768,
    });
    checkSilu(config);
    const experts = readExperts(config, { experts: 128, used: 8, expertFeedForward: 768, normalized: true });
    return {
      name: 'qwen3moe',
      sizes: { ...sizes, ...experts },
      conditions: { untied: hasOwnHead(config, false), qkvBias: config.flag('attention_bias', false) },
      metadata: [
        ...expertEntries(sizes, config, experts),
        ...headSizeEntries(sizes.headSize),
        ...readRope(config, { theta: 10_000, scalings: ['linear', 'yarn'] }).metadata,
      ],
      computed: [],
    };
  },
  rows: [...outerRows, ...normRows, ...attentionRows, ...qkvBiasRows, ...headNormRows, ...ownExpertRows],
  ignored: rotaryBuffers,
};
