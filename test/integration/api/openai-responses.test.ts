/** OpenAI's responses, asked by its official client, and as Codex asks. */
import OpenAI from 'openai';
import type { ResponseCreateParamsNonStreaming, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withModels } from '../../support/api-models.ts';
import { startApiServer, type ApiServer } from '../../support/api-server.ts';
import { chatMl, writeScriptedModel } from '../../support/made-models.ts';

let server: ApiServer;
let client: OpenAI;
beforeAll(async () => {
  server = await startApiServer({
    prepare: withModels({
      'made/agent': (file) =>
        writeScriptedModel(file, {
          ...{ template: `${chatMl}{{ '<think>\\n' }}`, marks: ['</think>'] },
          ...{ pieces: ['I look', ' first.', '</think>', 'Looking.'] },
        }),
      'made/caller': (file) =>
        writeScriptedModel(file, {
          ...{ marks: ['<tool_call>', '</tool_call>'], contextLength: 4096 },
          pieces: [
            ...['Sure.', '<tool_call>', '{"name": "shell", "arguments": {"command": ["ls"]}}', '</tool_call>'],
            ...['<tool_call> ', '{"name": "patch", "arguments": {"input": "*** Begin"}}', '</tool_call> '],
          ],
        }),
    }),
  });
  client = new OpenAI({ baseURL: `${server.address}/v1`, apiKey: 'none', maxRetries: 0 });
}, 60_000);
afterAll(() => server.close());

const who = { model: 'ember', input: 'Who are you?', temperature: 0 };
const create = (body: object) => client.responses.create({ ...who, ...body } as ResponseCreateParamsNonStreaming);
const stream = async (body: object): Promise<ResponseStreamEvent[]> =>
  await Array.fromAsync(await client.responses.create({ ...who, ...body, stream: true }));
const typesOf = (events: readonly ResponseStreamEvent[]): string[] =>
  events.map(({ type }) => type.replace('response.', '')).filter((type, at, all) => type !== all[at - 1]);
const shell = {
  ...{ type: 'function', name: 'shell', description: 'Runs a command.', strict: false },
  parameters: {
    type: 'object',
    properties: { command: { type: 'array', items: { type: 'string' } } },
    required: ['command'],
    additionalProperties: false,
  },
};
const patch = { type: 'custom', name: 'patch', description: 'Applies a patch.', format: { type: 'text' } };

