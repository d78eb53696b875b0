/** The chat template in a model file, with the texts of the tokens that it writes at the ends. */
import { open, type FileHandle } from 'node:fs/promises';
import { readHeaderOfFile } from './model-files.ts';

export interface FileTemplate {
  /** Null: the file has none. */
  readonly source: string | null;
  /** Empty where the vocabulary has no such token. */
  readonly bos: string;
  readonly eos: string;
}

const TOKENS_KEY = 'tokenizer.ggml.tokens';

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
    return {
      source: typeof source === 'string' && source !== '' ? source : null,
      bos: tokenText(header, idOf('bos')),
      eos: tokenText(header, idOf('eos')),
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
 * The text of a token. The reader of headers keeps no vocabulary, so the list is found by its key: the length of the key (u64), the key,
 * the types of a list and of texts (u32 each), the count (u64), and each text behind its length (u64).
 */
function tokenText(header: Buffer, id: number | null): string {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(TOKENS_KEY.length));
  const at = header.indexOf(Buffer.concat([length, Buffer.from(TOKENS_KEY)]));
  if (id === null || at < 0) return '';
  const lengthAt = (place: number): number => Number(header.readBigUInt64LE(place));
  let place = at + 8 + TOKENS_KEY.length + 4 + 4;
  if (id >= lengthAt(place)) return '';
  place += 8;
  for (let index = 0; index < id; index++) place += 8 + lengthAt(place);
  return header.toString('utf8', place + 8, place + 8 + lengthAt(place));
}
