/** Which files of a checkpoint belong to its tokenizer, how large they may be, and what they hold. */
import { AppError } from '../../../preload/wire/errors.ts';
import { findFile, readSmallFile, type CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import { decodeText, isFields, parseObject, type Fields } from './json-fields.ts';
import { sentencePieceFiles } from './kinds/sentencepiece-model.ts';
import { withTokenizerJson } from './older-files.ts';
import { invalidTokenizer, unreadTokenizer } from './refusals.ts';
import { readTokenizerJson, type TokenizerJson } from './tokenizer-json.ts';
import { MAX_TOKENS } from './tokenizer-structure.ts';
import type { TokenizerFiles, VocabularyModel } from './vocabulary-model.ts';

const MIB = 1024 * 1024;

/** The largest published tokenizer.json has some 35 MB, for 262 thousand tokens; most have less than 10. */
const limits: Readonly<Record<string, number>> = {
  'tokenizer.json': 128 * MIB,
  'tokenizer.model': 64 * MIB,
  'spiece.model': 64 * MIB,
  'sentencepiece.bpe.model': 64 * MIB,
  'tokenizer_config.json': 16 * MIB,
  'special_tokens_map.json': 4 * MIB,
  'added_tokens.json': 16 * MIB,
  'vocab.json': 64 * MIB,
  'merges.txt': 64 * MIB,
  'vocab.txt': 64 * MIB,
  'generation_config.json': MIB,
  'chat_template.jinja': 4 * MIB,
  'chat_template.json': 4 * MIB,
};
/** The files that have the tokens themselves: a checkpoint with one of them has a tokenizer. */
export const vocabularyFiles: readonly string[] = ['tokenizer.json', ...sentencePieceFiles, 'vocab.json', 'vocab.txt'];
/** The tokenizer of Mistral's own programs, which lies beside tokenizer.json in most repositories. */
const TEKKEN = 'tekken.json';
const ADDITIONAL_TEMPLATE = /^additional_chat_templates\/([^/]{1,200})\.jinja$/u;
const ADDITIONAL_TEMPLATE_BYTES = 4 * MIB;
const MAX_ADDITIONAL_TEMPLATES = 64;

/** Whether a file of a checkpoint is one that `readVocabulary` wants, by its path. */
export function isTokenizerFile(path: string): boolean {
  return Object.hasOwn(limits, path) || ADDITIONAL_TEMPLATE.test(path);
}

/** The bytes that such a file may have. A longer one is not fetched: it is refused. */
function tokenizerFileLimit(path: string): number {
  return Object.hasOwn(limits, path) ? (limits[path] ?? 0) : ADDITIONAL_TEMPLATE_BYTES;
}

/** All files of a tokenizer together; the largest published ones have some 50 MB. */
const MAX_BYTES = 256 * MIB;

/**
 * The tokenizer's files in a checkpoint, by their paths. @throws AppError `tokenizer.invalid` for too many or too large ones before any is
 * read, `convert.unsupported` (`tokenizer_format`) for one of another program alone, and as `readSmallFile`.
 */
export async function readTokenizerFiles(source: CheckpointSource): Promise<TokenizerFiles> {
  const files = new Map<string, Uint8Array>();
  const wanted = source.files.filter((file) => isTokenizerFile(file.path));
  assertFew(wanted.map(({ path }) => path));
  if (findFile(source, TEKKEN) !== null && !wanted.some(({ path }) => vocabularyFiles.includes(path)))
    throw unreadTokenizer(TEKKEN, 'Mistral (tekken)');
  const totalBytes = wanted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (totalBytes > MAX_BYTES)
    throw invalidTokenizer(
      'tokenizer',
      'too_large',
      `Its files have ${totalBytes} bytes; at most ${MAX_BYTES} are read.`,
    );
  for (const { path } of wanted) {
    const bytes = await readSmallFile(source, path, tokenizerFileLimit(path));
    if (bytes !== null) files.set(path, bytes);
  }
  return files;
}

function assertFew(paths: readonly string[]): void {
  const additional = paths.filter((path) => ADDITIONAL_TEMPLATE.test(path)).length;
  if (additional > MAX_ADDITIONAL_TEMPLATES)
    throw invalidTokenizer('additional_chat_templates', 'too_many', `There are ${additional} of them.`);
}

/** The files as far as they are there, with JSON read. */
export interface TokenizerSources {
  readonly model: VocabularyModel;
  readonly tokenizer: TokenizerJson | null;
  /** tokenizer_config.json; null without the file, which decides other things than an empty one. */
  readonly tokenizerConfig: Fields | null;
  readonly specialTokensMap: Fields | null;
  readonly addedTokens: Fields | null;
  readonly generationConfig: Fields | null;
  readonly files: TokenizerFiles;
}

export function readTokenizerSources(stored: TokenizerFiles, model: VocabularyModel): TokenizerSources {
  for (const [path, bytes] of stored) {
    const limit = tokenizerFileLimit(path);
    if (bytes.length > limit)
      throw invalidTokenizer(path, 'too_large', `It has ${bytes.length} bytes; at most ${limit} are read.`);
  }
  assertFew([...stored.keys()]);
  const files = withTokenizerJson(stored, model.config);
  const tokenizer = files.get('tokenizer.json');
  return {
    model,
    tokenizer: tokenizer === undefined ? null : readTokenizerJson(tokenizer),
    tokenizerConfig: jsonObject(files, 'tokenizer_config.json'),
    specialTokensMap: jsonObject(files, 'special_tokens_map.json'),
    addedTokens: jsonObject(files, 'added_tokens.json'),
    generationConfig: jsonObject(files, 'generation_config.json'),
    files,
  };
}

/** A field of config.json, or of its `text_config`. */
export function configField(model: VocabularyModel, name: string): unknown {
  const own = model.config[name];
  if (own !== undefined && own !== null) return own;
  const text = model.config['text_config'];
  return isFields(text) ? text[name] : undefined;
}

/** The `vocab_size` of config.json, or null. @throws AppError where it is no count. */
export function configVocabularySize(model: VocabularyModel): number | null {
  const size = configField(model, 'vocab_size');
  if (size === undefined || size === null) return null;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 1 || size > MAX_TOKENS)
    throw new AppError('convert.invalid', 'vocab_size of config.json is no number of tokens.', {
      reason: 'config',
      file: 'config.json',
      detail: `vocab_size of config.json is no number of tokens from 1 to ${MAX_TOKENS}.`,
    });
  return size;
}

/** The text of a file. @throws AppError `tokenizer.invalid` where it is no UTF-8. */
export function textOf(files: TokenizerFiles, path: string): string | null {
  const bytes = files.get(path);
  if (bytes === undefined) return null;
  return decodeText(path, bytes);
}

function jsonObject(files: TokenizerFiles, path: string): Fields | null {
  const text = textOf(files, path);
  return text === null ? null : parseObject(path, text);
}
