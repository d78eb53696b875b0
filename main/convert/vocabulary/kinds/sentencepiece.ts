/** SentencePiece's BPE, as Llama 2, Mistral and Gemma have it: `tokenizer.ggml.model` is `llama`. */
import type { GgufEntry } from '../../../model-file/gguf-entry.ts';
import { addedTokensById, configuredTokens, looksSpecial } from '../added-tokens.ts';
import type { PieceType, SentencePieceModel } from './sentencepiece-model.ts';
import { specialEntries } from '../special-tokens.ts';
import { paddedTokens, tokenEntries, tokenType, type Token, type TokenType } from '../token-types.ts';
import { configVocabularySize, type TokenizerSources } from '../tokenizer-files.ts';
import type { TokenizerJson } from '../tokenizer-json.ts';
import { checkedId, type AddedToken, type TokenizerStructure } from '../tokenizer-structure.ts';
import type { Vocabulary } from '../vocabulary-model.ts';

/** llama.cpp's converter gives added tokens this score. */
const ADDED_SCORE = -1000;

const types: Readonly<Record<PieceType, TokenType>> = {
  normal: tokenType.normal,
  unknown: tokenType.unknown,
  control: tokenType.control,
  user_defined: tokenType.userDefined,
  unused: tokenType.unused,
  byte: tokenType.byte,
};

/** The vocabulary of a SentencePiece model file with BPE. @throws AppError as `readVocabulary` does. */
export function sentencePieceVocabulary(sources: TokenizerSources, model: SentencePieceModel): Vocabulary {
  const byId = pieceTokens(sources, model);
  addConfiguredTokens(sources, byId);
  return finished(sources, byId, model.addsPrefixSpace, defaultIds(model));
}

/**
 * The vocabulary of a tokenizer.json that does what SentencePiece's BPE does. llama.cpp merges by scores, so a token's score follows from
 * the first merge that makes it.
 */
export function mergedVocabulary(sources: TokenizerSources, tokenizer: TokenizerJson): Vocabulary {
  const scores = new Map<string, number>();
  for (const [left, right] of tokenizer.merges) {
    const text = left + right;
    if (!scores.has(text)) scores.set(text, -scores.size);
  }
  const byId = new Map<number, Token>();
  for (const [id, text] of tokenizer.vocabulary) {
    const byte = tokenizer.model.byteFallback && isByteToken(text);
    // Single characters are no result of a merge; llama.cpp takes a score below zero for those of SentencePiece as well.
    byId.set(id, {
      text,
      type: byte ? tokenType.byte : tokenType.normal,
      score: byte ? 0 : (scores.get(text) ?? -scores.size),
    });
  }
  for (const token of addedTokensById(sources).values()) byId.set(token.id, addedAsToken(sources, token));
  return finished(sources, byId, prefixSpace(tokenizer), []);
}

/** A byte's own token, such as `<0x0A>`. */
export function isByteToken(text: string): boolean {
  return /^<0x[0-9A-Fa-f]{2}>$/u.test(text);
}

/** Whether a space is put before the text, by the normalizer or by the pre-tokenizer of tokenizer.json. */
export function prefixSpace({ normalizers, preTokenizers }: TokenizerStructure): boolean {
  return (
    normalizers.some(({ type, fields }) => type === 'Prepend' && fields['prepend'] === '▁') ||
    preTokenizers.some(
      ({ type, fields }) =>
        type === 'Metaspace' && fields['prepend_scheme'] !== 'never' && fields['add_prefix_space'] !== false,
    )
  );
}

/** The pieces by id, without those beyond config.json's `vocab_size`, which llama.cpp's converter leaves out too. */
export function pieceTokens(sources: TokenizerSources, model: SentencePieceModel): Map<number, Token> {
  const size = configVocabularySize(sources.model) ?? model.pieces.length;
  const kept = model.pieces.slice(0, size);
  return new Map(
    kept.map(({ text, score, type }, id) => [
      id,
      { text: type === 'user_defined' ? text.replaceAll('▁', ' ') : text, score, type: types[type] },
    ]),
  );
}

/** Puts the tokens of added_tokens.json, tokenizer_config.json and tokenizer.json in, the later ones over the earlier ones. */
function addConfiguredTokens(sources: TokenizerSources, byId: Map<number, Token>): void {
  const size = configVocabularySize(sources.model) ?? Infinity;
  const put = (id: number, token: Token): void => {
    if (id < size) byId.set(id, token);
  };
  for (const [text, id] of Object.entries(sources.addedTokens ?? {})) {
    put(checkedId('added_tokens.json', text, id), { text, score: ADDED_SCORE, type: tokenType.userDefined });
  }
  const configured = configuredTokens(sources);
  const known = new Set(configured.map(({ id }) => id));
  for (const token of configured) put(token.id, addedAsToken(sources, token));
  for (const token of sources.tokenizer?.addedTokens ?? []) {
    if (!known.has(token.id)) put(token.id, addedAsToken(sources, token));
  }
}

/** Phi-3's tokens are taken as they are marked; of other models some count as control tokens by their text. */
function addedAsToken({ model }: TokenizerSources, { content, special }: AddedToken): Token {
  const control = special || (model.architecture !== 'phi3' && looksSpecial(content));
  return {
    text: control ? content : content.replaceAll('▁', ' '),
    score: ADDED_SCORE,
    type: control ? tokenType.control : tokenType.userDefined,
  };
}

/** Ids that differ from those which llama.cpp takes where a file names none. */
function defaultIds(model: SentencePieceModel): GgufEntry[] {
  const ids = [
    { key: 'tokenizer.ggml.unknown_token_id', id: model.unknownId, usual: 0 },
    { key: 'tokenizer.ggml.bos_token_id', id: model.beginId, usual: 1 },
    { key: 'tokenizer.ggml.eos_token_id', id: model.endId, usual: 2 },
  ];
  return ids
    .filter(({ id, usual }) => id !== usual && id >= 0 && id < model.pieces.length)
    .map(({ key, id }) => ({ key, type: 'uint32', value: id }));
}

function finished(
  sources: TokenizerSources,
  byId: ReadonlyMap<number, Token>,
  addsPrefixSpace: boolean,
  defaults: readonly GgufEntry[],
): Vocabulary {
  const tokens = paddedTokens(sources, byId);
  const specials = specialEntries(sources, tokens.length);
  const named = new Set(specials.map(({ key }) => key));
  return {
    kind: 'sentencepiece',
    preTokenizer: 'default',
    tokenCount: tokens.length,
    entries: [
      ...tokenEntries('llama', 'default', tokens, true),
      ...specials,
      ...defaults.filter(({ key }) => !named.has(key)),
      ...spacePrefixEntry(addsPrefixSpace),
    ],
  };
}

/** llama.cpp puts a space before a text unless this says no. */
function spacePrefixEntry(addsPrefixSpace: boolean): GgufEntry[] {
  return addsPrefixSpace ? [] : [{ key: 'tokenizer.ggml.add_space_prefix', type: 'bool', value: false }];
}
