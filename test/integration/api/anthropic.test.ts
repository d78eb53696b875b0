/** Anthropic's dialect, as the official client speaks it. */
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApiServer, type ApiServer } from '../../support/api-server.ts';

let server: ApiServer;
let client: Anthropic;
beforeAll(async () => {
  server = await startApiServer();
  client = new Anthropic({ baseURL: server.address, apiKey: 'any', maxRetries: 0 });
}, 60_000);
afterAll(() => server.close());

type Params = Anthropic.MessageCreateParamsNonStreaming;
const hello: Params = {
  ...{ model: 'ember', max_tokens: 40, temperature: 0 },
  messages: [{ role: 'user', content: 'Who are you?' }],
};
const weather: Anthropic.Tool = {
  name: 'get_weather',
  description: 'The weather of a city.',
  input_schema: {
    type: 'object',
    properties: { city: { type: 'string', maxLength: 12 }, days: { type: 'integer', minimum: 1, maximum: 3 } },
    required: ['city', 'days'],
    additionalProperties: false,
  },
};
const clock: Anthropic.Tool = {
  name: 'clock',
  input_schema: { type: 'object', properties: {}, additionalProperties: false },
};
const textOf = (message: Anthropic.Message): string =>
  message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');

describe('messages', () => {
  it('are read and not answered with a limit of 0, so that the next one reuses them', async () => {
    const question: Params = { ...hello, messages: [{ role: 'user', content: 'Which sea is this?' }] };
    const read = await client.messages.create({ ...question, max_tokens: 0 });
    expect(read).toMatchObject({ content: [], stop_reason: 'max_tokens', usage: { output_tokens: 0 } });
    const next = await client.messages.create(question);
    expect(next.usage.cache_read_input_tokens).toBeGreaterThan(read.usage.input_tokens / 2);
  });

  it('are answered, and say what they took', async () => {
    const message = await client.messages.create(hello);
    expect(message).toMatchObject({ type: 'message', role: 'assistant', model: 'ember', stop_sequence: null });
    expect(message.id).toMatch(/^msg_/);
    expect(textOf(message)).toContain('Ember');
    const { input_tokens: count } = await client.messages.countTokens({ model: 'ember', messages: hello.messages });
    const { usage } = message;
    expect(usage.input_tokens + (usage.cache_read_input_tokens ?? 0)).toBe(count);
    // Asked again, all but the last token of the prompt is still in the context.
    const again = await client.messages.create(hello);
    expect(again.usage).toMatchObject({ input_tokens: 1, cache_read_input_tokens: count - 1 });
    expect(again._request_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(textOf(again)).toBe(textOf(message));
  });

  it('stream the same, in the order of events that clients rely on', async () => {
    const whole = await client.messages.create(hello);
    const stream = client.messages.stream(hello);
    const types: string[] = [];
    for await (const event of stream) if (types.at(-1) !== event.type) types.push(event.type);
    expect(types).toEqual([
      ...['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop'],
      ...['message_delta', 'message_stop'],
    ]);
    const message = await stream.finalMessage();
    expect(message.content).toEqual(whole.content);
    expect(message.stop_reason).toBe(whole.stop_reason);
    expect(message.usage).toMatchObject({ output_tokens: whole.usage.output_tokens, input_tokens: 1 });
    const { body } = await server.ask(
      '/v1/messages?beta=true',
      { ...hello, stream: true },
      { 'anthropic-beta': 'x-2026' },
    );
    expect(body).toMatch(
      /^event: message_start\ndata: .*\n\nevent: ping\ndata: {"type":"ping"}\n\nevent: content_block_start\n/,
    );
  });

  it('are answered to Claude Code, with all that it sends', async () => {
    // The fields of claude-cli 2.1.197 with a model's name of its own.
    const reminder = '<system-reminder>\nIt is noon.\n</system-reminder>';
    const { status, body } = await server.ask(
      '/v1/messages?beta=true',
      {
        ...{ model: 'ember', max_tokens: 32_000, stream: true, thinking: { type: 'adaptive' } },
        ...{ output_config: { effort: 'high' }, metadata: { user_id: '{"device_id":"x","session_id":"y"}' } },
        context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
        system: [
          { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.197.1c0; cc_entrypoint=sdk-cli;' },
          { type: 'text', text: 'You are an agent.', cache_control: { type: 'ephemeral' } },
        ],
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: reminder },
              { type: 'text', text: 'Say hello.', cache_control: { type: 'ephemeral', ttl: '1h' } },
            ],
          },
          { role: 'system', content: 'Agents: none.' },
        ],
        tools: [{ ...clock, eager_input_streaming: true }],
      },
      {
        ...{ authorization: 'Bearer local', 'anthropic-version': '2023-06-01', 'x-app': 'cli' },
        'anthropic-beta': 'claude-code-20250219,mid-conversation-system-2026-04-07,effort-2025-11-24',
      },
    );
    expect(status).toBe(200);
    expect(body).toMatch(/event: message_stop\ndata: {"type":"message_stop"}\n\n$/);
  });

  it('end at a stop sequence, and say at which', async () => {
    const { stop_reason, stop_sequence, content } = await client.messages.create({
      ...hello,
      stop_sequences: ['zzz', 'Ember'],
    });
    expect([stop_reason, stop_sequence]).toEqual(['stop_sequence', 'Ember']);
    expect(JSON.stringify(content)).not.toContain('Ember');
  });

  it('end at their most tokens and at the end of the context, each with its reason', async () => {
    expect(await client.messages.create({ ...hello, max_tokens: 3 })).toMatchObject({
      ...{ stop_reason: 'max_tokens', usage: { output_tokens: 3 } },
    });
    const long = { role: 'user' as const, content: 'word '.repeat(960) };
    const schema = { type: 'array', minItems: 200, items: { type: 'integer' } };
    const full = await client.messages.create({
      ...{ ...hello, max_tokens: 10_000, messages: [long], output_config: { format: { type: 'json_schema', schema } } },
    });
    expect(full.stop_reason).toBe('model_context_window_exceeded');
  });

  it('go on from a last message of the assistant', async () => {
    const begun = 'My name is';
    const whole = await client.messages.create(hello);
    const rest = await client.messages.create({
      ...{ ...hello, messages: [...hello.messages, { role: 'assistant', content: begun }] },
    });
    expect(textOf(rest).startsWith(begun)).toBe(false);
    const { input_tokens: count } = await client.messages.countTokens({
      ...{ model: 'ember', messages: [...hello.messages, { role: 'assistant', content: begun }] },
    });
    // The words of the beginning are in the prompt, and no mark behind them.
    expect(count).toBe(whole.usage.input_tokens + (whole.usage.cache_read_input_tokens ?? 0) + 3);
  });

  it('read system texts, documents and neighboring turns, and leave thinking and accounts out', async () => {
    const count = async (params: Partial<Anthropic.MessageCountTokensParams>): Promise<number> =>
      (await client.messages.countTokens({ model: 'ember', messages: hello.messages, ...params })).input_tokens;
    const plain = await count({ system: 'Be brief.\n\nBe kind.' });
    const blocks = [
      { type: 'text' as const, text: 'x-anthropic-billing-header: cc_version=2.1.37; cch=fa690;' },
      { type: 'text' as const, text: 'Be brief.', cache_control: { type: 'ephemeral' as const } },
      { type: 'text' as const, text: 'Be kind.' },
    ];
    expect(await count({ system: blocks })).toBe(plain);
    const asOne = await count({ messages: [{ role: 'user', content: 'Notes\nOne.\nTwo.' }] });
    expect(
      await count({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'document', title: 'Notes', source: { type: 'text', media_type: 'text/plain', data: 'One.' } },
            ],
          },
          { role: 'user', content: 'Two.' },
        ],
      }),
    ).toBe(asOne);
    const turns = [
      { role: 'user' as const, content: 'a' },
      { role: 'assistant' as const, content: 'b' },
      { role: 'user' as const, content: 'c' },
    ];
    const thought = [
      turns[0]!,
      {
        role: 'assistant' as const,
        content: [
          { type: 'thinking' as const, thinking: 'Long thoughts.', signature: 'x' },
          { type: 'redacted_thinking' as const, data: 'x' },
          { type: 'text' as const, text: 'b' },
        ],
      },
      turns[2]!,
    ];
    expect(await count({ messages: thought })).toBe(await count({ messages: turns }));
  });
});

