/** The config.json of the checkpoint that a GGUF file could have been made of, as far as its metadata and tensors tell. */
import { shownName } from '../../base/foreign-text.ts';
import { unsupportedCheckpoint } from '../../model-file/checkpoint-error.ts';
import { describeModel } from '../architectures/registry.ts';
import type { GgufHeader, GgufValue } from '../../model-file/gguf.ts';

export type ConfigValues = Readonly<Record<string, unknown>>;

/** What of a GGUF file a configuration follows from. */
export interface GgufFacts {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly Pick<GgufHeader['tensors'][number], 'name' | 'shape'>[];
  /** The values of `rope_freqs.weight` and the like, by their names. */
  readonly ropeFactors: ReadonlyMap<string, Float32Array>;
}

interface Reader {
  /** A number under the architecture's own key; null without one. */
  readonly number: (key: string) => number | null;
  readonly text: (key: string) => string | null;
  readonly flag: (key: string) => boolean | null;
  readonly flags: (key: string) => readonly boolean[] | null;
  readonly has: (tensor: string) => boolean;
  /** Of a tensor, in ggml's order; 0 without it. */
  readonly length: (tensor: string, dimension: number) => number;
}

/** Values of a family beside the common ones; a null takes a common one away. */
type Family = (reader: Reader, common: ConfigValues) => ConfigValues & { readonly architectures: readonly string[] };

/** A decimal number with as few digits as its float32 needs: 1e-5 in place of 9.999999747378752e-06. */
export function shortNumber(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return value;
}

/**
 * The values of config.json, `architectures` among them.
 * @throws AppError `convert.unsupported` (`reason: 'architecture'`) for an architecture that is not known here.
 */
export function configOfGguf(facts: GgufFacts): ConfigValues {
  const name = facts.metadata.get('general.architecture');
  const family = typeof name === 'string' ? families.get(name) : undefined;
  if (typeof name !== 'string' || family === undefined)
    throw unsupportedCheckpoint({
      ...{ reason: 'architecture', found: typeof name === 'string' ? name : 'none' },
      detail: `The architecture ${typeof name === 'string' ? shownName(name) : ''} cannot be written as safetensors.`,
    });
  const reader = createReader(facts, name);
  const common = commonValues(reader);
  const values = { ...common, ...family(reader, common) };
  const there = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return withRopeFactors(Object.fromEntries(there), facts.ropeFactors);
}

/** Contexts of the training before a rope was stretched: those of published models, and the one that explains a partly stretched frequency. */
function originalContexts(factors: Float32Array, factor: number, theta: number): readonly number[] {
  const index = factors.findIndex((value) => value > 1 && value < factor);
  const wavelength = 2 * Math.PI * theta ** (index / factors.length);
  const smooth = (1 / (factors[index] ?? 1) - 1 / factor) / (1 - 1 / factor);
  const explained = Math.round((LOW_FREQUENCY + smooth * (HIGH_FREQUENCY - LOW_FREQUENCY)) * wavelength);
  return [8192, ...(index < 0 || !(explained >= 1) ? [] : [explained]), 4096, 2048, 16_384, 32_768];
}

/** `low_freq_factor` and `high_freq_factor` of every published model. */
const LOW_FREQUENCY = 1;
const HIGH_FREQUENCY = 4;

/** The configuration with the rope scaling that has these factors. @throws AppError `convert.unsupported` (`layout`) where none is known. */
function withRopeFactors(config: ConfigValues, factors: ReadonlyMap<string, Float32Array>): ConfigValues {
  const [long, short] = [factors.get('rope_factors_long.weight'), factors.get('rope_factors_short.weight')];
  if (long !== undefined && short !== undefined) {
    const [long_factor, short_factor] = [Array.from(long, shortNumber), Array.from(short, shortNumber)];
    return { ...config, rope_scaling: { type: 'longrope', long_factor, short_factor } };
  }
  const found = factors.get('rope_freqs.weight');
  if (found === undefined) return config;
  const factor = shortNumber(Math.max(...found));
  for (const original_max_position_embeddings of originalContexts(found, factor, Number(config['rope_theta']))) {
    const bounds = { low_freq_factor: LOW_FREQUENCY, high_freq_factor: HIGH_FREQUENCY };
    const scaling = { ...bounds, original_max_position_embeddings };
    const tried = {
      ...config,
      rope_scaling: { rope_type: 'llama3', factor, ...scaling },
    };
    const { computed } = describeModel(tried).description;
    if (String(computed[0]?.values) === String(found)) return tried;
  }
  throw unsupportedCheckpoint({
    ...{ reason: 'layout', tensor: 'rope_freqs.weight' },
    detail: 'The factors in rope_freqs.weight are of no scaling that config.json could name.',
  });
}

