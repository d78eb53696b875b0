/** OpenAI's chat completions, asked by its official client. */
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { withModels } from '../../support/api-models.ts';
import { startApiServer, type ApiServer } from '../../support/api-server.ts';
import { chatMl, writeScriptedModel } from '../../support/made-models.ts';

let server: ApiServer;
let client: OpenAI;
const call = (values: string): string[] => [
  '<tool_call>',
  `{"name": "get_time", "arguments": ${values}}`,
  '</tool_call>',
];
beforeAll(async () => {
  const spaced = ['<tool_call> ', '{"name": "get_time",  "arguments": {"zone": "Rome"}}', '</tool_call> '];
  server = await startApiServer({
    prepare: withModels({
      'made/caller': (file) =>
        writeScriptedModel(file, {
          marks: ['<tool_call>', '</tool_call>'],
          pieces: ['Sure.', ...call('{}'), ...spaced],
        }),
      // Its second choice of a city is the first that it may choose.
      'made/json-caller': (file) =>
        writeScriptedModel(file, {
          pieces: ['{"name": "get_time", ', '"arguments": {"zone": "', 'Bonn', '"}}'],
          instead: { Bonn: 'Oslo' },
        }),
      'made/thinker': (file) =>
        writeScriptedModel(file, {
          ...{ template: `${chatMl}{{ '<think>\\n' }}`, marks: ['</think>'] },
          pieces: ['Hmm, let me', ' see', '</think>', 'Well', ' done'],
        }),
    }),
  });
  client = new OpenAI({ baseURL: `${server.address}/v1`, apiKey: 'none', maxRetries: 0 });
}, 60_000);
afterAll(() => server.close());

const user = (content: string) => [{ role: 'user' as const, content }];
const who = { model: 'ember', messages: user('Who are you?'), temperature: 0 };
const timeTool = {
  type: 'function' as const,
  function: {
    name: 'get_time',
    description: 'Tells the time.',
    strict: true,
    parameters: {
      type: 'object',
      properties: { zone: { enum: ['Rome', 'Oslo'] } },
      required: ['zone'],
      additionalProperties: false,
    },
  },
};
const stopTool = {
  type: 'function' as const,
  function: { name: 'stop_all', parameters: { type: 'object', properties: {} } },
};
const create = (body: object) =>
  client.chat.completions.create({ ...who, ...body } as OpenAI.ChatCompletionCreateParamsNonStreaming);
const stream = async (body: object): Promise<OpenAI.ChatCompletionChunk[]> =>
  await Array.fromAsync(
    await client.chat.completions.create({
      ...who,
      ...body,
      stream: true,
    } as OpenAI.ChatCompletionCreateParamsStreaming),
  );
const textOf = (chunks: readonly OpenAI.ChatCompletionChunk[], index = 0): string =>
  chunks
    .flatMap(({ choices }) => choices.filter((one) => one.index === index).map(({ delta }) => delta.content ?? ''))
    .join('');

