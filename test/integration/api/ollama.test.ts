/** Ollama's dialect, by Ollama's own client where that has the call. */
import { Ollama, type ChatResponse } from 'ollama';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApiServer, type ApiServer } from '../../support/api-server.ts';
import { withModels } from '../../support/api-models.ts';
import { chatMl, writeScriptedModel } from '../../support/made-models.ts';

const THINKER = 'owner/Thinker-GGUF';
const CALLER = 'owner/Caller-GGUF';
const JSON_CALLER = 'owner/JsonCaller-GGUF';
/** Each is listed by its file: its name has no quantization. */
const nameOf = (repoId: string): string => `${repoId}/${repoId.split('/')[1]}.gguf`;
const thinking = `${chatMl}{% if enable_thinking is defined and not enable_thinking %}{{ '<think>\n\n</think>\n\n' }}{% endif %}`;
const callOf = (city: string): string =>
  `<tool_call>{"name": "weather", "arguments": {"city": "${city}", "n": 1.50}}</tool_call>`;
let server: ApiServer;
let client: Ollama;
beforeAll(async () => {
  server = await startApiServer({
    prepare: withModels({
      [THINKER]: (file) =>
        writeScriptedModel(file, {
          pieces: ['<think>', 'Hm. ', '</think>', 'Yes', '.'],
          template: thinking,
          marks: ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'],
        }),
      [JSON_CALLER]: (file) =>
        writeScriptedModel(file, { pieces: ['{"name": "weather", "arguments": {"city": "Bern"}}'] }),
      [CALLER]: (file) => writeScriptedModel(file, { pieces: ['Both. ', callOf('Bern'), callOf('Rome')] }),
    }),
  });
  client = new Ollama({ host: server.address });
}, 60_000);
afterAll(() => server.close());

const model = 'ember';
const question = [{ role: 'user', content: 'Who are you?' }];
/** Ember is greedy without options, so that its answers are always the same. */
const ANSWER = /^I'm Ember\. I was trained from scratch/;

async function collected(stream: AsyncIterable<ChatResponse>): Promise<ChatResponse[]> {
  const lines: ChatResponse[] = [];
  for await (const line of stream) lines.push(line);
  return lines;
}

const weather = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'Tells the weather of a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', enum: ['Bern', 'Rome'] } },
      required: ['city'],
    },
  },
};

