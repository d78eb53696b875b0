/** Sampling: each control by the field's name, with a plain sentence below it. */
import { formatInteger, plural } from '../format.ts';

export const sampling = {
  title: 'Sampling',
  temperature: {
    label: 'Temperature',
    hint: 'Low is predictable, high is surprising. 0 always takes the likeliest token.',
  },
  topP: { label: 'Top-p', hint: 'Keeps the likeliest tokens that together reach this probability. 1 is off.' },
  topK: { label: 'Top-k', hint: 'Keeps this many of the likeliest tokens. 0 is off.' },
  minP: { label: 'Min-p', hint: 'Drops tokens below this fraction of the best one’s probability. 0 is off.' },
  repeatPenalty: { label: 'Repeat penalty', hint: 'Makes recent tokens less likely. 1 is off.' },
  presencePenalty: {
    label: 'Presence penalty',
    hint: 'Lowers every token that was used before, once. 0 is off.',
  },
  frequencyPenalty: {
    label: 'Frequency penalty',
    hint: 'Lowers a token more each time it is used. 0 is off.',
  },
  penaltyTokens: {
    label: 'Penalty range',
    hint: 'How many of the last tokens penalties look at. Off: 64, and 4,096 without a repeat penalty.',
    number: 'Tokens that penalties look at',
  },
  minTokens: {
    label: 'Min tokens',
    hint: 'The model cannot end its text before this many.',
    number: 'Min tokens',
  },
  maxTokens: {
    label: 'Max tokens',
    hint: 'Ends a reply after this many. Off: the model decides.',
    number: 'Max tokens',
  },
  seed: {
    label: 'Fixed seed',
    hint: 'The same seed and the same messages give the same reply.',
    number: 'Seed',
  },
  moreChanged: (count: number): string =>
    count > 0
      ? `More (${plural(count, { one: '# differs from the default', other: '# differ from the defaults' })})`
      : 'More',
  differs: 'Differs from the default',
  resetOne: (name: string): string => `Reset ${name}`,
  more: (inUse: number): string => (inUse > 0 ? `More (${formatInteger(inUse)} in use)` : 'More'),
  stop: {
    label: 'Stop strings',
    hint: 'The reply ends before the first of these. Type \\n for a line break.',
  },
  alternatives: {
    label: 'Show alternatives (logprobs)',
    hint: 'Keeps the probability of each token of a reply, and what else could have stood there.',
  },
  xtc: {
    label: 'XTC (exclude top choices)',
    hint: 'Now and then skips the likeliest tokens, for livelier prose.',
    probability: 'XTC probability',
    threshold: 'XTC threshold',
  },
  dry: {
    label: 'DRY (repeated phrases)',
    hint: 'Makes phrases that already occurred less likely.',
    multiplier: 'Multiplier',
    base: 'Base',
    allowedLength: 'Allowed length',
    range: 'Range (0: all)',
    breakers: 'Sequence breakers',
    breakersHint: 'Nothing counts as repeated across these. Empty: line ends, colons, quotes and asterisks.',
  },
  bias: {
    label: 'Logit bias',
    hint: '−100 forbids a word, 100 forces it; small numbers nudge.',
    placeholder: 'A word',
    add: 'Add the word',
    of: (text: string): string => `Bias of “${text}”`,
    remove: (text: string): string => `Remove “${text}”`,
  },
  structure: {
    label: 'Structured output',
    off: 'Off',
    jsonSchema: 'JSON schema',
    grammar: 'Grammar (GBNF)',
    waiting: 'Not in use yet.',
    inUse: 'In use: every reply has this form.',
    empty: 'Replies are free until something is entered.',
    use: 'Use it',
    valid: 'Valid: a reply can be held to it.',
    at: (line: number, column: number, problem: string): string =>
      `Line ${formatInteger(line)}, column ${formatInteger(column)}: ${problem}`,
  },
  /** Of one chat. */
  resetAll: 'Use the defaults for all',
  usesDefaults: 'This chat has no values of its own.',
  own: 'These values apply to this chat only.',
  reset: 'Sampling was reset to its defaults.',
  resetAction: 'Reset to defaults',
};
