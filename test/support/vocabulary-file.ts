/** Vocabularies of checkpoints as GGUF files without tensors, which llama.cpp loads as it does the vocabulary of a model. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { VocabularyModel } from '../../main/convert/vocabulary/vocabulary-model.ts';
import { readVocabulary } from '../../main/convert/vocabulary/vocabulary.ts';
import { layOutGguf } from '../../main/model-file/gguf-writer.ts';
import { readTokenizerFiles } from './conversion-fixtures.ts';
import { temporaryFolder } from './hub-setup.ts';

/** The path of a file with the vocabulary of the checkpoint in `folder`, which is removed when the test is over. */
export async function vocabularyFile(folder: string, model: VocabularyModel): Promise<string> {
  const { architecture } = model;
  const { entries } = readVocabulary(readTokenizerFiles(folder), model);
  const file = path.join(await temporaryFolder(), 'vocabulary.gguf');
  const general = [
    { key: 'general.architecture', type: 'string', value: architecture },
    // llama.cpp knows Phi-3's tokens, which take the spaces beside them, by the model's name.
    { key: 'general.name', type: 'string', value: architecture },
  ] as const;
  await writeFile(file, layOutGguf([...general, ...entries], []).header);
  return file;
}
