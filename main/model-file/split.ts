/** Whether the files of a model are the ones that their headers say they are: `llama-gguf-split` writes `split.*` keys into each. */
import { AppError, type ErrorData } from '../../preload/wire/errors.ts';
import { shownName } from '../base/foreign-text.ts';
import { MAX_TENSORS, type GgufHeader, type GgufValue } from './gguf.ts';
import { tooLong } from './gguf-cursor.ts';

export interface SplitFile {
  /** Its name, by which llama.cpp finds the other shards. */
  readonly path: string;
  readonly header: GgufHeader;
  /** Null where it is not known. */
  readonly sizeBytes: number | null;
}

/** The headers of a model's files. */
export interface WholeModel {
  /** That of the first file, with the model's metadata. */
  readonly first: GgufHeader;
  /** Those of the others in order, without their metadata. */
  readonly others: readonly GgufHeader[];
}

export interface WholeModelReader {
  /** Takes the header of the file at `index`, in any order. Throws as `createWholeModel` says. */
  add(index: number, file: SplitFile): void;
  /** The headers of all files. Throws the same. */
  whole(): WholeModel;
}

/**
 * Takes the headers of a model of `count` files, and keeps of each what a summary needs: what is kept has one limit for all of them.
 * Throws model.corrupt when llama.cpp would refuse the files, with the true reason: one shard without the others (`shard_alone`), shards
 * pasted into one file (`shards_pasted`), a whole model that says it is a shard (`split_stale`), files of different models or in another
 * order (`shards_mixed`).
 */
export function createWholeModel(count: number): WholeModelReader {
  const headers: GgufHeader[] = [];
  const names = new Set<string>();

  function add(index: number, file: SplitFile): void {
    if (count === 1) assertNoSplit(file);
    else assertPlace(file, index, count);
    for (const { name } of file.header.tensors) {
      if (names.has(name))
        throw mixed(`more than one of them has the tensor ${shownName(name)}`, null, { tensor: shownName(name) });
      names.add(name);
    }
    if (names.size > MAX_TENSORS) throw tooLong('the tensor count', `its files have more than ${MAX_TENSORS} tensors`);
    headers[index] = index === 0 ? file.header : { ...file.header, metadata: new Map() };
  }

  return {
    add,
    whole() {
      const [first, ...others] = headers;
      if (!first || headers.length < count) throw new AppError('internal', 'A header of this model was not read.');
      const expected = count > 1 ? splitOf(first).tensors : null;
      if (expected !== null && expected !== names.size)
        throw mixed(`they have ${String(names.size)} of its ${String(expected)} tensors`, null);
      return { first, others };
    },
  };
}

const nameOf = ({ path }: SplitFile): string => path.slice(path.lastIndexOf('/') + 1);

function mixed(why: string, name: string | null, facts: ErrorData = {}): AppError {
  return new AppError('model.corrupt', `The files of this model do not belong together: ${why}.`, {
    ...{ reason: 'shards_mixed', name },
    ...facts,
  });
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
    { reason: 'shard_alone', ...facts, ...(tensors !== null && { splitTensors: tensors }) },
  );
}

function assertPlace(file: SplitFile, index: number, count: number): void {
  const own = splitOf(file.header);
  if (own.count === count && own.number === index) return;
  const claim = own.count > 1 ? `is file ${String(own.number + 1)} of ${String(own.count)}` : 'is no part of a model';
  throw mixed(`${nameOf(file)} says that it ${claim}`, nameOf(file));
}

/** The `split.*` keys: the file's number from 0, the number of files, and the tensors in all of them. */
export function splitOf(header: GgufHeader): { number: number; count: number; tensors: number | null } {
  const read = (key: string): number | null => wholeNumber(header.metadata.get(key));
  return { number: read('split.no') ?? 0, count: read('split.count') ?? 0, tensors: read('split.tensors.count') };
}

function endOfTensors({ tensors, dataOffsetBytes }: GgufHeader): number {
  return tensors.reduce((end, { offsetBytes, sizeBytes }) => Math.max(end, offsetBytes + sizeBytes), dataOffsetBytes);
}

function wholeNumber(value: GgufValue | undefined): number | null {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}
