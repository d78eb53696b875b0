/**
 * GGUF files of a one-layer llama model with one thing odd each, written from a description. What each is expected to be follows
 * llama.cpp's own reader and loader, not ours.
 */

/** A value with its type number in the file. */
export interface TypedValue {
  readonly type: number;
  readonly bytes: Buffer;
}
export interface HeaderEntry {
  key: Buffer;
  value: TypedValue;
}
export interface HeaderTensor {
  name: Buffer;
  shape: bigint[];
  type: number;
  /** Default: after the tensor before. */
  offset?: number;
  /** Bytes of data that the file has for it. */
  sizeBytes: number;
}
export interface HeaderPlan {
  magic: Buffer;
  version: number;
  entries: HeaderEntry[];
  tensors: HeaderTensor[];
  /** Default: the real counts. */
  tensorCount?: bigint;
  entryCount?: bigint;
  alignment: number;
  /** Bytes that are cut from the end. */
  cutBytes: number;
}

export const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
export const u64 = (value: number | bigint): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
const f32 = (value: number): Buffer => Buffer.from(Float32Array.of(value).buffer);
const withLength = (bytes: Buffer): Buffer => Buffer.concat([u64(bytes.byteLength), bytes]);

export const typed = {
  u32: (value: number): TypedValue => ({ type: 4, bytes: u32(value) }),
  u64: (value: number | bigint): TypedValue => ({ type: 10, bytes: u64(value) }),
  i32: (value: number): TypedValue => ({ type: 5, bytes: Buffer.from(Int32Array.of(value).buffer) }),
  f32: (value: number): TypedValue => ({ type: 6, bytes: f32(value) }),
  bool: (value: number): TypedValue => ({ type: 7, bytes: Buffer.from([value]) }),
  text: (value: string | Buffer): TypedValue => ({ type: 8, bytes: withLength(Buffer.from(value)) }),
  list: (type: number, values: readonly Buffer[], length = values.length): TypedValue => ({
    type: 9,
    bytes: Buffer.concat([u32(type), u64(length), ...values]),
  }),
};

const EMBEDDING = 32;
const FEED_FORWARD = 64;
const VOCABULARY = 300;

/** A sound model: llama, one layer, all weights F32. */
export function soundPlan(): HeaderPlan {
  const tokens = Array.from({ length: VOCABULARY }, (_, id) => {
    if (id < 3) return ['<unk>', '<s>', '</s>'][id] ?? '';
    return id < 259 ? `<0x${(id - 3).toString(16).toUpperCase().padStart(2, '0')}>` : `w${String(id)}`;
  });
  const entries: Record<string, TypedValue> = {
    'general.architecture': typed.text('llama'),
    'general.name': typed.text('Odd'),
    'llama.block_count': typed.u32(1),
    'llama.context_length': typed.u32(128),
    'llama.embedding_length': typed.u32(EMBEDDING),
    'llama.feed_forward_length': typed.u32(FEED_FORWARD),
    'llama.attention.head_count': typed.u32(2),
    'llama.attention.head_count_kv': typed.u32(2),
    'llama.attention.layer_norm_rms_epsilon': typed.f32(1e-5),
    'llama.rope.dimension_count': typed.u32(16),
    'tokenizer.ggml.model': typed.text('llama'),
    'tokenizer.ggml.tokens': typed.list(
      8,
      tokens.map((token) => withLength(Buffer.from(token))),
    ),
    'tokenizer.ggml.scores': typed.list(
      6,
      tokens.map((_, id) => f32(-id)),
    ),
    'tokenizer.ggml.token_type': typed.list(
      5,
      tokens.map((_, id) => u32(id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1)),
    ),
    'tokenizer.ggml.bos_token_id': typed.u32(1),
    'tokenizer.ggml.eos_token_id': typed.u32(2),
    'tokenizer.ggml.add_bos_token': typed.bool(1),
  };
  const shapes: Record<string, number[]> = {
    'token_embd.weight': [EMBEDDING, VOCABULARY],
    'blk.0.attn_norm.weight': [EMBEDDING],
    'blk.0.attn_q.weight': [EMBEDDING, EMBEDDING],
    'blk.0.attn_k.weight': [EMBEDDING, EMBEDDING],
    'blk.0.attn_v.weight': [EMBEDDING, EMBEDDING],
    'blk.0.attn_output.weight': [EMBEDDING, EMBEDDING],
    'blk.0.ffn_norm.weight': [EMBEDDING],
    'blk.0.ffn_gate.weight': [EMBEDDING, FEED_FORWARD],
    'blk.0.ffn_up.weight': [EMBEDDING, FEED_FORWARD],
    'blk.0.ffn_down.weight': [FEED_FORWARD, EMBEDDING],
    'output_norm.weight': [EMBEDDING],
    'output.weight': [EMBEDDING, VOCABULARY],
  };
  return {
    ...{ magic: Buffer.from('GGUF'), version: 3, alignment: 32, cutBytes: 0 },
    entries: Object.entries(entries).map(([key, value]) => ({ key: Buffer.from(key), value })),
    tensors: Object.entries(shapes).map(([name, shape]) => ({
      ...{ name: Buffer.from(name), shape: shape.map(BigInt), type: 0 },
      sizeBytes: shape.reduce((product, length) => product * length, 4),
    })),
  };
}

