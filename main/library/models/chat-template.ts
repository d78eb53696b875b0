/** The chat template in a model file, with the texts of the tokens that it writes at the ends. */
import { open, type FileHandle } from 'node:fs/promises';
import { readHeaderOfFile } from './model-files.ts';

export interface FileTemplate {
  /** Null: the file has none. */
  readonly source: string | null;
  /** Empty where the vocabulary has no such token. */
  readonly bos: string;
  readonly eos: string;
  /** Texts of the vocabulary's control tokens and of those that a user defined. */
  readonly specialTokens: readonly string[];
}

const TOKENS_KEY = 'tokenizer.ggml.tokens';
const TYPES_KEY = 'tokenizer.ggml.token_type';
/** Token types of llama.cpp. */
const CONTROL = 3;
const USER_DEFINED = 4;

/** Reads it without loading the model. @throws AppError `model.*`. */
export async function readChatTemplate(file: string): Promise<FileTemplate> {
  const { metadata, dataOffsetBytes } = await readHeaderOfFile(file);
  const source = metadata.get('tokenizer.chat_template');
  const idOf = (name: string): number | null => {
    const id = metadata.get(`tokenizer.ggml.${name}_token_id`);
    return typeof id === 'number' ? id : null;
  };
  const handle = await open(file, 'r');
  try {
    const header = await readWhole(handle, dataOffsetBytes);
    const types = tokenTypes(header);
    const special = new Set(types.flatMap((type, id) => (type === CONTROL || type === USER_DEFINED ? [id] : [])));
    const [bos, eos] = [idOf('bos'), idOf('eos')];
    const texts = tokenTexts(header, new Set([bos ?? -1, eos ?? -1, ...special]));
    return {
      source: typeof source === 'string' && source !== '' ? source : null,
      bos: texts.get(bos ?? -1) ?? '',
      eos: texts.get(eos ?? -1) ?? '',
      specialTokens: [...special].flatMap((id) => texts.get(id) ?? []).filter((text) => text !== ''),
    };
  } finally {
    await handle.close();
  }
}

async function readWhole(handle: FileHandle, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await handle.read(buffer, 0, bytes, 0);
  return buffer.subarray(0, bytesRead);
}

/**
 * The place of a list's count in the header; null when it has no such list. The reader of headers keeps no vocabulary, so a list is
 * found by its key: the length of the key (u64), the key, the types of a list and of its items (u32 each), and the count (u64).
 */
function listAt(header: Buffer, key: string): number | null {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(key.length));
  const at = header.indexOf(Buffer.concat([length, Buffer.from(key)]));
  return at < 0 ? null : at + 8 + key.length + 4 + 4;
}

const countAt = (header: Buffer, at: number): number => Number(header.readBigUInt64LE(at));

/** The texts of the tokens with these ids. Each text stands behind its length (u64). */
function tokenTexts(header: Buffer, ids: ReadonlySet<number>): Map<number, string> {
  const texts = new Map<number, string>();
  const list = listAt(header, TOKENS_KEY);
  if (list === null) return texts;
  let at = list + 8;
  for (let id = 0; id < countAt(header, list); id++) {
    const end = at + 8 + countAt(header, at);
    if (ids.has(id)) texts.set(id, header.toString('utf8', at + 8, end));
    at = end;
  }
  return texts;
}

/** The type of each token (i32), by its id. */
function tokenTypes(header: Buffer): number[] {
  const list = listAt(header, TYPES_KEY);
  if (list === null) return [];
  return Array.from({ length: countAt(header, list) }, (_, id) => header.readInt32LE(list + 8 + id * 4));
}
