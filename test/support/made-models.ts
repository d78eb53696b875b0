/**
 * Models with weights chosen for a known behavior: one recites a script, and one ranks documents by the words that they
 * share with the query. GGUF version 3, all weights F32.
 */
import { writeGguf, type GgufHeader } from './written-gguf.ts';

/** A tensor of `width` x `rows`; every weight is `fill` except those in `set`. */
interface Tensor {
  readonly name: string;
  readonly width: number;
  /** Null: a vector. */
  readonly rows: number | null;
  readonly values: Float32Array;
}

function tensor(
  name: string,
  width: number,
  rows: number | null,
  fill = 0,
  set: readonly (readonly [row: number, column: number, value: number])[] = [],
): Tensor {
  const values = new Float32Array(width * (rows ?? 1)).fill(fill);
  for (const [row, column, value] of set) values[row * width + column] = value;
  return { name, width, rows, values };
}

function writeModel(file: string, header: GgufHeader, tensors: readonly Tensor[]): void {
  writeGguf(
    file,
    header,
    tensors.map(({ name, width, rows, values }) => ({
      ...{ name, sizes: rows === null ? [width] : [width, rows] },
      ...{ type: 0, bytes: Buffer.from(values.buffer) },
    })),
  );
}

export interface Script {
  /** Written one after the other, one token each, when the prompt ends with a new line; each may occur only once. */
  readonly pieces: readonly string[];
  /** The second most likely token in place of a piece; the next piece follows it as well. */
  readonly instead?: Readonly<Record<string, string>>;
  /** Tokens of their own in a text, like the pieces between `<` and `>`; `special` ones are not shown in a reply. */
  readonly marks?: readonly string[];
  readonly special?: readonly string[];
  /** Default: ChatML. */
  readonly template?: string;
  readonly contextLength?: number;
}

export const chatMl =
  "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}{{ '<|im_start|>assistant\n' }}";

const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const USER_DEFINED = 4;
const BYTE = 6;

/**
 * A model of the llama architecture that recites: after a new line the first piece, after each piece the next, then the
 * end token.
 */
export function writeScriptedModel(file: string, script: Script): void {
  writeModel(file, ...scripted(script));
}

/** The same model in several files, as `llama-gguf-split` writes them: the header's facts are in the first one only. */
export function writeScriptedShards(files: readonly string[], script: Script): void {
  const [header, tensors] = scripted(script);
  const perFile = Math.ceil(tensors.length / files.length);
  for (const [index, file] of files.entries())
    writeModel(
      file,
      {
        ...(index === 0 ? header : {}),
        'split.no': { u16: index },
        'split.count': { u16: files.length },
        'split.tensors.count': { i32: tensors.length },
      },
      tensors.slice(index * perFile, (index + 1) * perFile),
    );
}