/** The bytes of a file by its description. The weights are zeros. */
export function headerBytes(plan: HeaderPlan): Buffer {
  const padded = (size: number): number => Math.ceil(size / plan.alignment) * plan.alignment;
  let next = 0;
  const infos = plan.tensors.map((tensor) => {
    const offset = tensor.offset ?? next;
    next += padded(tensor.sizeBytes);
    const dimensions = [u32(tensor.shape.length), ...tensor.shape.map(u64)];
    return Buffer.concat([withLength(tensor.name), ...dimensions, u32(tensor.type), u64(offset)]);
  });
  const head = Buffer.concat([
    ...[plan.magic, u32(plan.version)],
    ...[u64(plan.tensorCount ?? plan.tensors.length), u64(plan.entryCount ?? plan.entries.length)],
    ...plan.entries.map(({ key, value }) => Buffer.concat([withLength(key), u32(value.type), value.bytes])),
    ...infos,
  ]);
  const file = Buffer.alloc(padded(head.byteLength) + next);
  head.copy(file);
  return file.subarray(0, file.byteLength - plan.cutBytes);
}

export interface OddHeader {
  readonly name: string;
  /** `note`: the model loads, and a note says what is odd. */
  readonly expect: 'corrupt' | 'unsupported' | 'note' | 'sound';
  /** `data.field` of the error, or the field of the note; null for a sound file. */
  readonly field: string | null;
  readonly bytes: Buffer;
}

type Change = (
  plan: HeaderPlan,
  set: (key: string, value: TypedValue) => void,
  tensor: (name: string) => HeaderTensor,
) => void;

function odd(name: string, expect: OddHeader['expect'], field: string | null, change: Change): OddHeader {
  const plan = soundPlan();
  const set = (key: string, value: TypedValue): void => {
    const known = plan.entries.find((entry) => entry.key.toString() === key);
    if (known) known.value = value;
    else plan.entries.push({ key: Buffer.from(key), value });
  };
  const tensor = (wanted: string): HeaderTensor => {
    const found = plan.tensors.find((one) => one.name.toString() === wanted);
    if (!found) throw new Error(`no tensor ${wanted}`);
    return found;
  };
  change(plan, set, tensor);
  return { name, expect, field, bytes: headerBytes(plan) };
}

const without =
  (name: string): Change =>
  (plan) => {
    plan.tensors = plan.tensors.filter((one) => one.name.toString() !== name);
  };
const withoutKey =
  (key: string): Change =>
  (plan) => {
    plan.entries = plan.entries.filter((one) => one.key.toString() !== key);
  };
const reshape = (tensor: HeaderTensor, ...shape: number[]): void => {
  tensor.shape = shape.map(BigInt);
  tensor.sizeBytes = shape.reduce((product, length) => product * length, 4);
};