describe('a response', () => {
  it('is answered whole, and the same as a stream whose events are in order', async () => {
    const whole = await create({ instructions: 'Be kind.', metadata: { a: 'b' } });
    expect(whole.output_text).toContain('Ember');
    expect(whole).toMatchObject({
      ...{ object: 'response', status: 'completed', model: 'ember', instructions: 'Be kind.', error: null },
      ...{ metadata: { a: 'b' }, temperature: 0, incomplete_details: null, previous_response_id: null },
      output: [{ type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text' }] }],
    });
    expect(whole.usage!.total_tokens).toBe(whole.usage!.input_tokens + whole.usage!.output_tokens);
    const events = await stream({ instructions: 'Be kind.' });
    expect(typesOf(events)).toEqual([
      ...['created', 'in_progress', 'output_item.added', 'content_part.added', 'output_text.delta'],
      ...['output_text.done', 'content_part.done', 'output_item.done', 'completed'],
    ]);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
    const text = events.map((one) => (one.type === 'response.output_text.delta' ? one.delta : '')).join('');
    expect(text).toBe(whole.output_text);
    // The client builds the response from the events by itself.
    const built = client.responses.stream(who);
    expect((await built.finalResponse()).output_text).toContain('Ember');
  });

  it('is incomplete where it was cut', async () => {
    const whole = await create({ max_output_tokens: 3 });
    expect(whole).toMatchObject({
      ...{
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        output: [{ status: 'incomplete' }],
      },
    });
    expect((await stream({ max_output_tokens: 3 })).at(-1)).toMatchObject({
      ...{ type: 'response.incomplete', response: { status: 'incomplete', usage: { output_tokens: 3 } } },
    });
  });

  it('has reasoning as an item of its own, as text or as a summary', async () => {
    const body = { model: 'made/agent', input: 'x' };
    const whole = await create(body);
    expect(whole.output).toMatchObject([
      { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'I look first.' }] },
      { type: 'message', content: [{ text: 'Looking.' }] },
    ]);
    expect(whole.usage!.output_tokens_details.reasoning_tokens).toBe(3);
    expect(typesOf(await stream(body)).slice(2, 8)).toEqual([
      ...['output_item.added', 'content_part.added', 'reasoning_text.delta', 'reasoning_text.done'],
      ...['content_part.done', 'output_item.done'],
    ]);
    const summarized = await stream({ ...body, reasoning: { effort: 'high', summary: 'auto' } });
    expect(typesOf(summarized).slice(2, 8)).toEqual([
      ...['output_item.added', 'reasoning_summary_part.added', 'reasoning_summary_text.delta'],
      ...['reasoning_summary_text.done', 'reasoning_summary_part.done', 'output_item.done'],
    ]);
    expect(summarized.at(-1)).toMatchObject({
      response: { output: [{ type: 'reasoning', summary: [{ text: 'I look first.' }] }, { type: 'message' }] },
    });
  });

  it('has the form of a schema, and log probabilities where they are included', async () => {
    const schema = {
      ...{ type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'], additionalProperties: false },
    };
    const { output_text } = await create({
      text: { format: { type: 'json_schema', name: 'a', schema, strict: true } },
    });
    expect(Object.keys(JSON.parse(output_text) as object)).toEqual(['ok']);
    const { output } = await create({ include: ['message.output_text.logprobs'], top_logprobs: 2 });
    if (output[0]?.type !== 'message' || output[0].content[0]?.type !== 'output_text') throw new Error('no text');
    const [{ text, logprobs }] = [output[0].content[0]];
    expect(logprobs!.map(({ token }) => token).join('')).toBe(text);
    expect(logprobs![0]!.top_logprobs).toHaveLength(2);
  });
});

describe('tools of a response', () => {
  const body = { model: 'made/caller', input: 'x', tools: [shell, patch] };
  it('are called, whole and in a stream: functions, and tools that take a text', async () => {
    const { output } = await create(body);
    expect(output).toMatchObject([
      { type: 'message', content: [{ text: 'Sure.' }] },
      { type: 'function_call', name: 'shell', arguments: '{"command":["ls"]}', status: 'completed' },
      { type: 'custom_tool_call', name: 'patch', input: '*** Begin' },
    ]);
    const events = await stream(body);
    expect(typesOf(events).slice(8)).toEqual([
      ...['output_item.added', 'function_call_arguments.delta', 'function_call_arguments.done', 'output_item.done'],
      ...['output_item.added', 'custom_tool_call_input.delta', 'custom_tool_call_input.done', 'output_item.done'],
      'completed',
    ]);
    const added = events.filter((one) => one.type === 'response.output_item.added');
    expect(added.map(({ output_index }) => output_index)).toEqual([0, 1, 2]);
    expect(added[1]!.item).toMatchObject({ type: 'function_call', arguments: '', status: 'in_progress' });
  });

  it('are called one at a time, only if allowed, and under their own names in a namespace', async () => {
    expect((await create({ ...body, parallel_tool_calls: false })).output.map(({ type }) => type)).toEqual([
      'message',
      'function_call',
    ]);
    const choice = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'custom', name: 'patch' }] };
    const allowed = await create({ ...body, model: 'ember', tool_choice: choice, max_output_tokens: 400 });
    if (allowed.status === 'completed') expect(allowed.output).toMatchObject([{ type: 'custom_tool_call' }]);
    const tools = [
      { type: 'namespace', name: 'mcp__files', description: '', tools: [{ ...shell, name: 'read' }] },
      { type: 'namespace', name: 'mcp__web', description: '', tools: [{ ...shell, name: 'read' }] },
    ];
    const named = await create({ tools, tool_choice: 'required', max_output_tokens: 600 });
    const [call] = named.output;
    if (named.status === 'completed') {
      expect(call).toMatchObject({ type: 'function_call', name: 'read' });
      expect(['mcp__files', 'mcp__web']).toContain((call as { namespace?: string }).namespace);
    }
  });

  it('of OpenAI’s own computers are refused by name, except those that agents always send', async () => {
    for (const type of ['file_search', 'code_interpreter', 'computer_use_preview', 'mcp'])
      await expect(create({ tools: [{ type }] })).rejects.toMatchObject({
        ...{ status: 400, param: 'tools.0.type', message: expect.stringContaining(`"${type}"`) as string },
      });
    const sent = [
      { type: 'web_search', external_web_access: false },
      { type: 'image_generation', output_format: 'png' },
      { type: 'tool_search', execution: 'client', description: '', parameters: {} },
      { type: 'local_shell' },
    ];
    const answered = await create({ tools: sent });
    expect([answered.status, answered.tools]).toEqual(['completed', []]);
  });
});