describe('a chat', () => {
  it('is answered whole, and the same as a stream', async () => {
    const whole = await create({ seed: 1 });
    const { content } = whole.choices[0]!.message;
    expect(content).toContain('Ember');
    expect(whole).toMatchObject({ object: 'chat.completion', model: 'ember' });
    expect(whole.choices[0]).toMatchObject({ finish_reason: 'stop', logprobs: null, message: { role: 'assistant' } });
    const { usage } = whole;
    expect(usage!.total_tokens).toBe(usage!.prompt_tokens + usage!.completion_tokens);
    const chunks = await stream({ seed: 1, stream_options: { include_usage: true } });
    expect(textOf(chunks)).toBe(content);
    expect(chunks[0]!.choices[0]!.delta).toMatchObject({ role: 'assistant', content: '' });
    expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: usage!.completion_tokens } });
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  it('has as many choices as wanted, whole and in a stream, which differ by their seeds and are the same again', async () => {
    const wanted = { n: 3, temperature: 1.5, seed: 7, max_tokens: 12, messages: user('Tell me a story.') };
    const texts = (await create(wanted)).choices.map(({ index, message }) => [index, message.content]);
    expect(texts.map(([index]) => index)).toEqual([0, 1, 2]);
    expect(new Set(texts.map(([, content]) => content)).size).toBeGreaterThan(1);
    const chunks = await stream(wanted);
    expect([0, 1, 2].map((index) => [index, textOf(chunks, index)])).toEqual(texts);
  });

  it('takes the values that other servers take: wide seeds, any top-k, empty stop texts, null variables', async () => {
    const wide = { temperature: 2, max_tokens: 12, top_k: 151_936, stop: [''], chat_template_kwargs: { a: null } };
    const texts = await Promise.all(
      [2 ** 40 + 3, 3, -(2 ** 40)].map(async (seed) => (await create({ ...wide, seed })).choices[0]!.message.content),
    );
    expect(texts[0]).toBe(texts[1]);
    const empty = await create({ stop: '', grammar: '', max_tokens: 3 });
    expect(empty.choices[0]).toMatchObject({ finish_reason: 'length' });
    await expect(create({ seed: 2 ** 70 })).rejects.toMatchObject({ status: 400, param: 'seed' });
  });

  it('ends before a stop text and at its limit, and says which', async () => {
    expect((await create({ stop: ['Hearth'] })).choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: expect.not.stringContaining('Hearth') as string },
    });
    for (const limit of ['max_tokens', 'max_completion_tokens']) {
      const { choices, usage } = await create({ [limit]: 4 });
      expect([choices[0]!.finish_reason, usage!.completion_tokens]).toEqual(['length', 4]);
    }
  });

  it('tells log probabilities with their alternatives and bytes, which are those of the text', async () => {
    const { choices } = await create({ logprobs: true, top_logprobs: 3 });
    const tokens = choices[0]!.logprobs!.content!;
    expect(Buffer.from(tokens.flatMap(({ bytes }) => bytes!)).toString()).toBe(choices[0]!.message.content);
    for (const { token, logprob, top_logprobs: top } of tokens) {
      expect(top).toHaveLength(3);
      expect(top[0]).toMatchObject({ token, logprob });
    }
    const chunks = await stream({ logprobs: true, top_logprobs: 0 });
    const streamed = chunks.flatMap(({ choices: [one] }) => one?.logprobs?.content ?? []);
    expect(streamed.map(({ token, logprob }) => [token, logprob])).toEqual(
      tokens.map(({ token, logprob }) => [token, logprob]),
    );
  });

  it('is forbidden a token by its bias', async () => {
    const [first] = (await create({ logprobs: true, top_logprobs: 1, max_tokens: 1 })).choices[0]!.logprobs!.content!;
    const { tokens } = (await server.ask('/tokenize', { model: 'ember', content: first!.token })).body as {
      tokens: number[];
    };
    const { choices } = await create({ max_tokens: 1, logit_bias: { [tokens.at(-1)!]: -100 } });
    expect(choices[0]!.message.content).not.toBe(first!.token);
  });

  it('goes on from a last message of the assistant, unless it is told not to', async () => {
    const begun = [...user('Who are you?'), { role: 'assistant', content: "I'm Ember. I was trained" }];
    const { choices, usage } = await create({ messages: begun });
    expect(choices[0]!.message.content).toMatch(/^ from scratch/);
    const anew = await create({ messages: begun, continue_final_message: false, add_generation_prompt: true });
    expect(anew.usage!.prompt_tokens).toBeGreaterThan(usage!.prompt_tokens);
    expect(anew.choices[0]!.message.content).not.toMatch(/^ from scratch/);
  });

  it('takes what OpenAI takes and what has no meaning here', async () => {
    const developer = { role: 'developer', content: [{ type: 'text', text: 'Be kind.' }] };
    const { choices } = await create({
      messages: [
        developer,
        {
          role: 'user',
          name: 'Jo',
          content: [
            { type: 'text', text: 'Who are ' },
            { type: 'text', text: 'you?' },
          ],
        },
      ],
      ...{
        user: 'u',
        store: true,
        metadata: { a: 'b' },
        service_tier: 'auto',
        prediction: { type: 'content', content: 'x' },
      },
      ...{
        top_p: null,
        stop: null,
        tools: null,
        response_format: null,
        seed: null,
        verbosity: 'low',
        modalities: ['text'],
      },
      ...{ prompt_cache_key: 'x', reasoning_effort: 'minimal', max_tokens: 8, unknown_field: 1 },
    });
    expect(choices[0]!.message.content).toBeTruthy();
  });

  it('has its reasoning beside its text, under both names, and counts it', async () => {
    const { choices, usage } = await create({ model: 'made/thinker' });
    expect(choices[0]!.message).toMatchObject({
      ...{ content: 'Well done', reasoning_content: 'Hmm, let me see', reasoning: 'Hmm, let me see' },
    });
    expect(usage!.completion_tokens_details!.reasoning_tokens).toBe(3);
    const chunks = await stream({ model: 'made/thinker' });
    const reasoning = chunks
      .map(({ choices: [one] }) => (one?.delta as { reasoning?: string }).reasoning ?? '')
      .join('');
    expect([reasoning, textOf(chunks)]).toEqual(['Hmm, let me see', 'Well done']);
  });

  it('reuses the tokens of an earlier request and tells how many', async () => {
    const messages = user('How do I download a larger model for this computer?');
    const first = await create({ messages, max_tokens: 1 });
    const again = await create({ messages, max_tokens: 1 });
    expect(again.usage!.prompt_tokens_details!.cached_tokens).toBe(first.usage!.prompt_tokens - 1);
  });
});