const structure: readonly OddHeader[] = [
  odd('sound', 'sound', null, () => {}),
  odd('version-2', 'sound', null, (plan) => (plan.version = 2)),
  odd('alignment-64', 'sound', null, (plan, set) => {
    plan.alignment = 64;
    set('general.alignment', typed.u32(64));
  }),
  odd('empty-value', 'sound', null, (_, set) => set('general.name', typed.text(''))),
  odd('unknown-architecture', 'unsupported', 'general.architecture', (plan, set) => {
    set('general.architecture', typed.text('none-that-is-known'));
    set('none-that-is-known.block_count', typed.u32(1));
    plan.tensors = plan.tensors.slice(0, 2);
  }),
  odd('bad-magic', 'corrupt', 'the magic number', (plan) => (plan.magic = Buffer.from('GGUX'))),
  odd('version-0', 'corrupt', 'the version', (plan) => (plan.version = 0)),
  odd('version-1', 'unsupported', 'the version', (plan) => (plan.version = 1)),
  odd('version-99', 'corrupt', 'the version', (plan) => (plan.version = 99)),
  odd('version-byte-swapped', 'unsupported', 'the version', (plan) => (plan.version = 0x03000000)),
  odd('tensor-count-2-63', 'corrupt', 'the tensor count', (plan) => (plan.tensorCount = 1n << 63n)),
  odd('tensor-count-too-large', 'corrupt', 'the tensor count', (plan) => (plan.tensorCount = 1n << 32n)),
  odd('key-count-2-40', 'corrupt', 'the metadata count', (plan) => (plan.entryCount = 1n << 40n)),
  odd('empty-key', 'corrupt', 'metadata key 0', (plan) =>
    plan.entries.unshift({ key: Buffer.alloc(0), value: typed.u32(1) }),
  ),
  odd('key-twice', 'corrupt', 'general.name', (plan) =>
    plan.entries.push({ key: Buffer.from('general.name'), value: typed.text('x') }),
  ),
  odd('string-past-end', 'corrupt', 'general.name', (_, set) =>
    set('general.name', { type: 8, bytes: Buffer.concat([u64(10_000_000), Buffer.from('x')]) }),
  ),
  odd('string-2-63', 'corrupt', 'the length of general.name', (_, set) =>
    set('general.name', { type: 8, bytes: u64(1n << 63n) }),
  ),
  odd('list-of-lists', 'corrupt', 'x', (_, set) => set('x', typed.list(9, [u32(4), u64(0)], 1))),
  odd('list-2-60', 'corrupt', 'the length of x', (_, set) => set('x', typed.list(8, [], 2 ** 60))),
  odd('list-of-unknown-type', 'corrupt', 'x', (_, set) => set('x', typed.list(77, [], 1))),
  odd('value-of-unknown-type', 'corrupt', 'x', (_, set) => set('x', { type: 13, bytes: u32(0) })),
  odd('alignment-0', 'corrupt', 'general.alignment', (_, set) => set('general.alignment', typed.u32(0))),
  odd('alignment-24', 'corrupt', 'general.alignment', (_, set) => set('general.alignment', typed.u32(24))),
  odd('alignment-2-31', 'corrupt', 'general.alignment', (_, set) => set('general.alignment', typed.u32(2 ** 31))),
  odd('alignment-text', 'corrupt', 'general.alignment', (_, set) => set('general.alignment', typed.text('32'))),
  odd('alignment-u64', 'corrupt', 'general.alignment', (_, set) => set('general.alignment', typed.u64(32))),
  odd('split-count-u32', 'corrupt', 'split.count', (_, set) => set('split.count', typed.u32(1))),
  odd('split-number-text', 'corrupt', 'split.no', (_, set) => set('split.no', typed.text('0'))),
  odd('split-tensors-u64', 'corrupt', 'split.tensors.count', (_, set) => set('split.tensors.count', typed.u64(2))),
  odd('no-architecture', 'corrupt', 'general.architecture', withoutKey('general.architecture')),
  odd('empty-tensor-name', 'corrupt', 'the name of tensor 0', (_plan, _, tensor) => {
    tensor('token_embd.weight').name = Buffer.alloc(0);
  }),
  odd('long-tensor-name', 'corrupt', 'the name of tensor 0', (_plan, _, tensor) => {
    tensor('token_embd.weight').name = Buffer.alloc(64, 'a');
  }),
  odd('tensor-twice', 'corrupt', 'blk.0.attn_k.weight', (_plan, _, tensor) => {
    tensor('blk.0.attn_v.weight').name = Buffer.from('blk.0.attn_k.weight');
  }),
  odd('nine-dimensions', 'corrupt', 'output_norm.weight', (_plan, _, tensor) => {
    tensor('output_norm.weight').shape = Array.from({ length: 9 }, () => 1n);
  }),
  odd('dimension-0', 'corrupt', 'output_norm.weight', (_plan, _, tensor) => reshape(tensor('output_norm.weight'), 0)),
  odd('dimensions-overflow', 'corrupt', 'output_norm.weight', (_plan, _, tensor) => {
    tensor('output_norm.weight').shape = [1n << 32n, 1n << 32n];
  }),
  odd('unknown-tensor-type', 'corrupt', 'output_norm.weight', (_plan, _, tensor) => {
    tensor('output_norm.weight').type = 999;
  }),
  odd('rows-no-blocks', 'corrupt', 'output_norm.weight', (_plan, _, tensor) => {
    const norm = tensor('output_norm.weight');
    norm.type = 12; // Q4_K: blocks of 256
  }),
  odd('tensors-overlap', 'corrupt', 'blk.0.attn_norm.weight', (_plan, _, tensor) => {
    tensor('blk.0.attn_norm.weight').offset = 0;
  }),
  odd('tensors-with-a-gap', 'corrupt', 'output.weight', (plan, _, tensor) => {
    const before = plan.tensors.slice(0, -1).reduce((sum, one) => sum + one.sizeBytes, 0);
    tensor('output.weight').offset = before + 64;
  }),
  odd('tensor-not-aligned', 'corrupt', 'output.weight', (plan, _, tensor) => {
    const before = plan.tensors.slice(0, -1).reduce((sum, one) => sum + one.sizeBytes, 0);
    tensor('output.weight').offset = before + 4;
  }),
  odd('tensor-past-end', 'corrupt', 'output.weight', (_plan, _, tensor) => {
    tensor('output.weight').offset = 2 ** 40;
  }),
  odd('cut-in-the-data', 'corrupt', 'output.weight', (plan) => (plan.cutBytes = 1000)),
];

