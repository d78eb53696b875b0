import { expect, it } from 'vitest';
import { layOutGguf } from '../../model-file/gguf-writer.ts';
import { rawEntries } from '../split/raw-entries.ts';
import { readGgufVocabulary } from './gguf-vocabulary.ts';

it('keeps U+FEFF at the beginning of a token', () => {
  const values = ['\ufeff', '\ufeffusing', 'using'];
  const { header } = layOutGguf([{ key: 'tokenizer.ggml.tokens', type: 'strings', value: values }], []);
  const { tokens } = readGgufVocabulary(rawEntries(header, 32, () => false));
  expect(tokens.map(({ text }) => text)).toEqual(values);
});
