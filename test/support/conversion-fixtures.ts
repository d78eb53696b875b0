/**
 * Folders with the values of the reference implementation: small copies in test/fixtures, and where the larger set lies beside the
 * repository, all of it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EncodedToken } from '../../preload/contract/convert.ts';
import { isTokenizerFile } from '../../main/convert/vocabulary/tokenizer-files.ts';

const own = fileURLToPath(new URL('../fixtures/conversion/tokenizers/', import.meta.url));
/** The folders that have places of tokens. */
export const placedFolder = own;
const large = fileURLToPath(new URL('../../../shared/fixtures/conversion/', import.meta.url));

export interface TokenizerFixture {
  readonly name: string;
  /** config.json, or the part of it that a vocabulary depends on. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly folder: string;
  readonly expected: ExpectedVocabulary;
}

export interface ExpectedVocabulary {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly gguf: {
    readonly metadata: Readonly<Record<string, { readonly type: readonly string[]; readonly value: unknown }>>;
    readonly arrays: Readonly<
      Record<string, { readonly type: readonly string[]; readonly values: readonly unknown[] }>
    >;
    readonly insignificant_metadata?: readonly string[];
    readonly tokenizer_pre_equivalent?: readonly string[];
  };
  readonly tokenizer_vectors?: readonly TokenizerVector[];
}

export interface TokenizerVector {
  readonly text: string;
  readonly ids_without_special_tokens: readonly number[];
  readonly llamacpp_ids?: readonly number[];
}

export function tokenizerFixtures(): TokenizerFixture[] {
  return [...foldersOf(own, 'small'), ...foldersOf(large, 'large')].flatMap(({ folder, name }) => {
    const expected = readJson(join(folder, 'expected.json')) as ExpectedVocabulary | null;
    if (expected === null) return [];
    const config = expected.config ?? readJson(join(folder, 'config.json'));
    // A folder of an adapter has no tokenizer of its own.
    return config === null ? [] : [{ folder, name, expected, config: config as Record<string, unknown> }];
  });
}

function foldersOf(root: string, set: string): { readonly folder: string; readonly name: string }[] {
  if (!existsSync(root)) return [];
  const entries = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries.map(({ name }) => ({ folder: join(root, name), name: `${set}/${name}` }));
}

function readJson(path: string): unknown {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
}

/** A text with the ids and places that the tokenizers library (0.23.1) gave, in UTF-16 units, special tokens around it included. */
export interface PlacedText {
  readonly text: string;
  readonly ids: readonly number[];
  readonly offsets: readonly (readonly [start: number, end: number])[];
}

/** Empty where there are none for the fixture. */
export function readPlacedTexts(folder: string): readonly PlacedText[] {
  return (readJson(join(folder, 'offsets.json')) ?? []) as readonly PlacedText[];
}

/**
 * The places that are neither the library's nor other ones on purpose: a space that was put before a text has no place, a character that
 * was composed has all of what it was made of, and a token that takes the spaces beside it does not have them.
 */
export function wrongPlaces({ text, offsets }: PlacedText, tokens: readonly EncodedToken[]): string[] {
  return offsets.flatMap(([start, end], index) => {
    const token = tokens[index];
    if (token === undefined) return [`${JSON.stringify(text)} ${String(index)}: no token`];
    const own = token.start === null || token.end === null ? null : text.slice(token.start, token.end);
    const wanted = text.slice(start, end);
    const isSame = own === null ? start === end : token.start === start && token.end === end;
    const isSpaceBefore = own === null && token.text === ' ' && !wanted.startsWith(' ');
    const isComposed = own?.normalize('NFC') !== own && own?.includes(wanted) === true;
    const isBeside = (token.isSpecial || tokens[index - 1]?.isSpecial === true) && own?.trim() === wanted.trim();
    return isSame || isSpaceBefore || isComposed || isBeside
      ? []
      : [`${JSON.stringify(text)} ${String(index)}: ${String(own)} for ${wanted}`];
  });
}

/** The contents of a folder's tokenizer files by their path. */
export function readTokenizerFiles(folder: string): Map<string, Uint8Array> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll(sep, '/'));
  return new Map(paths.filter(isTokenizerFile).map((path) => [path, readFileSync(join(folder, path))]));
}

/** A tokenizer whose ids come from the tokenizers library, and that no converter has been asked about. */
export function readVectors(name: string): { readonly folder: string; readonly vectors: readonly TokenizerVector[] } {
  const folder = join(own, name);
  const { tokenizer_vectors: vectors } = readJson(join(folder, 'vectors.json')) as {
    tokenizer_vectors: TokenizerVector[];
  };
  return { folder, vectors };
}
