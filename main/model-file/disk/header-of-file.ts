/** Headers of GGUF files on the disk. */
import { open, type FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readGgufHeader, type GgufHeader } from '../gguf.ts';
import { shardPaths } from '../shards.ts';

/** Bytes of one read. The header of a small model fits in one, that of a large vocabulary takes some dozen. */
const READ_BYTES = 256 * 1024;

/**
 * The header of a file of `sizeBytes`, whose bytes from `start` to `end` `read` gives.
 * @throws AppError as `readGgufHeader`, and what `read` throws.
 */
export async function readHeaderThrough(
  read: (start: number, end: number) => Promise<Uint8Array>,
  sizeBytes: number,
): Promise<GgufHeader> {
  return await readGgufHeader(
    async (start, neededEnd) => await read(start, Math.max(neededEnd, Math.min(sizeBytes, start + READ_BYTES))),
    sizeBytes,
    () => nextTurn(),
  );
}

/** The header of an open file of `sizeBytes`. Throws as `readHeader`. */
export async function readHeaderOfOpen(file: FileHandle, sizeBytes: number): Promise<GgufHeader> {
  return await readHeaderThrough(async (start, end) => {
    const bytes = new Uint8Array(end - start);
    const { bytesRead } = await file.read(bytes, 0, bytes.byteLength, start);
    return bytes.subarray(0, bytesRead);
  }, sizeBytes);
}

/** @throws AppError as `readGgufHeader`; errors of the file system. */
export async function readHeader(path: string): Promise<GgufHeader> {
  const file = await open(path, 'r');
  try {
    return await readHeaderOfOpen(file, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

/** The headers of all files of the model whose first file is at `path`. Throws as `readHeader`. */
export async function readHeaders(path: string): Promise<readonly GgufHeader[]> {
  const headers: GgufHeader[] = [];
  for (const shard of shardPaths(path)) headers.push(await readHeader(shard));
  return headers;
}
