/** Texts to tokens and back by the vocabulary of a GGUF file, of which no weights are loaded. */
import type { EncodedToken } from '../../preload/contract/convert.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { shownName } from '../../main/base/foreign-text.ts';
import { fillerText, noSuchId, wordsOf, type TokenWords } from '../../main/base/token-words.ts';
import { readHeaders } from '../../main/model-file/disk/header-of-file.ts';
import type { Llama } from '../library/llama.ts';
import type { Pointer } from '../library/functions.ts';
import type { DetokenizeRequest, DetokenizeResult, TokenizeRequest, TokenizeResult } from '../protocol.ts';
import { placesOf, type PlacedPiece, type PieceKind } from './places.ts';

/** Bits of llama_token_attr, and a value of llama_vocab_type. Source: llama.h. */
const ATTRIBUTES = { unknown: 1, unused: 2, control: 8 };
const WORD_PIECE = 3;

interface Token extends PlacedPiece {
  readonly words: TokenWords;
}

interface Vocabulary {
  readonly pointer: Pointer;
  /** Without the tokens that only fill the model's table up. */
  readonly size: number;
  readonly kind: PieceKind;
  has(id: number): boolean;
  tokenOf(id: number): Token;
}

let opened: { readonly path: string; readonly model: Pointer; readonly vocabulary: Vocabulary } | null = null;

/**
 * The tokens of each text, of which those that are in it as special tokens are read as such; with `addSpecialTokens` with those that the
 * model wants around a text. The vocabulary stays loaded for the next request.
 * @throws AppError as `vocabularyAt`.
 */
export async function tokenize(
  llama: Llama,
  { modelPath, texts, addSpecialTokens }: TokenizeRequest,
): Promise<TokenizeResult> {
  const vocabulary = await vocabularyAt(llama, modelPath);
  return {
    results: texts.map((text) => ({ tokens: tokensOf(llama, vocabulary, text, addSpecialTokens) })),
    vocabularySize: vocabulary.size,
  };
}

/** The texts of ids. @throws AppError as `vocabularyAt`; `tokenizer.invalid` (`no_such_id`). */
export async function detokenize(
  llama: Llama,
  { modelPath, batch, skipSpecialTokens }: DetokenizeRequest,
): Promise<DetokenizeResult> {
  const vocabulary = await vocabularyAt(llama, modelPath);
  for (const ids of batch) {
    const missing = ids.find((id) => !vocabulary.has(id));
    if (missing !== undefined) throw noSuchId(missing, vocabulary.size);
  }
  return { texts: batch.map((ids) => textOf(llama, vocabulary, ids, skipSpecialTokens)) };
}

/**
 * @throws AppError `model.corrupt` and `model.unsupported` of the header, `model.unsupported` (`reason: 'vocabulary'`, `detail` from
 * llama.cpp) where the vocabulary cannot be loaded.
 */
async function vocabularyAt(llama: Llama, path: string): Promise<Vocabulary> {
  if (opened?.path === path) return opened.vocabulary;
  // The library itself says of a file that is damaged only that it could not be loaded.
  await readHeaders(path);
  if (opened !== null) llama.freeModel(opened.model);
  opened = null;
  llama.log.clearErrors();
  const model = llama.loadModel(path, { ...llama.structs.modelParams.defaults(), vocab_only: true, n_gpu_layers: 0 });
  const pointer = model === null ? null : llama.vocabularyOf(model);
  const count = pointer === null ? 0 : llama.vocabularySize(pointer);
  if (model === null || count === 0) {
    if (model !== null) llama.freeModel(model);
    const detail = shownName(model === null ? llama.log.cause() : 'it has no tokens');
    throw new AppError('model.unsupported', `llama.cpp does not load this vocabulary: ${detail}`, {
      reason: 'vocabulary',
      detail,
    });
  }
  const vocabulary = createVocabulary(llama, pointer, count);
  opened = { path, model, vocabulary };
  return vocabulary;
}

function createVocabulary(llama: Llama, pointer: Pointer, count: number): Vocabulary {
  const known = new Map<number, Token>();
  const fillers = new Set<number>();
  for (let id = 0; id < count; id += 1)
    if (
      (llama.tokenAttributes(pointer, id) & ATTRIBUTES.unused) !== 0 &&
      llama.tokenText(pointer, id) === fillerText(id)
    )
      fillers.add(id);
  return {
    pointer,
    size: count - fillers.size,
    kind: llama.vocabularyType(pointer) === WORD_PIECE ? 'words' : 'as_written',
    has: (id) => id < count && !fillers.has(id),
    tokenOf(id) {
      const found = known.get(id);
      if (found !== undefined) return found;
      const bytes = pieceOf(llama, pointer, id);
      const attributes = llama.tokenAttributes(pointer, id);
      const isControl = (attributes & (ATTRIBUTES.unknown | ATTRIBUTES.control)) !== 0;
      const token = { bytes, words: wordsOf(bytes), isControl };
      known.set(id, token);
      return token;
    },
  };
}

function pieceOf(llama: Llama, vocabulary: Pointer, id: number): Uint8Array {
  const room = new Uint8Array(256);
  const length = llama.pieceOf(vocabulary, id, room, room.length, 0, true);
  if (length >= 0) return room.slice(0, length);
  // A negative length says how many bytes there are.
  const larger = new Uint8Array(-length);
  return larger.slice(0, Math.max(0, llama.pieceOf(vocabulary, id, larger, larger.length, 0, true)));
}

function tokensOf(llama: Llama, vocabulary: Vocabulary, text: string, addSpecialTokens: boolean): EncodedToken[] {
  const bytes = Buffer.from(text.toWellFormed());
  const own = idsOf(llama, vocabulary.pointer, bytes, false);
  const all = addSpecialTokens ? idsOf(llama, vocabulary.pointer, bytes, true) : own;
  const added = all.length - own.length;
  const before = added > 0 && llama.addsBos(vocabulary.pointer) ? 1 : 0;
  const tokens = [...own].map((id) => vocabulary.tokenOf(id));
  const places = placesOf(text, tokens, vocabulary.kind);
  return [...all].map((id, index) => {
    const { words, isControl } = vocabulary.tokenOf(id);
    const { start, end } = places[index - before] ?? { start: null, end: null };
    return { id, ...words, start, end, isSpecial: isControl };
  });
}

function idsOf(llama: Llama, vocabulary: Pointer, bytes: Buffer, addSpecial: boolean): Int32Array {
  let ids = new Int32Array(bytes.length + 16);
  let count = llama.tokenize(vocabulary, bytes, bytes.length, ids, ids.length, addSpecial, true);
  if (count < 0) {
    // A negative count says how many there are.
    ids = new Int32Array(-count);
    count = llama.tokenize(vocabulary, bytes, bytes.length, ids, ids.length, addSpecial, true);
  }
  return ids.subarray(0, Math.max(0, count));
}

function textOf(llama: Llama, { pointer }: Vocabulary, ids: readonly number[], skipSpecial: boolean): string {
  const tokens = Int32Array.from(ids);
  const call = (room: Uint8Array): number =>
    llama.detokenize(pointer, tokens, tokens.length, room, room.length, false, !skipSpecial);
  let room = new Uint8Array(ids.length * 8 + 64);
  let length = call(room);
  if (length < 0) {
    room = new Uint8Array(-length);
    length = call(room);
  }
  return wordsOf(room.subarray(0, Math.max(0, length))).text;
}
