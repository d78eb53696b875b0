/**
 * Nomic Embed v1 and v1.5: BERT with rotary positions, a gated feed-forward part, and no biases but those of norms (`nomic-bert`). Nomic
 * Embed v2 has biases, no gate, and experts in some layers (`nomic-bert-moe`).
 */
import type { Architecture, TensorRow } from '../architecture.ts';
import { limits, unknownFeature, type Config } from '../config.ts';
import { biasedNorm, readHeads, rowsWhen, sizeEntries } from '../decoder.ts';
import { float32, uint32 } from '../entries.ts';
import { encoderEntries } from '../pooling.ts';
import { readRope } from '../rope.ts';

const layer = 'encoder.layers.{layer}';
const block = 'blk.{layer}';

/** Rows of layers with experts. Each matrix holds all experts, one below another; those of the second are stored the other way around. */
const expertRows: readonly TensorRow[] = [
  { from: `${layer}.mlp.router.layer.weight`, to: `${block}.ffn_gate_inp.weight`, shape: ['experts', 'hidden'] },
  {
    ...{ from: `${layer}.mlp.experts.mlp.w1`, to: `${block}.ffn_up_exps.weight` },
    ...{ shape: ['experts*feedForward', 'hidden'], change: { kind: 'divided', count: 'experts' } },
  },
  {
    ...{ from: `${layer}.mlp.experts.mlp.w2`, to: `${block}.ffn_down_exps.weight` },
    ...{ shape: ['experts*feedForward', 'hidden'], change: { kind: 'divided', count: 'experts', isTransposed: true } },
  },
  // llama.cpp has no place for the bias that follows the sum of the experts.
  { from: `${layer}.mlp.experts.bias`, to: null, shape: ['hidden'], isOptional: true },
];

const rows: readonly TensorRow[] = [
  { from: 'embeddings.word_embeddings.weight', to: 'token_embd.weight', shape: ['vocabulary', 'hidden'] },
  {
    from: 'embeddings.token_type_embeddings.weight',
    to: 'token_types.weight',
    shape: ['tokenTypes', 'hidden'],
    when: 'tokenTypes',
  },
  ...biasedNorm('emb_ln', 'token_embd_norm'),
  { from: `${layer}.attn.Wqkv.weight`, to: `${block}.attn_qkv.weight`, shape: ['3*hidden', 'hidden'] },
  { from: `${layer}.attn.Wqkv.bias`, to: `${block}.attn_qkv.bias`, shape: ['3*hidden'], when: 'mixture' },
  { from: `${layer}.attn.out_proj.weight`, to: `${block}.attn_output.weight`, shape: ['hidden', 'hidden'] },
  { from: `${layer}.attn.out_proj.bias`, to: `${block}.attn_output.bias`, shape: ['hidden'], when: 'mixture' },
  ...rowsWhen('!mixture', [
    { from: `${layer}.mlp.fc11.weight`, to: `${block}.ffn_up.weight`, shape: ['feedForward', 'hidden'] },
    { from: `${layer}.mlp.fc12.weight`, to: `${block}.ffn_gate.weight`, shape: ['feedForward', 'hidden'] },
  ]),
  ...rowsWhen('plain', [
    { from: `${layer}.mlp.fc1.weight`, to: `${block}.ffn_up.weight`, shape: ['feedForward', 'hidden'] },
    { from: `${layer}.mlp.fc1.bias`, to: `${block}.ffn_up.bias`, shape: ['feedForward'] },
    { from: `${layer}.mlp.fc2.bias`, to: `${block}.ffn_down.bias`, shape: ['hidden'] },
  ]),
  {
    ...{ from: `${layer}.mlp.fc2.weight`, to: `${block}.ffn_down.weight` },
    ...{ shape: ['hidden', 'feedForward'], when: '!experts' },
  },
  ...rowsWhen('experts', expertRows),
  ...biasedNorm(`${layer}.norm1`, `${block}.attn_output_norm`),
  ...biasedNorm(`${layer}.norm2`, `${block}.layer_output_norm`),
];

type Value = boolean | number | string;
type Needed = readonly (readonly [string, Value])[];

/** What llama.cpp computes. Other values of these keys are other models. */
const needed: Needed = [
  ['causal', false],
  ['prenorm', false],
  ['use_rms_norm', false],
  ['parallel_block', false],
  ['rotary_emb_fraction', 1],
  ['rotary_emb_interleaved', false],
];

