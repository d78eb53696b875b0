/** The values of a sampling, by name and in words. */
import type { Sampling } from '../../../preload/contract/chat.ts';
import { formatInteger, formatDecimal } from '../../words/format.ts';
import { words } from '../../words/words.ts';

/** Those that are always shown, in their order; others are shown while they are on. */
const always: readonly (keyof Sampling)[] = [
  'temperature',
  'topP',
  'topK',
  'minP',
  'repeatPenalty',
  'maxTokens',
  'seed',
];
const others: readonly (keyof Sampling)[] = [
  'presencePenalty',
  'frequencyPenalty',
  'penaltyTokens',
  'xtc',
  'dry',
  'stop',
  'logitBias',
  'minTokens',
  'grammar',
  'logprobs',
];

/** The values to show of a sampling. */
export function shownKeys(sampling: Sampling): readonly (keyof Sampling)[] {
  return [...always, ...others.filter((key) => sampling[key] !== undefined)];
}

export function valueName(key: keyof Sampling): string {
  const { sampling, inForce } = words;
  switch (key) {
    case 'logitBias':
      return sampling.bias.label;
    case 'grammar':
      return sampling.structure.label;
    case 'logprobs':
      return sampling.alternatives.label;
    case 'penaltyTokens':
    case 'minTokens':
      return inForce[key];
    case 'seed':
      return sampling.seed.number;
    case 'temperature':
    case 'topP':
    case 'topK':
    case 'minP':
    case 'repeatPenalty':
    case 'maxTokens':
    case 'presencePenalty':
    case 'frequencyPenalty':
    case 'xtc':
    case 'dry':
    case 'stop':
      return sampling[key].label;
    default:
      return key satisfies never;
  }
}

export function valueWords(sampling: Sampling, key: keyof Sampling): string {
  const { inForce } = words;
  switch (key) {
    case 'temperature':
    case 'topP':
    case 'topK':
    case 'minP':
    case 'repeatPenalty':
    case 'presencePenalty':
    case 'frequencyPenalty':
    case 'minTokens':
      return formatDecimal(sampling[key] ?? 0, 2);
    case 'maxTokens':
      return sampling.maxTokens === null ? inForce.noLimit : formatInteger(sampling.maxTokens);
    case 'seed':
      return sampling.seed === null ? inForce.random : String(sampling.seed);
    case 'penaltyTokens':
      return typeof sampling.penaltyTokens === 'number' ? formatInteger(sampling.penaltyTokens) : inForce.wholeContext;
    case 'stop':
    case 'logitBias':
      return inForce.texts(sampling[key]?.length ?? 0);
    case 'grammar':
      return sampling.grammar?.kind === 'gbnf' ? words.sampling.structure.grammar : words.sampling.structure.jsonSchema;
    case 'xtc':
    case 'dry':
    case 'logprobs':
      return inForce.on;
    default:
      return key satisfies never;
  }
}
