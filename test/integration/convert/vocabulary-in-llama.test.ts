/** Vocabularies as GGUF files in llama.cpp itself: each text gets the ids that the reference has for it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { inNativeChild } from '../../../main/convert/native-work.ts';
import { readVocabulary } from '../../../main/convert/vocabulary/vocabulary.ts';
import type { VocabularyModel } from '../../../main/convert/vocabulary/vocabulary-model.ts';
import { layOutGguf } from '../../../main/model-file/gguf-writer.ts';
import {
  readTokenizerFiles,
  readVectors,
  tokenizerFixtures,
  type TokenizerVector,
} from '../../support/conversion-fixtures.ts';
import { temporaryFolder } from '../../support/hub-setup.ts';
import { nativeOptions } from '../../support/native-setup.ts';

type Files = ReadonlyMap<string, Uint8Array>;

/** The ids that llama.cpp has for texts, by a file with this vocabulary and no tensors. */
async function idsInLlama(files: Files, model: VocabularyModel, texts: readonly string[]) {
  const { entries } = readVocabulary(files, model);
  const modelPath = path.join(await temporaryFolder(), 'vocabulary.gguf');
  const { architecture } = model;
  const general = [
    { key: 'general.architecture', type: 'string', value: architecture },
    // llama.cpp knows Phi-3's tokens, which take the spaces beside them, by the model's name.
    { key: 'general.name', type: 'string', value: architecture },
  ] as const;
  writeFileSync(modelPath, layOutGguf([...general, ...entries], []).header);
  const work = inNativeChild(nativeOptions(), null, new AbortController().signal, async function* (client) {
    yield await client.call('native.tokenize', { modelPath, texts });
  });
  for await (const { ids } of work) return ids;
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
    const ids = await idsInLlama(readTokenizerFiles(folder), { architecture, config }, texts);
    const wanted = vectors.map((vector) => vector.llamacpp_ids ?? vector.ids_without_special_tokens);
    expect(byText(vectors, ids)).toEqual(byText(vectors, wanted));
  });
});

describe.each(['bert-cased', 'xlm-roberta'])('the vocabulary of %s in llama.cpp', (name) => {
  const { folder, vectors } = readVectors(name);

  it('gives the ids of the tokenizers library', async () => {
    const texts = vectors.map(({ text }) => text);
    const ids = await idsInLlama(readTokenizerFiles(folder), { architecture: 'bert', config: {} }, texts);
    const wanted = vectors.map((vector) => vector.ids_without_special_tokens);
    expect(byText(vectors, ids)).toEqual(byText(vectors, wanted));
  });
});
