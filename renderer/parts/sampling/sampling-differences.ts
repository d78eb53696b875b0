/** Which fields of a sampling differ from the defaults. */
import type { Sampling } from '../../../preload/contract/chat.ts';

/** Fields with a control of their own that is no slider. */
export type OptionKey = Exclude<keyof Sampling, 'temperature' | 'topP' | 'topK' | 'minP' | 'repeatPenalty'>;

/** The fields behind "More". */
const moreKeys: readonly OptionKey[] = [
  'presencePenalty',
  'frequencyPenalty',
  'penaltyTokens',
  'minTokens',
  'xtc',
  'dry',
  'grammar',
  'logprobs',
  'stop',
  'logitBias',
];

/** A field that is absent, empty or zero is off, however it is written. */
function written(sampling: Sampling, key: keyof Sampling): string {
  const value = sampling[key];
  const isOff = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
  const isZeroPenalty = (key === 'presencePenalty' || key === 'frequencyPenalty') && value === 0;
  if (isOff || isZeroPenalty) return '';
  return JSON.stringify(value, (_name, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export function differs(value: Sampling, defaults: Sampling, key: keyof Sampling): boolean {
  return written(value, key) !== written(defaults, key);
}

/** Whether two samplings are alike in every field. */
export function isSame(one: Sampling, other: Sampling): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]) as ReadonlySet<keyof Sampling>;
  return [...keys].every((key) => !differs(one, other, key));
}

/** How many fields behind "More" are on, or, beside defaults, differ from them. */
export function countMore(value: Sampling, defaults?: Sampling): number {
  return moreKeys.filter((key) => (defaults ? differs(value, defaults, key) : written(value, key) !== '')).length;
}

/** `value` with one field as the defaults have it. */
export function withDefault(value: Sampling, defaults: Sampling, key: keyof Sampling): Sampling {
  const { [key]: _own, ...rest } = value;
  return (defaults[key] === undefined ? rest : { ...rest, [key]: defaults[key] }) as Sampling;
}
