/**
 * Models of the llama architecture with random weights whose rows are whole blocks of every type of ggml, for quantizing. The same
 * shape gives the same bytes on every machine. A vocabulary of characters and bytes lets them read any text.
 */
import { writeFileSync } from 'node:fs';
import { createRandom, type Random } from './random.ts';

export interface RandomShape {
  readonly layers: number;
  /** Multiples of 256. */
  readonly embedding: number;
  readonly feedForward: number;
  readonly heads: number;
  readonly kvHeads: number;
  /** 0: one feed-forward network for all tokens. */
  readonly experts: number;
  readonly type: 'F32' | 'F16' | 'BF16';
  readonly seed: number;
  /** Whether tensors of the same shape have the same weights, so that a large model is made quickly. */
  readonly repeats?: boolean;
}

export const denseShape: RandomShape = {
  layers: 4,
  embedding: 256,
  feedForward: 512,
  heads: 8,
  kvHeads: 2,
  experts: 0,
  type: 'F32',
  seed: 1,
};
export const expertShape: RandomShape = { ...denseShape, layers: 1, feedForward: 256, experts: 8, seed: 2 };

const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
const f32 = (value: number): Buffer => Buffer.from(Float32Array.of(value).buffer);
const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const list = (type: number, values: readonly Buffer[]): Buffer =>
  Buffer.concat([u32(9), u32(type), u64(values.length), ...values]);
const entry = (key: string, value: string | number | boolean | Buffer): Buffer => {
  if (typeof value === 'string') return Buffer.concat([text(key), u32(8), text(value)]);
  if (typeof value === 'number') return Buffer.concat([text(key), u32(4), u32(value)]);
  if (typeof value === 'boolean') return Buffer.concat([text(key), u32(7), Buffer.from([value ? 1 : 0])]);
  return Buffer.concat([text(key), value]);
};

