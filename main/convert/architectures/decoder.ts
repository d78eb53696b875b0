/** What most decoders, and some encoders, have in common: sizes, their metadata, and rows of tables. */
import { shownName } from '../../base/foreign-text.ts';
import type { MetadataEntry, Size, TensorRow } from './architecture.ts';
import { keyList, limits, unknownFeature, wrongValue, type Config, type Keys } from './config.ts';
import { float32, uint32 } from './entries.ts';

/** Sizes of a decoder with grouped attention, by the names that rows are written with. */
export interface DecoderSizes {
  readonly [name: string]: number;
  readonly vocabulary: number;
  readonly layers: number;
  readonly hidden: number;
  readonly feedForward: number;
  readonly heads: number;
  /** Heads of keys and values; each serves `heads / kvHeads` heads of queries. */
  readonly kvHeads: number;
  readonly headSize: number;
  readonly context: number;
}

/** Values that the family's configuration in transformers has where config.json has none. */
export interface DecoderDefaults {
  readonly vocabulary: number;
  readonly layers: number;
  readonly hidden: number;
  readonly feedForward: number;
  readonly heads: number;
  /** Without it a config.json without a number has as many as heads. */
  readonly kvHeads?: number;
  /** Without it a config.json without a number has the share of a head in the hidden size. */
  readonly headSize?: number;
  readonly context: number;
}

/** The sizes in config.json. @throws AppError `convert.invalid` where one is missing or impossible, or heads do not divide. */
export function readDecoderSizes(config: Config, defaults: DecoderDefaults): DecoderSizes {
  const hidden = config.count('hidden_size', { max: limits.hidden, fallback: defaults.hidden });
  const heads = config.count('num_attention_heads', { max: limits.heads, fallback: defaults.heads });
  const usualKvHeads = config.isNull('num_key_value_heads') ? heads : (defaults.kvHeads ?? heads);
  const kvHeads = config.count('num_key_value_heads', { max: limits.heads, fallback: usualKvHeads });
  if (heads % kvHeads !== 0)
    throw wrongValue('num_key_value_heads', `a divisor of the ${heads} attention heads`, kvHeads);
  return {
    vocabulary: config.count('vocab_size', { max: limits.vocabulary, fallback: defaults.vocabulary }),
    layers: config.count('num_hidden_layers', { max: limits.layers, fallback: defaults.layers }),
    hidden,
    feedForward: config.count('intermediate_size', { max: limits.feedForward, fallback: defaults.feedForward }),
    heads,
    kvHeads,
    headSize: readHeadSize(config, hidden, heads, config.isNull('head_dim') ? undefined : defaults.headSize),
    context: config.count(['max_position_embeddings', 'n_ctx', 'n_positions'], {
      max: limits.positions,
      fallback: defaults.context,
    }),
  };
}

/** `head_dim`, or the share of a head in the hidden size. It is even, as a rope rotates pairs. */
function readHeadSize(config: Config, hidden: number, heads: number, fallback?: number): number {
  const size = config.count('head_dim', {
    max: limits.headSize,
    fallback: (fallback ?? Math.floor(hidden / heads)) || 1,
  });
  if (!config.has('head_dim') && fallback === undefined && hidden % heads !== 0)
    throw wrongValue('num_attention_heads', `a divisor of the hidden size ${hidden}`, heads);
  if (size % 2 !== 0) throw wrongValue('head_dim', 'an even number', size);
  return size;
}

/** The number of attention heads, which divides the hidden size. @throws AppError `convert.invalid` for another number. */
export function readHeads(config: Config, keys: Keys, hidden: number, fallback: number): number {
  const heads = config.count(keys, { max: limits.heads, fallback });
  if (hidden % heads === 0) return heads;
  const [key = ''] = keyList(keys);
  throw wrongValue(key, `a divisor of the hidden size ${hidden}`, heads);
}

/**
 * Checks that llama.cpp computes the activation that config.json asks for; the first of `known` is the default.
 *
 * @throws AppError `convert.unsupported` for another one.
 */
export function checkActivation(config: Config, keys: Keys, known: readonly string[]): void {
  const activation = config.text(keys, known[0] ?? '');
  if (known.includes(activation)) return;
  const detail = `config.json asks for the activation ${shownName(activation)}; llama.cpp computes ${known[0] ?? ''} for this architecture.`;
  throw unknownFeature(activation, detail);
}

/** As `checkActivation` for the gates of most decoders; `swish` is another name of `silu`. */
export const checkSilu = (config: Config): void => checkActivation(config, 'hidden_act', ['silu', 'swish']);

/** @throws AppError `convert.unsupported` for heads of another size than their share of the hidden size, which llama.cpp does not load. */
export function checkHeadSize({ headSize, hidden, heads }: DecoderSizes): void {
  if (headSize === hidden / heads) return;
  const detail =
    'config.json names another size of heads than their share of the hidden size, which llama.cpp does not compute for this architecture.';
  throw unknownFeature('head_dim', detail);
}

