/** The kinds of tokens that have a color of their own, and the tokens of a code as numbers that are cheap to send from a thread. */

/** The place in this list is the number of the kind; 0 is text without a color. */
export const tokenKinds = [
  'plain',
  'comment',
  'keyword',
  'string',
  'number',
  'title',
  'property',
  'deletion',
  'emphasis',
  'strong',
] as const;

export type TokenKind = (typeof tokenKinds)[number];

/** Token `n` reaches from the end of the one before it to `ends[n]`, and is of the kind with the number `kinds[n]`. */
export interface CodeTokens {
  readonly ends: Uint32Array;
  readonly kinds: Uint8Array;
}

export interface HighlightRequest {
  readonly id: number;
  readonly language: string;
  readonly code: string;
}

export interface HighlightAnswer {
  readonly id: number;
  /** Null where the language is not known. */
  readonly tokens: CodeTokens | null;
}
