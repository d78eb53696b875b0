/**
 * Models of the llama architecture with random weights whose rows are whole blocks of every type of ggml, for quantizing. The same
 * shape gives the same bytes on every machine. A vocabulary of characters and bytes lets them read any text.
 */
import { createRandom, type Random } from './random.ts';
import { writeGguf, type GgufHeader } from './written-gguf.ts';

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

function headerOf(shape: RandomShape, vocabularySize: number): GgufHeader {
  const tokens = vocabulary();
  return {
    'general.architecture': 'llama',
    'general.name': 'Random weights',
    'llama.block_count': shape.layers,
    'llama.context_length': 512,
    'llama.embedding_length': shape.embedding,
    'llama.feed_forward_length': shape.feedForward,
    'llama.attention.head_count': shape.heads,
    'llama.attention.head_count_kv': shape.kvHeads,
    'llama.attention.layer_norm_rms_epsilon': { f32: 1e-5 },
    'llama.rope.dimension_count': shape.embedding / shape.heads,
    'llama.vocab_size': vocabularySize,
    ...(shape.experts === 0 ? {} : { 'llama.expert_count': shape.experts, 'llama.expert_used_count': 2 }),
    'general.file_type': { F32: 0, F16: 1, BF16: 32 }[shape.type],
    'tokenizer.ggml.model': 'llama',
    'tokenizer.ggml.pre': 'default',
    'tokenizer.ggml.tokens': tokens.map(([token]) => token),
    'tokenizer.ggml.scores': { floats: tokens.map((_, index) => -index) },
    'tokenizer.ggml.token_type': { integers: tokens.map(([, type]) => type) },
    'tokenizer.ggml.bos_token_id': 1,
    'tokenizer.ggml.eos_token_id': 2,
    'tokenizer.ggml.unknown_token_id': 0,
    'tokenizer.ggml.add_bos_token': true,
  };
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
  const paths = Array.from({ length: shards }, (_, shard) => {
    const digits = (value: number): string => String(value).padStart(5, '0');
    return shards === 1 ? file : file.replace(/\.gguf$/, `-${digits(shard + 1)}-of-${digits(shards)}.gguf`);
  });
  for (const [shard, path] of paths.entries()) {
    const own = all.filter((_, index) => Math.floor((index * shards) / all.length) === shard);
    writeGguf(
      path,
      {
        ...(shard === 0 ? headerOf(shape, size) : {}),
        ...(shards === 1
          ? {}
          : {
              'split.no': { u16: shard },
              'split.count': { u16: shards },
              'split.tensors.count': { i32: all.length },
            }),
      },
      own,
    );
  }
  return paths[0] ?? file;
}