/** Sizes that nearly every architecture of llama.cpp reads. */
export const sizeEntries = (
  sizes: Readonly<Record<'layers' | 'context' | 'hidden' | 'feedForward' | 'heads', number>>,
): readonly MetadataEntry[] => [
  uint32('block_count', sizes.layers),
  uint32('context_length', sizes.context),
  uint32('embedding_length', sizes.hidden),
  uint32('feed_forward_length', sizes.feedForward),
  uint32('attention.head_count', sizes.heads),
];

/** The same with the heads of keys and values. */
export const groupedSizeEntries = (sizes: DecoderSizes): readonly MetadataEntry[] => [
  ...sizeEntries(sizes),
  uint32('attention.head_count_kv', sizes.kvHeads),
];

/** Metadata of a decoder with RMS norms, without rope and the size of heads. */
export const decoderEntries = (sizes: DecoderSizes, rmsEpsilon: number): readonly MetadataEntry[] => [
  ...groupedSizeEntries(sizes),
  float32('attention.layer_norm_rms_epsilon', rmsEpsilon),
];

export const headSizeEntries = (headSize: number): readonly MetadataEntry[] => [
  uint32('attention.key_length', headSize),
  uint32('attention.value_length', headSize),
];

/** Whether a class of transformers is the body of a model alone, such as an embedding model's `Qwen2Model`; `GPT2LMHeadModel` is not. */
export const isBodyClass = (name: string): boolean => /(?<!LMHead)Model$/.test(name);

/** The class that a model was saved from; empty where config.json names none. */
export const classNameOf = (config: Config): string =>
  config.has('architectures') ? (config.texts('architectures', 100)[0] ?? '') : '';

/**
 * Whether the model needs a head with weights of its own; without one llama.cpp takes the embeddings for it. `isTied` is what transformers
 * takes where config.json says nothing.
 */
export function hasOwnHead(config: Config, isTied: boolean): boolean {
  return !isBodyClass(classNameOf(config)) && !config.flag('tie_word_embeddings', isTied);
}

/**
 * The rows of a head: needed under the condition `untied`, and else written where it is stored. transformers 5 ties a head to the embeddings
 * only where both have the same values, and the reference converter writes every head that it finds.
 */
export const headRows = (from: TensorRow['from']): readonly TensorRow[] =>
  (['untied', '!untied'] as const).map((when): TensorRow => ({
    ...{ from, to: 'output.weight', shape: ['vocabulary', 'hidden'], when, isBesidePrefix: true },
    ...(when === 'untied' ? {} : { isOptional: true }),
  }));

/**
 * The same for architectures that llama.cpp does not load without a head: a tied one is the embeddings, `embeddings` by their name in the
 * checkpoint, once more.
 */
export const requiredHeadRows = (from: readonly string[], embeddings: string): readonly TensorRow[] =>
  headRows(from).map((row) => (row.isOptional === true ? { ...row, from: [...from, embeddings] } : row));

/** The same rows, under a condition of the description. */
export const rowsWhen = (when: string, rows: readonly TensorRow[]): readonly TensorRow[] =>
  rows.map((row) => ({ ...row, when }));

/** A norm with a bias; `from` and `to` are names without `.weight`. */
export const biasedNorm = (from: string, to: string): readonly TensorRow[] => [
  { from: `${from}.weight`, to: `${to}.weight`, shape: ['hidden'] },
  { from: `${from}.bias`, to: `${to}.bias`, shape: ['hidden'] },
];

/** A matrix with its bias, by names without `.weight`. */
export const linear = (from: string, to: string, output: Size, input: Size): readonly TensorRow[] => [
  { from: `${from}.weight`, to: `${to}.weight`, shape: [output, input] },
  { from: `${from}.bias`, to: `${to}.bias`, shape: [output] },
];

const bodyRows: readonly TensorRow[] = [
  { from: 'embed_tokens.weight', to: 'token_embd.weight', shape: ['vocabulary', 'hidden'] },
  { from: 'norm.weight', to: 'output_norm.weight', shape: ['hidden'] },
];

/** Token embeddings, the last norm, and the head. */
export const outerRows: readonly TensorRow[] = [...bodyRows, ...headRows('lm_head.weight')];

/** The same for architectures that llama.cpp does not load without a head. */
export const outerRowsWithHead: readonly TensorRow[] = [
  ...bodyRows,
  ...requiredHeadRows(['lm_head.weight'], 'embed_tokens.weight'),
];

/**
 * The same for architectures whose head llama.cpp always takes from the embeddings. Some checkpoints store the tied head again, which the
 * reference converter leaves out.
 */
export const tiedRows: readonly TensorRow[] = [
  ...bodyRows,
  { from: 'lm_head.weight', to: null, shape: ['vocabulary', 'hidden'], isOptional: true },
];

/** Both norms of a layer before its halves. */
export const normRows: readonly TensorRow[] = [
  { from: 'layers.{layer}.input_layernorm.weight', to: 'blk.{layer}.attn_norm.weight', shape: ['hidden'] },
  { from: 'layers.{layer}.post_attention_layernorm.weight', to: 'blk.{layer}.ffn_norm.weight', shape: ['hidden'] },
];