describe('tools', () => {
  const tools = [timeTool, stopTool];
  const callsOf = ({ choices }: OpenAI.ChatCompletion) => choices[0]!.message.tool_calls ?? [];
  const namesOf = (reply: OpenAI.ChatCompletion) =>
    callsOf(reply).map((one) => (one.type === 'function' ? one.function.name : null));

  it('are called as they must be, with arguments of their schema', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const reply = await create({ tools, tool_choice: 'required', temperature: 2, seed });
      const [made] = callsOf(reply);
      if (made?.type !== 'function') throw new Error('no call');
      const values = JSON.parse(made.function.arguments) as { zone?: string };
      if (made.function.name === 'get_time') expect(['Rome', 'Oslo']).toContain(values.zone);
      else expect(values).toEqual({});
      expect(reply.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    }
    expect(namesOf(await create({ tools, tool_choice: { type: 'function', function: { name: 'stop_all' } } }))).toEqual(
      ['stop_all'],
    );
    const allowed = { mode: 'required', tools: [{ type: 'function', function: { name: 'get_time' } }] };
    const choice = { type: 'allowed_tools', allowed_tools: allowed };
    expect(namesOf(await create({ tools, tool_choice: choice }))).toEqual(['get_time']);
    expect(namesOf(await create({ tools, tool_choice: 'none' }))).toEqual([]);
  });

  it('are called several at once, or one at a time, whole and in a stream', async () => {
    const body = { model: 'made/caller', tools: [{ type: 'function', function: { name: 'get_time' } }] };
    const whole = await create(body);
    expect(callsOf(whole)).toMatchObject([
      { type: 'function', function: { name: 'get_time', arguments: '{}' } },
      { type: 'function', function: { name: 'get_time', arguments: '{"zone":"Rome"}' } },
    ]);
    expect(whole.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: 'Sure.' } });
    const one = await create({ ...body, parallel_tool_calls: false });
    expect([callsOf(one).length, one.choices[0]!.message.content]).toEqual([1, 'Sure.']);
    // The client puts the pieces of a stream together.
    const params = { ...who, ...body } as Parameters<typeof client.chat.completions.stream>[0];
    const final = await client.chat.completions.stream(params).finalChatCompletion();
    expect(callsOf(final).map((made) => made.type === 'function' && made.function)).toEqual(
      callsOf(whole).map((made) => made.type === 'function' && made.function),
    );
    const chunks = await stream({ ...body, parallel_tool_calls: false });
    expect(chunks.flatMap(({ choices: [made] }) => made?.delta.tool_calls ?? [])).toHaveLength(1);
    expect(textOf(chunks)).toBe('Sure.');
  });

  it('are not called where the reply was cut, and the beginning of the call is not told', async () => {
    for (const max_tokens of [3, 6, 20]) {
      const [made] = (await create({ tools, tool_choice: 'required', max_tokens })).choices;
      expect(made).toMatchObject({ finish_reason: 'length', message: { content: '' } });
      expect(made!.message.tool_calls).toBeUndefined();
      const chunks = await stream({ tools, tool_choice: 'required', max_tokens });
      expect([textOf(chunks), chunks.at(-1)!.choices[0]!.finish_reason]).toEqual(['', 'length']);
    }
  });

  it('have their results told to the model', async () => {
    const made = { id: 'call_abc-1', type: 'function', function: { name: 'get_time', arguments: '{"zone":"Rome"}' } };
    const messages = [
      ...user('Time?'),
      { role: 'assistant', content: null, tool_calls: [made] },
      { role: 'tool', tool_call_id: 'call_abc-1', content: 'It is noon.' },
    ];
    expect((await create({ messages, tools, max_tokens: 8 })).choices[0]!.message.content).toBeTruthy();
    await expect(create({ messages: [messages[0], messages[2]], tools })).rejects.toMatchObject({
      ...{ status: 400, param: 'messages.1.tool_call_id' },
    });
  });
});

