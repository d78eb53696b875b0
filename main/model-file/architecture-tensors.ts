/**
 * The tensors that llama.cpp (releases 0.4.0 and 0.5.0, `load_arch_tensors` of each architecture) asks for without condition. The table
 * holds common architectures only: of an architecture that is not in it nothing is known, and nothing is refused.
 */

export interface ArchitectureTensors {
  /** Outside of blocks. The names end in `.weight`, here and below. */
  readonly model: readonly string[];
  /** In each block. `qkv` stands for the queries, keys and values, in one tensor or in three. */
  readonly block: readonly string[];
  /** In each block of a model with experts; the key `expert_count` says so. Undefined: the architecture has none. */
  readonly expertBlock?: readonly string[];
  /** The key without which the norms cannot be computed. */
  readonly epsilonKey: string;
  /** Whether `ffn_up` holds the gate as well, and so has twice the rows. */
  readonly isGateInUp?: boolean;
  /** Whether positions must be rotated into the whole of a head. */
  readonly rotatesWholeHeads?: boolean;
}

const RMS = 'attention.layer_norm_rms_epsilon';
const NORM = 'attention.layer_norm_epsilon';
const words = (text: string): string[] => text.split(' ');

const ends = words('token_embd output_norm');
const endsWithOutput = [...ends, 'output'];
const attention = words('attn_norm qkv attn_output');
const queryNorms = words('attn_q_norm attn_k_norm');
const postNorms = words('post_attention_norm post_ffw_norm');
const gated = words('ffn_gate ffn_down ffn_up');
const plain = words('ffn_down ffn_up');
const experts = words('ffn_gate_inp ffn_down_exps ffn_up_exps');
const gatedExperts = [...experts, 'ffn_gate_exps'];

const decoder = [...attention, 'ffn_norm'];
const llama: ArchitectureTensors = {
  ...{ model: ends, block: [...decoder, ...gated], epsilonKey: RMS },
  expertBlock: [...decoder, ...experts],
};
const dense: ArchitectureTensors = { model: ends, block: [...decoder, ...gated], epsilonKey: RMS };
const qwen3: ArchitectureTensors = { ...dense, block: [...dense.block, ...queryNorms] };
const qwen3Experts: ArchitectureTensors = {
  ...{ model: ends, epsilonKey: RMS },
  block: [...decoder, ...queryNorms, ...gatedExperts],
};
const cohere: ArchitectureTensors = { model: ends, block: [...attention, ...gated], epsilonKey: NORM };
const encoder = {
  ...{ model: words('token_embd token_embd_norm'), epsilonKey: NORM },
  block: words('qkv attn_output attn_output_norm layer_output_norm'),
};

export const architectureTensors: ReadonlyMap<string, ArchitectureTensors> = new Map<string, ArchitectureTensors>([
  ['llama', { ...llama, rotatesWholeHeads: true }],
  ['mistral3', llama],
  ['granite', llama],
  ['qwen2', dense],
  ['qwen2vl', dense],
  ['gemma', dense],
  ['smollm3', dense],
  ['internlm2', { ...dense, model: endsWithOutput }],
  ['qwen3', qwen3],
  ['qwen3vl', qwen3],
  ['qwen3moe', qwen3Experts],
  ['qwen3vlmoe', qwen3Experts],
  ['olmoe', { ...qwen3Experts, model: endsWithOutput }],
  ['gemma2', { ...dense, block: [...dense.block, ...postNorms] }],
  ['gemma3', { ...dense, block: [...dense.block, ...queryNorms, ...postNorms] }],
  [
    'olmo2',
    { model: endsWithOutput, block: words('qkv attn_output').concat(queryNorms, postNorms, gated), epsilonKey: RMS },
  ],
  ['seed_oss', { model: ends, block: [...attention, 'post_attention_norm', ...gated], epsilonKey: RMS }],
  [
    'gpt-oss',
    {
      model: endsWithOutput,
      block: [...attention, 'attn_sinks', 'post_attention_norm', ...gatedExperts],
      epsilonKey: RMS,
    },
  ],
  ['command-r', cohere],
  ['cohere2', cohere],
  ['stablelm', { ...cohere, model: endsWithOutput }],
  ['phi2', { model: endsWithOutput, block: [...attention, ...plain], epsilonKey: NORM }],
  ['phi3', { model: ends, block: [...decoder, ...plain], epsilonKey: RMS, isGateInUp: true }],
  ['gpt2', { model: [...ends, 'position_embd'], block: [...decoder, ...plain], epsilonKey: NORM }],
  ['gptneox', { model: endsWithOutput, block: [...decoder, ...plain], epsilonKey: NORM }],
  ['starcoder2', { model: ends, block: [...decoder, ...plain], epsilonKey: NORM }],
  ['falcon', { model: ends, block: [...attention, ...plain], epsilonKey: NORM, rotatesWholeHeads: true }],
  ['bert', { ...encoder, block: [...encoder.block, ...plain] }],
  ['nomic-bert', encoder],
]);
