/** Conversations that outgrow their context: summaries, and messages that are found again. */
import { formatInteger, formatPercent, plural } from '../format.ts';

const firstMessages = (count: number): string =>
  plural(count, { one: 'the first message', other: 'the first # messages' });

export const memory = {
  title: 'Memory',
  automatic: 'Summarize by itself',
  automaticHint: 'When the context is nearly full, the chat’s model summarizes the oldest messages after its reply.',
  findsAgain: 'Find left-out messages again',
  findsAgainHint: 'Quotes messages that no longer fit where a question shares telling words with them.',
  nearlyFull: (share: number): string =>
    `This conversation fills ${formatPercent(share)} of the context. Soon its oldest messages will be left out.`,
  leftOut: (count: number): string =>
    plural(count, {
      one: 'The model no longer sees the first message.',
      other: 'The model no longer sees the first # messages.',
    }),
  summarize: 'Summarize what falls out',
  summarizeShort: 'Summarize',
  summarizing: 'Summarizing the oldest messages',
  progress: (share: number): string => `Summarizing the oldest messages, ${formatPercent(share)} read`,
  stop: 'Stop',
  failed: 'The conversation was not summarized',
  ready: (count: number): string => `From the next reply on the model reads a summary of ${firstMessages(count)}.`,
  show: 'Show summary',
  takeBack: 'Take back',
  removed: 'The summary was removed',
  notRestored: 'The summary could not be restored',
  dividerSummary: (count: number): string => `The model reads a summary of ${firstMessages(count)}`,
  dividerLeftOut: 'The model no longer sees what is above',
  dialog: 'Summary',
  dialogText: (count: number): string =>
    `It stands for ${firstMessages(count)} when the model is told this conversation. The messages stay in the chat.`,
  which: 'Summary of',
  whichOption: (count: number): string => plural(count, { one: 'the first message', other: 'the first # messages' }),
  text: 'Text of the summary',
  writtenBy: (model: string | null, edited: boolean): string =>
    `${model === null ? 'Written by a model' : `Written by ${model}`}${edited ? ', changed by you' : ''}`,
  use: 'Use this summary',
  useHint: 'When it is off, the model is told the messages themselves again.',
  save: 'Save',
  remove: 'Remove',
  empty: 'A summary needs some text. To stop using it, switch it off or remove it.',
  length: (length: number, limit: number): string => `${formatInteger(length)} of ${formatInteger(limit)} characters`,
  found: (count: number): string =>
    plural(count, { one: 'Quoted 1 earlier message', other: 'Quoted # earlier messages' }),
  foundTitle: 'Found again for this question',
  foundText: 'These messages no longer fit into the context. Parts of them were told to the model with your question.',
  goTo: 'Show',
  goToMessage: (text: string): string => `Show the message “${text}”`,
  isGone: 'This message was deleted.',
};
