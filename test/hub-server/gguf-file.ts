/**
 * Writes GGUF files (version 3) of the llama architecture in a given shape and quantization: a valid header with a
 * vocabulary and a tensor table, the exact sizes of llama.cpp, and synthetic weights. They parse, fit and load like
 * real models but write nonsense; `general.description` says so. Format: docs/gguf.md of the ggml project. Block sizes:
 * ggml-common.h.
 */
import { writeFile } from 'node:fs/promises';
import { contentSha256, generatedContent, readContent, type Content } from './content.ts';

/** The dimensions of a model of the llama architecture. */
export interface LlamaShape {
  readonly name: string;
  readonly layers: number;
  readonly embedding: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly feedForward: number;
  /** At least 261: 256 bytes and five special tokens. */
  readonly vocabulary: number;
  /** Trained context, in tokens. */
  readonly contextLength: number;
  /** The output tensor is tied to the embedding and has the type of an output, as in small models. */
  readonly tied?: boolean;
}

/** The smallest shape that llama.cpp accepts, for tests that need any model of a certain kind. */
export const tinyShape = {
  name: 'Made up',
  layers: 1,
  embedding: 32,
  heads: 1,
  kvHeads: 1,
  feedForward: 64,
  vocabulary: 400,
  contextLength: 512,
} as const satisfies LlamaShape;

/** Type id, weights per block, bytes per block. */
const tensorTypes = {
  F32: [0, 1, 4],
  F16: [1, 1, 2],
  BF16: [30, 1, 2],
  Q4_0: [2, 32, 18],
  Q5_0: [6, 32, 22],
  Q8_0: [8, 32, 34],
  Q2_K: [10, 256, 84],
  Q3_K: [11, 256, 110],
  Q4_K: [12, 256, 144],
  Q5_K: [13, 256, 176],
  Q6_K: [14, 256, 210],
  IQ4_XS: [23, 256, 136],
} as const;
type TensorType = keyof typeof tensorTypes;

/** `general.file_type`, and the types of most tensors, of attn_v with ffn_down, and of the output: the mixes of llama.cpp, simplified. */
const quantizations = {
  F32: [0, 'F32', 'F32', 'F32'],
  F16: [1, 'F16', 'F16', 'F16'],
  BF16: [32, 'BF16', 'BF16', 'BF16'],
  Q8_0: [7, 'Q8_0', 'Q8_0', 'Q8_0'],
  Q6_K: [18, 'Q6_K', 'Q6_K', 'Q6_K'],
  Q5_K_M: [17, 'Q5_K', 'Q6_K', 'Q6_K'],
  Q5_K_S: [16, 'Q5_K', 'Q5_K', 'Q6_K'],
  Q4_K_M: [15, 'Q4_K', 'Q6_K', 'Q6_K'],
  Q4_K_S: [14, 'Q4_K', 'Q5_K', 'Q6_K'],
  Q4_0: [2, 'Q4_0', 'Q4_0', 'Q6_K'],
  IQ4_XS: [30, 'IQ4_XS', 'Q5_K', 'Q6_K'],
  Q3_K_L: [13, 'Q3_K', 'Q5_K', 'Q6_K'],
  Q3_K_M: [12, 'Q3_K', 'Q4_K', 'Q6_K'],
  Q3_K_S: [11, 'Q3_K', 'Q3_K', 'Q6_K'],
  Q2_K: [10, 'Q2_K', 'Q3_K', 'Q6_K'],
} as const satisfies Record<string, readonly [number, TensorType, TensorType, TensorType]>;
export type GgufQuantization = keyof typeof quantizations;
export const ggufQuantizations = Object.keys(quantizations) as GgufQuantization[];

export interface GgufOptions {
  readonly shape: LlamaShape;
  readonly quantization: GgufQuantization;
  /** The seed of the synthetic weights. */
  readonly seed: number;
  /** Writes one file of a split model: `index` from 0, as `llama-gguf-split` does. */
  readonly shard?: { readonly index: number; readonly count: number };
}

/** A file that is not written yet. */
export interface GgufPlan {
  readonly head: Uint8Array;
  readonly sizeBytes: number;
  readonly seed: number;
  /** Weights in this file. */
  readonly parameterCount: number;
}

const ALIGNMENT = 32;
export const chatTemplate =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.byteLength), bytes]);
}