describe('responses that are stored', () => {
  it('are gone on from, read, listed and deleted', async () => {
    const first = await create({ instructions: 'Be kind.' });
    const next = await create({ input: 'And what can you do?', previous_response_id: first.id });
    const alone = await create({ input: 'And what can you do?' });
    expect(next.previous_response_id).toBe(first.id);
    expect(next.usage!.input_tokens).toBeGreaterThan(alone.usage!.input_tokens + first.usage!.output_tokens);
    const third = await create({ input: 'Thanks.', previous_response_id: next.id });
    expect(third.usage!.input_tokens).toBeGreaterThan(next.usage!.input_tokens);
    // The same conversation in full is the same prompt.
    const inFull = await create({
      store: false,
      input: [
        { role: 'user', content: who.input },
        ...first.output,
        { role: 'user', content: [{ type: 'input_text', text: 'And what can you do?' }] },
        ...next.output,
        { role: 'user', content: 'Thanks.' },
      ],
    });
    expect(inFull.usage!.input_tokens).toBe(third.usage!.input_tokens);
    expect(await client.responses.retrieve(first.id)).toEqual(first);
    const { data } = await client.responses.inputItems.list(first.id);
    expect(data).toMatchObject([
      { type: 'message', role: 'user', content: who.input, id: expect.stringMatching(/^msg_/) as string },
    ]);
    await client.responses.delete(first.id);
    await expect(client.responses.retrieve(first.id)).rejects.toMatchObject({ status: 404 });
    await expect(create({ previous_response_id: next.id })).rejects.toMatchObject({
      ...{ status: 404, param: 'previous_response_id' },
    });
  });

  it('have items that later requests refer to by their ids, as the AI SDK does', async () => {
    const first = await create({});
    const [item] = first.output;
    const asked = (said: object) =>
      create({ input: [{ role: 'user', content: who.input }, said, { role: 'user', content: 'Thanks.' }] });
    const referring = await asked({ type: 'item_reference', id: item!.id });
    expect(referring.usage!.input_tokens).toBe((await asked(item!)).usage!.input_tokens);
    const { data } = await client.responses.inputItems.list(referring.id, { order: 'asc' });
    expect(data[1]).toEqual(item);
    await client.responses.delete(first.id);
    await expect(asked({ type: 'item_reference', id: item!.id })).rejects.toMatchObject({
      ...{ status: 404, param: 'input.1.id' },
    });
  });

  it('go on from what tools of OpenAI did, of which the messages tell', async () => {
    const search = { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } };
    const input = [
      { role: 'user', content: 'Search.' },
      { role: 'assistant', content: 'Found.' },
      { role: 'user', content: 'Thanks.' },
    ];
    const [searched, plain] = await Promise.all([
      create({ input: input.toSpliced(1, 0, search as never) }),
      create({ input }),
    ]);
    expect(searched.usage!.input_tokens).toBe(plain.usage!.input_tokens);
  });

  it('lists what was asked in pages', async () => {
    const input = ['a', 'b', 'c'].map((content) => ({ role: 'user', content }));
    const { id } = await create({ input, max_output_tokens: 1 });
    const asked: unknown[] = [];
    for await (const item of client.responses.inputItems.list(id, { limit: 2, order: 'asc' }))
      asked.push((item as { content: unknown }).content);
    expect(asked).toEqual(['a', 'b', 'c']);
    await expect(client.responses.inputItems.list(id, { limit: 0 })).rejects.toMatchObject({ param: 'limit' });
  });

  it('are none where the request says so', async () => {
    const { id, store } = (await create({ store: false })) as { id: string; store?: boolean };
    expect(store).toBe(false);
    await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
  });

  it('are not those of another key', async () => {
    const rights = { models: null, endpoints: null, requestsPerMinute: null, tokensPerDay: null };
    const ids: string[] = [];
    const clients = [];
    for (const name of ['one', 'two']) {
      const made = await server.app.call<{ secret: string; key: { id: string } }>('server.createKey', {
        name,
        ...rights,
      });
      ids.push(made.key.id);
      clients.push(new OpenAI({ baseURL: `${server.address}/v1`, apiKey: made.secret, maxRetries: 0 }));
    }
    const [one, two] = clients;
    const { id } = await one!.responses.create({ ...who, max_output_tokens: 1 });
    expect((await one!.responses.retrieve(id)).id).toBe(id);
    for (const denied of [two!.responses.retrieve(id), two!.responses.delete(id)])
      await expect(denied).rejects.toMatchObject({ status: 404 });
    await expect(two!.responses.create({ ...who, previous_response_id: id })).rejects.toMatchObject({ status: 404 });
    for (const keyId of ids) await server.app.call('server.revokeKey', { keyId });
  });
});