function createReader({ metadata, tensors }: GgufFacts, name: string): Reader {
  const shapes = new Map(tensors.map((tensor) => [tensor.name, tensor.shape]));
  const find = (key: string): GgufValue | undefined => metadata.get(`${name}.${key}`);
  return {
    number(key) {
      const value = find(key);
      return typeof value === 'number' ? shortNumber(value) : typeof value === 'bigint' ? Number(value) : null;
    },
    text(key) {
      const value = find(key);
      return typeof value === 'string' ? value : null;
    },
    flag(key) {
      const value = find(key);
      return typeof value === 'boolean' ? value : null;
    },
    flags(key) {
      const value = find(key);
      return Array.isArray(value) && value.every((one) => typeof one === 'boolean') ? value : null;
    },
    has: (tensor) => shapes.has(tensor),
    length: (tensor, dimension) => shapes.get(tensor)?.[dimension] ?? 0,
  };
}

function commonValues(reader: Reader): ConfigValues {
  const { number, has, length } = reader;
  const [hidden, heads] = [number('embedding_length'), number('attention.head_count')];
  const headSize = number('attention.key_length');
  return {
    vocab_size: length('token_embd.weight', 1),
    hidden_size: hidden,
    num_hidden_layers: number('block_count'),
    intermediate_size: number('feed_forward_length'),
    num_attention_heads: heads,
    num_key_value_heads: number('attention.head_count_kv'),
    head_dim: headSize,
    max_position_embeddings: number('context_length'),
    rms_norm_eps: number('attention.layer_norm_rms_epsilon'),
    rope_theta: number('rope.freq_base'),
    rope_scaling: ropeScaling(reader),
    sliding_window: windowOf(reader),
    tie_word_embeddings: !has('output.weight'),
    hidden_act: 'silu',
  };
}

/** Tokens that a position sees; null where it sees all of them, for which llama.cpp has zero, and transformers no number. */
const windowOf = ({ number }: Reader): number | null => number('attention.sliding_window') || null;

function ropeScaling({ number, text }: Reader): ConfigValues | null {
  const type = text('rope.scaling.type');
  if (type !== 'linear' && type !== 'yarn') return null;
  const optional = {
    original_max_position_embeddings: number('rope.scaling.original_context_length'),
    beta_fast: number('rope.scaling.yarn_beta_fast'),
    beta_slow: number('rope.scaling.yarn_beta_slow'),
    attention_factor: number('rope.scaling.yarn_attn_factor'),
  };
  const there = Object.entries(optional).filter(([, value]) => value !== null);
  return { rope_type: type, factor: number('rope.scaling.factor'), ...(type === 'yarn' && Object.fromEntries(there)) };
}

/** The share of a head that is rotated; null for all of it. */
function partialFactor({ number }: Reader): number | null {
  const [rotated, hidden, heads] = [
    number('rope.dimension_count'),
    number('embedding_length'),
    number('attention.head_count'),
  ];
  const headSize = number('attention.key_length') ?? (hidden ?? 0) / (heads ?? 1);
  return rotated === null || rotated === headSize || headSize === 0 ? null : rotated / headSize;
}

const decoder =
  (modelType: string, className: string, more: (reader: Reader) => ConfigValues = () => ({})): Family =>
  (reader) => ({ architectures: [className], model_type: modelType, ...more(reader) });

const llama: Family = (reader) => {
  const experts = reader.number('expert_count');
  if (experts !== null && experts > 0)
    return {
      ...{ architectures: ['MixtralForCausalLM'], model_type: 'mixtral' },
      num_local_experts: experts,
      num_experts_per_tok: reader.number('expert_used_count'),
    };
  return {
    ...{ architectures: ['LlamaForCausalLM'], model_type: 'llama' },
    attention_bias: reader.has('blk.0.attn_q.bias'),
    mlp_bias: reader.has('blk.0.ffn_gate.bias'),
  };
};

const gpt2: Family = ({ number, has, length }, common) => ({
  ...Object.fromEntries(Object.keys(common).map((key) => [key, null])),
  ...{ architectures: ['GPT2LMHeadModel'], model_type: 'gpt2', activation_function: 'gelu_new' },
  vocab_size: length('token_embd.weight', 1),
  n_embd: number('embedding_length'),
  n_layer: number('block_count'),
  n_head: number('attention.head_count'),
  n_positions: length('position_embd.weight', 1),
  n_ctx: number('context_length'),
  n_inner:
    number('feed_forward_length') === 4 * (number('embedding_length') ?? 0) ? null : number('feed_forward_length'),
  layer_norm_epsilon: number('attention.layer_norm_epsilon'),
  tie_word_embeddings: !has('output.weight'),
});