describe('/api/chat', () => {
  it('answers at once, and the same as a stream of lines', async () => {
    const whole = await client.chat({ model, messages: question });
    expect(whole).toMatchObject({ model, done: true, done_reason: 'stop', message: { role: 'assistant' } });
    expect(whole.message.content).toMatch(ANSWER);
    const lines = await collected(await client.chat({ model, messages: question, stream: true }));
    expect(lines.map(({ message }) => message.content).join('')).toBe(whole.message.content);
    expect(lines.slice(0, -1).every(({ done }) => !done)).toBe(true);
    const last = lines.at(-1);
    expect(last).toMatchObject({ done: true, done_reason: 'stop', eval_count: whole.eval_count });
    expect(last?.prompt_eval_count).toBe(whole.prompt_eval_count);
    for (const field of ['total_duration', 'load_duration', 'prompt_eval_duration', 'eval_duration'] as const)
      expect(Number.isInteger(last?.[field]), field).toBe(true);
    expect(last?.total_duration).toBeGreaterThanOrEqual(last?.eval_duration ?? Infinity);
  });

  it('streams where the request does not say, as Ollama does', async () => {
    const answer = await fetch(`${server.address}/api/chat`, {
      method: 'POST',
      body: JSON.stringify({ model, messages: question }),
    });
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await answer.text()).trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ done: true });
  });

  it('keeps to limits, stops and seeds', async () => {
    const cut = await client.chat({ model, messages: question, options: { num_predict: 3 } });
    expect([cut.eval_count, cut.done_reason]).toEqual([3, 'length']);
    const stopped = await client.chat({ model, messages: question, options: { stop: [' was'] } });
    expect(stopped).toMatchObject({ done_reason: 'stop', message: { content: "I'm Ember. I" } });
    const seeded = async (seed: number) =>
      (await client.chat({ model, messages: question, options: { seed, temperature: 2, num_predict: 12 } })).message
        .content;
    expect(await seeded(1)).toBe(await seeded(1));
    expect(new Set(await Promise.all([1, 2, 3, 4].map(seeded))).size).toBeGreaterThan(1);
  });

  it("goes on with an assistant's message that stands last", async () => {
    const { message } = await client.chat({
      model,
      messages: [...question, { role: 'assistant', content: "I'm Ember." }],
    });
    expect(`I'm Ember.${message.content}`).toMatch(ANSWER);
  });

  it('tells the probabilities of tokens', async () => {
    const order = { model, messages: question, logprobs: true, top_logprobs: 2, options: { num_predict: 4 } };
    const whole = await client.chat(order);
    expect(whole.logprobs?.map(({ token }) => token).join('')).toBe(whole.message.content);
    expect(whole.logprobs?.[0]).toMatchObject({ token: 'I', top_logprobs: [{ token: 'I' }, {}] });
    const lines = await collected(await client.chat({ ...order, stream: true }));
    expect(lines.flatMap(({ logprobs }) => logprobs ?? [])).toEqual(whole.logprobs);
  });

  it('holds a reply to a schema, and to JSON', async () => {
    const schema = {
      type: 'object',
      properties: { name: { type: 'string', maxLength: 20 }, age: { type: 'integer', minimum: 0, maximum: 99 } },
      required: ['name', 'age'],
    };
    const { message } = await client.chat({ model, messages: question, format: schema });
    const read = JSON.parse(message.content) as { name: string; age: number };
    expect([typeof read.name, Number.isInteger(read.age)]).toEqual(['string', true]);
    const json = await client.chat({ model, messages: question, format: 'json', options: { num_predict: 300 } });
    if (json.done_reason === 'stop') expect(typeof JSON.parse(json.message.content)).toBe('object');
    else expect(json.message.content.trimStart()).toMatch(/^\{/);
    const wrong = await server.ask('/api/chat', { model, messages: question, format: 'xml' });
    expect([wrong.status, wrong.body.error]).toEqual([400, expect.stringContaining('format')]);
  });

  it('calls tools, with arguments as objects, and takes their results', async () => {
    const order = { model, messages: question, tools: [weather], tool_choice: 'required' };
    const whole = await client.chat(order);
    const [call] = whole.message.tool_calls ?? [];
    expect(call).toMatchObject({ id: expect.stringMatching(/./), function: { index: 0, name: 'weather' } });
    expect(['Bern', 'Rome']).toContain(call?.function.arguments['city']);
    expect(whole).toMatchObject({ done_reason: 'stop', message: { content: '' } });
    const lines = await collected(await client.chat({ ...order, stream: true }));
    expect(lines.flatMap(({ message }) => message.tool_calls ?? [])).toMatchObject([{ function: call?.function }]);
    const after = await client.chat({
      ...{ model, tools: [weather] },
      messages: [...question, whole.message, { role: 'tool', tool_name: 'weather', content: 'sunny' }],
    });
    expect(after.prompt_eval_count).toBeGreaterThan(whole.prompt_eval_count);
    const named = { type: 'function', function: { name: 'weather' } };
    const forced = await client.chat({ ...order, ...{ tool_choice: named } });
    expect(forced.message.tool_calls).toHaveLength(1);
    const none = await client.chat({ ...order, ...{ tool_choice: 'none' } });
    expect(none.message).toMatchObject({ content: expect.stringMatching(ANSWER) });
    const unknown = await server.ask('/api/chat', {
      ...order,
      tool_choice: { type: 'function', function: { name: 'x' } },
    });
    expect(unknown).toMatchObject({ status: 400, body: { error: expect.stringContaining('"x"') } });
  });

  it('gives several calls in one reply, with numbers as the model wrote them', async () => {
    const order = { model: nameOf(CALLER), messages: question, tools: [weather] };
    const { body } = await server.ask('/api/chat', { ...order, stream: false });
    const calls = body.message.tool_calls as { function: object }[];
    expect(calls.map((call) => call.function)).toEqual([
      { index: 0, name: 'weather', arguments: { city: 'Bern', n: 1.5 } },
      { index: 1, name: 'weather', arguments: { city: 'Rome', n: 1.5 } },
    ]);
    expect(body).toMatchObject({ done_reason: 'stop', message: { content: expect.stringMatching(/^Both\.\s*$/) } });
    const lines = await collected(await client.chat({ ...order, stream: true }));
    expect(lines.flatMap(({ message }) => message.tool_calls ?? []).map((call) => call.function)).toEqual(
      calls.map((call) => call.function),
    );
    const text = await (
      await fetch(`${server.address}/api/chat`, { method: 'POST', body: JSON.stringify(order) })
    ).text();
    expect(text).toContain('"n":1.50');
  });

  it('may call a tool although the answer has a form', async () => {
    const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const tool = { type: 'function', function: { name: 'weather', parameters: city } };
    const order = { messages: question, tools: [tool], format: { enum: ['yes', 'no'] }, stream: false };
    const called = await server.ask('/api/chat', { model: nameOf(JSON_CALLER), ...order });
    expect(called.body.message.tool_calls).toMatchObject([
      { function: { name: 'weather', arguments: { city: 'Bern' } } },
    ]);
    const answered = await server.ask('/api/chat', { model, ...order });
    expect(['yes', 'no']).toContain(JSON.parse(answered.body.message.content as string));
  });

  it('tells reasoning apart, and asks the template for it or for none', async () => {
    const order = { model: nameOf(THINKER), messages: question };
    for (const think of [undefined, true, 'high'] as const) {
      const whole = await client.chat({ ...order, ...(think !== undefined && { think }) });
      expect(whole.message).toMatchObject({ content: 'Yes.', thinking: expect.stringMatching(/^Hm\.\s*$/) });
    }
    const lines = await collected(await client.chat({ ...order, think: true, stream: true }));
    expect(
      lines
        .map(({ message }) => message.thinking ?? '')
        .join('')
        .trim(),
    ).toBe('Hm.');
    expect(lines.map(({ message }) => message.content).join('')).toBe('Yes.');
    const without = await client.chat({ ...order, think: false });
    const withThinking = await client.chat({ ...order, think: true });
    expect(without.prompt_eval_count).toBeGreaterThan(withThinking.prompt_eval_count);
  });

  it('frees the slot of a caller that hangs up', async () => {
    const generated = async (): Promise<number> => {
      const { body } = await server.ask('/metrics');
      return Number(/^llamacpp:tokens_predicted_total (\d+)/m.exec(body as string)?.[1]);
    };
    const before = await generated();
    const long = { type: 'array', minItems: 500, items: { type: 'string', minLength: 20 } };
    const stream = await client.chat({ model, messages: question, format: long, stream: true });
    const reading = (async () => {
      for await (const { message } of stream) if (message.content !== '') stream.abort();
    })();
    await expect(reading).rejects.toThrow(/abort/i);
    await expect
      .poll(async () =>
        ((await server.ask('/slots')).body as { is_processing: boolean }[]).some((one) => one.is_processing),
      )
      .toBe(false);
    // The context of Ember holds a thousand.
    await expect.poll(async () => (await generated()) - before).toBeGreaterThan(0);
    expect((await generated()) - before).toBeLessThan(500);
  });

  it('shortens a conversation that does not fit, unless it asked for more room or for no shortening', async () => {
    const long = Array.from({ length: 60 }, (_, index) => [
      { role: 'user', content: `Question ${index}: what is a warm and quiet evening by the fire worth?` },
      { role: 'assistant', content: 'It is worth a great deal.' },
    ]).flat();
    const messages = [...long, ...question];
    const options = { num_predict: 5 };
    const answer = await client.chat({ model, messages, options });
    expect(answer.prompt_eval_count).toBeLessThan(1024);
    for (const more of [{ options: { ...options, num_ctx: 32_768 } }, { options, truncate: false }]) {
      const refused = await server.ask('/api/chat', { model, messages, stream: true, ...more });
      expect(refused).toMatchObject({ status: 400, body: { error: expect.stringMatching(/context/) } });
    }
  });

  it('refuses what it cannot do with the name of the field', async () => {
    const refused = async (body: object) => {
      const { status, body: answer } = await server.ask('/api/chat', { model, messages: question, ...body });
      return [status, (answer as { error: string }).error] as const;
    };
    expect(await refused({ messages: [{ role: 'user', content: 'x', images: ['AAAA'] }] })).toEqual([
      ...[400, expect.stringContaining('messages.0.images')],
    ]);
    expect(await refused({ think: true })).toEqual([400, '"ember" does not support thinking']);
    expect(await refused({ think: 'much' })).toEqual([400, expect.stringContaining('think')]);
    expect(await refused({ keep_alive: 'soon' })).toEqual([400, expect.stringContaining('keep_alive')]);
    expect(await refused({ options: { temperature: '1' } })).toEqual([
      ...[400, expect.stringContaining('options.temperature')],
    ]);
    expect(await refused({ messages: [{ role: 'nobody', content: '' }] })).toEqual([
      400,
      expect.stringContaining('role'),
    ]);
    expect(await refused({ model: '' })).toEqual([400, 'model is required']);
    await expect(client.chat({ model: 'embre', messages: question })).rejects.toMatchObject({
      status_code: 404,
      message: expect.stringMatching(/^model 'embre' not found\. Did you mean ember/),
    });
  });

  it('loads a model, says for how long it stays, and lets it go', async () => {
    expect(await client.chat({ model, keep_alive: '10m' })).toMatchObject({ done: true, done_reason: 'load' });
    const loaded = async () => (await client.ps()).models.find(({ name }) => name === 'ember:latest');
    const stays = await loaded();
    const minutes = (new Date(String(stays?.expires_at)).getTime() - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(8);
    expect(minutes).toBeLessThan(11);
    expect(stays).toMatchObject({ context_length: 1024, size_vram: 0, details: { family: 'llama' } });
    await client.generate({ model, prompt: '', keep_alive: -1 });
    expect(new Date(String((await loaded())?.expires_at)).getFullYear()).toBeGreaterThan(2200);
    expect(await client.chat({ model, messages: [], keep_alive: 0 })).toMatchObject({ done_reason: 'unload' });
    await expect.poll(loaded).toBeUndefined();
    // It is not loaded only to be unloaded.
    expect(await client.generate({ model, prompt: '', keep_alive: 0 })).toMatchObject({ done_reason: 'unload' });
    expect(await loaded()).toBeUndefined();
  });
});