it('Codex is answered', async () => {
  // What Codex sends: openai/codex, codex-rs/codex-api/src/common.rs and codex-rs/tools/src/tool_spec.rs.
  const events = await stream({
    ...{
      model: 'made/caller',
      instructions: 'You are a coding agent.',
      tool_choice: 'auto',
      parallel_tool_calls: true,
    },
    input: [
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Sandbox: read-only.' }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'List the files.' }] },
      { type: 'reasoning', id: 'rs_1', summary: [], content: null, encrypted_content: null },
      { type: 'function_call', call_id: 'call_1', name: 'shell', arguments: '{"command":["pwd"]}' },
      { type: 'function_call_output', call_id: 'call_1', output: '/root' },
      { type: 'custom_tool_call', call_id: 'call_2', name: 'patch', input: '*** Begin', status: 'completed' },
      { type: 'custom_tool_call_output', call_id: 'call_2', output: [{ type: 'input_text', text: 'Done.' }] },
    ],
    tools: [shell, patch, { type: 'web_search', external_web_access: true, search_content_types: ['text'] }],
    ...{ reasoning: { effort: 'medium', summary: 'auto' }, store: false, include: ['reasoning.encrypted_content'] },
    ...{ prompt_cache_key: '0199', text: { verbosity: 'low' }, client_metadata: { a: 'b' }, service_tier: 'auto' },
  });
  const done = events.filter((one) => one.type === 'response.output_item.done').map(({ item }) => item.type);
  expect(done).toEqual(['message', 'function_call', 'custom_tool_call']);
  const last = events.at(-1)!;
  if (last.type !== 'response.completed') throw new Error(last.type);
  expect(last.response.id).toMatch(/^resp_/);
  expect(last.response.usage).toMatchObject({ input_tokens_details: {}, output_tokens_details: {} });
});

it('counts the tokens of a prompt', async () => {
  const { input_tokens } = await client.responses.inputTokens.count({ ...who, instructions: 'Be kind.' });
  expect(input_tokens).toBe((await create({ instructions: 'Be kind.', max_output_tokens: 1 })).usage!.input_tokens);
});

describe('what is wrong in a response is named', () => {
  it.each([
    [{ model: 'embr' }, 404, null],
    [{ previous_response_id: 'resp_none' }, 404, 'previous_response_id'],
    [{ background: true }, 400, 'background'],
    [{ input: [] }, 400, 'input'],
    [{ conversation: 'conv_1' }, 400, 'conversation'],
    [{ prompt: { id: 'a' } }, 400, 'prompt'],
    [{ input: [{ type: 'compaction', id: 'a' }] }, 400, 'input.0.type'],
    [{ input: [{ type: 'item_reference', id: 'a' }] }, 404, 'input.0.id'],
    [{ input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:,' }] }] }, 400, 'input.0.content'],
    [{ input: [{ type: 'function_call_output', call_id: 'a', output: 'b' }] }, 400, 'input.0.call_id'],
    [{ tools: [shell], tool_choice: { type: 'function', name: 'b' } }, 400, 'tool_choice'],
    [{ tools: [shell], tool_choice: { type: 'web_search' } }, 400, 'tool_choice.type'],
    [{ text: { format: { type: 'json_schema', name: 'a' } } }, 400, 'text.format.schema'],
    [{ metadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`k${at}`, 'v'])) }, 400, 'metadata'],
    [{ max_output_tokens: 0 }, 400, 'max_output_tokens'],
    [{ input: 'word '.repeat(5000) }, 400, null],
  ])('%j', async (body, status, param) => {
    await expect(create(body)).rejects.toMatchObject({ status, param });
    await expect(stream(body)).rejects.toMatchObject({ status, param });
  });

  it('a conversation that is too long loses its oldest turns where that is wanted', async () => {
    const input = Array.from({ length: 40 }, (_, at) => ({
      ...{ role: at % 2 === 0 ? 'user' : 'assistant', content: 'The fire is warm. '.repeat(20) },
    }));
    input.push({ role: 'user', content: 'Who are you?' });
    await expect(create({ input })).rejects.toMatchObject({ code: 'context_length_exceeded' });
    expect((await create({ input, truncation: 'auto' })).output_text).toBeTruthy();
  });
});

it('counts the prompt with what goes with the name, also where it is too long', async () => {
  const name = {
    name: 'kind',
    modelId: 'hearth/ember-3M/ember-3M-Q8_0.gguf',
    template: null,
    sampling: {},
    messages: [],
  };
  await server.app.call('server.saveName', { ...name, systemPrompt: 'Be kind to everybody, and to animals too.' });
  const count = async (model: string, input = who.input): Promise<number> =>
    (await server.ask('/v1/responses/input_tokens', { model, input })).body.input_tokens;
  const { usage } = await create({ model: 'kind', max_output_tokens: 16 });
  expect(await count('kind')).toBe(usage!.input_tokens);
  expect(await count('kind')).toBeGreaterThan(await count('ember'));
  expect(await count('ember', 'word '.repeat(3000))).toBeGreaterThan(3000);
});
