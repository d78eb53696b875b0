/**
 * Checkpoints whose weights follow from the names of their tensors, as test/support/reference/made_weights.py makes them. A reference
 * in test/fixtures/conversion/architectures says what transformers and the reference converter make of one.
 */
import { cp, mkdir, open, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';

const fixtures = path.join(import.meta.dirname, '../fixtures/conversion');

/** A tensor in the checkpoint: each value is `center + k * 2 ** exponent`, with k from `-range` to `range`. */
export interface MadeTensor {
  readonly name: string;
  readonly dtype: 'F32' | 'F16' | 'BF16';
  readonly shape: readonly number[];
  readonly center: number;
  readonly exponent: number;
  readonly range: number;
}

export type OutputType = 'f32' | 'f16' | 'bf16' | 'q8_0';

/** A tensor of the GGUF file in ggml's order; for each output its type and the first 16 digits of its sha256, f32 for all without. */
export type ReferenceTensor = { readonly name: string; readonly shape: readonly number[]; readonly f32: string } & {
  readonly [output in Exclude<OutputType, 'f32'>]?: string;
};

export interface ReferencePrompt {
  readonly ids: readonly number[];
  /** Numbers between spaces: of the last position for a language model, else of the token vectors without pooling and normalization. */
  readonly logits_last?: string;
  readonly greedy?: readonly number[];
  readonly mean?: string;
  readonly cls?: string;
  readonly last?: string;
}

export interface Reference {
  readonly kind: 'causal' | 'embedding';
  /** A folder in test/fixtures/conversion/tokenizers. */
  readonly tokenizer: string;
  readonly pooling: 'mean' | 'cls' | 'last' | null;
  readonly config: Readonly<Record<string, unknown>>;
  readonly stored: readonly MadeTensor[];
  /** Keys with their types and values; long lists as their length and the sha256 of their JSON. */
  readonly metadata: Readonly<Record<string, readonly unknown[]>>;
  readonly tensors: readonly ReferenceTensor[];
  readonly prompts: readonly ReferencePrompt[];
}

export const referenceNames: readonly string[] = readdirSync(path.join(fixtures, 'architectures'))
  .filter((file) => file.endsWith('.json'))
  .map((file) => path.basename(file, '.json'))
  .sort();

export const readReference = (name: string): Reference =>
  JSON.parse(readFileSync(path.join(fixtures, 'architectures', `${name}.json`), 'utf8')) as Reference;

/** The last steps of MurmurHash3, by Austin Appleby. */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85_eb_ca_6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2_b2_ae_35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** The values, which single precision holds exactly. */
export function madeValues({ name, shape, center, exponent, range }: MadeTensor): Float32Array {
  const seed = crc32(name);
  const step = 2 ** exponent;
  return Float32Array.from(
    { length: shape.reduce((product, size) => product * size, 1) },
    (_, index) => center + ((mix((Math.imul(index, 0x9e_37_79_b9) + seed) | 0) % (2 * range + 1)) - range) * step,
  );
}

/** The values as the file has them; the types hold them without rounding. */
export function madeBytes(tensor: MadeTensor): Uint8Array {
  const values = madeValues(tensor);
  switch (tensor.dtype) {
    case 'F32':
      return new Uint8Array(values.buffer);
    case 'F16':
      return new Uint8Array(Float16Array.from(values).buffer);
    case 'BF16':
      return new Uint8Array(Uint16Array.from(new Uint32Array(values.buffer), (bits) => bits >>> 16).buffer);
    default:
      return tensor.dtype satisfies never;
  }
}

/** The reference's checkpoint as a folder: config.json, the tokenizer, modules of an embedding model, and one or more safetensors files. */
export async function writeMadeCheckpoint(reference: Reference, folder: string, shards = 1): Promise<void> {
  await cp(path.join(fixtures, 'tokenizers', reference.tokenizer), folder, { recursive: true });
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(reference.config));
  if (reference.pooling !== null) await writePooling(reference.pooling, folder);
  const weightMap: Record<string, string> = {};
  const perShard = Math.ceil(reference.stored.length / shards);
  for (let shard = 0; shard < shards; shard++) {
    const tensors = reference.stored.slice(shard * perShard, (shard + 1) * perShard);
    const numbered = `-${String(shard + 1).padStart(5, '0')}-of-${String(shards).padStart(5, '0')}`;
    const file = `model${shards === 1 ? '' : numbered}.safetensors`;
    for (const { name } of tensors) weightMap[name] = file;
    await writeSafetensors(tensors, path.join(folder, file));
  }
  if (shards > 1)
    await writeFile(
      path.join(folder, 'model.safetensors.index.json'),
      JSON.stringify({ metadata: { total_size: 0 }, weight_map: weightMap }),
    );
}

async function writePooling(pooling: 'mean' | 'cls' | 'last', folder: string): Promise<void> {
  const type = 'sentence_transformers.models';
  await mkdir(path.join(folder, '1_Pooling'), { recursive: true });
  await writeFile(
    path.join(folder, 'modules.json'),
    JSON.stringify([
      { idx: 0, name: '0', path: '', type: `${type}.Transformer` },
      { idx: 1, name: '1', path: '1_Pooling', type: `${type}.Pooling` },
    ]),
  );
  await writeFile(
    path.join(folder, '1_Pooling/config.json'),
    JSON.stringify({
      pooling_mode_cls_token: pooling === 'cls',
      pooling_mode_mean_tokens: pooling === 'mean',
      pooling_mode_lasttoken: pooling === 'last',
    }),
  );
}

async function writeSafetensors(tensors: readonly MadeTensor[], file: string): Promise<void> {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let offset = 0;
  for (const { name, dtype, shape } of tensors) {
    const end = offset + shape.reduce((product, size) => product * size, dtype === 'F32' ? 4 : 2);
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  await using handle = await open(file, 'w');
  await handle.write(Buffer.concat([length, padded]));
  for (const tensor of tensors) await handle.write(madeBytes(tensor));
}

/** Whether the model has a GELU, which llama.cpp takes from a table in half precision. */
export function hasGelu({ config }: Reference): boolean {
  const model = { ...config, ...(config['text_config'] as object | undefined) } as Readonly<Record<string, unknown>>;
  const keys = ['hidden_activation', 'activation_function', 'activation', 'hidden_act'];
  const activation = keys.map((key) => model[key]).find((value) => typeof value === 'string') ?? 'gelu';
  return activation.includes('gelu');
}