/** Tokens with their types: the specials, all bytes, then characters and pairs of them. */
function vocabulary(): (readonly [token: string, type: number])[] {
  const letters = Array.from('▁abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:!?\'"()-');
  const pairs = Array.from('aeioutnsr').flatMap((first) => Array.from('aeioutnsr▁').map((second) => first + second));
  return [
    ['<unk>', 2],
    ['<s>', 3],
    ['</s>', 3],
    ...Array.from(
      { length: 256 },
      (_, byte) => [`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, 6] as const,
    ),
    ...[...letters, ...pairs].map((token) => [token, 1] as const),
  ];
}

function entries(shape: RandomShape, vocabularySize: number): Buffer[] {
  const tokens = vocabulary();
  const head = shape.embedding / shape.heads;
  return [
    entry('general.architecture', 'llama'),
    entry('general.name', 'Random weights'),
    entry('llama.block_count', shape.layers),
    entry('llama.context_length', 512),
    entry('llama.embedding_length', shape.embedding),
    entry('llama.feed_forward_length', shape.feedForward),
    entry('llama.attention.head_count', shape.heads),
    entry('llama.attention.head_count_kv', shape.kvHeads),
    entry('llama.attention.layer_norm_rms_epsilon', Buffer.concat([u32(6), f32(1e-5)])),
    entry('llama.rope.dimension_count', head),
    entry('llama.vocab_size', vocabularySize),
    ...(shape.experts === 0 ? [] : [entry('llama.expert_count', shape.experts), entry('llama.expert_used_count', 2)]),
    entry('general.file_type', { F32: 0, F16: 1, BF16: 32 }[shape.type]),
    entry('tokenizer.ggml.model', 'llama'),
    entry('tokenizer.ggml.pre', 'default'),
    entry(
      'tokenizer.ggml.tokens',
      list(
        8,
        tokens.map(([token]) => text(token)),
      ),
    ),
    entry(
      'tokenizer.ggml.scores',
      list(
        6,
        tokens.map((_, index) => f32(-index)),
      ),
    ),
    entry(
      'tokenizer.ggml.token_type',
      list(
        5,
        tokens.map(([, type]) => u32(type)),
      ),
    ),
    entry('tokenizer.ggml.bos_token_id', 1),
    entry('tokenizer.ggml.eos_token_id', 2),
    entry('tokenizer.ggml.unknown_token_id', 0),
    entry('tokenizer.ggml.add_bos_token', true),
  ];
}

type Sizes = readonly [name: string, sizes: readonly number[]];

function tensors(shape: RandomShape, vocabularySize: number): Sizes[] {
  const { embedding, feedForward, experts } = shape;
  const kv = (embedding / shape.heads) * shape.kvHeads;
  const layer = (index: number): Sizes[] => {
    const name = (part: string): string => `blk.${index}.${part}.weight`;
    return [
      [name('attn_norm'), [embedding]],
      [name('attn_q'), [embedding, embedding]],
      [name('attn_k'), [embedding, kv]],
      [name('attn_v'), [embedding, kv]],
      [name('attn_output'), [embedding, embedding]],
      [name('ffn_norm'), [embedding]],
      ...(experts === 0
        ? ([
            [name('ffn_gate'), [embedding, feedForward]],
            [name('ffn_up'), [embedding, feedForward]],
            [name('ffn_down'), [feedForward, embedding]],
          ] as const)
        : ([
            [name('ffn_gate_inp'), [embedding, experts]],
            [name('ffn_gate_exps'), [embedding, feedForward, experts]],
            [name('ffn_up_exps'), [embedding, feedForward, experts]],
            [name('ffn_down_exps'), [feedForward, embedding, experts]],
          ] as const)),
    ];
  };
  return [
    ['token_embd.weight', [embedding, vocabularySize]],
    ...Array.from({ length: shape.layers }, (_, index) => layer(index)).flat(),
    ['output_norm.weight', [embedding]],
    ['output.weight', [embedding, vocabularySize]],
  ];
}

/** Roughly normal: the sum of four uniform numbers, with some columns much larger than others, as in trained models. */
function weights(random: Random, sizes: readonly number[]): Float32Array {
  const [width = 1] = sizes;
  const values = new Float32Array(sizes.reduce((product, size) => product * size, 1));
  if (sizes.length === 1) return values.fill(1);
  const scale = 1 / 16;
  for (let at = 0; at < values.length; at++) {
    const sum = random(4096) + random(4096) + random(4096) + random(4096) - 2 * 4095;
    values[at] = (sum / 4096) * scale * ((at % width) % 31 === 0 ? 4 : 1);
  }
  return values;
}

function stored(values: Float32Array, type: RandomShape['type'], isVector: boolean): readonly [number, Buffer] {
  if (type === 'F32' || isVector) return [0, Buffer.from(values.buffer)];
  if (type === 'F16') return [1, Buffer.from(Float16Array.from(values).buffer)];
  // Cut off, not rounded: only the result has to be the same each time.
  const bits = new Uint32Array(values.buffer);
  return [30, Buffer.from(Uint16Array.from(bits, (one) => one >>> 16).buffer)];
}

/** Writes the model; with `shards` above 1 as files `NAME-00001-of-00002.gguf` for a `file` named `NAME.gguf`. Returns the (first) path. */
export function writeRandomModel(file: string, shape: RandomShape, shards = 1): string {
  const random = createRandom(shape.seed);
  const size = vocabulary().length;
  const made = new Map<string, readonly [number, Buffer]>();
  const all = tensors(shape, size).map(([name, sizes]) => {
    const known = shape.repeats === true ? made.get(sizes.join()) : undefined;
    const [type, bytes] = known ?? stored(weights(random, sizes), shape.type, sizes.length === 1);
    made.set(sizes.join(), [type, bytes]);
    return { name, sizes, type, bytes };
  });
  const padding = (length: number): Buffer => Buffer.alloc((32 - (length % 32)) % 32);
  const paths = Array.from({ length: shards }, (_, shard) => {
    const digits = (value: number): string => String(value).padStart(5, '0');
    return shards === 1 ? file : file.replace(/\.gguf$/, `-${digits(shard + 1)}-of-${digits(shards)}.gguf`);
  });
  for (const [shard, path] of paths.entries()) {
    const own = all.filter((_, index) => Math.floor((index * shards) / all.length) === shard);
    const header = [
      ...(shard === 0 ? entries(shape, size) : []),
      ...(shards === 1
        ? []
        : [
            entry('split.no', Buffer.concat([u32(2), Buffer.from(Uint16Array.of(shard).buffer)])),
            entry('split.count', Buffer.concat([u32(2), Buffer.from(Uint16Array.of(shards).buffer)])),
            entry('split.tensors.count', Buffer.concat([u32(5), u32(all.length)])),
          ]),
    ];
    let offset = 0;
    const infos = own.map(({ name, sizes, type, bytes }) => {
      const info = Buffer.concat([text(name), u32(sizes.length), ...sizes.map(u64), u32(type), u64(offset)]);
      offset += bytes.byteLength + padding(bytes.byteLength).byteLength;
      return info;
    });
    const head = Buffer.concat([Buffer.from('GGUF'), u32(3), u64(own.length), u64(header.length), ...header, ...infos]);
    writeFileSync(
      path,
      Buffer.concat([
        ...[head, padding(head.byteLength)],
        ...own.flatMap(({ bytes }) => [bytes, padding(bytes.byteLength)]),
      ]),
    );
  }
  return paths[0] ?? file;
}