it('holds an answer to a JSON schema', async () => {
  const schema = {
    ...{ type: 'object', additionalProperties: false, required: ['name', 'age'] },
    properties: { name: { type: 'string', maxLength: 8 }, age: { type: 'integer', minimum: 0, maximum: 9 } },
  };
  const message = await client.messages.create({
    ...hello,
    max_tokens: 200,
    output_config: { format: { type: 'json_schema', schema } },
  });
  expect(JSON.parse(textOf(message))).toEqual({
    name: expect.any(String) as string,
    age: expect.any(Number) as number,
  });
});

describe('tools', () => {
  const forced = (choice: Anthropic.ToolChoice): Params => ({
    ...{ ...hello, max_tokens: 300, tools: [weather, clock], tool_choice: choice },
  });

  it('are called where one is forced, by any name or by one, with arguments of the schema', async () => {
    const any = await client.messages.create(forced({ type: 'any' }));
    const [call] = any.content.filter((block) => block.type === 'tool_use');
    expect([any.stop_reason, ['get_weather', 'clock'].includes(call?.name ?? '')]).toEqual(['tool_use', true]);
    const named = await client.messages.create(forced({ type: 'tool', name: 'get_weather' }));
    const [block] = named.content.filter((one) => one.type === 'tool_use');
    expect(block).toMatchObject({ name: 'get_weather', input: { city: expect.any(String), days: expect.any(Number) } });
    expect(block?.id).toMatch(/^toolu_/);
  });

  it('stream a call as a block of its own, whose JSON is whole', async () => {
    const stream = client.messages.stream(
      forced({ type: 'tool', name: 'get_weather', disable_parallel_tool_use: true }),
    );
    let json = '';
    stream.on('inputJson', (delta) => (json += delta));
    const message = await stream.finalMessage();
    const calls = message.content.filter((block) => block.type === 'tool_use');
    expect(calls).toHaveLength(1);
    expect(JSON.parse(json)).toEqual(calls[0]?.input);
    expect(message.stop_reason).toBe('tool_use');
  });

  it('take their results, and go on', async () => {
    const first = await client.messages.create(forced({ type: 'tool', name: 'get_weather' }));
    const [call] = first.content.filter((block) => block.type === 'tool_use');
    const result = {
      type: 'tool_result' as const,
      tool_use_id: call?.id ?? '',
      content: [{ type: 'text' as const, text: 'Sunny.' }],
    };
    const next: Params = {
      ...{ ...hello, tools: [weather, clock], tool_choice: { type: 'none' } },
      messages: [...hello.messages, { role: 'assistant', content: first.content }, { role: 'user', content: [result] }],
    };
    const answer = await client.messages.create(next);
    expect(answer.content.every((block) => block.type === 'text')).toBe(true);
    expect(answer.stop_reason).toMatch(/end_turn|max_tokens/);
    await expect(
      client.messages.create({
        ...next,
        messages: [...hello.messages, { role: 'user', content: [{ ...result, tool_use_id: 'toolu_other' }] }],
      }),
    ).rejects.toMatchObject({ status: 400, message: expect.stringContaining('toolu_other') as string });
  });

  it('are not cut: a call that did not fit is none', async () => {
    const cut = await client.messages.create({ ...forced({ type: 'tool', name: 'get_weather' }), max_tokens: 12 });
    expect(cut.stop_reason).toBe('max_tokens');
    expect(cut.content.filter((block) => block.type === 'tool_use')).toEqual([]);
    expect(textOf(cut)).not.toContain('{');
  });

  it.each([
    ['a tool of a server', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'web_search_20250305'],
    ['a tool that is not there', { tools: [clock], tool_choice: { type: 'tool', name: 'nothing' } }, 'nothing'],
    ['a choice without tools', { tool_choice: { type: 'any' } }, 'tool_choice'],
    ['a name that is none', { tools: [{ ...clock, name: 'a b' }] }, 'tools.0.name'],
    ['a tool without a schema', { tools: [{ name: 'a' }] }, 'tools.0.input_schema'],
  ])('refuse %s', async (_what, params, named) => {
    const { status, body } = await server.ask('/v1/messages', { ...hello, ...params });
    expect([status, body]).toEqual([
      400,
      { type: 'error', error: { type: 'invalid_request_error', message: expect.stringContaining(named) as string } },
    ]);
  });
});

