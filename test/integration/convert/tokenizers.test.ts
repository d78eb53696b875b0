/** Tokenizers from their tokenizer.json alone: ids and places against what the tokenizers library gave, within limits of time. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createTokenizers,
  type TokenizerLimits,
  type TokenizerOrigin,
} from '../../../main/convert/tokenizer/tokenizers.ts';
import type { TokenizerFiles } from '../../../main/convert/vocabulary/vocabulary-model.ts';
import {
  placedFolder,
  readPlacedTexts,
  readTokenizerFiles,
  tokenizerFixtures,
  wrongPlaces,
} from '../../support/conversion-fixtures.ts';
import { convertChildren } from '../../support/convert-children.ts';

const plainly = { addSpecialTokens: false };
const plainLimits = { questionMs: 60_000, droppedMs: 10_000, idleMs: 600_000, maxChildren: 3, heapMb: 512 };

function tokenizers(limits: Partial<TokenizerLimits> = {}) {
  const made = createTokenizers({
    startChild: convertChildren.startTokenizer,
    limits: { ...plainLimits, ...limits },
  });
  onTestFinished(() => made.close());
  return made;
}

const withVectors = tokenizerFixtures().filter(({ expected }) => (expected.tokenizer_vectors ?? []).length > 0);

function originOf(folder: string): TokenizerOrigin & { reads(): number } {
  let reads = 0;
  return {
    key: folder,
    reads: () => reads,
    readFiles() {
      reads += 1;
      return Promise.resolve(readTokenizerFiles(folder));
    },
  };
}

function originOfJson(json: object, key = 'made'): TokenizerOrigin {
  const bytes = new TextEncoder().encode(JSON.stringify(json));
  return { key, readFiles: () => Promise.resolve(new Map([['tokenizer.json', bytes]])) };
}

it('is read again after its memory was given back, and not given back while it is asked', async () => {
  const made = tokenizers();
  const origin = originOf(tokenizerFixtures()[0]?.folder ?? '');
  const asked = made.encode(origin, ['Hello'], plainly);
  await made.release(origin);
  const { results } = await asked;
  expect(origin.reads()).toBe(1);
  await made.release(origin);
  expect((await made.encode(origin, ['Hello'], plainly)).results).toEqual(results);
  expect(origin.reads()).toBe(2);
});

describe.each(withVectors)('the tokenizer of $name', ({ folder, expected }) => {
  const vectors = expected.tokenizer_vectors ?? [];

  it('gives the ids of the reference, is kept, and decodes to the same ids', async () => {
    const made = tokenizers();
    const origin = originOf(folder);
    const { results } = await made.encode(
      origin,
      vectors.map(({ text }) => text),
      { addSpecialTokens: false },
    );
    const ids = results.map(({ tokens }) => tokens.map(({ id }) => id));
    expect(ids).toEqual(vectors.map((vector) => vector.ids_without_special_tokens));
    const texts = await made.decode(origin, ids, { skipSpecialTokens: false });
    expect(texts).toHaveLength(vectors.length);
    expect(origin.reads()).toBe(1);
  });

  it('says for each token where it stands, in order and within the text', async () => {
    const { results } = await tokenizers().encode(
      originOf(folder),
      vectors.map(({ text }) => text),
      {
        addSpecialTokens: true,
      },
    );
    for (const [index, { tokens }] of results.entries()) {
      let before = 0;
      for (const token of tokens) {
        if (token.start === null || token.end === null) continue;
        // Tokens that share a character have the same place.
        expect(token.start).toBeGreaterThanOrEqual(before);
        expect(token.end).toBeGreaterThan(token.start);
        expect(token.end).toBeLessThanOrEqual(vectors[index]?.text.length ?? 0);
        before = token.start;
      }
    }
  });
});

const folders = readdirSync(placedFolder).flatMap((name) => {
  const folder = path.join(placedFolder, name);
  return readPlacedTexts(folder).length > 0 ? [[name, folder] as const] : [];
});

it.each(folders)('gives the places of the tokenizers library for %s', async (_, folder) => {
  const placed = readPlacedTexts(folder);
  const texts = placed.map(({ text }) => text);
  const { results } = await tokenizers().encode(originOf(folder), texts, { addSpecialTokens: true });
  expect(placed.length).toBeGreaterThan(20);
  expect(results.map(({ tokens }) => tokens.map(({ id }) => id))).toEqual(placed.map(({ ids }) => ids));
  expect(placed.flatMap((one, index) => wrongPlaces(one, results[index]?.tokens ?? []))).toEqual([]);
});

it('gives exact places in UTF-16 units, and marks what is added', async () => {
  const qwen = withVectors.find(({ name }) => name === 'small/qwen2');
  const bert = withVectors.find(({ name }) => name === 'small/bert');
  if (qwen === undefined || bert === undefined) throw new Error('fixtures are missing');
  const made = tokenizers();
  const text = '🙂 a<|im_end|>e\u0301';
  const { results } = await made.encode(originOf(qwen.folder), [text], { addSpecialTokens: false });
  const tokens = results[0]?.tokens ?? [];
  const places = tokens.map(({ start, end }) => text.slice(start ?? 0, end ?? 0));
  expect([...new Set(places)]).toEqual(['🙂', ' a', '<|im_end|>', 'e\u0301']);
  expect(tokens.filter(({ isSpecial }) => isSpecial).map(({ text: own }) => own)).toEqual(['<|im_end|>']);
  const [encoded] = (await made.encode(originOf(bert.folder), ['the sea'], { addSpecialTokens: true })).results;
  expect(encoded?.tokens.at(0)).toMatchObject({ text: '[CLS]', start: null, end: null, isSpecial: true });
  expect(encoded?.tokens.at(-1)).toMatchObject({ text: '[SEP]', start: null, end: null, isSpecial: true });
  expect(
    await made.decode(originOf(bert.folder), [encoded?.tokens.map(({ id }) => id) ?? []], { skipSpecialTokens: true }),
  ).toEqual(['the sea']);
});

it('names what is wrong with a tokenizer.json, and goes on', async () => {
  const made = tokenizers();
  const options = { addSpecialTokens: false };
  await expect(made.encode(originOfJson([]), ['a'], options)).rejects.toMatchObject({
    code: 'tokenizer.invalid',
    data: { reason: 'json', file: 'tokenizer.json' },
  });
  await expect(
    made.encode({ key: 'none', readFiles: () => Promise.resolve(new Map()) }, ['a'], options),
  ).rejects.toMatchObject({ code: 'tokenizer.invalid', data: { reason: 'missing' } });
  const model = { type: 'BPE', vocab: { a: 0 }, merges: [] };
  await expect(
    made.encode(originOfJson({ model, pre_tokenizer: { type: 'Tea' } }, 'tea'), ['a'], options),
  ).rejects.toMatchObject({ code: 'tokenizer.invalid', data: { reason: 'unknown' } });
  expect((await made.encode(originOfJson({ model }, 'sound'), ['aa'], options)).results[0]?.tokens).toHaveLength(2);
});

it('gives the bytes of tokens that are parts of a character', async () => {
  const qwen = withVectors.find(({ name }) => name === 'small/qwen2');
  const { results } = await tokenizers().encode(originOf(qwen?.folder ?? ''), ['a日'], plainly);
  expect(results[0]?.tokens.map(({ text, bytes, start, end }) => ({ text, bytes, start, end }))).toEqual([
    { text: 'a', bytes: null, start: 0, end: 1 },
    { text: '\ufffd', bytes: 'e697', start: 1, end: 2 },
    { text: '\ufffd', bytes: 'a5', start: 1, end: 2 },
  ]);
});

it('refuses an id without a token, and says how many there are', async () => {
  const origin = originOfJson({ model: { type: 'BPE', vocab: { a: 0, b: 7 }, merges: [] } });
  const made = tokenizers();
  expect(await made.decode(origin, [[0, 7]], { skipSpecialTokens: false })).toEqual(['a b']);
  for (const id of [3, 8])
    await expect(made.decode(origin, [[0], [0, id]], { skipSpecialTokens: false })).rejects.toMatchObject({
      code: 'tokenizer.invalid',
      data: { reason: 'no_such_id', id, vocabularySize: 2 },
    });
});

it('answers more tokenizers at once than it keeps', async () => {
  const made = tokenizers({ maxChildren: 1 });
  const answers = ['a', 'b', 'c'].map(async (key) => {
    const origin = originOfJson({ model: { type: 'BPE', vocab: { a: 0 }, merges: [] } }, key);
    return (await made.encode(origin, ['a'], plainly)).results[0]?.tokens.length;
  });
  expect(await Promise.all(answers)).toEqual([1, 1, 1]);
});

it('refuses steps that double a text again and again', async () => {
  const model = { type: 'BPE', vocab: { a: 0, h: 1 }, merges: [] };
  const steps = Array.from({ length: 60 }, () => ({
    type: 'Replace',
    pattern: { String: 'a' },
    content: 'aa',
  }));
  const made = tokenizers();
  const growth = { code: 'tokenizer.invalid', data: { reason: 'growth' } };
  const normalizer = originOfJson({ model, normalizer: { type: 'Sequence', normalizers: steps } }, 'normalizer');
  await expect(made.encode(normalizer, ['hello a'], plainly)).rejects.toMatchObject(growth);
  const decoder = originOfJson({ model, decoder: { type: 'Sequence', decoders: steps } }, 'decoder');
  await expect(made.decode(decoder, [[0]], { skipSpecialTokens: false })).rejects.toMatchObject(growth);
});

it('ends a tokenizer that takes too much memory, while others answer', async () => {
  const made = tokenizers({ heapMb: 96 });
  const vocab = Object.fromEntries(Array.from({ length: 700_000 }, (_, id) => [`t${String(id)}`, id]));
  const large = originOfJson({ model: { type: 'BPE', vocab, merges: [] } }, 'large');
  const small = originOfJson({ model: { type: 'BPE', vocab: { a: 0 }, merges: [] } }, 'small');
  const refused = expect(made.encode(large, ['t1'], plainly)).rejects.toMatchObject({
    code: 'tokenizer.invalid',
    data: { reason: 'memory' },
  });
  expect((await made.encode(small, ['a'], plainly)).vocabularySize).toBe(1);
  await refused;
});

it('ends a tokenizer whose expression takes forever, and answers the next question', async () => {
  const made = tokenizers({ questionMs: 8000 });
  const model = { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [] };
  const hostile = {
    model,
    pre_tokenizer: { type: 'Split', pattern: { Regex: '(a+)+b' }, behavior: 'Isolated', invert: false },
  };
  await expect(
    made.encode(originOfJson(hostile, 'hostile'), ['a'.repeat(60)], { addSpecialTokens: false }),
  ).rejects.toMatchObject({ code: 'tokenizer.invalid', data: { reason: 'too_slow', limitMs: 8000 } });
  const { results } = await made.encode(originOfJson({ model }, 'sound'), ['ab'], { addSpecialTokens: false });
  expect(results[0]?.tokens.map(({ id }) => id)).toEqual([0, 1]);
  const stop = new AbortController();
  stop.abort();
  await expect(
    made.encode(originOfJson({ model }, 'sound'), ['ab'], { addSpecialTokens: false }, stop.signal),
  ).rejects.toMatchObject({ code: 'cancelled' });
});

/** A pattern that takes forever at a row of `a`. */
const endless = {
  model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [] },
  pre_tokenizer: { type: 'Split', pattern: { Regex: '(a+)+b' }, behavior: 'Isolated', invert: false },
};
it('keeps its tokenizers when a question is cancelled that it works on', async () => {
  const made = tokenizers();
  const origin = originOf(withVectors[0]?.folder ?? '');
  await made.encode(origin, ['hello'], plainly);
  const stop = new AbortController();
  const dropped = made.encode(origin, ['hello world '.repeat(50_000)], plainly, stop.signal);
  setImmediate(() => stop.abort());
  await expect(dropped).rejects.toMatchObject({ code: 'cancelled' });
  expect((await made.encode(origin, ['hello'], plainly)).results).toHaveLength(1);
  expect(origin.reads()).toBe(1);
});

