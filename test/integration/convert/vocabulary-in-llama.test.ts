/** Vocabularies as GGUF files in llama.cpp itself: each text gets the ids that the reference has for it. */
import { describe, expect, it } from 'vitest';
import { inNativeChild } from '../../../main/convert/native-work.ts';
import { readVectors, tokenizerFixtures, type TokenizerVector } from '../../support/conversion-fixtures.ts';
import { nativeOptions } from '../../support/native-setup.ts';
import { vocabularyFile } from '../../support/vocabulary-file.ts';

async function idsInLlama(modelPath: string, texts: readonly string[]) {
  const work = inNativeChild(nativeOptions(), null, new AbortController().signal, async function* (client) {
    yield await client.call('native.tokenize', { modelPath, texts, addSpecialTokens: false });
  });
  for await (const { results } of work) return results.map(({ tokens }) => tokens.map(({ id }) => id));
  throw new Error('The native child gave no ids.');
}

function byText(vectors: readonly TokenizerVector[], ids: readonly (readonly number[])[]) {
  return vectors.map(({ text }, index) => ({ text, ids: ids[index] }));
}

const withVectors = tokenizerFixtures().filter(({ expected }) => expected.tokenizer_vectors !== undefined);

describe.each(withVectors)('the vocabulary of $name in llama.cpp', ({ folder, config, expected }) => {
  const { tokenizer_vectors: vectors = [], gguf } = expected;
  const architecture = String(gguf.metadata['general.architecture']?.value);

  it('gives the ids of the reference', async () => {
    const texts = vectors.map(({ text }) => text);
    const ids = await idsInLlama(await vocabularyFile(folder, { architecture, config }), texts);
    const wanted = vectors.map((vector) => vector.llamacpp_ids ?? vector.ids_without_special_tokens);
    expect(byText(vectors, ids)).toEqual(byText(vectors, wanted));
  });
});

describe.each(['bert-cased', 'xlm-roberta'])('the vocabulary of %s in llama.cpp', (name) => {
  const { folder, vectors } = readVectors(name);

  it('gives the ids of the tokenizers library', async () => {
    const texts = vectors.map(({ text }) => text);
    const ids = await idsInLlama(await vocabularyFile(folder, { architecture: 'bert', config: {} }), texts);
    const wanted = vectors.map((vector) => vector.ids_without_special_tokens);
    expect(byText(vectors, ids)).toEqual(byText(vectors, wanted));
  });
});
