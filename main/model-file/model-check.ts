/**
 * Checks a model's tensors against its metadata, as llama.cpp does when it loads the model, so that a file that cannot be loaded is
 * refused where it is imported and listed. Only what is known for certain of an architecture is checked.
 */
import type { AppError } from '../../preload/wire/errors.ts';
import { architectureTensors, type ArchitectureTensors } from './architecture-tensors.ts';
import { runnableArchitectures } from './architectures.ts';
import type { GgufHeader, GgufTensor, GgufValue } from './gguf.ts';
import { headerError } from './header-error.ts';

/** The dimensions of a known architecture; null where the metadata have a list with one value for each layer. */
interface Sizes {
  readonly embedding: number;
  readonly vocabulary: number;
  readonly feedForward: number | null;
  readonly experts: number;
  /** Rows of the queries, keys and values of all heads. */
  readonly queries: number | null;
  readonly keys: number | null;
  readonly values: number | null;
}

function missingKey(key: string): AppError {
  return headerError('model.corrupt', `This model cannot be loaded: its header says no ${key}.`, {
    reason: 'missing_key',
    field: key,
  });
}
/** An architecture has a short name, so that a longer one is cut in the sentence. */
const SHOWN_NAME_CHARS = 60;

function unknownArchitecture(name: string): AppError {
  const architecture = name.slice(0, SHOWN_NAME_CHARS);
  return headerError('model.unsupported', `This version of llama.cpp does not know the architecture ${architecture}.`, {
    ...{ reason: 'unknown_architecture', field: 'general.architecture', architecture },
  });
}

function missingTensor(name: string, architecture: string): AppError {
  return headerError(
    'model.corrupt',
    `This model cannot be loaded: the tensor ${name} is missing, which the architecture ${architecture} needs.`,
    { reason: 'missing_tensor', field: name, architecture },
  );
}
function wrongSize(field: string, message: string): AppError {
  return headerError('model.corrupt', `This model cannot be loaded: ${message}.`, { reason: 'wrong_size', field });
}

function lengthOf(value: GgufValue | undefined): number | null {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' && 'omittedLength' in value ? value.omittedLength : null;
}

/** The number of tokens. A list that belongs to the tokens must not be shorter than theirs. */
function vocabularyOf({ metadata }: GgufHeader, architecture: string): number {
  const tokenizer = metadata.get('tokenizer.ggml.model');
  if (tokenizer === undefined) throw missingKey('tokenizer.ggml.model');
  if (tokenizer === 'none' || tokenizer === 'no_vocab') {
    const key = `${architecture}.vocab_size`;
    const size = metadata.get(key);
    if (typeof size !== 'number') throw missingKey(key);
    return size;
  }
  const tokens = lengthOf(metadata.get('tokenizer.ggml.tokens'));
  if (tokens === null) throw missingKey('tokenizer.ggml.tokens');
  for (const key of ['tokenizer.ggml.scores', 'tokenizer.ggml.token_type']) {
    const length = lengthOf(metadata.get(key));
    if (length !== null && length < tokens) throw wrongSize(key, `${key} has ${length} values for ${tokens} tokens`);
  }
  return tokens;
}

function sizesOf(header: GgufHeader, architecture: string, rules: ArchitectureTensors): Sizes {
  const { metadata } = header;
  const positive = (name: string): number => {
    const key = `${architecture}.${name}`;
    const value = metadata.get(key);
    if (typeof value !== 'number') throw missingKey(key);
    if (!Number.isInteger(value) || value < 1) throw wrongSize(key, `${key} is ${value}`);
    return value;
  };
  /** Null for a list. */
  const perLayer = (name: string): number | null =>
    lengthOf(metadata.get(`${architecture}.${name}`)) === null ? positive(name) : null;
  const optional = (name: string): number | null => {
    const value = metadata.get(`${architecture}.${name}`);
    return typeof value === 'number' ? value : null;
  };
  positive('context_length');
  if (typeof metadata.get(`${architecture}.${rules.epsilonKey}`) !== 'number')
    throw missingKey(`${architecture}.${rules.epsilonKey}`);
  const embedding = positive('embedding_length');
  const heads = perLayer('attention.head_count');
  const kvHeads = metadata.has(`${architecture}.attention.head_count_kv`) ? perLayer('attention.head_count_kv') : heads;
  const rows = (count: number | null, length: number | null): number | null =>
    count === null ? null : count * (length ?? Math.floor(embedding / (heads ?? Number.NaN)));
  const [keyLength, valueLength] = [optional('attention.key_length'), optional('attention.value_length')];
  const headLength = keyLength ?? Math.floor(embedding / (heads ?? Number.NaN));
  const rotated = optional('rope.dimension_count') ?? headLength;
  if (rules.rotatesWholeHeads === true && heads !== null && rotated !== headLength)
    throw wrongSize(
      `${architecture}.rope.dimension_count`,
      `${architecture}.rope.dimension_count is ${rotated}, and a head has ${headLength}`,
    );
  return {
    embedding,
    vocabulary: vocabularyOf(header, architecture),
    feedForward: metadata.has(`${architecture}.feed_forward_length`) ? perLayer('feed_forward_length') : null,
    experts: optional('expert_count') ?? 0,
    queries: rows(heads, keyLength),
    keys: rows(kvHeads, keyLength),
    values: rows(kvHeads, valueLength),
  };
}

