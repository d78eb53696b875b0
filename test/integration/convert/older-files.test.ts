/** Checkpoints with vocab.json and merges.txt, or vocab.txt, and no tokenizer.json: the same vocabulary and the same ids as with it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTokenizers } from '../../../main/convert/tokenizer/tokenizers.ts';
import { readVocabulary } from '../../../main/convert/vocabulary/vocabulary.ts';
import { convertChildren } from '../../support/convert-children.ts';
import { readTokenizerFiles, tokenizerFixtures } from '../../support/conversion-fixtures.ts';

type Files = ReadonlyMap<string, Uint8Array>;

/** vocab.json and merges.txt, or vocab.txt, as the family's own tool writes them, made of tokenizer.json's table. */
function older(files: Files): Map<string, Uint8Array> {
  const { model } = JSON.parse(new TextDecoder().decode(files.get('tokenizer.json'))) as {
    model: { vocab: Record<string, number>; merges?: (string | string[])[] };
  };
  const made = new Map([...files].filter(([name]) => name !== 'tokenizer.json'));
  const put = (name: string, text: string): unknown => made.set(name, new TextEncoder().encode(text));
  if (model.merges === undefined) {
    const words = Object.entries(model.vocab).toSorted(([, one], [, other]) => one - other);
    put('vocab.txt', words.map(([word]) => `${word}\n`).join(''));
  } else {
    put('vocab.json', JSON.stringify(model.vocab));
    const lines = model.merges.map((pair) => (typeof pair === 'string' ? pair : pair.join(' ')));
    put('merges.txt', ['#version: 0.2', ...lines, ''].join('\n'));
  }
  return made;
}

const names = new Set(['gpt2', 'qwen2', 'bert'].flatMap((name) => [`small/${name}`, `large/${name}`]));
const fixtures = tokenizerFixtures().filter(({ name }) => names.has(name));

describe.each(fixtures)('$name without its tokenizer.json', ({ folder, config, expected }) => {
  const files = readTokenizerFiles(folder);
  const architecture = String(expected.gguf.metadata['general.architecture']?.value);

  it('has the same vocabulary', () => {
    const model = { architecture, config };
    expect(readVocabulary(older(files), model)).toEqual(readVocabulary(files, model));
  });

  it('gives the ids of the reference', async () => {
    const tokenizers = createTokenizers({ startChild: convertChildren.startTokenizer });
    onTestFinished(() => tokenizers.close());
    const vectors = expected.tokenizer_vectors ?? [];
    const origin = { key: folder, readFiles: () => Promise.resolve(older(files)) };
    const texts = vectors.map(({ text }) => text);
    const { results } = await tokenizers.encode(origin, texts, { addSpecialTokens: false });
    const ids = results.map(({ tokens }) => tokens.map(({ id }) => id));
    expect(ids).toEqual(vectors.map((vector) => vector.ids_without_special_tokens));
  });

  it('is refused where no file names its class', () => {
    const text = new TextEncoder().encode('{"tokenizer_class":"SomeTokenizer"}');
    const changed = older(files).set('tokenizer_config.json', text);
    expect(() => readVocabulary(changed, { architecture, config })).toThrow(
      expect.objectContaining({
        code: 'convert.invalid',
        data: expect.objectContaining({ reason: 'missing_tokenizer', detail: expect.stringContaining('vocab.') }),
      }),
    );
  });
});

const alone = path.join(import.meta.dirname, '../../fixtures/conversion/sentencepiece-alone');

it('an XLM-RoBERTa with sentencepiece.bpe.model alone has the vocabulary of the reference, and its mask', () => {
  const { config, tokenizer_config, metadata } = JSON.parse(
    readFileSync(path.join(alone, 'expected.json'), 'utf8'),
  ) as {
    readonly config: Readonly<Record<string, unknown>>;
    readonly tokenizer_config: unknown;
    readonly metadata: Readonly<Record<string, unknown>>;
  };
  const files = new Map<string, Uint8Array>([
    ['sentencepiece.bpe.model', readFileSync(path.join(alone, 'sentencepiece.bpe.model'))],
    ['tokenizer_config.json', Buffer.from(JSON.stringify(tokenizer_config))],
  ]);
  const { entries } = readVocabulary(files, { architecture: 'bert', config });
  const found = Object.fromEntries(
    entries.map(({ key, value }) => [key, typeof value === 'object' ? Array.from<unknown>(value) : value]),
  );
  // The rows of a table of the weights, which the architecture names.
  const { 'tokenizer.ggml.token_type_count': _, ...ofTokenizer } = metadata;
  // The reference leaves a place without a token where the model has its mask.
  const mask = { tokens: '<mask>', scores: 0, token_type: 3 };
  const wanted = Object.fromEntries(
    Object.entries(ofTokenizer).map(([key, value]) => {
      const own = (mask as Readonly<Record<string, unknown>>)[key.replace('tokenizer.ggml.', '')];
      return [key, own === undefined ? value : [...(value as unknown[]).slice(0, -1), own]];
    }),
  );
  expect(found).toEqual(wanted);
  expect(() => readVocabulary(files, { architecture: 'llama', config })).toThrow('A tokenizer.json is needed');
});
