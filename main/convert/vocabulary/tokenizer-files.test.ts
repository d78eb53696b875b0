import { describe, expect, it } from 'vitest';
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import { readTokenizerFiles } from './tokenizer-files.ts';
import { readVocabulary } from './vocabulary.ts';

const MIB = 1024 * 1024;

/** A checkpoint of these files, which counts what is read of it. */
function sourceOf(sizes: Readonly<Record<string, number>>): CheckpointSource & { readonly reads: string[] } {
  const reads: string[] = [];
  const files = Object.entries(sizes).map(([path, sizeBytes]) => ({ path, sizeBytes, sha256: null, modifiedAtMs: 1 }));
  const read = (path: string, start: number, end: number): Promise<Uint8Array> => {
    reads.push(path);
    return Promise.resolve(new Uint8Array(end - start));
  };
  return { files, commit: null, read, reads } as unknown as CheckpointSource & { readonly reads: string[] };
}

describe('the files of a tokenizer', () => {
  it('are read, and no others', async () => {
    const source = sourceOf({ 'tokenizer.json': 2, 'model.safetensors': 9, 'additional_chat_templates/rag.jinja': 3 });
    expect([...(await readTokenizerFiles(source)).keys()]).toEqual([
      'tokenizer.json',
      'additional_chat_templates/rag.jinja',
    ]);
  });

  it('are missing where only those of another program are there', async () => {
    await expect(readTokenizerFiles(sourceOf({ 'tekken.json': 9, 'tokenizer_config.json': 2 }))).rejects.toMatchObject({
      code: 'convert.unsupported',
      data: { reason: 'tokenizer_format', file: 'tekken.json' },
    });
    await readTokenizerFiles(sourceOf({ 'tekken.json': 9, 'tokenizer.json': 2 }));
    const model = { architecture: 'llama', config: {} };
    const read = (text: string): unknown =>
      readVocabulary(new Map([['tokenizer.model', new TextEncoder().encode(text)]]), model);
    expect(() => read('AA== 0\nAQ== 1\n')).toThrow(
      expect.objectContaining({
        code: 'convert.unsupported',
        data: expect.objectContaining({
          reason: 'tokenizer_format',
          file: 'tokenizer.model',
          found: 'tiktoken',
        }) as object,
      }) as Error,
    );
    expect(() => read('<html>')).toThrow(
      expect.objectContaining({
        code: 'tokenizer.invalid',
        data: expect.objectContaining({ reason: 'format', file: 'tokenizer.model' }) as object,
      }) as Error,
    );
  });

  it('are not read where there are more templates than any model has', async () => {
    const source = sourceOf(
      Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`additional_chat_templates/t${String(at)}.jinja`, 1])),
    );
    await expect(readTokenizerFiles(source)).rejects.toMatchObject({ data: { reason: 'too_many' } });
    expect(source.reads).toEqual([]);
  });

  it('are not read where they have more bytes together than any model has', async () => {
    const large = ['tokenizer.model', 'spiece.model', 'vocab.json', 'merges.txt'];
    const source = sourceOf(Object.fromEntries([...large, 'vocab.txt'].map((path) => [path, 60 * MIB])));
    await expect(readTokenizerFiles(source)).rejects.toMatchObject({ data: { reason: 'too_large' } });
    expect(source.reads).toEqual([]);
  });
});