describe('/api/generate', () => {
  it('answers a prompt, with a system prompt and a template of its own', async () => {
    const plain = await client.generate({ model, prompt: 'Who are you?' });
    expect(plain.response).toMatch(ANSWER);
    const chatml =
      '{{ range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n';
    const same = await client.generate({ model, prompt: 'Who are you?', template: chatml });
    expect([same.response, same.prompt_eval_count]).toEqual([plain.response, plain.prompt_eval_count]);
    const system = await client.generate({ model, prompt: 'Who are you?', system: 'Be kind.' });
    expect(system.prompt_eval_count).toBeGreaterThan(plain.prompt_eval_count);
    const raw = await client.generate({
      model,
      prompt: '<|im_start|>user\nWho are you?<|im_end|>\n<|im_start|>assistant\n',
      raw: true,
    });
    expect([raw.response, raw.context]).toEqual([plain.response, undefined]);
  });

  it('streams', async () => {
    let text = '';
    for await (const line of await client.generate({ model, prompt: 'Who are you?', stream: true }))
      text += line.response;
    expect(text).toMatch(ANSWER);
  });

  it('remembers by the tokens that it gives out', async () => {
    const first = await client.generate({ model, prompt: 'Who are you?' });
    expect(first.context).toHaveLength(first.prompt_eval_count + first.eval_count);
    const second = await client.generate({
      model,
      prompt: 'And now?',
      context: first.context,
      options: { num_predict: 4 },
    });
    expect(second.context.slice(0, first.context.length)).toEqual(first.context);
    expect(second.prompt_eval_count).toBeGreaterThan(first.context.length);
    const wrong = await server.ask('/api/generate', { model, prompt: 'x', context: [4_000_000_000] });
    expect(wrong.status).toBe(400);
  });

  it('fills a gap', async () => {
    const filled = await client.generate({
      model: nameOf(THINKER),
      prompt: 'a\n',
      suffix: 'b',
      options: { num_predict: 3 },
    });
    expect([filled.eval_count, filled.context]).toEqual([expect.any(Number), undefined]);
  });

  it('refuses a gap where the model knows none, and fields that exclude each other', async () => {
    for (const [body, reason] of [
      [{ suffix: 'b' }, /middle/],
      [{ raw: true, system: 'x' }, /raw/],
      [{ suffix: 'b', template: '{{ .Prompt }}' }, /template/],
      [{ images: ['AAAA'] }, /images/],
      [{ template: '{{ .Nothing }}' }, /\.Nothing/],
    ] as const) {
      const answer = await server.ask('/api/generate', { model, prompt: 'a', ...body });
      expect(answer).toMatchObject({ status: 400, body: { error: expect.stringMatching(reason) } });
    }
  });
});