const gptNeox: Family = (reader) => ({
  ...{ architectures: ['GPTNeoXForCausalLM'], model_type: 'gpt_neox', hidden_act: 'gelu' },
  layer_norm_eps: reader.number('attention.layer_norm_epsilon'),
  use_parallel_residual: reader.flag('use_parallel_residual') ?? true,
  rotary_pct: partialFactor(reader) ?? 1,
  rotary_emb_base: reader.number('rope.freq_base') ?? 10_000,
  rope_theta: null,
});

const falcon: Family = ({ number, has }) => {
  const kvHeads = number('attention.head_count_kv') ?? 1;
  const isNew = has('blk.0.attn_norm_2.weight') || (kvHeads !== 1 && kvHeads !== number('attention.head_count'));
  return {
    ...{ architectures: ['FalconForCausalLM'], model_type: 'falcon', activation: 'gelu', hidden_act: null },
    ...{ alibi: false, bias: false, parallel_attn: true },
    new_decoder_architecture: isNew,
    multi_query: kvHeads === 1,
    num_kv_heads: kvHeads,
    num_ln_in_parallel_attn: isNew ? (has('blk.0.attn_norm_2.weight') ? 2 : 1) : null,
    ffn_hidden_size: number('feed_forward_length'),
    layer_norm_epsilon: number('attention.layer_norm_epsilon'),
    ...{ intermediate_size: null, num_key_value_heads: null },
  };
};

const gemma = (modelType: string, className: string, isCapped: boolean): Family =>
  decoder(modelType, className, ({ number }) => ({
    ...{ hidden_act: 'gelu_pytorch_tanh', hidden_activation: 'gelu_pytorch_tanh', tie_word_embeddings: null },
    rope_theta: number('rope.freq_base') ?? 10_000,
    ...(isCapped && {
      query_pre_attn_scalar:
        number('block_count') === 46
          ? (number('embedding_length') ?? 0) / (number('attention.head_count') ?? 1)
          : number('attention.key_length'),
      attn_logit_softcapping: number('attn_logit_softcapping'),
      final_logit_softcapping: number('final_logit_softcapping'),
    }),
  }));

const gemma3 = decoder('gemma3_text', 'Gemma3ForCausalLM', ({ number }) => ({
  ...{ hidden_activation: 'gelu_pytorch_tanh', hidden_act: null, tie_word_embeddings: null },
  query_pre_attn_scalar: number('attention.key_length'),
  rope_local_base_freq: number('rope.freq_base_swa'),
  final_logit_softcapping: number('final_logit_softcapping'),
  sliding_window_pattern: 6,
}));

const phi3 = decoder('phi3', 'Phi3ForCausalLM', (reader) => ({
  original_max_position_embeddings: reader.number('rope.scaling.original_context_length'),
  partial_rotary_factor: partialFactor(reader),
}));

const stablelm = decoder('stablelm', 'StableLmForCausalLM', (reader) => ({
  layer_norm_eps: reader.number('attention.layer_norm_epsilon'),
  use_parallel_residual: reader.flag('use_parallel_residual'),
  use_qkv_bias: reader.has('blk.0.attn_q.bias'),
  qk_layernorm: reader.has('blk.0.attn_q_norm.weight'),
  partial_rotary_factor: partialFactor(reader) ?? 1,
}));

const starcoder2 = decoder('starcoder2', 'Starcoder2ForCausalLM', ({ number, has }) => ({
  hidden_act: 'gelu_pytorch_tanh',
  norm_epsilon: number('attention.layer_norm_epsilon'),
  use_bias: has('blk.0.attn_q.bias'),
}));

const granite = decoder('granite', 'GraniteForCausalLM', ({ number }) => ({
  attention_multiplier: number('attention.scale'),
  embedding_multiplier: number('embedding_scale'),
  residual_multiplier: number('residual_scale'),
  logits_scaling: number('logit_scale'),
}));

const mixture = (modelType: string, className: string): Family =>
  decoder(modelType, className, ({ number, has }) => ({
    [modelType === 'qwen3_moe' ? 'attention_bias' : 'qkv_bias']: has('blk.0.attn_q.bias'),
    num_experts: number('expert_count'),
    num_experts_per_tok: number('expert_used_count'),
    moe_intermediate_size: number('expert_feed_forward_length'),
    shared_expert_intermediate_size: number('expert_shared_feed_forward_length'),
    norm_topk_prob: modelType === 'qwen3_moe' ? true : null,
  }));

