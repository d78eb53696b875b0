/** Headers of GGUF files on the disk, read with the limits for hostile files. */
import { open } from 'node:fs/promises';
import { shardPaths } from '../main/model-file/shards.ts';
import { readGgufHeader, type GgufHeader } from '../main/model-file/gguf.ts';

const LEAST_READ_BYTES = 256 * 1024;

/** @throws AppError `model.corrupt` or `model.unsupported` for a header that is not right; errors of the file system. */
export async function readHeader(path: string): Promise<GgufHeader> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const read = async (start: number, neededEnd: number, likelyEnd: number): Promise<Uint8Array> => {
      const wanted = Math.min(size, Math.max(neededEnd, Math.min(likelyEnd, start + LEAST_READ_BYTES)));
      const bytes = Buffer.allocUnsafe(Math.max(0, wanted - start));
      const { bytesRead } = await file.read(bytes, 0, bytes.byteLength, start);
      return bytes.subarray(0, bytesRead);
    };
    return await readGgufHeader(read, size, async () => {});
  } finally {
    await file.close();
  }
}

/** The headers of all files of the model whose first file is at `path`. */
export async function readHeaders(path: string): Promise<readonly GgufHeader[]> {
  const headers: GgufHeader[] = [];
  for (const shard of shardPaths(path)) headers.push(await readHeader(shard));
  return headers;
}