describe('/api/embed', () => {
  const length = (vector: readonly number[]): number => Math.hypot(...vector);

  it('makes vectors of length 1, and cuts them where it is asked to', async () => {
    const { embeddings, prompt_eval_count } = await client.embed({ model, input: ['The fire is warm.', 'Rain.'] });
    expect(embeddings.map((one) => one.length)).toEqual([192, 192]);
    for (const vector of embeddings) expect(length(vector)).toBeCloseTo(1, 4);
    expect(prompt_eval_count).toBeGreaterThan(2);
    const cut = await client.embed({ model, input: 'The fire is warm.', dimensions: 8 });
    expect([cut.embeddings[0]?.length, length(cut.embeddings[0] ?? [])]).toEqual([8, expect.closeTo(1, 4)]);
    const old = await client.embeddings({ model, prompt: 'The fire is warm.' });
    const scale = length(old.embedding);
    expect(old.embedding.map((value) => value / scale)).toEqual(
      embeddings[0]?.map((value) => expect.closeTo(value, 4)),
    );
    expect(await client.embed({ model, input: [] })).toEqual({ model, embeddings: [] });
    expect(await server.ask('/api/embed', { model, input: ['Rain.', ''] })).toMatchObject({
      ...{ status: 400, body: { error: expect.stringContaining('Text 2') } },
    });
  });

  it('cuts a text that is too long, unless it must not', async () => {
    const input = 'The fire is warm. '.repeat(2000);
    const { embeddings, prompt_eval_count } = await client.embed({ model, input: ['Rain.', input] });
    expect([embeddings[1]?.length, prompt_eval_count > 900 && prompt_eval_count < 1100]).toEqual([192, true]);
    const refused = await server.ask('/api/embed', { model, input, truncate: false });
    expect(refused).toMatchObject({ status: 400, body: { error: expect.stringMatching(/tokens/) } });
  });
});

