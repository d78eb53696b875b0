/** The samplers by which two replies differ, in words. */
import type { Sampling } from '../../../../preload/contract/chat.ts';
import { differs } from '../../../parts/sampling/sampling-differences.ts';
import { formatDecimal } from '../../../words/format.ts';
import { words } from '../../../words/words.ts';

/** The name of a sampler as its control has it. */
function nameOf(key: keyof Sampling): string {
  switch (key) {
    case 'temperature':
    case 'topP':
    case 'topK':
    case 'minP':
    case 'repeatPenalty':
    case 'presencePenalty':
    case 'frequencyPenalty':
    case 'maxTokens':
    case 'seed':
    case 'xtc':
    case 'dry':
    case 'stop':
      return words.sampling[key].label;
    case 'logitBias':
      return words.sampling.bias.label;
    case 'grammar':
      return words.sampling.structure.label;
    case 'logprobs':
      return words.sampling.alternatives.label;
    case 'penaltyTokens':
    case 'minTokens':
      return words.elsewhere.sampler(key);
    default:
      return key satisfies never;
  }
}

/** Each sampler by which `one` differs from `other`, with the value of `one`. */
export function differingSamplers(one: Sampling, other: Sampling): readonly string[] {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]) as ReadonlySet<keyof Sampling>;
  return [...keys]
    .filter((key) => differs(one, other, key))
    .map((key) => words.versions.sampler(nameOf(key), valueOf(one[key])));
}

/** A number as it is; what has several fields is on or off. */
function valueOf(value: Sampling[keyof Sampling]): string {
  if (typeof value === 'number') return formatDecimal(value, 3);
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0)
    ? words.versions.off
    : words.versions.on;
}
