/** The types and texts of a vocabulary, read from where the header's own reader found the two lists. The file is untrusted. */
import type { FileHandle } from 'node:fs/promises';
import type { AppError } from '../../../preload/wire/errors.ts';
import type { GgufHeader, GgufValue } from '../../model-file/gguf.ts';
import { corrupt, createCursor, tooLong, type Cursor } from '../../model-file/gguf-cursor.ts';
import { ggufValueTypes, STRING } from '../../model-file/gguf-value-types.ts';

const TOKENS_KEY = 'tokenizer.ggml.tokens';
const TYPES_KEY = 'tokenizer.ggml.token_type';
const INT32 = 5;
/** Token types of llama.cpp. */
const CONTROL = 3;
const USER_DEFINED = 4;

/** Bytes of one read. */
const READ_BYTES = 256 * 1024;
/** Known vocabularies have a few thousand. */
const MAX_SPECIAL_TOKENS = 65_536;
/** Known special tokens are shorter than 100 bytes. */
const MAX_TOKEN_BYTES = 1024;

/** The ids of the control tokens and of those that a user defined. @throws AppError `model.corrupt`, `model.unsupported`. */
export async function readSpecialIds(handle: FileHandle, header: GgufHeader): Promise<ReadonlySet<number>> {
  const special = new Set<number>();
  const value = header.metadata.get(TYPES_KEY);
  if (value === undefined) return special;
  const take = (id: number, type: unknown): void => {
    if (typeof type !== 'number') throw wrongList(TYPES_KEY, INT32);
    if (type === CONTROL || type === USER_DEFINED) special.add(id);
    if (special.size > MAX_SPECIAL_TOKENS)
      throw tooLong(TYPES_KEY, `it has more than ${MAX_SPECIAL_TOKENS} special tokens`);
  };
  if (Array.isArray(value)) value.forEach((type, id) => take(id, type));
  else {
    const { length, reader } = await readerOf(handle, value, TYPES_KEY, INT32);
    for (let id = 0; id < length; id++) {
      if (reader.cursor.lacks(4, TYPES_KEY)) await reader.fill();
      take(id, reader.cursor.scalar(INT32));
    }
  }
  return special;
}

/** The texts of the tokens with these ids, of those that exist. @throws AppError `model.corrupt`, `model.unsupported`. */
export async function readTokenTexts(
  handle: FileHandle,
  header: GgufHeader,
  ids: ReadonlySet<number>,
): Promise<ReadonlyMap<number, string>> {
  const texts = new Map<number, string>();
  const value = header.metadata.get(TOKENS_KEY);
  if (value === undefined) return texts;
  if (Array.isArray(value)) {
    for (const [id, text] of value.entries()) {
      if (typeof text !== 'string') throw wrongList(TOKENS_KEY, STRING);
      if (!ids.has(id)) continue;
      checkLength(id, text.length);
      texts.set(id, text);
    }
    return texts;
  }
  const { length, reader } = await readerOf(handle, value, TOKENS_KEY, STRING);
  const { cursor } = reader;
  for (let id = 0; id < length; id++) {
    if (cursor.lacks(8, TOKENS_KEY)) await reader.fill();
    const bytes = cursor.count(`a length in ${TOKENS_KEY}`);
    if (!ids.has(id)) {
      cursor.skip(bytes, TOKENS_KEY);
      continue;
    }
    checkLength(id, bytes);
    if (cursor.lacks(bytes, TOKENS_KEY)) await reader.fill();
    texts.set(id, cursor.token(bytes));
  }
  return texts;
}

interface ListReader {
  readonly cursor: Cursor;
  /** Reads what the cursor lacks, and some more. */
  fill(): Promise<void>;
}

/** The length of a list that the header's reader passed over, and a reader at its first element. */
async function readerOf(
  handle: FileHandle,
  value: GgufValue,
  key: string,
  elementType: number,
): Promise<{ readonly length: number; readonly reader: ListReader }> {
  if (typeof value !== 'object' || !('omittedLength' in value) || value.list?.elementType !== elementType)
    throw wrongList(key, elementType);
  const { size } = await handle.stat();
  const cursor = createCursor(size);
  cursor.skip(value.list.offsetBytes, key);
  const fill = async (): Promise<void> => {
    const { start, end } = cursor.wanted();
    const bytes = new Uint8Array(Math.min(size, Math.max(end, start + READ_BYTES)) - start);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
    if (bytesRead < end - start) throw corrupt(key, 'it ended while it was being read');
    cursor.fill(start, bytes.subarray(0, bytesRead));
  };
  return { length: value.omittedLength, reader: { cursor, fill } };
}

const wrongList = (key: string, elementType: number): AppError =>
  corrupt(key, `${key} is no list of the type ${ggufValueTypes[elementType]?.name ?? elementType}`);

function checkLength(id: number, bytes: number): void {
  if (bytes > MAX_TOKEN_BYTES)
    throw tooLong(TOKENS_KEY, `the special token ${id} has ${bytes} bytes; at most ${MAX_TOKEN_BYTES} are read`);
}