it('ends cancelled work that takes long as soon as another question waits', async () => {
  const made = tokenizers({ questionMs: 600_000, droppedMs: 300 });
  const stop = new AbortController();
  const origin = originOfJson(endless, 'endless');
  const readFiles = (): Promise<TokenizerFiles> => {
    // The thread has the question by then.
    setTimeout(() => stop.abort(), 50);
    return origin.readFiles();
  };
  const dropped = made.encode({ key: origin.key, readFiles }, ['a'.repeat(60)], plainly, stop.signal);
  await expect(dropped).rejects.toMatchObject({ code: 'cancelled' });
  const sound = originOfJson({ model: endless.model }, 'sound');
  expect((await made.encode(sound, ['ab'], plainly)).results[0]?.tokens).toHaveLength(2);
});

it('tells its structure without the vocabulary', async () => {
  const structure = await tokenizers().structure(originOfJson(endless));
  expect(structure).toMatchObject({ model: { type: 'BPE' }, preTokenizers: [{ type: 'Split' }], addedTokens: [] });
  expect(structure).not.toHaveProperty('vocabulary');
});

it('answers nothing once it is closed, also not what waited', async () => {
  const made = tokenizers();
  const sound = originOfJson({ model: endless.model }, 'sound');
  await made.encode(sound, ['ab'], plainly);
  const cancelled = { code: 'cancelled' };
  const running = expect(made.encode(sound, ['ab'.repeat(500_000)], plainly)).rejects.toMatchObject(cancelled);
  const waiting = expect(made.encode(sound, ['ab'], plainly)).rejects.toMatchObject(cancelled);
  await new Promise((resolve) => void setImmediate(resolve));
  await made.close();
  await Promise.all([running, waiting]);
  await expect(made.encode(sound, ['ab'], plainly)).rejects.toMatchObject(cancelled);
});
