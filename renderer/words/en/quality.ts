/** Models of one base side by side: what a quantization costs, measured. */
import type { MeasuredModel } from '../../../preload/contract/convert.ts';
import { formatCount, formatFixed, formatShare, plural } from '../format.ts';

/** A perplexity: three decimals where they tell something, and none above a thousand. */
const perplexity = (value: number): string =>
  value >= 1_000_000 ? formatCount(value) : formatFixed(value, value >= 1_000 ? 0 : 3);

export const quality = {
  listLabel: 'Comparisons',
  title: 'Compare quality',
  keywords: ['perplexity', 'kl divergence', 'benchmark', 'measure', 'speed'],
  intro:
    'Measures models of one base on this computer: how fast each is, and how far its predictions are from those of the reference.',
  newOne: 'New comparison',
  all: 'All comparisons',
  emptyTitle: 'Nothing compared yet',
  emptyText: 'Choose several quantizations of one model, and Hearth measures what each of them costs.',
  awaitedTitle: 'The first comparison is being measured',
  awaitedText: 'Its table and its chart show here when all models are measured.',
  noModelsTitle: 'No models to compare',
  noModelsText: 'Comparing needs two models of one base, such as two quantizations. Quantize one, or download another.',
  toModels: 'Models on this computer',
  reference: 'Reference',
  referenceHint: 'The others are measured against it. Take the least quantized one.',
  models: 'Models to compare',
  modelsHint: 'Models of the same architecture.',
  otherSize: 'another size',
  chooseOne: 'Choose at least one model beside the reference.',
  atMost: (most: number): string => plural(most, { one: 'At most # model.', other: 'At most # models.' }),
  text: 'Text',
  textDefault: 'Included text',
  textOwn: 'Your own',
  textDefaultHint: 'Prose, dialogue and code in several languages.',
  start: 'Measure',
  startHint: 'The computer is busy while it measures. Replies are slower, and make the speeds unreliable.',
  remove: (name: string): string => `Delete the comparison of ${name}`,
  on: (date: string, tokens: number): string => `${date}, on ${plural(tokens, { one: '# token', other: '# tokens' })}`,
  onText: (date: string, tokens: number, isDefault: boolean): string =>
    `${date}, on ${plural(tokens, { one: '# token', other: '# tokens' })} of ${isDefault ? 'the included text' : 'your text'}`,
  table: 'What each model costs',
  columns: {
    model: 'Model',
    size: 'Size',
    speed: 'Tokens/s',
    perplexity: 'Perplexity',
    divergence: 'KL divergence',
    agreement: 'Top-1 agreement',
    act: 'Chat',
  },
  about: {
    speed: 'Tokens written per second on this computer. In brackets, tokens read per second.',
    perplexity:
      'How surprised the model is by the text: lower is better. The text decides the figure; compare only within this table.',
    divergence:
      'How far its predictions are from the reference’s, on average: 0 is equal, below 0.05 is hardly noticed.',
    agreement: 'How often its likeliest next token is that of the reference.',
  },
  glossary: 'What the columns mean',
  promptSpeed: (figure: string): string => `(${figure})`,
  plusMinus: (figure: string): string => `± ${figure}`,
  isReference: 'Reference',
  isPick: 'Pick',
  perplexity,
  /** What leaving layers out cost, in one sentence. */
  loss: ({ pruned, whole }: { readonly pruned: MeasuredModel; readonly whole: MeasuredModel }): string =>
    [
      `Measured: perplexity ${perplexity(pruned.perplexity ?? 0)} instead of ${perplexity(whole.perplexity ?? 0)}`,
      ...(pruned.topAgreement === null || !whole.isReference
        ? []
        : [`the same likeliest token at ${formatShare(pruned.topAgreement)} of the positions`]),
    ].join(', ') + '.',
  pickText: (name: string): string => `${name} has the best quality for its size and speed among them.`,
  notYet: '–',
  gone: 'No longer here',
  chart: 'Quality against size and speed',
  chartOf: (label: string, points: string): string => `${label}: ${points}`,
  pointSpoken: (name: string, x: string, y: string, isPick: boolean): string =>
    `${name}: ${y} at ${x}${isPick ? ', the pick' : ''}`,
  against: 'Against',
  againstSize: 'Size',
  againstSpeed: 'Speed',
  axisAgreement: 'Top-1 agreement',
  axisPerplexity: 'Perplexity (lower is better)',
  axisSize: 'Size',
  axisSpeed: 'Tokens per second',
  tooFew: 'The chart appears when two models are measured.',
};