const contradictions: readonly OddHeader[] = [
  odd('no-embedding', 'corrupt', 'token_embd.weight', without('token_embd.weight')),
  odd('no-output-norm', 'corrupt', 'output_norm.weight', without('output_norm.weight')),
  odd('no-query', 'corrupt', 'blk.0.attn_q.weight', without('blk.0.attn_q.weight')),
  odd('no-ffn-down', 'corrupt', 'blk.0.ffn_down.weight', without('blk.0.ffn_down.weight')),
  odd('output-tied', 'sound', null, without('output.weight')),
  odd('second-block-missing', 'corrupt', 'blk.1.attn_norm.weight', (_, set) => set('llama.block_count', typed.u32(2))),
  odd('block-too-many', 'corrupt', 'blk.1.attn_norm.weight', (plan) =>
    plan.tensors.push({ name: Buffer.from('blk.1.attn_norm.weight'), shape: [32n], type: 0, sizeBytes: 128 }),
  ),
  odd('embedding-length-64', 'corrupt', 'token_embd.weight', (_, set) => {
    set('llama.embedding_length', typed.u32(64));
    set('llama.rope.dimension_count', typed.u32(32));
  }),
  odd('feed-forward-96', 'corrupt', 'blk.0.ffn_gate.weight', (_, set) =>
    set('llama.feed_forward_length', typed.u32(96)),
  ),
  odd('kv-heads-1', 'corrupt', 'blk.0.attn_k.weight', (_, set) => set('llama.attention.head_count_kv', typed.u32(1))),
  odd('heads-0', 'corrupt', 'llama.attention.head_count', (_, set) => set('llama.attention.head_count', typed.u32(0))),
  odd('rope-dimensions-8', 'corrupt', 'llama.rope.dimension_count', (_, set) =>
    set('llama.rope.dimension_count', typed.u32(8)),
  ),
  odd('embedding-length-text', 'corrupt', 'llama.embedding_length', (_, set) =>
    set('llama.embedding_length', typed.text('32')),
  ),
  odd('no-embedding-length', 'corrupt', 'llama.embedding_length', withoutKey('llama.embedding_length')),
  odd('no-context-length', 'corrupt', 'llama.context_length', withoutKey('llama.context_length')),
  odd(
    'no-epsilon',
    'corrupt',
    'llama.attention.layer_norm_rms_epsilon',
    withoutKey('llama.attention.layer_norm_rms_epsilon'),
  ),
  odd('no-block-count', 'unsupported', 'llama.block_count', withoutKey('llama.block_count')),
  odd('no-tokenizer', 'corrupt', 'tokenizer.ggml.model', withoutKey('tokenizer.ggml.model')),
  odd('no-tokens', 'corrupt', 'tokenizer.ggml.tokens', withoutKey('tokenizer.ggml.tokens')),
  odd('few-scores', 'corrupt', 'tokenizer.ggml.scores', (_, set) =>
    set('tokenizer.ggml.scores', typed.list(6, [f32(0)])),
  ),
  odd('vocabulary-shorter', 'corrupt', 'token_embd.weight', (_plan, _, tensor) => {
    reshape(tensor('token_embd.weight'), EMBEDDING, VOCABULARY + 32);
  }),
  odd('output-of-another-vocabulary', 'corrupt', 'output.weight', (_plan, _, tensor) => {
    reshape(tensor('output.weight'), EMBEDDING, VOCABULARY + 32);
  }),
  odd('transposed', 'corrupt', 'token_embd.weight', (_plan, _, tensor) => {
    reshape(tensor('token_embd.weight'), VOCABULARY, EMBEDDING);
  }),
];

const loadable: readonly OddHeader[] = [
  odd('bool-7', 'note', 'tokenizer.ggml.add_bos_token', (_, set) => set('tokenizer.ggml.add_bos_token', typed.bool(7))),
  odd('name-no-utf-8', 'note', 'general.name', (_, set) =>
    set('general.name', typed.text(Buffer.from([0x41, 0xff, 0xfe, 0x42]))),
  ),
];

/** Every odd file, by kind of oddity. */
export const oddHeaders: readonly OddHeader[] = [...structure, ...contradictions, ...loadable];
