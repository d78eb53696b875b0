/** Tokenizers of GGUF files in llama.cpp: places of tokens against the tokenizers library, ids that are none, and files that are bad. */
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createGgufTokenizers } from '../../../main/convert/tokenizer/gguf-tokenizers.ts';
import { readPlacedTexts, tokenizerFixtures, wrongPlaces } from '../../support/conversion-fixtures.ts';
import { temporaryFolder } from '../../support/hub-setup.ts';
import { nativeOptions, storiesPath } from '../../support/native-setup.ts';
import { vocabularyFile } from '../../support/vocabulary-file.ts';

function tokenizers(started?: (pid: number) => void) {
  const made = createGgufTokenizers(nativeOptions(started));
  onTestFinished(() => made.close());
  return made;
}

const plainly = { addSpecialTokens: false };
const placed = tokenizerFixtures().filter(({ folder }) => readPlacedTexts(folder).length > 0);

it.each(placed)('gives the places of the tokenizers library for $name', async ({ folder, config, expected }) => {
  const references = readPlacedTexts(folder);
  const file = await vocabularyFile(folder, {
    architecture: String(expected.gguf.metadata['general.architecture']?.value),
    config,
  });
  const texts = references.map(({ text }) => text);
  const { results } = await tokenizers().encode(file, texts, { addSpecialTokens: true });
  // Of some texts llama.cpp gives other ids, which the vectors of the ids know.
  const same = references.flatMap((one, index) => {
    const tokens = results[index]?.tokens ?? [];
    return JSON.stringify(tokens.map(({ id }) => id)) === JSON.stringify(one.ids) ? [{ one, tokens }] : [];
  });
  expect(same.length).toBeGreaterThanOrEqual(references.length - 2);
  expect(same.flatMap(({ one, tokens }) => wrongPlaces(one, tokens))).toEqual([]);
});

it('keeps the process of a file, tells special tokens and bytes, and decodes', async () => {
  const pids: number[] = [];
  const made = tokenizers((pid) => pids.push(pid));
  const [first] = (await made.encode(storiesPath, ['a日'], { addSpecialTokens: true })).results;
  expect(first?.tokens.map(({ text, bytes, start, end, isSpecial }) => [text, bytes, start, end, isSpecial])).toEqual([
    ['<s>', null, null, null, true],
    [' a', null, 0, 1, false],
    ['\ufffd', 'e6', 1, 2, false],
    ['\ufffd', '97', 1, 2, false],
    ['\ufffd', 'a5', 1, 2, false],
  ]);
  const texts = ['Once upon a time', '', 'x  y'];
  const { results, vocabularySize } = await made.encode(storiesPath, texts, plainly);
  const batch = results.map(({ tokens }) => tokens.map(({ id }) => id));
  expect(vocabularySize).toBe(512);
  expect(await made.decode(storiesPath, batch, { skipSpecialTokens: true })).toEqual(texts);
  await expect(made.decode(storiesPath, [[512]], { skipSpecialTokens: false })).rejects.toMatchObject({
    code: 'tokenizer.invalid',
    data: { reason: 'no_such_id', id: 512, vocabularySize: 512 },
  });
  expect(pids).toHaveLength(1);
});

it('names what is wrong with a file, and reads a file again that was replaced', async () => {
  const made = tokenizers();
  const file = path.join(await temporaryFolder(), 'model.gguf');
  const bad = path.join(import.meta.dirname, '../../fixtures/gguf-bad/bad-magic.gguf');
  await copyFile(bad, file);
  await expect(made.encode(file, ['a'], plainly)).rejects.toMatchObject({ code: 'model.corrupt' });
  await rm(file);
  await copyFile(storiesPath, file);
  expect((await made.encode(file, ['a'], plainly)).results[0]?.tokens).toHaveLength(1);
});

it('names a vocabulary at which llama.cpp ends, and goes on', async () => {
  const made = tokenizers();
  const file = path.join(await temporaryFolder(), 'model.gguf');
  const bytes = await readFile(storiesPath);
  // The same token twice.
  bytes.write('<0x00>', bytes.indexOf('<0x01>'));
  await writeFile(file, bytes);
  for (let tries = 0; tries < 2; tries++)
    await expect(made.encode(file, ['a'], plainly)).rejects.toMatchObject({
      code: 'model.unsupported',
      data: { reason: 'vocabulary' },
    });
  expect((await made.encode(storiesPath, ['a'], plainly)).results[0]?.tokens).toHaveLength(1);
});
