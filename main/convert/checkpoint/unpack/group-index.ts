/** The groups of columns whose order was changed for quantizing (`desc_act` of GPTQ, `actorder` of compressed-tensors). */
import { shownName } from '../../../base/foreign-text.ts';
import { invalidCheckpoint } from '../../../model-file/checkpoint-error.ts';
import type { StoredTensor } from '../checkpoint-tensor.ts';
import type { ReadStored } from './packing.ts';
import { integers } from './scalars.ts';

/**
 * For each column its group; null where the tensor holds -1, by which compressed-tensors marks an order that was never set.
 * @throws AppError `convert.invalid` for a number that is no group.
 */
export async function readGroupIndex(
  tensor: StoredTensor,
  groupCount: number,
  read: ReadStored,
): Promise<Uint32Array | null> {
  const found = integers(tensor, await read(tensor, 0, tensor.endByte - tensor.startByte));
  if (found.includes(-1)) return null;
  const wrong = found.find((group) => group < 0 || group >= groupCount);
  if (wrong === undefined) return Uint32Array.from(found);
  throw invalidCheckpoint({
    ...{ reason: 'group_index', file: tensor.file, tensor: tensor.name, expected: `0 to ${String(groupCount - 1)}` },
    ...{ found: wrong },
    detail: `${shownName(tensor.name)} names the group ${String(wrong)}; there are ${String(groupCount)}, counted from 0.`,
  });
}
