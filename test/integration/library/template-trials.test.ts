/** Chat templates tried out through the app's contract, over models with the templates of the fixtures. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { templateMessage, templateTool } from '../../../main/chat-format/template/tool-prompt.ts';
import type { ReplyReading, TemplateInfo, TemplateRendering } from '../../../preload/contract/template.ts';
import { serveFolder, type ServedApp } from '../../support/app-setup.ts';
import { putFile } from '../../support/cache-setup.ts';
import { readConversations } from '../../support/fixture-conversations.ts';
import { writeScriptedModel } from '../../support/made-models.ts';

const fixtures = path.join(import.meta.dirname, '../../fixtures/templates');
const readJson = (file: string): unknown => JSON.parse(readFileSync(path.join(fixtures, file), 'utf8'));
const { tools, conversations } = readConversations(path.join(fixtures, 'conversations.json'));
const expected = readJson('expected.json') as Readonly<
  Record<string, Readonly<Record<string, { readonly ok?: string; readonly error?: string }>>>
>;
/** Reasoning, tools, the clock, and one that refuses much; `renderAsGiven` itself is tested with all of them. */
const tried = Object.fromEntries(
  Object.entries(expected).filter(([name]) => /Apertus|GigaChat3|Qwen3|granite|own-function/.test(name)),
);
const now = '2026-01-02T15:04:05.678';
const endless = '{% for a in range(99999) %}{% set x = range(99999)|sum %}{% endfor %}';

let folder: string;
let app: ServedApp;
const idOf = (name: string): string => `owner/templates/${name.replace(/\.jinja$/, '')}.gguf`;

async function putModel(name: string, template: string): Promise<void> {
  const file = path.join(folder, 'made.gguf');
  writeScriptedModel(file, { pieces: ['Hi', name], template, special: ['<tool_call>', '<think>', '</think>'] });
  const where = { repoId: 'owner/templates', path: `${name.replace(/\.jinja$/, '')}.gguf`, ref: 'main' };
  await putFile(path.join(folder, 'cache'), { ...where, bytes: await readFile(file) });
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hearth-trials-'));
  await mkdir(path.join(folder, 'cache'));
  for (const name of Object.keys(tried)) await putModel(name, readFileSync(path.join(fixtures, name), 'utf8'));
  await putModel('endless', `{% if messages|length > 1 %}${endless}{% endif %}x`);
  for (const name of ['one', 'two', 'three']) await putModel(name, name);
  await putModel('broken', 'a\n{% for %}');
  await putModel('none', '');
  app = await serveFolder(folder);
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

const hello = JSON.stringify([{ role: 'user', content: 'Hello' }]);

describe('template.render', () => {
  it.for(Object.entries(tried))('renders %s from the model’s file as jinja2 does', async ([name, answers]) => {
    let compared = 0;
    for (const [conversation, { ok, error }] of Object.entries(answers)) {
      const { messages: talk = [], withTools = false } = conversations[conversation] ?? {};
      const messages = talk.map((one) => templateMessage(one, { textArguments: true, shortIds: false }));
      const rendered = app.call<TemplateRendering>('template.render', {
        ...{ modelId: idOf(name), now, messages: JSON.stringify(messages) },
        tools: withTools ? JSON.stringify(tools.map(templateTool)) : null,
      });
      if (ok === undefined) {
        expect(error).toBeDefined();
        expect(
          await rendered.then(
            ({ refused }) => refused !== null,
            (thrown: { code: string }) => thrown.code,
          ),
        ).toSatisfy((told) => told === true || told === 'template.invalid');
        continue;
      }
      compared++;
      // The two tokens of the fixtures have other names in these models.
      const text = ok.replaceAll('<BOS>', '<s>').replaceAll('<EOS>', '<|im_end|>');
      expect([conversation, await rendered]).toMatchObject([conversation, { text, refused: null, tokenCount: null }]);
    }
    expect(compared).toBeGreaterThan(0);
  });

  it('counts the tokens of a model that is loaded, special ones as one each', async () => {
    const modelId = idOf('Qwen-Qwen3-0.6B.jinja');
    await app.call('engine.load', { modelId });
    const { text, tokenCount, specialTokens } = await app.call<TemplateRendering>('template.render', {
      ...{ modelId, messages: hello },
    });
    await app.call('engine.unload', { modelId });
    expect(text).toBe('<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n');
    expect(specialTokens).toEqual(['<|im_start|>', '<|im_end|>']);
    // The vocabulary has bytes and marks only.
    expect(tokenCount).toBe(3 + 'user\nHello\nassistant\n'.length);
  });

  it('tells where the messages, the tools or the time are wrong', async () => {
    const render = (input: object) =>
      app.call('template.render', { modelId: idOf('own-function-tags.jinja'), ...input });
    await expect(render({ messages: '[\n {"role" "user"}]' })).rejects.toMatchObject({
      ...{ code: 'invalid_input', data: { reason: 'not_json', field: 'messages', line: 2, column: 10 } },
    });
    await expect(render({ messages: hello, tools: '[}' })).rejects.toMatchObject({
      ...{ code: 'invalid_input', data: { reason: 'not_json', field: 'tools', line: 1, column: 2 } },
    });
    await expect(render({ messages: '[{"role":"a robot"}]' })).rejects.toMatchObject({
      ...{ code: 'invalid_input', data: { field: 'messages.0.role' } },
    });
    await expect(render({ messages: hello, now: 'today' })).rejects.toMatchObject({
      ...{ code: 'invalid_input', data: { field: 'now' } },
    });
  });

  it('ends a template at its limits, and answers the next', async () => {
    const two = JSON.stringify([
      { role: 'user', content: 'a' },
      { role: 'user', content: 'b' },
    ]);
    await expect(app.call('template.render', { modelId: idOf('endless'), messages: two })).rejects.toMatchObject({
      code: 'template.invalid',
    });
    expect(await app.call('template.render', { modelId: idOf('endless'), messages: hello })).toMatchObject({
      text: 'x',
    });
  });

  it('answers two questions of different models that are asked at once', async () => {
    const two = JSON.stringify([1, 2].map((number) => ({ role: 'user', content: String(number) })));
    const [first, second] = await Promise.allSettled([
      app.call('template.render', { modelId: idOf('endless'), messages: two }),
      app.call('template.render', { modelId: idOf('ibm-granite-granite-3.3-2B-Instruct'), messages: hello }),
    ]);
    // Its own limit of steps, and not the time that a thread without an answer is waited for.
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'template.invalid', data: { why: 'invalid' } } });
    expect(second.status).toBe('fulfilled');
  });
});

