/** Whether the files of a model are the ones that their headers say they are: `llama-gguf-split` writes `split.*` keys into each. */
import { AppError } from '../../preload/wire/errors.ts';
import type { GgufHeader, GgufValue } from './gguf.ts';
import { parseShard } from './shards.ts';

export interface SplitFile {
  /** Its name, by which llama.cpp finds the other shards. */
  readonly path: string;
  readonly header: GgufHeader;
  /** Null where it is not known. */
  readonly sizeBytes: number | null;
}

/**
 * Throws model.corrupt when llama.cpp would refuse the files, with the true reason: one shard without the others (`shard_alone`), shards pasted into one file (`shards_pasted`), a whole model that says it is a shard (`split_stale`), files of
 * different models or in another order (`shards_mixed`).
 */
export function assertWholeSplit(files: readonly SplitFile[]): void {
  const [first] = files;
  if (first === undefined) return;
  const count = parseShard(first.path)?.count ?? files.length;
  if (count === 1) assertNoSplit(first);
  else assertInOrder(files, count);
}

function assertNoSplit({ header, sizeBytes }: SplitFile): void {
  const { number, count, tensors } = splitOf(header);
  if (count <= 1) return;
  const facts = { shardNumber: number + 1, shardCount: count };
  const files = `${String(count)} files`;
  if (tensors !== null && header.tensors.length === tensors)
    throw new AppError(
      'model.corrupt',
      `This file has the whole model, but its header says that it is one of ${files}, and llama.cpp looks for the others. Convert it again.`,
      { reason: 'split_stale', ...facts },
    );
  if (sizeBytes !== null && sizeBytes > endOfTensors(header) + header.alignment)
    throw new AppError(
      'model.corrupt',
      `The ${files} of this model were pasted into one, which nothing can read. Join them with llama-gguf-split --merge, or download the model again.`,
      { reason: 'shards_pasted', ...facts },
    );
  throw new AppError(
    'model.corrupt',
    `This is file ${String(number + 1)} of ${String(count)} of a model. Its folder lacks others of them, or has several sets whose names do not tell which belong together. Put all ${files} of one model into a folder of their own, or download the model again.`,
    { reason: 'shard_alone', ...facts },
  );
}

function assertInOrder(files: readonly SplitFile[], count: number): void {
  for (const [index, { path, header }] of files.entries()) {
    const own = splitOf(header);
    if (own.count === count && own.number === index) continue;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const claim = own.count > 1 ? `is file ${String(own.number + 1)} of ${String(own.count)}` : 'is no part of a model';
    throw new AppError(
      'model.corrupt',
      `The files of this model do not belong together: ${name} says that it ${claim}.`,
      {
        reason: 'shards_mixed',
        name,
      },
    );
  }
  const expected = splitOf(files[0]?.header).tensors;
  const found = files.reduce((sum, { header }) => sum + header.tensors.length, 0);
  if (expected !== null && expected !== found)
    throw new AppError(
      'model.corrupt',
      `The files of this model do not belong together: they have ${String(found)} of its ${String(expected)} tensors.`,
      { reason: 'shards_mixed', name: null },
    );
}

/** The `split.*` keys: the file's number from 0, the number of files, and the tensors in all of them. */
function splitOf(header: GgufHeader | undefined): { number: number; count: number; tensors: number | null } {
  const read = (key: string): number | null => wholeNumber(header?.metadata.get(key));
  return { number: read('split.no') ?? 0, count: read('split.count') ?? 0, tensors: read('split.tensors.count') };
}

function endOfTensors({ tensors, dataOffsetBytes }: GgufHeader): number {
  return tensors.reduce((end, { offsetBytes, sizeBytes }) => Math.max(end, offsetBytes + sizeBytes), dataOffsetBytes);
}

function wholeNumber(value: GgufValue | undefined): number | null {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}