const entry = {
  u16: (key: string, value: number) => Buffer.concat([text(key), u32(2), Buffer.from(Uint16Array.of(value).buffer)]),
  u32: (key: string, value: number) => Buffer.concat([text(key), u32(4), u32(value)]),
  i32: (key: string, value: number) => Buffer.concat([text(key), u32(5), u32(value)]),
  f32: (key: string, value: number) => Buffer.concat([text(key), u32(6), f32(value)]),
  boolean: (key: string, value: boolean) => Buffer.concat([text(key), u32(7), Buffer.from([value ? 1 : 0])]),
  text: (key: string, value: string) => Buffer.concat([text(key), u32(8), text(value)]),
  array: (key: string, type: number, values: readonly Buffer[]) =>
    Buffer.concat([text(key), u32(9), u32(type), u64(values.length), ...values]),
};

const TOKEN_NORMAL = 1;
const TOKEN_UNKNOWN = 2;
const TOKEN_CONTROL = 3;
const TOKEN_BYTE = 6;

/** A SentencePiece-like vocabulary: specials, the 256 bytes, the two marks of ChatML, and words made of syllables. */
function vocabulary(size: number): readonly { readonly token: string; readonly type: number }[] {
  const tokens = [
    { token: '<unk>', type: TOKEN_UNKNOWN },
    { token: '<s>', type: TOKEN_CONTROL },
    { token: '</s>', type: TOKEN_CONTROL },
  ];
  for (let byte = 0; byte < 256; byte++) {
    tokens.push({ token: `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, type: TOKEN_BYTE });
  }
  tokens.push({ token: '<|im_start|>', type: TOKEN_CONTROL }, { token: '<|im_end|>', type: TOKEN_CONTROL });
  for (let index = 0; tokens.length < size; index++) {
    let word = '';
    for (let rest = index; word === '' || rest > 0; rest = Math.floor(rest / 60)) {
      word += `${'bdfgklmnprst'.charAt(rest % 12)}${'aeiou'.charAt(Math.floor((rest % 60) / 12))}`;
    }
    // Each word twice: at the start of a word, as SentencePiece marks it, and inside of one.
    tokens.push({ token: `▁${word}`, type: TOKEN_NORMAL });
    if (tokens.length < size) tokens.push({ token: word, type: TOKEN_NORMAL });
  }
  return tokens;
}

const vocabularies = new Map<number, readonly Buffer[]>();

function tokenizerEntries(size: number): readonly Buffer[] {
  const known = vocabularies.get(size);
  if (known !== undefined) return known;
  const tokens = vocabulary(size);
  const entries = [
    entry.text('tokenizer.ggml.model', 'llama'),
    entry.text('tokenizer.ggml.pre', 'default'),
    entry.array(
      'tokenizer.ggml.tokens',
      8,
      tokens.map(({ token }) => text(token)),
    ),
    entry.array(
      'tokenizer.ggml.scores',
      6,
      tokens.map((_, index) => f32(-index)),
    ),
    entry.array(
      'tokenizer.ggml.token_type',
      5,
      tokens.map(({ type }) => u32(type)),
    ),
    entry.u32('tokenizer.ggml.bos_token_id', 1),
    entry.u32('tokenizer.ggml.eos_token_id', 260),
    entry.u32('tokenizer.ggml.unknown_token_id', 0),
    entry.boolean('tokenizer.ggml.add_bos_token', true),
    entry.text('tokenizer.chat_template', chatTemplate),
  ];
  vocabularies.set(size, entries);
  return entries;
}

function modelEntries({ shape, quantization }: GgufOptions): Buffer[] {
  return [
    entry.text('general.architecture', 'llama'),
    entry.text('general.type', 'model'),
    entry.text('general.name', shape.name),
    entry.text('general.description', 'Made-up weights in the shape of a model, for tests. It cannot answer anything.'),
    entry.text('general.license', 'mit'),
    entry.u32('llama.block_count', shape.layers),
    entry.u32('llama.context_length', shape.contextLength),
    entry.u32('llama.embedding_length', shape.embedding),
    entry.u32('llama.feed_forward_length', shape.feedForward),
    entry.u32('llama.attention.head_count', shape.heads),
    entry.u32('llama.attention.head_count_kv', shape.kvHeads),
    entry.f32('llama.rope.freq_base', 500_000),
    entry.f32('llama.attention.layer_norm_rms_epsilon', 1e-5),
    entry.u32('llama.vocab_size', shape.vocabulary),
    entry.u32('llama.rope.dimension_count', shape.embedding / shape.heads),
    entry.u32('general.file_type', quantizations[quantization][0]),
    entry.u32('general.quantization_version', 2),
    ...tokenizerEntries(shape.vocabulary),
  ];
}

interface Tensor {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly type: TensorType;
}

function tensorsOf({ shape, quantization }: GgufOptions): Tensor[] {
  const [, most, sensitive, output] = quantizations[quantization];
  const { embedding, feedForward } = shape;
  const kvWidth = (embedding / shape.heads) * shape.kvHeads;
  const tensors: Tensor[] = [];
  const add = (name: string, dimensions: readonly number[], wanted: TensorType): void => {
    // Rows must consist of whole blocks. Where they cannot, quantizers use a type with smaller blocks, and finally F16.
    const fitting = [wanted, 'Q8_0', 'F16'].find(
      (type) => (dimensions[0] ?? 0) % tensorTypes[type as TensorType][1] === 0,
    );
    tensors.push({ name, dimensions, type: dimensions.length === 1 ? 'F32' : (fitting as TensorType) });
  };
  add('token_embd.weight', [embedding, shape.vocabulary], shape.tied ? output : most);
  for (let layer = 0; layer < shape.layers; layer++) {
    const name = (part: string): string => `blk.${String(layer)}.${part}.weight`;
    add(name('attn_norm'), [embedding], 'F32');
    add(name('attn_q'), [embedding, embedding], most);
    add(name('attn_k'), [embedding, kvWidth], most);
    add(name('attn_v'), [embedding, kvWidth], sensitive);
    add(name('attn_output'), [embedding, embedding], most);
    add(name('ffn_norm'), [embedding], 'F32');
    add(name('ffn_gate'), [embedding, feedForward], most);
    add(name('ffn_up'), [embedding, feedForward], most);
    // llama.cpp gives the better type to about half of the layers.
    add(name('ffn_down'), [feedForward, embedding], layer % 2 === 0 ? sensitive : most);
  }
  add('output_norm.weight', [embedding], 'F32');
  if (!shape.tied) add('output.weight', [embedding, shape.vocabulary], output);
  return tensors;
}

const weightsOf = (tensor: Tensor): number => tensor.dimensions.reduce((product, size) => product * size, 1);

function bytesOf(tensor: Tensor): number {
  const [, blockWeights, blockBytes] = tensorTypes[tensor.type];
  return (weightsOf(tensor) / blockWeights) * blockBytes;
}

const aligned = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;

/**
 * The layout of a file. Throws when the heads do not divide the width, or the vocabulary is too small for the special
 * tokens.
 */
export function planGguf(options: GgufOptions): GgufPlan {
  const { shape, shard } = options;
  if (shape.embedding % shape.heads !== 0 || shape.vocabulary < 261)
    throw new RangeError('this shape makes no llama model');
  const all = tensorsOf(options);
  const count = shard?.count ?? 1;
  const perShard = Math.ceil(all.length / count);
  const index = shard?.index ?? 0;
  const tensors = all.slice(index * perShard, (index + 1) * perShard);
  // A split model has its metadata in the first file only.
  const entries = index === 0 ? modelEntries(options) : [];
  if (shard !== undefined) {
    entries.push(
      entry.u16('split.no', index),
      entry.u16('split.count', count),
      entry.i32('split.tensors.count', all.length),
    );
  }
  const infos: Buffer[] = [];
  let offset = 0;
  for (const tensor of tensors) {
    const dimensions = [u32(tensor.dimensions.length), ...tensor.dimensions.map(u64)];
    infos.push(text(tensor.name), ...dimensions, u32(tensorTypes[tensor.type][0]), u64(offset));
    offset += aligned(bytesOf(tensor));
  }
  const unpadded = Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(tensors.length),
    u64(entries.length),
    ...entries,
    ...infos,
  ]);
  const head = Buffer.concat([unpadded, Buffer.alloc(aligned(unpadded.byteLength) - unpadded.byteLength)]);
  const parameterCount = tensors.reduce((sum, tensor) => sum + weightsOf(tensor), 0);
  return { head, sizeBytes: head.byteLength + offset, seed: options.seed, parameterCount };
}

/** The file as content of a test repository. Its weights are generated while they are sent. */
export function ggufContent(options: GgufOptions, sha256?: string): Content {
  const { head, sizeBytes, seed } = planGguf(options);
  return generatedContent(sizeBytes, seed, head, sha256);
}

/** Writes the file to disk. Returns its size and sha256. Throws as file writes do. */
export async function writeGguf(
  path: string,
  options: GgufOptions,
): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  const content = ggufContent(options);
  await writeFile(path, readContent(content));
  return { sizeBytes: planGguf(options).sizeBytes, sha256: await contentSha256(content) };
}

/** The usual name of one file of a split model: `NAME-00001-of-00003.gguf`, with `index` from 0. */
export function shardName(stem: string, index: number, count: number): string {
  const digits = (value: number): string => String(value).padStart(5, '0');
  return `${stem}-${digits(index + 1)}-of-${digits(count)}.gguf`;
}
