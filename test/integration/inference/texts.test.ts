/** Texts, tokens and prompts of real models through `inference`, as programs ask for them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ember, greedy, startEngine, stories, type TestEngine } from '../../support/engine-host-setup.ts';
import { startInProcess, type InProcess } from '../../support/engine-in-process.ts';
import { createInference, createLocalProvider, type Inference } from '../../../main/inference/inference.ts';

const never = new AbortController().signal;
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
  it('is refused: the vector of an empty text, which is named', async () => {
    for (const { modelId } of [ember, stories])
      await expect(inference.embed(modelId, ['a', ''])).rejects.toMatchObject({
        ...{ ...refused, message: expect.stringContaining('Text 2'), data: { field: 'texts', index: 1 } },
      });
  });
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

  it('is that of the request’s own template and its variables, also for a model without a template', async () => {
    const messages = [{ role: 'user', content: 'Hello <s>' }] as const;
    const template = '{{ bos_token }}{% if polite %}Dear{% else %}Oh{% endif %} {{ messages[0].content }}:';
    for (const { modelId } of [ember, stories]) {
      const rude = await inference.render(modelId, { input: { messages }, template });
      expect(rude.text).toMatch(/Oh Hello <s>:$/);
      const polite = { input: { messages }, template, templateOptions: { polite: true } };
      expect((await inference.render(modelId, polite)).text).toMatch(/Dear Hello <s>:$/);
      const reply = inference.generate({ modelId, ...polite, sampling: { ...greedy, maxTokens: 4 } }, never);
      let last: unknown;
      for await (const event of reply) last = event;
      expect(last).toMatchObject({ type: 'end', result: { generatedTokens: 4 } });
    }
    const own = { input: { messages }, templateOptions: { enable_thinking: false } };
    expect((await inference.render(ember.modelId, own)).text).toContain('Hello <s>');
  });

  it('is refused where the template or a variable cannot be used, and the model’s own template goes on', async () => {
    const input = { messages: [{ role: 'user', content: 'Hello' }] } as const;
    const render = (rest: object) => inference.render(ember.modelId, { input, ...rest });
    const invalid = { code: 'template.invalid' };
    await expect(render({ template: '{% if %}' })).rejects.toMatchObject(invalid);
    await expect(render({ template: '{{ raise_exception("no") }}' })).rejects.toMatchObject(invalid);
    await expect(render({ template: 'x'.repeat(1_000_001) })).rejects.toMatchObject(invalid);
    const endless = '{% for a in range(99999) %}{% set x = range(99999)|sum %}{% endfor %}';
    const slow = render({ template: endless });
    slow.catch(() => {});
    // It has a thread of its own.
    expect((await render({})).text).toContain('Hello');
    await expect(slow).rejects.toMatchObject(invalid);
    for (const templateOptions of [{ messages: 'x' }, { 'no name': 1 }])
      await expect(render({ templateOptions })).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

describe('a reply whose reader leaves', () => {
  it('ends, and its slot is the next one’s', async () => {
    const { modelId } = stories;
    const sampling = { ...greedy, temperature: 1, minTokens: 1_000_000 };
    const endless = { modelId, input: { rawPrompt: 'Once' }, sampling, priority: 'api' } as const;
    for (let round = 0; round < 3; round++)
      for await (const { type } of inference.generate({ ...endless, client: `${round}` }, never))
        if (type === 'text') break;
    const next = inference.generate({ ...endless, sampling: { ...greedy, maxTokens: 3 } }, never);
    let last: unknown;
    for await (const event of next) last = event;
    expect(last).toMatchObject({ type: 'end', result: { generatedTokens: 3 } });
    expect(inference.loaded().find((one) => one.modelId === modelId)).toMatchObject({
      ...{ status: 'ready', activeSequences: 0, leases: 0 },
    });
  });
});
