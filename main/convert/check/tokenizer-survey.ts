/** What the early check needs of a tokenizer: from small files all of it, of large ones the beginning of tokenizer.json. */
import { fillerText } from '../../base/token-words.ts';
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import { configVocabularySize, isTokenizerFile, readTokenizerFiles } from '../vocabulary/tokenizer-files.ts';
import { readTokenizerHead, TOKENIZER_HEAD_BYTES, type TokenizerHead } from '../vocabulary/tokenizer-head.ts';
import { readVocabulary } from '../vocabulary/vocabulary.ts';
import type { VocabularyKind } from '../vocabulary/vocabulary-model.ts';
import { findFile, readSmallJson, type CheckpointSource, type SourceFile } from '../checkpoint/checkpoint-source.ts';

export interface TokenizerSurvey {
  /** `tokenizer.ggml.model`. */
  readonly model: string;
  /** `tokenizer.ggml.pre`; null where it has none, or the beginning of the file did not tell. */
  readonly pre: string | null;
  /** Rows of the model's table, of which some may have no token; null where nothing says. */
  readonly size: number | null;
  /** Tokens of the tokenizer; null where only the beginning was read. */
  readonly tokenCount: number | null;
  readonly hasChatTemplate: boolean;
  /** All `tokenizer.*` entries, or none where only the beginning was read. */
  readonly entries: readonly GgufEntry[];
  /** An estimate of the bytes of the entries that are missing here; 0 where all are. */
  readonly missingBytes: number;
}

/** The files together; what is larger takes a moment to download, and to read. */
const WHOLE_BYTES = 768 * 1024;
/** The first read of a large tokenizer.json: most have their normalizer and their split patterns within it. */
const FIRST_READ_BYTES = 96 * 1024;
/** Without tokenizer.json, the largest SentencePiece models have some 5 MB. */
const MAX_WHOLE_BYTES = 8 * 1024 * 1024;
/** Beyond this a tokenizer.json is not looked at early. */
const MAX_HEAD_BYTES = 8 * TOKENIZER_HEAD_BYTES;
/** Bytes of GGUF metadata for each byte of a tokenizer.json, roughly: sizes that rest on it are shown as predicted. */
const METADATA_SHARE = 0.7;

const ggufNames: Readonly<Record<VocabularyKind, string>> = {
  ...{ byte_level: 'gpt2', sentencepiece: 'llama', unigram: 't5', wordpiece: 'bert' },
};

/** @throws AppError as `readVocabulary`; what the source throws. */
export async function surveyTokenizer(
  source: CheckpointSource,
  architecture: string,
  config: Readonly<Record<string, unknown>>,
): Promise<TokenizerSurvey> {
  const files = source.files.filter((file) => isTokenizerFile(file.path));
  const json = findFile(source, 'tokenizer.json');
  const bytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (bytes <= WHOLE_BYTES || (json === null && bytes <= MAX_WHOLE_BYTES))
    return await readWhole(source, architecture, config);
  const head = json === null ? null : await readHead(source, json, architecture);
  return {
    model: head === null ? '' : ggufNames[head.kind],
    pre: head?.preTokenizer ?? null,
    size: configVocabularySize({ architecture, config }),
    tokenCount: null,
    hasChatTemplate: await hasChatTemplate(source),
    entries: [],
    missingBytes: Math.round((json?.sizeBytes ?? bytes) * METADATA_SHARE),
  };
}

async function readWhole(
  source: CheckpointSource,
  architecture: string,
  config: Readonly<Record<string, unknown>>,
): Promise<TokenizerSurvey> {
  const files = await readTokenizerFiles(source);
  const { entries, preTokenizer, tokenCount, kind } = readVocabulary(files, { architecture, config });
  return {
    model: ggufNames[kind],
    pre: entries.some(({ key }) => key === 'tokenizer.ggml.pre') ? preTokenizer : null,
    size: tokenCount,
    tokenCount: tokenCount - countFillers(entries),
    hasChatTemplate: entries.some(({ key }) => key === 'tokenizer.chat_template'),
    entries,
    missingBytes: 0,
  };
}

/** Rows that have no token, as `paddedTokens` fills them. */
function countFillers(entries: readonly GgufEntry[]): number {
  const tokens = entries.find(({ key }) => key === 'tokenizer.ggml.tokens')?.value;
  return Array.isArray(tokens) ? tokens.filter((token, id) => token === fillerText(id)).length : 0;
}

/** The kind by the beginning of the file, of which more is read until it tells. Null where that would be too much. */
async function readHead(
  source: CheckpointSource,
  { path, sizeBytes }: SourceFile,
  architecture: string,
): Promise<TokenizerHead | null> {
  let bytes = new Uint8Array(0);
  for (let end = FIRST_READ_BYTES; ; end *= 4) {
    const wanted = Math.min(end, sizeBytes, MAX_HEAD_BYTES);
    const more = await source.read(path, bytes.byteLength, wanted);
    bytes = Buffer.concat([bytes, more]);
    const head = readTokenizerHead(bytes, architecture);
    if (head !== null || wanted < end) return head;
  }
}

async function hasChatTemplate(source: CheckpointSource): Promise<boolean> {
  if (findFile(source, 'chat_template.jinja') !== null || findFile(source, 'chat_template.json') !== null) return true;
  const config = await readSmallJson(source, 'tokenizer_config.json');
  return config !== null && Object.hasOwn(config, 'chat_template');
}
