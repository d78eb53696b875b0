/**
 * What a model answers at each measured position, in a file of the form of llama-perplexity (`--kl-divergence-base`): `_logits_`, tokens of
 * a chunk, tokens of the vocabulary, chunks, the tokens themselves, and rows of log probabilities, chunk by chunk.
 */
import { open, type FileHandle } from 'node:fs/promises';
import nodePath from 'node:path';
import { freeDiskBytes } from '../../main/base/disk.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { rowLength } from './log-probabilities.ts';

const MARK = '_logits_';
const HEAD_BYTES = 20;
/** Free space that stays. */
const SPARE_BYTES = 64 * 2 ** 20;

export interface ReferenceFile {
  /** The rows of a chunk, which `write` stores and `read` fills. */
  readonly rows: Uint16Array;
  write(chunk: number): Promise<void>;
  read(chunk: number): Promise<void>;
  close(): Promise<void>;
}

export interface ReferenceShape {
  readonly chunkSize: number;
  readonly vocabularySize: number;
  readonly chunks: readonly Int32Array[];
  /** Measured positions of a chunk. */
  readonly positions: number;
}

function fileOf(file: FileHandle, { chunkSize, vocabularySize, chunks, positions }: ReferenceShape): ReferenceFile {
  const rows = new Uint16Array(positions * rowLength(vocabularySize));
  const place = (chunk: number): number =>
    HEAD_BYTES + chunks.length * chunkSize * Int32Array.BYTES_PER_ELEMENT + chunk * rows.byteLength;
  return {
    rows,
    async write(chunk) {
      await file.write(rows, 0, rows.byteLength, place(chunk));
    },
    async read(chunk) {
      const { bytesRead } = await file.read(rows, 0, rows.byteLength, place(chunk));
      if (bytesRead !== rows.byteLength) throw otherText();
    },
    close: () => file.close(),
  };
}

function headOf({ chunkSize, vocabularySize, chunks }: ReferenceShape): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(MARK);
  head.writeInt32LE(chunkSize, 8);
  head.writeInt32LE(vocabularySize, 12);
  head.writeInt32LE(chunks.length, 16);
  return Buffer.concat([head, ...chunks.map((chunk) => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))]);
}

/** Begins a new file. Throws `disk.full` where it would not fit, and as file writes do. */
export async function createReference(path: string, shape: ReferenceShape): Promise<ReferenceFile> {
  const neededBytes = shape.chunks.length * shape.positions * rowLength(shape.vocabularySize) * 2 + SPARE_BYTES;
  const freeBytes = await freeDiskBytes(nodePath.dirname(path));
  if (freeBytes !== null && freeBytes < neededBytes)
    throw new AppError('disk.full', 'There is not enough space on the disk for the answers of the reference.', {
      neededBytes,
      freeBytes,
    });
  const file = await open(path, 'w');
  const head = headOf(shape);
  await file.write(head, 0, head.byteLength, 0);
  return fileOf(file, shape);
}

/** Opens the file of another model. @throws AppError `convert.unsupported` (`reason: 'reference'`) for another text or vocabulary. */
export async function openReference(path: string, shape: ReferenceShape): Promise<ReferenceFile> {
  const file = await open(path);
  const expected = headOf(shape);
  const found = Buffer.alloc(expected.byteLength);
  await file.read(found, 0, found.byteLength, 0);
  if (found.equals(expected)) return fileOf(file, shape);
  await file.close();
  throw otherText();
}

function otherText(): AppError {
  const detail = 'The models cannot be compared: they do not read the text as the same tokens.';
  return new AppError('convert.unsupported', detail, { reason: 'reference', detail });
}
