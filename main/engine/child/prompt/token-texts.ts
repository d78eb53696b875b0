/** Texts to tokens and back for programs. Both are bounded, and other replies have their turns meanwhile. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LlamaModel, Token } from 'node-llama-cpp';
import { AppError } from '../../../../preload/wire/errors.ts';
import { formatInteger } from '../../../base/format.ts';
import { bytesOf } from './token-bytes.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Four times the longest text of a message. More would fill the memory of everyone who handles the answer. */
export const MOST_CHARS = 8_000_000;
export const MOST_TOKENS = 1_000_000;

/** Tokens that are turned into text before other replies have their turn. */
const TURN_TOKENS = 2048;
/** Tokens that may share the bytes of one character. */
const CHARACTER_TOKENS = 4;
/** Tokens on which the text of the next one may depend, such as the space at its beginning. */
const BEFORE_TOKENS = 4;

export interface TextToken {
  readonly id: number;
  readonly text: string;
  /** Where it is a part of a character, which `text` does not tell. */
  readonly bytes?: readonly number[];
}

export interface TextOrder {
  readonly text: string;
  /** Recognizes the texts of special tokens. */
  readonly special: boolean;
  /** Adds the tokens that the vocabulary puts before and behind a text, as llama.cpp's `add_special` does. */
  readonly withEnds?: boolean;
  /** The texts are as in the middle of a text: a space with which the vocabulary begins a text is among them. */
  readonly asPieces?: boolean;
}

/** The tokens of a text with their texts. @throws AppError `invalid_input` for a text that is too long, `cancelled` when `signal` fires. */
export async function tokensOfText(
  model: LlamaModel,
  tokenizer: Tokenizer,
  { text, special, withEnds = false, asPieces = false }: TextOrder,
  signal: AbortSignal,
): Promise<TextToken[]> {
  const limits = { special, continues: false, limitTokens: MOST_TOKENS, signal };
  if (text.length > MOST_CHARS) throw tooLong(`${formatInteger(MOST_CHARS)} characters`);
  const { tokens, leftChars } = await tokenizer.tokenize(text, limits);
  if (leftChars > 0 || tokens.length > MOST_TOKENS) throw tooLong(`${formatInteger(MOST_TOKENS)} tokens`);
  const before = asPieces ? beginningOf(model) : [];
  const texts = await textsOf(model, withEnds ? betweenEnds(model, tokens) : tokens, signal, before);
  return texts.map((token) => {
    const bytes = bytesOf(model, token.id as Token, token.text);
    return bytes === null ? token : { ...token, bytes };
  });
}

/** What a piece may stand behind, so that nothing is taken off it. */
const beginningOf = ({ tokens: { bos } }: LlamaModel): readonly Token[] => (bos === null ? [] : [bos]);

function betweenEnds({ tokens: own, vocabularyType }: LlamaModel, tokens: readonly Token[]): Token[] {
  // Vocabularies of WordPiece, which BERT has, end each text with their separator.
  const end = String(vocabularyType) === 'wpm' ? own.sep : own.shouldAppendEosToken ? own.eos : null;
  return [
    ...(own.shouldPrependBosToken && own.bos !== null ? [own.bos] : []),
    ...tokens,
    ...(end === null ? [] : [end]),
  ];
}

/**
 * The text of tokens. @throws AppError `invalid_input` for too many tokens and for a number that is none of the vocabulary's, `cancelled`
 * when `signal` fires.
 */
export async function textOfTokens(
  model: LlamaModel,
  {
    tokens,
    special,
    asPieces = false,
  }: { readonly tokens: readonly number[]; readonly special: boolean; readonly asPieces?: boolean },
  signal: AbortSignal,
): Promise<string> {
  if (tokens.length > MOST_TOKENS)
    throw new AppError('invalid_input', `At most ${formatInteger(MOST_TOKENS)} tokens can be turned into text.`, {
      field: 'tokens',
    });
  const count = vocabularySize(model);
  for (const token of tokens) checkToken(token, count, 'tokens');
  let text = '';
  for (let at = 0; at < tokens.length;) {
    if (at > 0) await nextTurn();
    if (signal.aborted) throw stopped();
    const before = [...(asPieces ? beginningOf(model) : []), ...tokens.slice(Math.max(0, at - BEFORE_TOKENS), at)];
    const textOf = (end: number): string =>
      model.detokenize(tokens.slice(at, end) as Token[], special, before as Token[]);
    let end = Math.min(tokens.length, at + TURN_TOKENS);
    let piece = textOf(end);
    const most = Math.min(tokens.length, end + CHARACTER_TOKENS);
    while (piece.endsWith('\uFFFD') && end < most) piece = textOf(++end);
    text += piece;
    at = end;
  }
  return text;
}

/** The number of the vocabulary's tokens. */
export function vocabularySize(model: LlamaModel): number {
  return model.fileInfo.metadata.tokenizer?.ggml?.tokens?.length ?? 0;
}

/** @throws AppError `invalid_input` unless `token` is one of a vocabulary of `count` tokens. */
export function checkToken(token: number, count: number, field: string): void {
  if (Number.isInteger(token) && token >= 0 && token < count) return;
  throw new AppError('invalid_input', `The model has no token ${token}: its tokens are 0 to ${count - 1}.`, { field });
}

/** The text of each token, special ones included. @throws AppError `cancelled` when `signal` fires. */
export async function textsOf(
  model: LlamaModel,
  tokens: readonly Token[],
  signal?: AbortSignal,
  beginning: readonly Token[] = [],
): Promise<{ id: number; text: string }[]> {
  const texts: { id: number; text: string }[] = [];
  for (const [index, id] of tokens.entries()) {
    if (index > 0 && index % TURN_TOKENS === 0) {
      await nextTurn();
      if (signal?.aborted) throw stopped();
    }
    const before = [...beginning, ...tokens.slice(Math.max(0, index - BEFORE_TOKENS), index)];
    texts.push({ id, text: model.detokenize([id], true, before) });
  }
  return texts;
}

const stopped = (): AppError => new AppError('cancelled', 'Stopped.');
const tooLong = (most: string): AppError =>
  new AppError('invalid_input', `The text is too long: at most ${most} are tokenized in one request.`, {
    field: 'text',
  });
