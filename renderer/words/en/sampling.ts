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
  },
  schema: {
    notJson: 'This is not JSON.',
    notJsonAt: (line: string): string => `This is not JSON: see line ${line}.`,
    notObject: 'A JSON schema is an object, such as {"type": "object", "properties": {}}.',
    atTop: 'at the top',
    at: (path: string): string => `at “${path}”`,
    noType: (type: string, where: string, types: string): string =>
      `There is no type ${type} (${where}). Types are ${types}.`,
    enumEmpty: (where: string): string => `“enum” needs a list with at least one value (${where}).`,
    propertiesObject: (where: string): string => `“properties” must be an object (${where}).`,
    propertySchema: (name: string, where: string): string =>
      `The property “${name}” needs a schema in braces (${where}).`,
  },
  grammar: {
    text: 'the text in quotes',
    set: 'the character set “[”',
    count: 'the repetition “{”',
    notClosed: (line: number, what: string): string => `Line ${line}: ${what} is not closed.`,
    parenthesisNotClosed: (line: number): string => `Line ${line}: “(” is not closed.`,
    closesNothing: (line: number): string => `Line ${line}: “)” closes nothing.`,
    noMeaning: (line: number, character: string): string =>
      `Line ${line}: “${character}” has no meaning here. Put text in quotes.`,
    twice: (line: number, rule: string): string => `Line ${line}: the rule “${rule}” is defined twice.`,
    noRules: 'A grammar is made of rules, such as root ::= "yes" | "no".',
    noRule: (line: number, rule: string): string => `Line ${line}: there is no rule “${rule}”. Put text in quotes.`,
    noRoot: 'One rule must be called root: the reply begins with it.',
  },
  /** Of one chat. */
  resetAll: 'Use the defaults for all',
  usesDefaults: 'The values come from Settings.',
  own: 'These values apply to this chat only.',
  reset: 'Sampling was reset to its defaults.',
  resetAction: 'Reset to defaults',
};
