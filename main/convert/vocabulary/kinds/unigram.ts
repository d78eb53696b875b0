/** SentencePiece's Unigram, as T5 and XLM-RoBERTa have it: `tokenizer.ggml.model` is `t5`. */
import type { GgufEntry } from '../../../model-file/gguf-entry.ts';
import { addedTokensById } from '../added-tokens.ts';
import { textField } from '../json-fields.ts';
import { invalidTokenizer, unsupportedTokenizer } from '../refusals.ts';
import type { SentencePieceModel } from './sentencepiece-model.ts';
import { isByteToken, pieceTokens, prefixSpace } from './sentencepiece.ts';
import { specialEntries } from '../special-tokens.ts';
import { paddedTokens, tokenEntries, tokenType, type Token, type TokenType } from '../token-types.ts';
import type { TokenizerSources } from '../tokenizer-files.ts';
import type { TokenizerJson } from '../tokenizer-json.ts';
import { checkedId, type Step, type TokenizerStructure } from '../tokenizer-structure.ts';
import type { Vocabulary } from '../vocabulary-model.ts';

const ADDED_SCORE = -1000;
const MAX_CHARACTER_MAP_BYTES = 16 * 1024 * 1024;

interface Normalization {
  readonly addsPrefixSpace: boolean;
  readonly removesExtraSpaces: boolean;
  readonly characterMap: Uint8Array;
}

/** The vocabulary of a SentencePiece model file with Unigram. @throws AppError as `readVocabulary` does. */
export function unigramModelVocabulary(sources: TokenizerSources, model: SentencePieceModel): Vocabulary {
  if (model.spaceIsSuffix)
    throw unsupportedTokenizer('tokenizer', 'The spaces of this Unigram model stand after words.');
  const byId = pieceTokens(sources, model);
  for (const [text, id] of Object.entries(sources.addedTokens ?? {})) {
    byId.set(checkedId('added_tokens.json', text, id), { text, score: ADDED_SCORE, type: tokenType.userDefined });
  }
  return finished(sources, byId, model);
}

/** The vocabulary of a tokenizer.json with a Unigram model. @throws AppError as `readVocabulary` does. */
export function unigramVocabulary(sources: TokenizerSources, tokenizer: TokenizerJson): Vocabulary {
  const { unknownId, byteFallback } = tokenizer.model;
  const added = addedTokensById(sources);
  const byId = new Map<number, Token>();
  const typeOf = (id: number, text: string): TokenType => {
    if (id === unknownId) return tokenType.unknown;
    const token = added.get(id);
    if (token !== undefined) return token.special ? tokenType.control : tokenType.userDefined;
    return byteFallback && isByteToken(text) ? tokenType.byte : tokenType.normal;
  };
  for (const [id, text] of tokenizer.vocabulary) {
    byId.set(id, { text, type: typeOf(id, text), score: tokenizer.scores.get(id) ?? 0 });
  }
  for (const { id, content } of added.values()) {
    if (!byId.has(id)) byId.set(id, { text: content, type: typeOf(id, content), score: ADDED_SCORE });
  }
  return finished(sources, byId, normalization(tokenizer));
}

/**
 * What the normalizers and pre-tokenizers do, in the terms of SentencePiece.
 *
 * @throws AppError `convert.unsupported` for a step that llama.cpp cannot reproduce.
 */
export function normalization(structure: TokenizerStructure): Normalization {
  const { normalizers, preTokenizers } = structure;
  const odd = normalizers.find((step) => !['Precompiled', 'Prepend', 'Replace'].includes(step.type));
  if (odd !== undefined)
    throw unsupportedTokenizer('tokenizer', `llama.cpp has no normalizer ${odd.type} for Unigram.`);
  const replaced = normalizers.filter(({ type }) => type === 'Replace');
  const unknownReplacement = replaced.find((step) => !mergesSpaces(step) && !marksSpaces(step));
  if (unknownReplacement !== undefined)
    throw unsupportedTokenizer(
      'tokenizer',
      `llama.cpp has no replacement ${JSON.stringify(unknownReplacement.fields['pattern'])} for Unigram.`,
    );
  const oddSplit = preTokenizers.find(({ type }) => type !== 'Metaspace' && type !== 'WhitespaceSplit');
  if (oddSplit !== undefined)
    throw unsupportedTokenizer('pre_tokenizer', `llama.cpp has no pre-tokenizer ${oddSplit.type} for Unigram.`);
  const map = normalizers.find(({ type }) => type === 'Precompiled');
  return {
    addsPrefixSpace: prefixSpace(structure),
    removesExtraSpaces: replaced.some(mergesSpaces) || preTokenizers.some(({ type }) => type === 'WhitespaceSplit'),
    characterMap: map === undefined ? new Uint8Array() : decodedMap(map),
  };
}

/** A replacement of two or more spaces by one. */
function mergesSpaces({ fields }: Step): boolean {
  const pattern = JSON.stringify(fields['pattern']);
  return pattern === '{"Regex":" {2,}"}' && (fields['content'] === ' ' || fields['content'] === '▁');
}

function marksSpaces({ fields }: Step): boolean {
  return JSON.stringify(fields['pattern']) === '{"String":" "}' && fields['content'] === '▁';
}

function decodedMap({ fields }: Step): Uint8Array {
  const text = textField(fields, 'precompiled_charsmap') ?? '';
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length > MAX_CHARACTER_MAP_BYTES)
    throw invalidTokenizer('tokenizer.json', 'normalizer', `Its table of characters has ${bytes.length} bytes.`);
  return bytes;
}

function finished(sources: TokenizerSources, byId: ReadonlyMap<number, Token>, how: Normalization): Vocabulary {
  const tokens = paddedTokens(sources, byId);
  const flags: GgufEntry[] = [
    { key: 'tokenizer.ggml.add_space_prefix', type: 'bool', value: how.addsPrefixSpace },
    { key: 'tokenizer.ggml.remove_extra_whitespaces', type: 'bool', value: how.removesExtraSpaces },
  ];
  return {
    kind: 'unigram',
    preTokenizer: 'default',
    tokenCount: tokens.length,
    entries: [
      ...tokenEntries('t5', 'default', tokens, true),
      ...flags,
      ...characterMapEntry(how.characterMap),
      ...specialEntries(sources, tokens.length),
    ],
  };
}

/** llama.cpp reads the first four bytes as a length without looking further: a table that cannot hold it is left to no one. */
function characterMapEntry(map: Uint8Array): GgufEntry[] {
  if (map.length === 0) return [];
  const length = map.length < 4 ? Infinity : new DataView(map.buffer, map.byteOffset).getUint32(0, true);
  if (length + 4 >= map.length)
    throw invalidTokenizer('tokenizer.json', 'normalizer', 'Its table of characters is cut off.');
  return [{ key: 'tokenizer.ggml.precompiled_charsmap', type: 'uint8s', value: map }];
}
