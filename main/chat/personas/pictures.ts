/** The pictures of personas: PNG files of the data folder, checked, and stored without anything but the picture itself. */
import { deflateSync } from 'node:zlib';
import { MAX_PICTURE_BYTES, MAX_PICTURE_EDGE } from '../../../preload/contract/persona-limits.ts';
import type { Persona, Picture } from '../../../preload/contract/personas.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import type { Files } from '../../store/files.ts';
import { isPng, readChunks, sizeOf, writeChunks, type PngChunk } from './png.ts';

export interface Pictures {
  /** Sets the picture of a persona, a PNG; null removes it. @throws AppError `not_found`, `invalid_input`, `disk.full`. */
  set(personaId: string, bytes: Uint8Array | null): Promise<void>;
  /** @throws AppError `not_found`. */
  read(persona: Persona): Promise<Buffer>;
}

export interface PicturesOptions {
  readonly files: Pick<Files, 'putFile' | 'settle' | 'openFile' | 'deleteUnnamed'>;
  /** @throws AppError `not_found`. */
  readonly get: (personaId: string) => Persona;
  readonly put: (persona: Persona, picture: Picture | null) => void;
}

/** The chunks that are the picture. Others may hold anything: texts, places, times. */
const PICTURE_CHUNKS: ReadonlySet<string> = new Set(['IHDR', 'PLTE', 'tRNS', 'sRGB', 'gAMA', 'IDAT', 'IEND']);

export function createPictures({ files, get, put }: PicturesOptions): Pictures {
  return {
    async set(personaId, bytes) {
      const before = get(personaId).picture;
      if (bytes === null) put(get(personaId), null);
      else {
        const { png, width, height } = checkedPicture(bytes);
        const { sha256, hold } = await files.putFile(once(png), { maxBytes: MAX_PICTURE_BYTES });
        try {
          put(get(personaId), { sha256, width, height });
        } finally {
          files.settle([hold]);
          files.deleteUnnamed([sha256]);
        }
      }
      if (before !== null) files.deleteUnnamed([before.sha256]);
    },
    async read({ picture }) {
      if (picture === null) throw new AppError('not_found', 'This persona has no picture.');
      const pieces: Buffer[] = [];
      for await (const piece of files.openFile(picture.sha256).stream) pieces.push(piece as Buffer);
      return Buffer.concat(pieces);
    },
  };
}

/** The picture alone, and its size. @throws AppError `invalid_input` (not_png, picture_too_large, card_broken_png). */
function checkedPicture(bytes: Uint8Array): { png: Buffer; width: number; height: number } {
  if (!isPng(bytes)) throw new AppError('invalid_input', 'A picture is stored as PNG.', { reason: 'not_png' });
  const chunks = readChunks(bytes);
  const { width, height } = sizeOf(chunks);
  if (width < 1 || height < 1 || Math.max(width, height) > MAX_PICTURE_EDGE || bytes.byteLength > MAX_PICTURE_BYTES)
    throw new AppError('invalid_input', 'This picture is too large.', {
      reason: 'picture_too_large',
      limit: MAX_PICTURE_EDGE,
    });
  return { png: writeChunks(chunks.filter(({ type }) => PICTURE_CHUNKS.has(type))), width, height };
}

/** The picture of a card where the persona has none that can be used: a plain square. */
export function plainPicture(): readonly PngChunk[] {
  const edge = 256;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(edge, 0);
  header.writeUInt32BE(edge, 4);
  header.set([8, 0, 0, 0, 0], 8);
  // Each row begins with its filter, none.
  const row = Buffer.alloc(edge + 1, 0xb4);
  row[0] = 0;
  const data = deflateSync(Buffer.concat(Array.from({ length: edge }, () => row)));
  return [
    { type: 'IHDR', data: header },
    { type: 'IDAT', data },
    { type: 'IEND', data: Buffer.alloc(0) },
  ];
}

/** Whether bytes can be a picture of a persona as they are. */
export function isUsablePicture(bytes: Uint8Array): boolean {
  try {
    checkedPicture(bytes);
    return true;
  } catch (error) {
    if (isAppError(error, 'invalid_input')) return false;
    throw error;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
