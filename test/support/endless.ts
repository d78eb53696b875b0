/** Settings for a reply that still runs when a busy machine stops it, pauses it, or kills its child. */
import type { Sampling } from '../../preload/contract/chat.ts';

/** In tokens: many seconds of the smallest models' text. */
export const LONG_CONTEXT = 32_768;

/** The grammar has no end: a model cannot finish before the context is full. */
export const endless: Sampling = {
  ...{ temperature: 1, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: null, seed: 1 },
  grammar: { kind: 'gbnf', text: 'root ::= [^\\x00] root' },
};
