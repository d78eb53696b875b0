/** The notebook: free text that a model continues. */
import type { Timing } from '../../../preload/contract/chat.ts';
import { formatDecimal, formatInteger, formatProbability, formatTokenRate, plural } from '../format.ts';
import { text, type ErrorWords } from './error-facts.ts';

/** What is missing, or cannot stand, where a text stops to be a grammar: see main/gbnf/read-grammar.ts. */
const parts = {
  rule_name: 'A rule is expected here, such as root ::= "yes" | "no".',
  defined_as: '“::=” is expected behind the name of a rule.',
  closing_quote: 'The text in quotes is not closed.',
  closing_bracket: 'The character set “[” is not closed.',
  closing_parenthesis: '“(” is not closed.',
  escape: 'There is no such escape. Known: \\n \\r \\t \\" \\\\ \\[ \\] \\- \\xNN \\uNNNN \\UNNNNNNNN.',
  repetition: 'A repetition is written {2}, {2,} or {2,4}, up to 2,000 times.',
  repeated: 'There is nothing before this that could be repeated.',
  line_end: 'This cannot stand here. Put text in quotes.',
  root: 'One rule must be called root: the text begins with it.',
  text: 'This cannot be read as a grammar.',
};
const partWords = (part: unknown, name: string): string =>
  part === 'rule'
    ? `There is no rule “${name}”. Put text in quotes.`
    : ((parts as Readonly<Record<string, string>>)[String(part)] ?? parts.text);

/** Words for the reasons of its errors. */
export const notebookErrors = {
  not_found: {
    document: { title: 'This document is no longer here', text: 'It was deleted, perhaps in another window.' },
  },
  unsupported: {
    no_infill: {
      title: 'This model cannot fill in',
      text: 'It was not trained to write between two texts. Generate from the cursor, or choose a model for code, such as Qwen2.5 Coder.',
    },
  },
  invalid_input: {
    grammar_syntax: ({ part, name }) => partWords(part, text(name, '')),
    edit_place: 'The edit does not match the text. Reload the page.',
    document_too_long: ({ limit }) => `A document has at most ${formatInteger(Number(limit))} characters.`,
  },
} satisfies Record<string, NonNullable<ErrorWords['reasons']>>;

const tokens = (count: number): string => plural(count, { one: '# token', other: '# tokens' });

function endWords(reason: Timing['endReason']): string {
  switch (reason) {
    case 'end_of_turn':
    case 'tool_calls':
      return 'The model ended the text.';
    case 'stop_text':
      return 'Ended at a stop string.';
    case 'max_tokens':
      return 'Ended at Max tokens.';
    case 'context_full':
      return 'The context is full.';
    case 'stopped':
      return 'Stopped.';
    case 'failed':
      return 'Failed.';
    default:
      return reason satisfies never;
  }
}

export const notebook = {
  documents: 'Documents',
  newDocument: 'New document',
  showMore: (count: number): string => `Show ${formatInteger(count)} more`,
  untitled: 'Untitled',
  empty: 'No documents yet.',
  loading: 'Loading the documents',
  opening: 'Opening the document',
  more: (title: string): string => `More for ${title}`,
  acts: (title: string): string => `Acts for ${title}`,
  duplicate: 'Duplicate',
  copyText: 'Copy the text',
  copied: 'The text was copied.',
  delete: 'Delete',
  deleted: (title: string): string => `“${title}” was deleted`,
  tooLate: 'It was deleted for good.',
  copyOf: (title: string): string => `${title} (copy)`,
  emptyTitle: 'Write with a model',
  emptyText:
    'A document is raw text. The model goes on from your cursor, without a chat template: write a beginning, and generate.',
  goneTitle: 'This document is no longer here',
  goneText: 'It was deleted, perhaps in another window.',
  ownSampling: 'These values apply to this document only.',
  title: 'Title',
  model: 'Model',
  text: 'Text of the document',
  placeholder: 'Write a beginning, then press Ctrl+Enter. The model goes on from the cursor.',
  toolbar: 'Writing',
  generate: 'Generate',
  generateHint: 'Goes on from the cursor',
  fill: 'Fill in',
  fillHint: 'Writes what fits between the text before and behind the cursor, in place of the selection',
  noFill: 'This model was not trained to fill in',
  stop: 'Stop',
  retry: 'Try again',
  undo: 'Undo',
  redo: 'Redo',
  accept: 'Accept: take the tint off generated text',
  perplexity: 'Perplexity',
  perplexityHint: 'Shows how probable each token of the text, or of the selection, is for the model',
  clearPerplexity: 'Hide perplexity',
  openPanel: 'Sampling',
  openList: 'Documents',
  characters: (count: number): string => plural(count, { one: '# character', other: '# characters' }),
  stored: 'Saved',
  storing: 'Saving',
  notStored: 'Not saved yet',
  state: {
    loading: (model: string): string => `Loading ${model}`,
    queued: (ahead: number): string =>
      ahead > 0 ? `Waiting behind ${plural(ahead, { one: '# other reply', other: '# other replies' })}` : 'Waiting',
    prompt: (count: number): string => `Reading ${tokens(count)}`,
    writing: (count: number): string => `Writing, ${tokens(count)}`,
    scoring: (done: number, all: number): string =>
      all === 0 ? 'Reading the text' : `Reading ${formatInteger(done)} of ${tokens(all)}`,
  },
  done: (end: { endReason: Timing['endReason']; generatedTokens: number; generateMs: number }): string =>
    [
      tokens(end.generatedTokens),
      ...(end.generatedTokens > 1 && end.generateMs > 0 ? [formatTokenRate(end.generatedTokens, end.generateMs)] : []),
      endWords(end.endReason),
    ].join(' · '),
  omitted: (count: number): string =>
    `The first ${plural(count, { one: '# character', other: '# characters' })} did not fit into the context.`,
  notTaken: (names: string): string => `The server does not take: ${names}.`,
  score: {
    result: (perplexity: number, count: number, ofSelection: boolean): string =>
      `Perplexity ${formatDecimal(perplexity, 2)} over ${tokens(count)}${ofSelection ? ' of the selection' : ''}`,
    none: 'Too short: there is no token with another before it.',
    window: (count: number): string => `Each token looks back on ${tokens(count)} at most.`,
    edited: 'The text has changed since.',
    legend: 'Unexpected',
    expected: 'Expected',
  },
  alternatives: {
    open: 'Show alternatives',
    ofToken: 'Alternatives for this token',
    pick: (text: string, probability: number): string => `${text}, ${formatProbability(probability)}: go on from here`,
    written: 'written',
    less: (probability: string): string => `< ${probability.replace(/^[<\s]+/, '')}`,
    first: 'The first token has no probability: nothing stands before it.',
    hint: 'Choose one to go on from there.',
    partial: 'A part of a character cannot be chosen alone.',
    none: 'The model tells no alternatives.',
  },
};
