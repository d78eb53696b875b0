/** Whether the patterns of tensor types mean anything in a model: a slip of the pen would lose the whole wish without a word. */
import { AppError } from '../../../preload/wire/errors.ts';
import type { QuantizeOptions } from '../../../preload/contract/convert.ts';
import { tensorPattern } from '../../../native/quantize/tensor-pattern.ts';
import { shownName } from '../../base/foreign-text.ts';

/** @throws AppError `convert.unsupported`: `pattern` as `tensorPattern`, `pattern_unmatched` for one that no tensor's name has. */
export function assertPatternsMatch(
  { tensorTypes }: Pick<QuantizeOptions, 'tensorTypes'>,
  tensors: readonly { readonly name: string }[],
): void {
  for (const { pattern } of tensorTypes) {
    const searched = new RegExp(tensorPattern(pattern), 'u');
    if (tensors.some(({ name }) => searched.test(name))) continue;
    const shown = shownName(pattern);
    const detail = `The pattern ${shown} is in the name of no tensor of this model.`;
    throw new AppError('convert.unsupported', detail, { reason: 'pattern_unmatched', pattern: shown, detail });
  }
}