describe('what is not here', () => {
  it('is a memory of conversations, which the client’s tool runner then does without', async () => {
    const runner = client.beta.messages.toolRunner({
      ...{ model: 'ember', max_tokens: 120, temperature: 0, max_iterations: 2, tool_choice: { type: 'any' } },
      messages: [{ role: 'user', content: 'What time is it?' }],
      tools: [{ type: 'custom', ...clock, run: () => 'Noon', parse: () => ({}) }],
    });
    const replies: unknown[] = [];
    for await (const { content } of runner) replies.push(content);
    expect(replies).toEqual([
      [expect.objectContaining({ name: 'clock' })],
      [expect.objectContaining({ name: 'clock' })],
    ]);
    const thread = client.beta.messages.thread({ model: 'ember', max_tokens: 4 });
    await expect(thread.send({ role: 'user', content: 'Hello' })).rejects.toMatchObject({
      status: 400,
      error: { error: { details: { error_code: 'thread_unsupported_request' } } },
    });
  });

  it('is a way to MCP servers, which is told', async () => {
    const server = { type: 'url' as const, name: 'files', url: 'https://example.com' };
    await expect(
      client.beta.messages.create({
        ...hello,
        mcp_servers: [server],
      } as Anthropic.Beta.MessageCreateParamsNonStreaming),
    ).rejects.toMatchObject({ status: 400, message: expect.stringContaining('MCP servers') });
  });

  it('is an error that says what to do: a model of another name, also of those that Claude Code asks for', async () => {
    await expect(client.messages.create({ ...hello, model: 'embr' })).rejects.toMatchObject({
      ...{ status: 404, error: { type: 'error', error: { type: 'not_found_error' } } },
      message: expect.stringContaining('ember') as string,
    });
    await expect(client.messages.create({ ...hello, model: 'claude-haiku-4-5' })).rejects.toMatchObject({
      ...{ status: 404, message: expect.stringContaining('ANTHROPIC_DEFAULT_HAIKU_MODEL') as string },
    });
    await server.app.call('server.saveName', {
      ...{
        name: 'claude-haiku-4-5',
        modelId: 'hearth/ember-3M/ember-3M-Q8_0.gguf',
        systemPrompt: null,
        template: null,
      },
      ...{ sampling: {}, messages: [] },
    });
    const named = await client.messages.create({ ...hello, model: 'claude-haiku-4-5' });
    expect([named.model, textOf(named).includes('Ember')]).toEqual(['claude-haiku-4-5', true]);
    await server.app.call('server.removeName', { name: 'claude-haiku-4-5' });
  });

  it.each([
    [{ messages: [{ role: 'user', content: [{ type: 'image', source: {} }] }] }, 'messages.0.content.0'],
    [{ messages: [{ role: 'user', content: [{ type: 'text', text: 5 }] }] }, 'messages.0.content.0.text'],
    [{ messages: [{ role: 'user', content: [{ type: 'new_thing' }] }] }, 'messages.0.content.0.type'],
    [{ messages: [{ role: 'tool', content: 'a' }] }, 'messages.0.role'],
    [{ messages: [] }, 'messages'],
    [{ max_tokens: undefined }, 'max_tokens'],
    [{ max_tokens: -1 }, 'max_tokens'],
    [{ thinking: { type: 'enabled', budget_tokens: -1 } }, 'thinking.budget_tokens'],
  ])('%j is refused, and named', async (params, field) => {
    const { status, body } = await server.ask('/v1/messages', { ...hello, ...params });
    expect([status, body.error.type]).toEqual([400, 'invalid_request_error']);
    expect(body.error.message).toContain(field);
  });

  it('a prompt that is too long is refused, and counted', async () => {
    const messages = [{ role: 'user' as const, content: 'word '.repeat(3000) }];
    await expect(client.messages.create({ ...hello, messages })).rejects.toMatchObject({
      // Claude Code looks for these words.
      ...{ status: 400, message: expect.stringMatching(/prompt is too long: \d+ tokens > 1024 maximum/) as string },
    });
    expect((await client.messages.countTokens({ model: 'ember', messages })).input_tokens).toBeGreaterThan(3000);
  });
});