describe('lists and descriptions', () => {
  it('says that it runs, and which version it speaks', async () => {
    const head = await fetch(`${server.address}/`, { method: 'HEAD' });
    expect([head.status, (await server.ask('/')).body]).toEqual([200, 'Ollama is running']);
    expect((await client.version()).version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('lists models by names that every request takes', async () => {
    const { models } = await client.list();
    expect(models.map(({ name }) => name).sort()).toEqual(
      ['ember:latest', `${nameOf(CALLER)}:latest`, `${nameOf(JSON_CALLER)}:latest`, `${nameOf(THINKER)}:latest`].sort(),
    );
    for (const { name, digest, size, details } of models) {
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
      expect(size).toBeGreaterThan(0);
      expect(details).toMatchObject({ format: 'gguf', families: ['llama'] });
      expect((await client.show({ model: name })).details).toMatchObject({ family: 'llama' });
      expect((await client.chat({ model: name, messages: question, options: { num_predict: 1 } })).eval_count).toBe(1);
    }
  });

  it('describes a model by its header', async () => {
    const shown = await client.show({ model });
    expect(shown).toMatchObject({
      capabilities: ['completion'],
      template: expect.stringContaining('im_start'),
      license: 'mit',
      details: { parameter_size: '3.05M', quantization_level: 'Q8_0', embedding_length: 192 },
      model_info: {
        'general.architecture': 'llama',
        'general.parameter_count': 3_049_920,
        'llama.context_length': 1024,
        'tokenizer.ggml.tokens': [],
      },
    });
    expect(shown).not.toHaveProperty('tensors');
    const { body } = await server.ask('/api/show', { name: model, verbose: true });
    expect(body.tensors).toContainEqual({ name: 'token_embd.weight', type: 'Q8_0', shape: [192, 2048] });
    const copilot = await server.ask('/api/show', { model }, { 'user-agent': 'GitHubCopilotChat/1.0' });
    expect(copilot.body.model_info['general.basename']).toBe('ember');
    expect((await server.ask('/api/show', { model: 'nobody' })).status).toBe(404);
    expect((await client.show({ model: nameOf(THINKER) })).capabilities).toEqual(['completion', 'insert', 'thinking']);
  });
});
