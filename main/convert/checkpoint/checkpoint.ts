/** All tensors of a checkpoint, from the headers of its safetensors files alone. */
import { shownName } from '../../base/foreign-text.ts';
import { invalidCheckpoint } from '../../model-file/checkpoint-error.ts';
import { readSafetensorsHeader } from '../../model-file/safetensors.ts';
import { findFile, type CheckpointSource } from './checkpoint-source.ts';
import type { StoredTensor } from './checkpoint-tensor.ts';
import { findWeights, MAX_TENSORS } from './weight-files.ts';

export interface StoredCheckpoint {
  /** The files with weights, in the order of their names. */
  readonly weightFiles: readonly string[];
  /** In the order of their files, and of their places in these. */
  readonly tensors: readonly StoredTensor[];
}

/**
 * Reads the headers of the weights of `source`. `nextTurn` lets other work of the process go first.
 * @throws AppError `convert.invalid` or `convert.unsupported` with `reason` and `file`, where it is about one with `tensor`; what the source throws.
 */
export async function readStoredTensors(
  source: CheckpointSource,
  nextTurn: () => Promise<unknown>,
): Promise<StoredCheckpoint> {
  const { files: weightFiles, index } = await findWeights(source);
  const tensors: StoredTensor[] = [];
  const fileOf = new Map<string, string>();
  for (const path of weightFiles) {
    const header = await readSafetensorsHeader(
      { path, sizeBytes: findFile(source, path)?.sizeBytes ?? 0, read: (start, end) => source.read(path, start, end) },
      nextTurn,
    );
    for (const tensor of header.tensors) {
      const other = fileOf.get(tensor.name);
      if (other !== undefined)
        throw invalidCheckpoint({
          ...{ reason: 'duplicate_tensor', file: path, tensor: tensor.name },
          detail: `The tensor ${shownName(tensor.name)} is in ${shownName(other)} and in ${shownName(path)}.`,
        });
      fileOf.set(tensor.name, path);
      tensors.push({ ...tensor, file: path });
    }
    if (tensors.length > MAX_TENSORS)
      throw invalidCheckpoint({
        ...{ reason: 'too_many_tensors', file: path, expected: MAX_TENSORS },
        detail: `The checkpoint has more than ${String(MAX_TENSORS)} tensors.`,
      });
  }
  for (const [tensor, path] of index) {
    const found = fileOf.get(tensor);
    if (found === path) continue;
    throw invalidCheckpoint({
      ...{ reason: 'index_mismatch', file: path, tensor },
      detail: `The index says that the tensor ${shownName(tensor)} is in ${shownName(path)}, ${found === undefined ? 'and no file has it' : `and it is in ${shownName(found)}`}.`,
    });
  }
  return { weightFiles, tensors };
}