/** Attention with halves of heads rotated, as most architectures of llama.cpp take it. */
export const attentionRows: readonly TensorRow[] = [
  {
    from: 'layers.{layer}.self_attn.q_proj.weight',
    to: 'blk.{layer}.attn_q.weight',
    shape: ['heads*headSize', 'hidden'],
  },
  {
    from: 'layers.{layer}.self_attn.k_proj.weight',
    to: 'blk.{layer}.attn_k.weight',
    shape: ['kvHeads*headSize', 'hidden'],
  },
  {
    from: 'layers.{layer}.self_attn.v_proj.weight',
    to: 'blk.{layer}.attn_v.weight',
    shape: ['kvHeads*headSize', 'hidden'],
  },
  {
    from: 'layers.{layer}.self_attn.o_proj.weight',
    to: 'blk.{layer}.attn_output.weight',
    shape: ['hidden', 'heads*headSize'],
  },
];

/** Biases of queries, keys and values (condition `qkvBias`). */
export const qkvBiasRows: readonly TensorRow[] = [
  {
    from: 'layers.{layer}.self_attn.q_proj.bias',
    to: 'blk.{layer}.attn_q.bias',
    shape: ['heads*headSize'],
    when: 'qkvBias',
  },
  {
    from: 'layers.{layer}.self_attn.k_proj.bias',
    to: 'blk.{layer}.attn_k.bias',
    shape: ['kvHeads*headSize'],
    when: 'qkvBias',
  },
  {
    from: 'layers.{layer}.self_attn.v_proj.bias',
    to: 'blk.{layer}.attn_v.bias',
    shape: ['kvHeads*headSize'],
    when: 'qkvBias',
  },
];

/** The bias behind attention, in models that have those of queries, keys and values. */
export const outputBiasRow: TensorRow = {
  ...{ from: 'layers.{layer}.self_attn.o_proj.bias', to: 'blk.{layer}.attn_output.bias', shape: ['hidden'] },
  when: 'qkvBias',
};

/** Norms of each head's queries and keys. */
export const headNormRows: readonly TensorRow[] = [
  { from: 'layers.{layer}.self_attn.q_norm.weight', to: 'blk.{layer}.attn_q_norm.weight', shape: ['headSize'] },
  { from: 'layers.{layer}.self_attn.k_norm.weight', to: 'blk.{layer}.attn_k_norm.weight', shape: ['headSize'] },
];

/** What a checkpoint calls the matrices of a feed-forward part with a gate. */
interface GateNames {
  readonly gate: string;
  readonly up: string;
  readonly down: string;
}

const projections: GateNames = { gate: 'gate_proj', up: 'up_proj', down: 'down_proj' };

/** A feed-forward part with a gate. `suffix` is what the names in the GGUF file have behind `ffn_gate`, `ffn_up` and `ffn_down`. */
const gatedPart = (module: string, names: GateNames, suffix: string, size: Size): readonly TensorRow[] => [
  { from: `${module}.${names.gate}.weight`, to: `blk.{layer}.ffn_gate${suffix}.weight`, shape: [size, 'hidden'] },
  { from: `${module}.${names.up}.weight`, to: `blk.{layer}.ffn_up${suffix}.weight`, shape: [size, 'hidden'] },
  { from: `${module}.${names.down}.weight`, to: `blk.{layer}.ffn_down${suffix}.weight`, shape: ['hidden', size] },
];

/** The feed-forward part of most decoders. */
export const gatedRows: readonly TensorRow[] = gatedPart('layers.{layer}.mlp', projections, '', 'feedForward');

/** The expert that every token passes; `size` is that of its feed-forward part. */
export const sharedExpertRows = (module: string, size: Size): readonly TensorRow[] =>
  gatedPart(module, projections, '_shexp', size);

/** The router of a layer and its experts, of which the same matrices become one tensor. `size` is that of an expert's feed-forward part. */
export const expertRows = (module: string, size: Size, names = projections): readonly TensorRow[] => [
  { from: `${module}.gate.weight`, to: 'blk.{layer}.ffn_gate_inp.weight', shape: ['experts', 'hidden'] },
  ...gatedPart(`${module}.experts.{item}`, names, '_exps', size).map((row): TensorRow => ({
    ...row,
    change: { kind: 'stacked', count: 'experts' },
  })),
];

/** Buffers that old checkpoints hold. */
export const rotaryBuffers: readonly string[] = ['layers.{layer}.self_attn.rotary_emb.inv_freq', 'rotary_emb.inv_freq'];

/** Rows with the heads of queries and keys interleaved, as llama.cpp's `llama` takes them; for weights and biases alike. */
export function interleaved(rows: readonly TensorRow[]): readonly TensorRow[] {
  return rows.map((row): TensorRow => {
    if (row.to === null) return row;
    if (/\.attn_q\.(?:weight|bias)$/.test(row.to)) return { ...row, change: { kind: 'interleaved', heads: 'heads' } };
    if (/\.attn_k\.(?:weight|bias)$/.test(row.to)) return { ...row, change: { kind: 'interleaved', heads: 'kvHeads' } };
    return row;
  });
}
