/**
 * A tokenizer from its tokenizer.json, without weights. @huggingface/tokenizers normalizes, divides, merges and decodes; finding added
 * tokens, the tokens around a text, and the places of tokens in the text are done here, because the package has no places.
 */

import type { EncodedToken } from '../../../preload/contract/convert.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { shownName } from '../../base/foreign-text.ts';
import { noSuchId, wordsOf, type TokenWords } from '../../base/token-words.ts';
import { decodeText, parseObject } from '../vocabulary/json-fields.ts';
import { isByteLevel } from '../vocabulary/pre-tokenizer/pre-tokenizer.ts';
import { withTokenizerJson } from '../vocabulary/older-files.ts';
import { readTokenizerJson } from '../vocabulary/tokenizer-json.ts';
import type { TokenizerStructure } from '../vocabulary/tokenizer-structure.ts';
import type { TokenizerFiles } from '../vocabulary/vocabulary-model.ts';
import { createMatcher, type Section } from './added-token-matcher.ts';
import { normalizedText, unchangedText, type AlignedText } from './aligned-text.ts';
import { boundGrowth } from './bounded-growth.ts';
import {
  byteLength,
  byteLevelBytes,
  byteLevelSpans,
  byteLevelText,
  characterSpans,
  type Span,
} from './piece-alignment.ts';
import { createTemplate, type NamedToken } from './template-tokens.ts';
import { adaptTokenizerJson } from './tokenizer-config.ts';
import { Tokenizer } from './tokenizers-package.ts';

export interface TextTokenizer {
  /** Its steps and added tokens, without the vocabulary. */
  readonly structure: TokenizerStructure;
  /** Tokens, those that were added as well. */
  readonly vocabularySize: number;
  /** A token has no place where no text stands for it: one around the text, or the mark of a space that was put before it. */
  encode(text: string, addSpecialTokens: boolean): EncodedToken[];
  /** The text of ids. @throws AppError `tokenizer.invalid` (`no_such_id`) */
  decode(ids: readonly number[], skipSpecialTokens: boolean): string;
}

interface ModelToken {
  readonly text: string;
  readonly span: Span;
  readonly isAdded: boolean;
}

/**
 * The tokenizer of `tokenizer.json` among the files, or of the older files where they say all that it would.
 *
 * @throws AppError `tokenizer.invalid` (`reason`: `missing`, those of `readTokenizerJson`, or `unknown` with what the package says).
 */
