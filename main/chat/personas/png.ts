/**
 * PNG files as chunks, read without decoding their picture. Everything is bounded: a chunk's length by the file's, a compressed text by
 * what it may become. The form is that of the PNG specification, third edition (W3C, 2025).
 */
import { crc32, inflateSync } from 'node:zlib';
import { AppError } from '../../../preload/wire/errors.ts';

export interface PngChunk {
  /** Four letters. */
  readonly type: string;
  readonly data: Uint8Array;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Pictures of cards have some hundreds, those with small IDAT chunks some thousands. */
const MOST_CHUNKS = 100_000;
/** A text of a card, when it is no longer compressed. */
const MAX_TEXT_BYTES = 16_000_000;

export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.equals(bytes.subarray(0, 8));

/** The chunks of a PNG down to its end. @throws AppError `invalid_input` with the reason `card_broken_png`. */
export function readChunks(bytes: Uint8Array): readonly PngChunk[] {
  if (!isPng(bytes)) throw broken();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: PngChunk[] = [];
  for (let at = 8; at + 12 <= bytes.byteLength;) {
    const length = view.getUint32(at);
    if (length > bytes.byteLength - at - 12 || chunks.length >= MOST_CHUNKS) throw broken();
    const type = latin1(bytes.subarray(at + 4, at + 8));
    if (!/^[a-zA-Z]{4}$/.test(type)) throw broken();
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
    if (type === 'IEND') return chunks;
  }
  throw broken();
}

/** The size that the header says, in pixels. @throws AppError `invalid_input` with the reason `card_broken_png`. */
export function sizeOf(chunks: readonly PngChunk[]): { readonly width: number; readonly height: number } {
  const [header] = chunks;
  if (header?.type !== 'IHDR' || header.data.byteLength !== 13) throw broken();
  const view = new DataView(header.data.buffer, header.data.byteOffset, 13);
  return { width: view.getUint32(0), height: view.getUint32(4) };
}

/**
 * The texts of a PNG by their keyword, in lower case; the first one of each. Of the keywords `wanted` alone: nothing else is inflated.
 * @throws AppError `invalid_input` with the reason `card_too_large`.
 */
export function textsOf(chunks: readonly PngChunk[], wanted: readonly string[]): ReadonlyMap<string, Buffer> {
  const texts = new Map<string, Buffer>();
  for (const { type, data } of chunks) {
    if (type !== 'tEXt' && type !== 'zTXt' && type !== 'iTXt') continue;
    const end = data.subarray(0, 80).indexOf(0);
    if (end < 1) continue;
    const keyword = latin1(data.subarray(0, end)).toLowerCase();
    if (!wanted.includes(keyword) || texts.has(keyword)) continue;
    const text = textOfChunk(type, data.subarray(end + 1));
    if (text !== null) texts.set(keyword, text);
  }
  return texts;
}

/** Null for a compression that the specification does not have, or a broken one. */
function textOfChunk(type: 'tEXt' | 'zTXt' | 'iTXt', rest: Uint8Array): Buffer | null {
  switch (type) {
    case 'tEXt':
      return Buffer.from(rest);
    case 'zTXt':
      return rest[0] === 0 ? inflated(rest.subarray(1)) : null;
    case 'iTXt': {
      const [isCompressed, method] = rest;
      const language = rest.indexOf(0, 2);
      const translated = language < 0 ? -1 : rest.indexOf(0, language + 1);
      if (translated < 0) return null;
      const text = rest.subarray(translated + 1);
      if (isCompressed === 1) return method === 0 ? inflated(text) : null;
      return Buffer.from(text);
    }
    default:
      return type satisfies never;
  }
}

/** Null where it is broken. @throws AppError for more bytes than `MAX_TEXT_BYTES`: they are never made. */
function inflated(bytes: Uint8Array): Buffer | null {
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_TEXT_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new AppError('invalid_input', 'A text in this picture becomes too large.', { reason: 'card_too_large' });
    return null;
  }
}

/** A PNG of these chunks. */
export function writeChunks(chunks: readonly PngChunk[]): Buffer {
  const written = chunks.map(({ type, data }) => {
    const chunk = Buffer.alloc(12 + data.byteLength);
    chunk.writeUInt32BE(data.byteLength, 0);
    chunk.write(type, 4, 'latin1');
    chunk.set(data, 8);
    chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.byteLength)), 8 + data.byteLength);
    return chunk;
  });
  return Buffer.concat([SIGNATURE, ...written]);
}

/** A text chunk with this keyword. */
export const textChunk = (keyword: string, text: string): PngChunk => ({
  type: 'tEXt',
  data: Buffer.concat([Buffer.from(keyword, 'latin1'), Buffer.from([0]), Buffer.from(text, 'latin1')]),
});

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

const broken = (): AppError =>
  new AppError('invalid_input', 'This PNG is broken or incomplete.', { reason: 'card_broken_png' });