/** The sizes that a dimension may have; null: any. */
type Allowed = readonly (number | null)[] | null;

/** The shape of a tensor by the last part of its name; null for a tensor whose shape is not known for certain. */
function shapeOf(part: string, sizes: Sizes, rules: ArchitectureTensors): readonly Allowed[] | null {
  const { embedding, vocabulary, feedForward, experts, queries, keys, values } = sizes;
  // Some architectures take the embedding length for the rows of the queries, whatever the length of a head.
  const attention = [queries, embedding];
  const width = [embedding];
  switch (part) {
    case 'token_embd':
    case 'output':
      return [width, [vocabulary]];
    case 'output_norm':
    case 'attn_norm':
    case 'ffn_norm':
      return [width];
    case 'attn_q':
      return queries === null ? [width, null] : [width, attention];
    case 'attn_k':
    case 'attn_v':
      return keys === null || values === null ? [width, null] : [width, [keys, values]];
    case 'attn_output':
      return queries === null ? [null, width] : [attention, width];
    case 'ffn_gate':
      return [width, feedForward === null ? null : [feedForward]];
    case 'ffn_up':
      return [width, feedForward === null ? null : [feedForward * (rules.isGateInUp === true ? 2 : 1)]];
    case 'ffn_down':
      return [feedForward === null ? null : [feedForward], width];
    case 'ffn_gate_inp':
      return [width, [experts]];
    case 'ffn_gate_exps':
    case 'ffn_up_exps':
      return [width, null, [experts]];
    case 'ffn_down_exps':
      return [null, width, [experts]];
    default:
      return null;
  }
}

function checkShape({ name, shape }: GgufTensor, expected: readonly Allowed[]): void {
  const fits = [...shape, 1, 1, 1].every((length, at) => {
    const allowed = at < expected.length ? expected[at] : [1];
    return allowed === null || allowed?.includes(length) === true;
  });
  if (fits) return;
  const wanted = expected.map((allowed) => allowed?.filter((one) => one !== null)[0] ?? 'any').join(' x ');
  throw wrongSize(
    name,
    `the tensor ${name} is ${shape.join(' x ')}; by the header's other values it must be ${wanted}`,
  );
}

/** The names that one of the table stands for: one of the lists must be there whole. */
function namesOf(part: string): readonly (readonly string[])[] {
  return part === 'qkv' ? [['attn_qkv'], ['attn_q', 'attn_k', 'attn_v']] : [[part]];
}

/**
 * @throws AppError `model.unsupported` for an architecture that llama.cpp does not have; `model.corrupt` with `data.field`, the key or
 * the tensor that keeps a model of a known architecture from being loaded.
 */
export function checkModel(header: GgufHeader, otherShards: readonly GgufHeader[] = []): void {
  const architecture = header.metadata.get('general.architecture');
  if (typeof architecture !== 'string') return;
  if (!runnableArchitectures.has(architecture)) throw unknownArchitecture(architecture);
  const rules = architectureTensors.get(architecture);
  if (rules === undefined) return;
  const sizes = sizesOf(header, architecture, rules);
  const number = (name: string): number => Number(header.metadata.get(`${architecture}.${name}`) ?? 0);
  const blocks = number('block_count');
  const tensors = new Map(
    [header, ...otherShards].flatMap((one) => one.tensors.map((tensor) => [tensor.name, tensor])),
  );

  for (const part of rules.model)
    if (!tensors.has(`${part}.weight`)) throw missingTensor(`${part}.weight`, architecture);
  const inBlock = (sizes.experts > 0 ? rules.expertBlock : undefined) ?? rules.block;
  // Layers that predict several tokens ahead stand at the end and have tensors of their own.
  for (let block = 0; block < blocks - number('nextn_predict_layers'); block++)
    for (const part of inBlock) {
      const [first = [], ...others] = namesOf(part).map((names) => names.map((one) => `blk.${block}.${one}.weight`));
      const isThere = (names: readonly string[]): boolean => names.every((name) => tensors.has(name));
      if (isThere(first) || others.some(isThere)) continue;
      const missing = (others.at(-1) ?? first).find((name) => !tensors.has(name));
      throw missingTensor(missing ?? '', architecture);
    }
  for (const tensor of tensors.values()) {
    const found = /^(?:blk\.(\d+)\.)?(\w+)\.weight$/.exec(tensor.name);
    if (found?.[1] !== undefined && Number(found[1]) >= blocks)
      throw wrongSize(tensor.name, `the tensor ${tensor.name} belongs to no block; there are ${blocks}`);
    const expected = found?.[2] === undefined ? null : shapeOf(found[2], sizes, rules);
    if (expected !== null) checkShape(tensor, expected);
  }
}