const distilBert: Family = ({ number, length }, common) => ({
  ...Object.fromEntries(Object.keys(common).map((key) => [key, null])),
  ...{ architectures: ['DistilBertModel'], model_type: 'distilbert', activation: 'gelu' },
  vocab_size: length('token_embd.weight', 1),
  dim: number('embedding_length'),
  n_layers: number('block_count'),
  n_heads: number('attention.head_count'),
  hidden_dim: number('feed_forward_length'),
  max_position_embeddings: length('position_embd.weight', 1),
});

/** RoBERTa too: the rows of positions that it skips are not in the file. */
const bertLike: Family = (reader, common) => (reader.has('token_types.weight') ? bert : distilBert)(reader, common);

const bert: Family = ({ number, length }) => ({
  ...{ architectures: ['BertModel'], model_type: 'bert', hidden_act: 'gelu', tie_word_embeddings: null },
  type_vocab_size: length('token_types.weight', 1),
  max_position_embeddings: length('position_embd.weight', 1),
  layer_norm_eps: number('attention.layer_norm_epsilon'),
});

const nomicBert: Family = ({ number, length }, common) => ({
  ...Object.fromEntries(Object.keys(common).map((key) => [key, null])),
  ...{ architectures: ['NomicBertModel'], model_type: 'nomic_bert', activation_function: 'swiglu' },
  ...{ causal: false, qkv_proj_bias: false, mlp_fc1_bias: false, mlp_fc2_bias: false, prenorm: false },
  ...{ rotary_emb_fraction: 1, rotary_emb_interleaved: false },
  vocab_size: length('token_embd.weight', 1),
  n_embd: number('embedding_length'),
  n_layer: number('block_count'),
  n_head: number('attention.head_count'),
  n_inner: number('feed_forward_length'),
  n_positions: number('context_length'),
  type_vocab_size: length('token_types.weight', 1),
  rotary_emb_base: number('rope.freq_base'),
  layer_norm_epsilon: number('attention.layer_norm_epsilon'),
});

const nomicBertMoe: Family = (reader, common) => ({
  ...nomicBert(reader, common),
  ...{ activation_function: 'gelu', qkv_proj_bias: true, mlp_fc1_bias: true, mlp_fc2_bias: true },
  moe_every_n_layers: reader.number('moe_every_n_layers'),
  num_experts: reader.number('expert_count'),
  moe_top_k: reader.number('expert_used_count'),
});

const modernBert: Family = ({ number }) => ({
  ...{ architectures: ['ModernBertModel'], model_type: 'modernbert' },
  ...{ hidden_act: null, rms_norm_eps: null, rope_theta: null, sliding_window: null, tie_word_embeddings: null },
  hidden_activation: 'gelu',
  norm_eps: number('attention.layer_norm_epsilon'),
  global_rope_theta: number('rope.freq_base'),
  local_rope_theta: number('rope.freq_base_swa'),
  local_attention: number('attention.sliding_window'),
  global_attn_every_n_layers: number('attention.sliding_window_pattern'),
});

const olmo: Family = (reader) => {
  const window = windowOf(reader);
  const pattern = reader.flags('attention.sliding_window_pattern');
  return {
    layer_types: pattern?.map((isSliding) => (isSliding ? 'sliding_attention' : 'full_attention')) ?? null,
    architectures: [window === null ? 'Olmo2ForCausalLM' : 'Olmo3ForCausalLM'],
    model_type: window === null ? 'olmo2' : 'olmo3',
  };
};

const families: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['llama', llama],
  ['qwen2', decoder('qwen2', 'Qwen2ForCausalLM', () => ({ sliding_window: null }))],
  ['qwen3', decoder('qwen3', 'Qwen3ForCausalLM', () => ({ sliding_window: null }))],
  ['qwen2moe', mixture('qwen2_moe', 'Qwen2MoeForCausalLM')],
  ['qwen3moe', mixture('qwen3_moe', 'Qwen3MoeForCausalLM')],
  ['gpt2', gpt2],
  ['gptneox', gptNeox],
  ['falcon', falcon],
  ['gemma', gemma('gemma', 'GemmaForCausalLM', false)],
  ['gemma2', gemma('gemma2', 'Gemma2ForCausalLM', true)],
  ['gemma3', gemma3],
  ['phi3', phi3],
  ['smollm3', decoder('smollm3', 'SmolLM3ForCausalLM')],
  ['olmo2', olmo],
  ['granite', granite],
  ['stablelm', stablelm],
  ['starcoder2', starcoder2],
  ['bert', bertLike],
  ['nomic-bert', nomicBert],
  ['nomic-bert-moe', nomicBertMoe],
  ['modern-bert', modernBert],
]);
