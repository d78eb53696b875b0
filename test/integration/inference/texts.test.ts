/** Texts, tokens and prompts of real models through `inference`, as programs ask for them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ember, startEngine, stories, type TestEngine } from '../../support/engine-host-setup.ts';
import { startInProcess, type InProcess } from '../../support/engine-in-process.ts';
import { createInference, createLocalProvider, type Inference } from '../../../main/inference/inference.ts';

let test: TestEngine;
let inference: Inference;
let llama: InProcess;
beforeAll(async () => {
  test = startEngine();
  const findModel = async (modelId: string) => (modelId === ember.modelId ? ember : stories);
  inference = createInference(createLocalProvider({ engine: test.engine, findModel }));
  llama = await startInProcess();
});
afterAll(async () => {
  expect(await test.close()).toEqual([]);
});

describe.each([ember, stories])('tokens of $name', ({ modelId, path }) => {
  it('are those of llama.cpp, and give the text back', async () => {
    const { model } = await llama.load(path);
    for (const text of ['Once upon a time', 'zwei  Wörter\n\n', '漢字仮名 😀', '', '<s><|im_end|> \u0000']) {
      for (const special of [false, true]) {
        const { tokens } = await inference.tokenize(modelId, text, { special });
        const ids = tokens.map(({ id }) => id);
        expect(ids).toEqual(model.tokenize(text, special));
        expect(await inference.detokenize(modelId, ids)).toBe(model.detokenize(ids as never, true));
      }
    }
    await model.dispose();
  });

  it('give the text of a book back, in which characters of several tokens stand at every border', async () => {
    for (const shift of [0, 1, 2, 3]) {
      const text = 'a'.repeat(shift) + '😀漢é '.repeat(3000);
      const { tokens } = await inference.tokenize(modelId, text, { special: false });
      const back = await inference.detokenize(
        modelId,
        tokens.map(({ id }) => id),
      );
      expect(back.trim() === text.trim()).toBe(true);
    }
  });
});

describe('what nobody would ask for', () => {
  const refused = { code: 'invalid_input' };
  it('is refused: texts and lists that are too long, and numbers that are no tokens', async () => {
    const { modelId } = ember;
    await expect(
      inference.tokenize(modelId, 'x'.repeat(16_000_000), { special: true, order: { priority: 'api' } }),
    ).rejects.toMatchObject({ ...refused, data: { field: 'text' } });
    await expect(inference.detokenize(modelId, new Array(1_000_001).fill(5))).rejects.toMatchObject({
      ...{ ...refused, data: { field: 'tokens' } },
    });
    for (const id of [-1, 1.5, 1e9, Number.NaN, 2 ** 31, 2 ** 32, -(2 ** 31)])
      await expect(inference.detokenize(modelId, [5, id]), String(id)).rejects.toMatchObject(refused);
    expect(await inference.detokenize(modelId, [])).toBe('');
    expect((await inference.detokenize(modelId, new Array(1_000_000).fill(5))).length).toBeGreaterThan(0);
  });

  it('ends when it is stopped', async () => {
    const stop = new AbortController();
    const order = { signal: stop.signal };
    const ids = new Array<number>(1_000_000).fill(5);
    const asked = [
      inference.tokenize(stories.modelId, '漢字仮名'.repeat(80_000), { special: true, order }),
      inference.detokenize(stories.modelId, ids, order),
    ];
    stop.abort();
    for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a rendered prompt', () => {
  it('loads the model, and is what the reply’s prompt is counted by', async () => {
    await test.engine.unload(ember.modelId);
    const messages = [{ role: 'user', content: 'Hello' }] as const;
    const made = await inference.render(ember.modelId, { input: { messages } });
    expect(made.text).toContain('Hello');
    expect(made.contextSize).toBeGreaterThan(0);
    expect(made.omittedMessages).toBe(0);
    expect(made.promptTokens).toBe(await inference.count(ember.modelId, { input: { messages } }));
    const { tokens } = await inference.tokenize(ember.modelId, made.text, { special: true });
    expect(tokens.length).toBe(made.promptTokens);
  });
});
