/** Writes an importance matrix as llama-imatrix does: for each tensor, in the order of their names, `NAME.in_sum2` and `NAME.counts`. */
import { open } from 'node:fs/promises';
import type { GgufEntry } from '../../main/model-file/gguf-entry.ts';
import { layOutGguf, type GgufTensorEntry } from '../../main/model-file/gguf-writer.ts';
import type { CollectedEntry } from './collect.ts';

export interface ImatrixFacts {
  /** The name of the text. */
  readonly dataset: string;
  readonly chunkCount: number;
  /** Tokens of a chunk. */
  readonly chunkSize: number;
}

/** Writes `path`, which must not exist. Answers its size. Main syncs it, because the child has no right to. Throws as file writes do. */
export async function writeImatrix(
  path: string,
  entries: ReadonlyMap<string, CollectedEntry>,
  { dataset, chunkCount, chunkSize }: ImatrixFacts,
): Promise<number> {
  const metadata: GgufEntry[] = [
    { key: 'general.type', type: 'string', value: 'imatrix' },
    { key: 'imatrix.datasets', type: 'strings', value: [dataset] },
    { key: 'imatrix.chunk_count', type: 'uint32', value: chunkCount },
    { key: 'imatrix.chunk_size', type: 'uint32', value: chunkSize },
  ];
  const tensors: GgufTensorEntry[] = [];
  const values: Float32Array[] = [];
  for (const [name, { sums, counts }] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
    tensors.push(
      { name: `${name}.in_sum2`, shape: shapeOf(sums.length / counts.length, counts.length), type: 'F32' },
      { name: `${name}.counts`, shape: shapeOf(1, counts.length), type: 'F32' },
    );
    values.push(sums, Float32Array.from(counts));
  }
  const layout = layOutGguf(metadata, tensors);
  const file = await open(path, 'wx');
  try {
    await file.write(layout.header, 0, layout.header.byteLength, 0);
    for (const [index, { offsetBytes }] of layout.tensors.entries()) {
      const data = values[index] ?? new Float32Array(0);
      await file.write(data, 0, data.byteLength, offsetBytes);
    }
    // The padding of the last tensor.
    const end = (await file.stat()).size;
    await file.write(new Uint8Array(layout.fileBytes - end), 0, layout.fileBytes - end, end);
  } finally {
    await file.close();
  }
  return layout.fileBytes;
}

/** ggml writes no dimensions of 1 at the end. */
const shapeOf = (width: number, rows: number): number[] => (rows === 1 ? [width] : [width, rows]);
