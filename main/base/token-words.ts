/** What single tokens stand for, whichever library gave them. */
import { AppError } from '../../preload/wire/errors.ts';

export interface TokenWords {
  /** A part of a character is U+FFFD. */
  readonly text: string;
  /** In hexadecimal, where the bytes are no whole characters; else null. */
  readonly bytes: string | null;
}

/** A byte order mark within a text is a character like any other. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const wholeUtf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Bytes of a token as text. */
export function wordsOf(bytes: Uint8Array): TokenWords {
  try {
    return { text: wholeUtf8.decode(bytes), bytes: null };
  } catch {
    return { text: utf8.decode(bytes), bytes: Buffer.from(bytes).toString('hex') };
  }
}

/** What a converter calls a row of the embeddings that has no token. */
export const fillerText = (id: number): string => `[PAD${id}]`;

/** The error for an id that is none of the vocabulary's `vocabularySize` tokens. */
export function noSuchId(id: number, vocabularySize: number): AppError {
  const detail = `There is no token with the id ${String(id)}: the vocabulary has ${String(vocabularySize)} tokens.`;
  return new AppError('tokenizer.invalid', detail, { reason: 'no_such_id', id, vocabularySize, detail });
}