const neededWithGate: Needed = [
  ['activation_function', 'swiglu'],
  ['qkv_proj_bias', false],
  ['mlp_fc1_bias', false],
  ['mlp_fc2_bias', false],
  // Its name in a config.json that transformers 5 wrote.
  ['hidden_act', 'silu'],
];

const neededWithExperts: Needed = [
  ['activation_function', 'gelu'],
  ['qkv_proj_bias', true],
  ['mlp_fc1_bias', true],
  ['mlp_fc2_bias', true],
  ['expert_choice_router', false],
  ['ffn_div', 1],
  ['moe_normalize_expert_weights', false],
  ['num_shared_experts', 0],
];

function checkFeatures(config: Config, hasExperts: boolean): void {
  for (const [key, value] of [...needed, ...(hasExperts ? neededWithExperts : neededWithGate)]) {
    if (!config.has(key)) continue;
    const found =
      typeof value === 'boolean' ? config.flag(key) : typeof value === 'number' ? config.number(key) : config.text(key);
    if (found !== value)
      throw unknownFeature(
        key,
        `config.json has ${key} ${String(found)}; this architecture is known with ${String(value)} alone.`,
      );
  }
  for (const key of ['rotary_emb_scale_base', 'rotary_scaling_factor'])
    if (config.has(key))
      throw unknownFeature(key, `config.json asks for ${key}, which llama.cpp does not compute for this architecture.`);
}

/**
 * v1 and v1.5 name 8192 positions that only a stretched rope reaches; they were trained with 2048. v2 was trained with 512 and names 2048,
 * which its base saw.
 */
function contextOf(config: Config, hasExperts: boolean): number {
  const positions = config.count(['n_positions', 'max_position_embeddings'], { max: limits.positions, fallback: 2048 });
  const trained = config.count('max_trained_positions', { max: limits.positions, fallback: 2048 });
  return hasExperts && positions === 2048 && trained === 2048 ? 512 : Math.min(positions, trained);
}

export const nomicBert: Architecture = {
  classes: ['NomicBertModel'],
  prefixes: [],
  describe: (config) => {
    const every = config.count('moe_every_n_layers', { min: 0, max: limits.layers, fallback: 0 });
    const hasExperts = every > 0;
    checkFeatures(config, hasExperts);
    const hidden = config.count(['n_embd', 'hidden_size'], { max: limits.hidden, fallback: 768 });
    const heads = readHeads(config, ['n_head', 'num_attention_heads'], hidden, 12);
    const layers = config.count(['n_layer', 'num_hidden_layers'], { max: limits.layers, fallback: 12 });
    const feedForward = config.count(['n_inner', 'intermediate_size'], { max: limits.feedForward, fallback: 3072 });
    const tokenTypes = config.count('type_vocab_size', { min: 0, max: limits.vocabulary, fallback: 2 });
    const experts = hasExperts ? config.count(['num_local_experts', 'num_experts'], { max: limits.experts }) : 0;
    const isExpertLayer = (index: number): boolean => index % every === 1;
    const epsilon = config.number(['layer_norm_epsilon', 'layer_norm_eps'], 1e-12);
    return {
      name: hasExperts ? 'nomic-bert-moe' : 'nomic-bert',
      sizes: {
        vocabulary: config.count('vocab_size', { max: limits.vocabulary, fallback: 30_528 }),
        ...{ layers, hidden, heads, feedForward, tokenTypes, experts },
      },
      conditions: {
        tokenTypes: tokenTypes > 0,
        mixture: hasExperts,
        experts: hasExperts && isExpertLayer,
        plain: hasExperts && ((index) => !isExpertLayer(index)),
      },
      metadata: [
        ...sizeEntries({ layers, context: contextOf(config, hasExperts), hidden, feedForward, heads }),
        float32('rope.freq_base', readRope(config, { theta: 1000, scalings: [] }).theta),
        float32('attention.layer_norm_epsilon', epsilon),
        ...encoderEntries,
        uint32('tokenizer.ggml.token_type_count', Math.max(1, tokenTypes)),
        ...(hasExperts
          ? [
              uint32('expert_count', experts),
              uint32('expert_used_count', config.count('moe_top_k', { max: experts })),
              uint32('moe_every_n_layers', every),
            ]
          : []),
      ],
      computed: [],
    };
  },
  rows,
  ignored: [],
};