it('frees the slot of a client that goes away', async () => {
  const schema = { type: 'array', minItems: 400, items: { type: 'integer' } };
  const stream = client.messages.stream({
    ...hello,
    max_tokens: 900,
    output_config: { format: { type: 'json_schema', schema } },
  });
  await new Promise((resolve) => stream.once('text', resolve));
  stream.abort();
  await expect(stream.done()).rejects.toThrow(Anthropic.APIUserAbortError);
  await expect
    .poll(async () => (await server.ask('/slots')).body.some((slot: { is_processing: boolean }) => slot.is_processing))
    .toBe(false);
});

it('lists the models as Anthropic does, page by page', async () => {
  const listed: Anthropic.ModelInfo[] = [];
  for await (const model of client.models.list({ limit: 1 })) listed.push(model);
  expect(listed).toMatchObject([{ id: 'ember', type: 'model', display_name: 'Ember', max_input_tokens: 1024 }]);
  expect(await client.models.retrieve('ember')).toMatchObject({ id: 'ember', type: 'model' });
  await expect(client.models.retrieve('nothing')).rejects.toMatchObject({ status: 404 });
  const { status, body } = await server.ask('/v1/models?limit=0', undefined, { 'anthropic-version': '2023-06-01' });
  expect([status, body.type, body.error.type]).toEqual([400, 'error', 'invalid_request_error']);
});