describe('questions of several models at once', () => {
  it('are answered by one thread after another', async () => {
    const threads: Worker[] = [];
    let most = 0;
    const onThread = (thread: Worker): void => {
      // The memory's speed is measured in a thread of its own, at a moment of the app's choice.
      if (thread.threadName !== 'template') return;
      threads.push(thread);
      // A thread that has ended has no number.
      most = Math.max(most, threads.filter(({ threadId }) => threadId !== -1).length);
    };
    process.on('worker', onThread);
    onTestFinished(() => void process.off('worker', onThread));
    const names = ['one', 'two', 'three', 'one', 'two', 'three', 'one', 'two'];
    const texts = names.map(async (name) => {
      const { text } = await app.call<TemplateRendering>('template.render', { modelId: idOf(name), messages: hello });
      return text;
    });
    expect(await Promise.all(texts)).toEqual(names);
    expect([threads.length, most]).toEqual([8, 1]);
  });
});

describe('template.info', () => {
  const info = (name: string): Promise<TemplateInfo> => app.call('template.info', { modelId: idOf(name) });
  it('has the template, and the special tokens that it writes', async () => {
    const source = readFileSync(path.join(fixtures, 'Qwen-Qwen3-0.6B.jinja'), 'utf8');
    const found = await info('Qwen-Qwen3-0.6B.jinja');
    expect(found).toMatchObject({ source, bos: '<s>', eos: '<|im_end|>', notes: [] });
    expect([...found.specialTokens].sort()).toEqual(['</think>', '<think>', '<tool_call>', '<|im_start|>']);
  });
  it('says what is used in place of a template, and why', async () => {
    expect(await info('broken')).toMatchObject({
      notes: [
        {
          code: 'template_unused',
          form: 'ChatML',
          why: 'invalid',
          detail: expect.stringContaining('line 2') as string,
        },
      ],
    });
    expect(await info('none')).toMatchObject({ source: null, notes: [{ code: 'no_chat_template' }] });
    await expect(app.call('template.render', { modelId: idOf('none'), messages: hello })).rejects.toMatchObject({
      code: 'not_found',
      data: { reason: 'no_chat_template' },
    });
  });
});

it('template.readReply reads a reply as a chat does', async () => {
  const reply =
    '<think>\nWhich city?\n</think>\n\nLet me look.\n<tool_call>\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n</tool_call>';
  const read = await app.call<ReplyReading>('template.readReply', {
    ...{ modelId: idOf('Qwen-Qwen3-0.6B.jinja'), messages: hello, reply },
  });
  expect(read.reasoning).toBe('Which city?');
  expect(read.content.trim()).toBe('Let me look.');
  expect(read.calls).toEqual([{ name: 'get_weather', arguments: '{"city":"Oslo"}' }]);
});
