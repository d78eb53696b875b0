/**
 * Folders with the values of the reference implementation: small copies in test/fixtures, and where the larger set lies beside the
 * repository, all of it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isTokenizerFile } from '../../main/convert/vocabulary/tokenizer-files.ts';

const own = fileURLToPath(new URL('../fixtures/conversion/tokenizers/', import.meta.url));
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