export function createHuggingFaceTokenizer(files: TokenizerFiles): TextTokenizer {
  const bytes = withTokenizerJson(files).get('tokenizer.json');
  if (bytes === undefined)
    throw new AppError('tokenizer.invalid', 'There is no tokenizer.json.', {
      reason: 'missing',
      detail: 'There is no tokenizer.json.',
    });
  const structure = readTokenizerJson(bytes);
  const root = parseObject('tokenizer.json', decodeText('tokenizer.json', bytes));
  const tokenizer = unlessUnknown(
    () => new Tokenizer(adaptTokenizerJson(root), { clean_up_tokenization_spaces: false }),
  );
  const isBytes = isByteLevel(structure);
  const { addedTokens, model } = structure;
  const bounds = boundGrowth(tokenizer);
  const normalize = (text: string): string => bounds.within(text.length, () => tokenizer.normalizer?.(text) ?? text);
  const ids = new Map<string, number>();
  for (const [id, text] of structure.vocabulary) ids.set(text, id);
  for (const { id, content } of addedTokens) ids.set(content, id);
  const special = new Set(addedTokens.flatMap((token) => (token.special ? [token.id] : [])));
  const unknown =
    model.unknownToken ?? (model.unknownId === null ? null : (structure.vocabulary.get(model.unknownId) ?? null));
  const unknownId = unknown === null ? undefined : ids.get(unknown);
  const characters = { unknown, continued: model.type === 'WordPiece' ? model.continuingPrefix : '' };
  const isPlain = (token: (typeof addedTokens)[number]): boolean => !token.normalized || tokenizer.normalizer === null;
  const inText = createMatcher(addedTokens.filter(isPlain).map((token) => [token.content, token]));
  const inNormalized = createMatcher(
    addedTokens.filter((token) => !isPlain(token)).map((token) => [normalize(token.content), token]),
  );
  const around = createTemplate(structure.postProcessors);
  const marksSpaces = structure.preTokenizers.some(({ type }) => type === 'Metaspace');
  keepByteOrderMarks(tokenizer.decoder);
  const lengths = new Map<number, number>();
  for (const [text, id] of ids) lengths.set(id, text.length);
  const vocabularySize = lengths.size;

  function encodeSection(text: AlignedText, isFirst: boolean): ModelToken[] {
    return inNormalized(text.text).flatMap((section, index) => {
      if (section.token !== null) return [addedToken(text, section)];
      return encodePieces(partOf(text, section), isFirst && index === 0);
    });
  }

  function encodePieces(text: AlignedText, isFirst: boolean): ModelToken[] {
    const pieces = tokenizer.pre_tokenizer?.(text.text, { section_index: isFirst ? 0 : 1 }) ?? [text.text];
    const inPieces = pieces.map((piece): readonly string[] => tokenizer.model?.([piece]) ?? []);
    const tokens = inPieces.flat();
    const missing = isBytes ? byteLength(text.text) - tokens.reduce((sum, token) => sum + token.length, 0) : NaN;
    // A tokenizer that removes nothing has all bytes in its tokens, and one more where it puts a space before.
    const spans =
      missing === 0 || missing === -1 ? byteLevelSpans(text, missing, tokens) : spansByPiece(text, pieces, inPieces);
    return tokens.map((token, index) => ({ text: token, span: spans[index] ?? { start: 0, end: 0 }, isAdded: false }));
  }

  function spansByPiece(text: AlignedText, pieces: readonly string[], tokens: readonly (readonly string[])[]): Span[] {
    let cursor = 0;
    return pieces.flatMap((piece, index) => {
      const plain = isBytes ? (byteLevelText(piece) ?? piece) : piece;
      const { from, end } = findPiece(text.text, cursor, plain, marksSpaces);
      cursor = end;
      const own = tokens[index] ?? [];
      return isBytes ? byteLevelSpans(text, from, own) : characterSpans(text, from, own, end, characters);
    });
  }

  /** What a token stands for by itself. */
  const decodeOne = (id: number, text: string, isAdded: boolean): TokenWords => {
    const bytes = isAdded ? null : bytesOf(text);
    if (bytes !== null) return wordsOf(bytes);
    if (isAdded || isBytes) return { text, bytes: null };
    if (characters.continued !== '' && text.startsWith(characters.continued))
      return { text: text.slice(characters.continued.length), bytes: null };
    return { text: special.has(id) ? text : text.replaceAll('▁', ' '), bytes: null };
  };

  function bytesOf(text: string): Uint8Array | null {
    if (isBytes) return byteLevelBytes(text);
    const byte = model.byteFallback ? /^<0x([0-9A-Fa-f]{2})>$/u.exec(text) : null;
    return byte === null ? null : Uint8Array.of(parseInt(byte[1] ?? '', 16));
  }

  const { normalizers, preTokenizers, postProcessors, decoders } = structure;
  return {
    structure: { addedTokens, normalizers, preTokenizers, postProcessors, decoders, model },
    vocabularySize,
    encode(text, addSpecialTokens) {
      const found = unlessUnknown(() =>
        inText(text).flatMap((section, index) => {
          const source = unchangedText(text.slice(section.start, section.end), section.start);
          if (section.token !== null) return [addedToken(source, { ...section, start: 0, end: source.text.length })];
          const aligned =
            tokenizer.normalizer === null ? source : normalizedText(source.text, section.start, normalize);
          return encodeSection(aligned, index === 0);
        }),
      );
      const tokens = found.flatMap((token) => {
        const id = ids.get(token.text) ?? unknownId;
        if (id === undefined) return [];
        return [
          {
            id,
            ...decodeOne(id, token.text, token.isAdded),
            ...(token.span.end > token.span.start ? token.span : { start: null, end: null }),
            isSpecial: special.has(id),
          },
        ];
      });
      if (!addSpecialTokens) return tokens;
      const outer = (names: readonly NamedToken[]): EncodedToken[] =>
        names.flatMap(({ name, id: own }) => {
          const id = own ?? ids.get(name);
          return id === undefined ? [] : [{ id, text: name, bytes: null, start: null, end: null, isSpecial: true }];
        });
      return [...outer(around.before), ...tokens, ...outer(around.after)];
    },
    decode(all, skipSpecialTokens) {
      const missing = all.find((id) => !lengths.has(id));
      if (missing !== undefined) throw noSuchId(missing, vocabularySize);
      const kept = all.filter((id) => !(skipSpecialTokens && special.has(id)));
      if (kept.length === 0) return '';
      const length = kept.reduce((sum, id) => sum + (lengths.get(id) ?? 0), 0);
      return unlessUnknown(() =>
        bounds.within(length, () => tokenizer.decode(kept, { clean_up_tokenization_spaces: false })),
      );
    },
  };
}

