/** Types of tokens in `tokenizer.ggml.token_type`, by llama.cpp's numbers, and the table that all vocabularies fill. */
import { fillerText } from '../../base/token-words.ts';
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import { unsupportedTokenizer, wrongVocabularySize } from './refusals.ts';
import { configVocabularySize, type TokenizerSources } from './tokenizer-files.ts';

export const tokenType = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;
export type TokenType = (typeof tokenType)[keyof typeof tokenType];

export interface Token {
  readonly text: string;
  readonly type: TokenType;
  readonly score: number;
}

/** llama.cpp's converter gives this score to ids without a token. */
const PADDING_SCORE = -10_000;

/**
 * All tokens in the order of their ids. Ids without a token become unused `[PADn]`, up to the `vocab_size` of config.json.
 *
 * @throws AppError `convert.invalid` (`reason: 'vocabulary'`) for an id from that size on.
 */
export function paddedTokens(sources: TokenizerSources, byId: ReadonlyMap<number, Token>): Token[] {
  let idCount = 0;
  for (const id of byId.keys()) if (id >= idCount) idCount = id + 1;
  const count = configVocabularySize(sources.model) ?? idCount;
  if (idCount > count) throw wrongVocabularySize(count, idCount);
  return Array.from(
    { length: count },
    (_, id) => byId.get(id) ?? { text: fillerText(id), type: tokenType.unused, score: PADDING_SCORE },
  );
}

/**
 * The entries of all tokens in the order of their ids.
 *
 * @throws AppError `convert.unsupported` (`reason: 'tokenizer'`) where two ids have one text.
 */
export function tokenEntries(
  model: string,
  preTokenizer: string,
  tokens: readonly Token[],
  withScores: boolean,
): GgufEntry[] {
  checkDistinct(tokens);
  return [
    { key: 'tokenizer.ggml.model', type: 'string', value: model },
    { key: 'tokenizer.ggml.pre', type: 'string', value: preTokenizer },
    { key: 'tokenizer.ggml.tokens', type: 'strings', value: tokens.map(({ text }) => text) },
    ...(withScores
      ? [
          {
            key: 'tokenizer.ggml.scores',
            type: 'float32s' as const,
            value: Float32Array.from(tokens, ({ score }) => score),
          },
        ]
      : []),
    { key: 'tokenizer.ggml.token_type', type: 'int32s', value: Int32Array.from(tokens, ({ type }) => type) },
  ];
}

/** llama.cpp finds ids by their texts, and ends its process over two ids with one text. An empty text gets a name there. */
function checkDistinct(tokens: readonly Token[]): void {
  const ids = new Map<string, number>();
  for (const [id, token] of tokens.entries()) {
    const text = token.text === '' ? `[EMPTY_${id}]` : token.text;
    const same = ids.get(text);
    if (same !== undefined)
      throw unsupportedTokenizer('tokenizer', `The ids ${same} and ${id} have the same text ${JSON.stringify(text)}.`);
    ids.set(text, id);
  }
}
