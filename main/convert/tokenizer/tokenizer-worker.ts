/** The thread that tokenizes. It keeps tokenizers, because making one of a large vocabulary takes seconds. */
import { parentPort } from 'node:worker_threads';
import { encodeError } from '../../../preload/wire/errors.ts';
import type { TokenizerFiles } from '../vocabulary/vocabulary-model.ts';
import { createHuggingFaceTokenizer, type TextTokenizer } from './hugging-face-tokenizer.ts';
import type { TokenizerAnswer, TokenizerQuestion } from './tokenizer-thread.ts';

/** A tokenizer takes some ten times the bytes of its files in memory. */
const MAX_KEPT_BYTES = 96 * 1024 * 1024;
const MAX_KEPT = 6;

interface Kept {
  readonly tokenizer: TextTokenizer;
  readonly bytes: number;
}

/** By key, the one that was used last at the end. */
const kept = new Map<string, Kept>();

function tokenizerOf(key: string, files: TokenizerFiles | null): TextTokenizer | null {
  const known = kept.get(key);
  if (known !== undefined) {
    kept.delete(key);
    kept.set(key, known);
    return known.tokenizer;
  }
  if (files === null) return null;
  const bytes = files.get('tokenizer.json')?.length ?? 0;
  let keptBytes = bytes;
  for (const one of kept.values()) keptBytes += one.bytes;
  for (const [oldest, one] of kept) {
    if (kept.size < MAX_KEPT && keptBytes <= MAX_KEPT_BYTES) break;
    kept.delete(oldest);
    keptBytes -= one.bytes;
  }
  const tokenizer = createHuggingFaceTokenizer(files);
  kept.set(key, { tokenizer, bytes });
  return tokenizer;
}

function answer({ key, files, work }: TokenizerQuestion): TokenizerAnswer {
  const tokenizer = tokenizerOf(key, files);
  if (tokenizer === null) return { kind: 'unknown' };
  const { vocabularySize } = tokenizer;
  switch (work.kind) {
    case 'structure':
      return { kind: 'structure', structure: tokenizer.structure };
    case 'encode':
      return {
        kind: 'encoded',
        vocabularySize,
        texts: work.texts.map((text) => tokenizer.encode(text, work.addSpecialTokens)),
      };
    case 'decode':
      return {
        kind: 'decoded',
        vocabularySize,
        texts: work.batch.map((ids) => tokenizer.decode(ids, work.skipSpecialTokens)),
      };
    default:
      return work satisfies never;
  }
}

parentPort?.on('message', (question: TokenizerQuestion) => {
  try {
    parentPort?.postMessage({ answer: answer(question) });
  } catch (error) {
    parentPort?.postMessage({ error: encodeError(error) });
  }
});