function addedToken(text: AlignedText, { start, end, token }: Section): ModelToken {
  const span = { start: text.starts[start] ?? 0, end: text.ends[end - 1] ?? 0 };
  return { text: token?.content ?? '', span, isAdded: true };
}

function partOf({ text, starts, ends }: AlignedText, { start, end }: Section): AlignedText {
  return start === 0 && end === text.length
    ? { text, starts, ends }
    : { text: text.slice(start, end), starts: starts.slice(start, end), ends: ends.slice(start, end) };
}

/**
 * Where a piece stands in the text, from `cursor` on. A mark for a space may stand for a space or for none; a piece that begins with
 * such a mark which is not in the text begins one unit before it.
 */
function findPiece(
  text: string,
  cursor: number,
  piece: string,
  marksSpaces: boolean,
): { readonly from: number; readonly end: number } {
  const exact = text.indexOf(piece, cursor);
  if (exact >= 0 && (exact === cursor || !marksSpaces)) return { from: exact, end: exact + piece.length };
  const spaced = piece.replaceAll('▁', ' ');
  if (text.startsWith(spaced, cursor)) return { from: cursor, end: cursor + piece.length };
  const first = piece.charAt(0);
  const rest = first === '▁' || first === ' ' ? piece.slice(1) : piece;
  const restSpaced = rest.replaceAll('▁', ' ');
  for (const candidate of [rest, restSpaced]) {
    const at = text.indexOf(candidate, cursor);
    if (at >= 0 && text.slice(cursor, at).trim() === '') {
      const isMarked = rest !== piece;
      const spaceBefore = isMarked && at > cursor ? at - 1 : at - (isMarked ? 1 : 0);
      return { from: spaceBefore, end: at + rest.length };
    }
  }
  const from = exact >= 0 ? exact : cursor;
  return { from, end: Math.min(text.length, from + piece.length) };
}

/** Errors of the package have no type of their own: whatever it throws over a tokenizer.json is about that file. */
function unlessUnknown<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const detail = shownName(
      `tokenizer.json has a form that is not known: ${error instanceof Error ? error.message : String(error)}`,
    );
    throw new AppError(
      'tokenizer.invalid',
      detail,
      { reason: 'unknown', file: 'tokenizer.json', detail },
      { cause: error },
    );
  }
}

/** The package's decoder of byte tokens leaves a byte order mark out that stands first among some. */
function keepByteOrderMarks(decoder: object | null): void {
  if (decoder === null) return;
  if ('text_decoder' in decoder && decoder.text_decoder instanceof TextDecoder)
    Object.assign(decoder, { text_decoder: new TextDecoder('utf-8', { ignoreBOM: true }) });
  if ('decoders' in decoder && Array.isArray(decoder.decoders)) {
    for (const inner of decoder.decoders as readonly unknown[]) {
      if (typeof inner === 'object' || typeof inner === 'function') keepByteOrderMarks(inner);
    }
  }
}