describe('a form', () => {
  const schema = {
    type: 'object',
    properties: { name: { type: 'string', maxLength: 8 }, age: { type: 'integer', minimum: 1, maximum: 9 } },
    required: ['name', 'age'],
    additionalProperties: false,
  };
  it('is that of a schema in the spellings of llama-server', async () => {
    const schema = { enum: ['left', 'right'] };
    for (const form of [{ json_schema: schema }, { response_format: { type: 'json_schema', schema } }])
      expect(['"left"', '"right"']).toContain((await create(form)).choices[0]!.message.content);
    await expect(create({ response_format: { type: 'json_schema' } })).rejects.toMatchObject({ status: 400 });
  });

  it('is that of a schema, or any object', async () => {
    const format = { type: 'json_schema', json_schema: { name: 'person', strict: true, schema } };
    const { choices } = await create({ response_format: format, temperature: 1, seed: 3 });
    const value = JSON.parse(choices[0]!.message.content!) as { name: string; age: number };
    expect(Object.keys(value)).toEqual(['name', 'age']);
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9]).toContain(value.age);
    const any = await create({
      response_format: { type: 'json_object' },
      messages: user('JSON, please.'),
      max_tokens: 300,
    });
    const text = any.choices[0]!.message.content!;
    if (any.choices[0]!.finish_reason === 'stop') expect(JSON.parse(text)).toBeTypeOf('object');
    else expect(text).toMatch(/^\s*\{/);
  });
});

describe('a form beside tools', () => {
  const schema = {
    ...{ type: 'object', properties: { answer: { $ref: '#/$defs/word' } }, required: ['answer'] },
    ...{ additionalProperties: false, $defs: { word: { enum: ['yes', 'no'] } } },
  };
  const body = {
    tools: [timeTool],
    response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema } },
  };
  it('is that of the answer, or of a call', async () => {
    const { choices } = await create({ ...body, max_tokens: 300 });
    expect(['yes', 'no']).toContain((JSON.parse(choices[0]!.message.content!) as { answer: string }).answer);
    const called = await create({ ...body, model: 'made/json-caller' });
    expect(called.choices[0]).toMatchObject({
      ...{ finish_reason: 'tool_calls', message: { content: null } },
    });
    expect(called.choices[0]!.message.tool_calls).toMatchObject([{ function: { arguments: '{"zone":"Oslo"}' } }]);
  });
  it('gives way to a call that is required', async () => {
    const { choices } = await create({ ...body, tool_choice: 'required' });
    expect(choices[0]!.message.tool_calls).toHaveLength(1);
  });
});

describe('what is wrong is named', () => {
  it.each([
    [{ model: 'embr' }, 404, 'model_not_found', null, /Did you mean ember/],
    [{ messages: [] }, 400, 'invalid_input', 'messages', /messages/],
    [{ messages: [{ role: 'function', name: 'a', content: 'b' }] }, 400, 'invalid_input', 'messages.0.role', /tools/],
    [{ functions: [{ name: 'a' }] }, 400, 'invalid_input', 'functions', /old API/],
    [{ tools: [{ type: 'custom', custom: { name: 'a' } }] }, 400, 'invalid_input', 'tools.0.type', /custom/],
    [{ tools: [timeTool, timeTool] }, 400, 'invalid_input', 'tools', /Two tools/],
    [
      { tools: [timeTool], tool_choice: { type: 'function', function: { name: 'b' } } },
      400,
      'invalid_input',
      'tool_choice',
      /"b"/,
    ],
    [{ tool_choice: 'required' }, 400, 'invalid_input', 'tool_choice', /no tools/],
    [{ modalities: ['text', 'audio'] }, 400, 'invalid_input', 'modalities.1', /text/],
    [
      { response_format: { type: 'json_schema', json_schema: { name: 'a' } } },
      400,
      'invalid_input',
      'response_format.json_schema.schema',
      /schema/,
    ],
    [{ messages: user('word '.repeat(5000)) }, 400, 'context_length_exceeded', null, /tokens/],
    [
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,' } }] }] },
      400,
      'unsupported',
      'messages.0.content',
      /image_url/,
    ],
  ])('%j', async (body, status, code, param, message) => {
    const failed = await create(body).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(OpenAI.APIError);
    expect(failed).toMatchObject({ status, code, param });
    expect((failed as Error).message).toMatch(message);
    await expect(stream(body)).rejects.toMatchObject({ status, code });
  });
});

it('a caller who goes away in the middle frees the slot', async () => {
  const abort = new AbortController();
  const endless = { ...who, max_tokens: 900, min_tokens: 900, stream: true, n: 2 };
  const running = await client.chat.completions.create(endless as OpenAI.ChatCompletionCreateParamsStreaming, {
    signal: abort.signal,
  });
  const busy = async (): Promise<number> =>
    ((await server.ask('/slots?model=ember')).body as { is_processing: boolean }[]).filter((one) => one.is_processing)
      .length;
  let seen = 0;
  for await (const chunk of running) {
    if (chunk.choices[0]?.delta.content && ++seen === 2) {
      expect(await busy()).toBeGreaterThan(0);
      abort.abort();
      break;
    }
  }
  await vi.waitFor(async () => expect(await busy()).toBe(0));
});