function scripted(script: Script): [GgufHeader, Tensor[]] {
  const { pieces, instead = {}, marks = [], special = [], template = chatMl, contextLength = 1024 } = script;
  const typeOf = (piece: string): number =>
    special.includes(piece) ? CONTROL : marks.includes(piece) ? USER_DEFINED : NORMAL;
  const vocabulary: { token: string; type: number }[] = [
    { token: '<unk>', type: UNKNOWN },
    { token: '<s>', type: CONTROL },
    { token: '</s>', type: CONTROL },
    ...Array.from({ length: 256 }, (_, byte) => ({
      token: `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
      type: BYTE,
    })),
    { token: '<|im_start|>', type: CONTROL },
    { token: '<|im_end|>', type: CONTROL },
    ...[...new Set([...pieces, ...Object.values(instead), ...marks, ...special])].map((piece) => ({
      token: piece.replaceAll(' ', '▁'),
      type: typeOf(piece),
    })),
  ];
  const idOf = (piece: string): number => vocabulary.findIndex(({ token }) => token === piece.replaceAll(' ', '▁'));
  const END = idOf('<|im_end|>');
  const size = vocabulary.length;
  const width = Math.ceil(size / 32) * 32;
  const feedForward = 32;
  const path = [idOf('<0x0A>'), ...pieces.map(idOf), END];
  const next = path.slice(1).flatMap((token, index): [number, number, number][] => {
    const from = path[index] ?? 0;
    const other = instead[pieces[index] ?? ''];
    // The length of the hidden state is the square root of the width, so a weight contributes about this much to the
    // logits.
    return [
      [token, from, 1],
      ...(other === undefined
        ? []
        : ([
            [idOf(other), from, 0.95],
            [path[index + 2] ?? END, idOf(other), 1],
          ] as [number, number, number][])),
    ];
  });
  return [
    {
      'general.architecture': 'llama',
      'general.name': 'Scripted',
      'llama.block_count': 1,
      'llama.context_length': contextLength,
      'llama.embedding_length': width,
      'llama.feed_forward_length': feedForward,
      'llama.attention.head_count': 1,
      'llama.attention.head_count_kv': 1,
      'llama.attention.layer_norm_rms_epsilon': { f32: 1e-5 },
      'llama.rope.dimension_count': width,
      'llama.vocab_size': size,
      'tokenizer.ggml.model': 'llama',
      'tokenizer.ggml.pre': 'default',
      'tokenizer.ggml.tokens': vocabulary.map(({ token }) => token),
      'tokenizer.ggml.scores': { floats: vocabulary.map((_, index) => -index) },
      'tokenizer.ggml.token_type': { integers: vocabulary.map(({ type }) => type) },
      'tokenizer.ggml.bos_token_id': 1,
      'tokenizer.ggml.eos_token_id': END,
      'tokenizer.ggml.unknown_token_id': 0,
      'tokenizer.ggml.add_bos_token': true,
      'tokenizer.ggml.add_space_prefix': false,
      'tokenizer.chat_template': template,
    },
    [
      tensor(
        'token_embd.weight',
        width,
        size,
        0,
        vocabulary.map((_, id) => [id, id, 1] as const),
      ),
      tensor('blk.0.attn_norm.weight', width, null, 1),
      ...['q', 'k', 'v', 'output'].map((part) => tensor(`blk.0.attn_${part}.weight`, width, width)),
      tensor('blk.0.ffn_norm.weight', width, null, 1),
      tensor('blk.0.ffn_gate.weight', width, feedForward),
      tensor('blk.0.ffn_up.weight', width, feedForward),
      tensor('blk.0.ffn_down.weight', feedForward, width),
      tensor('output_norm.weight', width, null, 1),
      tensor('output.weight', width, size, 0, next),
    ],
  ];
}

/**
 * A model of the BERT architecture with a scoring head (pooling `rank`), for texts of these words. Its one layer
 * averages all words, so that a word in both the query and the document counts twice, and only that makes a score high.
 */
export function writeRanker(file: string, words: readonly string[]): void {
  const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...words.map((word) => `▁${word}`)];
  const size = vocabulary.length;
  const width = 64;
  const feedForward = 64;
  const SCORE = width - 1;
  const wordDimensions = words.map((_, index) => index + 5);
  const normOf = (name: string): Tensor[] => [
    tensor(`${name}.weight`, width, null, 1),
    tensor(`${name}.bias`, width, null, 0),
  ];
  const square = (name: string, diagonal: number): Tensor[] => [
    tensor(
      `${name}.weight`,
      width,
      width,
      0,
      Array.from({ length: width }, (_, at) => [at, at, diagonal] as const),
    ),
    tensor(`${name}.bias`, width, null, 0),
  ];
  writeModel(
    file,
    {
      'general.architecture': 'bert',
      'general.name': 'Ranker',
      'bert.block_count': 1,
      'bert.context_length': 128,
      'bert.embedding_length': width,
      'bert.feed_forward_length': feedForward,
      'bert.attention.head_count': 1,
      'bert.attention.layer_norm_epsilon': { f32: 1e-5 },
      'bert.attention.causal': false,
      'bert.pooling_type': 4,
      'tokenizer.ggml.model': 'bert',
      'tokenizer.ggml.pre': 'default',
      'tokenizer.ggml.tokens': vocabulary,
      'tokenizer.ggml.token_type': { integers: vocabulary.map((_, id) => (id < 5 ? CONTROL : NORMAL)) },
      'tokenizer.ggml.token_type_count': 2,
      'tokenizer.ggml.bos_token_id': 2,
      'tokenizer.ggml.eos_token_id': 3,
      'tokenizer.ggml.cls_token_id': 2,
      'tokenizer.ggml.seperator_token_id': 3,
      'tokenizer.ggml.unknown_token_id': 1,
      'tokenizer.ggml.padding_token_id': 0,
      'tokenizer.ggml.mask_token_id': 4,
    },
    [
      tensor(
        'token_embd.weight',
        width,
        size,
        0,
        vocabulary.map((_, id) => [id, id, 1] as const),
      ),
      tensor('token_types.weight', width, 2),
      tensor('position_embd.weight', width, 128),
      ...normOf('token_embd_norm'),
      ...square('blk.0.attn_q', 0),
      ...square('blk.0.attn_k', 0),
      ...square('blk.0.attn_v', 1),
      ...square('blk.0.attn_output', 10),
      ...normOf('blk.0.attn_output_norm'),
      // One unit for each word: the excess over the threshold goes into the score.
      tensor(
        'blk.0.ffn_up.weight',
        width,
        feedForward,
        0,
        wordDimensions.map((at) => [at, at, 4] as const),
      ),
      tensor('blk.0.ffn_up.bias', feedForward, null, -6),
      tensor(
        'blk.0.ffn_down.weight',
        feedForward,
        width,
        0,
        wordDimensions.map((at) => [SCORE, at, 1] as const),
      ),
      tensor('blk.0.ffn_down.bias', width, null, 0),
      ...normOf('blk.0.layer_output_norm'),
      tensor('cls.output.weight', width, 1, 0, [[0, SCORE, 1]]),
      tensor('cls.output.bias', 1, null, -3),
    ],
  );
}
