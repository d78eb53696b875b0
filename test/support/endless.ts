/** Settings for a reply that is still being written when a busy machine gets to stop it, to pause it, or to kill its child. */
import type { Sampling } from '../../preload/contract/chat.ts';

/** In tokens: many seconds of the smallest models' text. */
export const LONG_CONTEXT = 32_768;

/** The grammar has no end: a model cannot finish before the context is full. */
export const endless: Sampling = {
  ...{ temperature: 1, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: null, seed: 1 },
  grammar: { kind: 'gbnf', text: 'root ::= [^\\x00] root' },
};
