/**
 * The facts that the real Hub reads from the headers of weight files for a model's info. Lenient: a broken file has
 * none.
 */
import { contentSize, readContent, type Content } from './content.ts';

/** The `gguf` member of a model's info. */
export interface GgufFacts {
  /** Parameters. */
  readonly total: number;
  readonly architecture: string;
  readonly context_length?: number;
  readonly chat_template?: string;
  readonly bos_token?: string;
  readonly eos_token?: string;
}

/** The `safetensors` member: parameters by data type, and their sum. */
export interface SafetensorsFacts {
  readonly parameters: Readonly<Record<string, number>>;
  readonly total: number;
}

/** Headers with large vocabularies have some megabytes; longer ones are ignored. */
const MAX_HEADER_BYTES = 32 * 1024 * 1024;
const scalarBytes: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};

type GgufValue = string | number | boolean | readonly GgufValue[];

async function readHead(content: Content, bytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of readContent(content, 0, Math.min(bytes, contentSize(content)))) parts.push(part);
  return Buffer.concat(parts);
}

function ggufHeader(head: Buffer): { metadata: Map<string, GgufValue>; parameters: number } {
  let position = 4;
  const u32 = (): number => head.readUInt32LE((position += 4) - 4);
  const u64 = (): number => Number(head.readBigUInt64LE((position += 8) - 8));
  const text = (): string => {
    const length = u64();
    if (position + length > head.byteLength) throw new RangeError('string past the end');
    return head.toString('utf8', position, (position += length));
  };
  const scalar = (type: number): GgufValue => {
    if (type === 8) return text();
    const bytes = scalarBytes[type];
    if (bytes === undefined) throw new RangeError('unknown value type');
    position += bytes;
    if (type === 7) return head.readUInt8(position - 1) !== 0;
    if (type === 6) return head.readFloatLE(position - 4);
    if (type === 12) return head.readDoubleLE(position - 8);
    return bytes === 8 ? Number(head.readBigUInt64LE(position - 8)) : head.readUIntLE(position - bytes, bytes);
  };
  if (u32() < 2) throw new RangeError('version');
  const tensorCount = u64();
  const metadataCount = u64();
  const metadata = new Map<string, GgufValue>();
  for (let index = 0; index < metadataCount; index++) {
    const key = text();
    const type = u32();
    if (type !== 9) {
      metadata.set(key, scalar(type));
      continue;
    }
    const elementType = u32();
    const values: GgufValue[] = [];
    for (let count = u64(); count > 0; count--) values.push(scalar(elementType));
    metadata.set(key, values);
  }
  let parameters = 0;
  for (let index = 0; index < tensorCount; index++) {
    text();
    let elements = 1;
    for (let dimensions = u32(); dimensions > 0; dimensions--) elements *= u64();
    parameters += elements;
    position += 12;
  }
  return { metadata, parameters };
}

/**
 * The parameters in one GGUF file, also in a later shard, whose header has no architecture; 0 when it cannot be read.
 */
export async function ggufParameters(content: Content): Promise<number> {
  try {
    return ggufHeader(await readHead(content, MAX_HEADER_BYTES)).parameters;
  } catch (error) {
    if (error instanceof RangeError) return 0;
    throw error;
  }
}

/** Facts of a GGUF file; null when its header cannot be read. */
export async function ggufFacts(content: Content): Promise<GgufFacts | null> {
  try {
    const head = await readHead(content, MAX_HEADER_BYTES);
    if (head.toString('latin1', 0, 4) !== 'GGUF') return null;
    const { metadata, parameters } = ggufHeader(head);
    const architecture = metadata.get('general.architecture');
    if (typeof architecture !== 'string') return null;
    const contextLength = metadata.get(`${architecture}.context_length`);
    const template = metadata.get('tokenizer.chat_template');
    const tokens = metadata.get('tokenizer.ggml.tokens');
    const token = (key: string): string | undefined => {
      const id = metadata.get(`tokenizer.ggml.${key}_token_id`);
      const found: unknown = typeof id === 'number' && Array.isArray(tokens) ? tokens[id] : undefined;
      return typeof found === 'string' ? found : undefined;
    };
    const bos = token('bos');
    const eos = token('eos');
    return {
      total: parameters,
      architecture,
      ...(typeof contextLength === 'number' ? { context_length: contextLength } : {}),
      ...(typeof template === 'string' ? { chat_template: template } : {}),
      ...(bos === undefined ? {} : { bos_token: bos }),
      ...(eos === undefined ? {} : { eos_token: eos }),
    };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Facts of the safetensors files of a model together; null when one cannot be read. */
export async function safetensorsFacts(contents: readonly Content[]): Promise<SafetensorsFacts | null> {
  const parameters: Record<string, number> = {};
  for (const content of contents) {
    const length = Number((await readHead(content, 8)).readBigUInt64LE(0));
    if (length > MAX_HEADER_BYTES || length + 8 > contentSize(content)) return null;
    const text = (await readHead(content, 8 + length)).toString('utf8', 8);
    const header = JSON.parse(text) as Record<string, { dtype?: string; shape?: number[] }>;
    for (const [name, tensor] of Object.entries(header)) {
      if (name === '__metadata__' || tensor.dtype === undefined || tensor.shape === undefined) continue;
      parameters[tensor.dtype] =
        (parameters[tensor.dtype] ?? 0) + tensor.shape.reduce((product, size) => product * size, 1);
    }
  }
  const total = Object.values(parameters).reduce((sum, count) => sum + count, 0);
  return { parameters, total };
}
