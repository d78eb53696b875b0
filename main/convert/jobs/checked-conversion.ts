/** A converted file that gets its name once its values were looked at. */
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { DirectType } from '../../../preload/contract/convert.ts';
import type { AppError } from '../../../preload/wire/errors.ts';
import { isThere } from '../../base/disk.ts';
import { shownName } from '../../base/foreign-text.ts';
import { invalidCheckpoint } from '../../model-file/checkpoint-error.ts';
import type { ConvertedModel } from '../child/converter.ts';
import type { OddTensor } from '../write/write-model.ts';
import { afterEarlierProcess } from './earlier-process.ts';

/** The converted file until its values are looked at: under this name it is not taken for a sound one. */
export const UNCHECKED = 'unchecked.gguf';

/**
 * Makes `file` by `convert`, which gets the path to write to, unless an earlier run of the job did. The folder is the job's own.
 * @throws AppError `convert.invalid` (`not_finite`, `overflow`) for values that a model cannot be used with; what `convert` throws.
 */
export async function convertInto(
  file: string,
  type: DirectType,
  signal: AbortSignal,
  convert: (outputPath: string) => Promise<Pick<ConvertedModel, 'oddTensors' | 'oddTensorCount'>>,
): Promise<void> {
  if (await isThere(file)) return;
  const unchecked = path.join(path.dirname(file), UNCHECKED);
  await afterEarlierProcess(async () => {
    // Of a whole file that an interrupted run left, what was counted in it is lost.
    await rm(unchecked, { force: true });
    const { oddTensors, oddTensorCount } = await convert(unchecked);
    if (oddTensors[0] === undefined) return await rename(unchecked, file);
    await rm(unchecked, { force: true });
    throw oddValues(oddTensors[0], oddTensorCount, type);
  }, signal);
}

/** The error for values that a model cannot be used with. */
function oddValues({ tensor, nan, infinite, overflowing }: OddTensor, tensorCount: number, type: DirectType): AppError {
  const others = tensorCount > 1 ? ` ${String(tensorCount - 1)} more tensors have such values.` : '';
  if (nan + infinite > 0)
    return invalidCheckpoint({
      ...{
        reason: 'not_finite',
        tensor,
        expected: 'finite values',
        found: `${String(nan)} NaN, ${String(infinite)} infinite`,
      },
      detail: `The tensor ${shownName(tensor)} has ${String(nan)} values that are no numbers and ${String(infinite)} infinite ones.${others}`,
    });
  return invalidCheckpoint({
    ...{ reason: 'overflow', tensor, expected: type, found: `${String(overflowing)} values` },
    detail: `The tensor ${shownName(tensor)} has ${String(overflowing)} values that ${type} has no place for. BF16 and F32 have.${others}`,
  });
}
