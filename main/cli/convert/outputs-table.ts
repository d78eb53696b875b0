/** What a model can become, as a table for a terminal. */
import {
  usualTypes,
  type ConversionCheck,
  type ConversionOutput,
  type ModelOutputs,
  type OutputPurpose,
} from '../../../preload/contract/convert.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import { formatBytes, formatInteger } from '../../base/format.ts';
import { textTable } from '../text-table.ts';

const purposes: Readonly<Record<OutputPurpose, string>> = {
  as_source: 'every value as in the source',
  larger_than_source: 'larger than the source and no better',
  half_precision: 'half precision, the same answers',
  nearly_exact: 'almost no loss',
  very_close: 'very close to the original',
  close: 'close to the original',
  balanced: 'the usual balance of quality and size',
  small: 'some loss of quality',
  smaller: 'noticeably worse answers',
  smallest: 'only for a large model that fits in no other way',
};

const imatrixWords: Readonly<Record<ConversionOutput['imatrix'], string>> = {
  unneeded: '',
  helps: '',
  required: '; needs --imatrix',
};

const verdicts: Readonly<Record<Fit['verdict'], string>> = {
  fits: '',
  tight: ' (tight)',
  too_big: ' (too much)',
  unknown: '',
};

/** The facts of a checkpoint and its outputs, or every reason why it has none. `all` lists the types that are rarely taken too. */
export function describeCheck(check: ConversionCheck, all: boolean): string {
  const { name, refusals, modelClass, tokenizer, parameterCount, dtypes, quantizedBy, contextLength } = check;
  if (refusals.length > 0)
    return [`${name} cannot be converted:`, ...refusals.map(({ message }) => `  ${message}`)].join('\n');
  const facts = [
    modelClass,
    parameterCount === null ? null : `${formatInteger(parameterCount)} parameters`,
    quantizedBy === null ? Object.keys(dtypes).join(' and ') : `quantized by ${quantizedBy}`,
    contextLength === null ? null : `a context of ${formatInteger(contextLength)} tokens`,
    tokenizer === null || tokenizer.size === null ? null : `a vocabulary of ${formatInteger(tokenizer.size)} tokens`,
  ].filter((fact) => fact !== null && fact !== '');
  return [`${name} can be converted: ${facts.join(', ')}.`, '', tableOf(check.outputs, all)].join('\n');
}

/** What a GGUF model can be quantized to. */
export function describeOutputs(name: string, { isQuantized, outputs }: ModelOutputs, all: boolean): string {
  const lines = [`${name} can be quantized to:`, '', tableOf(outputs, all)];
  if (isQuantized)
    lines.push('', 'It is quantized already: --allow-requantize quantizes it again, which loses more than once.');
  return lines.join('\n');
}

/** The memory of a fit and its speed, in words. */
export function describeFit(fit: Fit): string {
  const speed = speedOf(fit);
  return `${memoryOf(fit)} of memory${speed === '' ? '' : `, ${speed}`}`;
}

/** The recommended output first, then from the largest. */
function tableOf(outputs: readonly ConversionOutput[], all: boolean): string {
  const isShown = ({ type, purpose, isRecommended }: ConversionOutput): boolean =>
    all || isRecommended || purpose === 'as_source' || usualTypes.includes(type);
  const shown = outputs.filter(isShown).sort((one, other) => Number(other.isRecommended) - Number(one.isRecommended));
  const hasSpeeds = shown.some(({ fit }) => fit.tokensPerSecond !== null);
  const rows = shown.map(({ type, sizeBytes, isExact, fit, purpose, isRecommended, imatrix }) => [
    type,
    `${isExact ? '' : '~'}${formatBytes(sizeBytes)}`,
    memoryOf(fit),
    ...(hasSpeeds ? [speedOf(fit) || '-'] : []),
    `${isRecommended ? 'recommended: ' : ''}${purposes[purpose]}${imatrixWords[imatrix]}`,
  ]);
  const head = ['TYPE', 'SIZE', 'MEMORY', ...(hasSpeeds ? ['SPEED'] : []), 'USE'];
  const folded = outputs.length - shown.length;
  const notes = [
    hasSpeeds
      ? 'Speeds are estimates from the speed of this memory.'
      : 'Speeds are left out: the speed of this memory is not known.',
    ...(folded > 0 ? [`--all lists ${String(folded)} more types.`] : []),
  ];
  return [...textTable(head, rows), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}

const memoryOf = (fit: Fit): string => `${formatBytes(fit.ramBytes + fit.vramBytes)}${verdicts[fit.verdict]}`;

const speedOf = ({ tokensPerSecond }: Fit): string =>
  tokensPerSecond === null
    ? ''
    : `${tokensPerSecond < 10 ? tokensPerSecond.toFixed(1) : formatInteger(tokensPerSecond)} tokens/s`;
