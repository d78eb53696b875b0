import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { OpenModel } from '../../../main/inference/inference.ts';
import {
  compressed,
  delta,
  json,
  raw,
  stream,
  usage,
  type OpenAiServer,
  type Variant,
} from '../../support/openai-server.ts';
import { asks, greedy, input, remoteSetup, server, whole } from '../../support/remote-setup.ts';

const CHAT = '/v1/chat/completions';

async function opened(variant: Variant): Promise<{ model: OpenModel; remote: OpenAiServer }> {
  const remote = await server(variant);
  const { providers } = remoteSetup();
  providers.save(input(remote.url));
  const [first] = await providers.list();
  return { model: await (await providers.find(first?.modelId ?? '')).open(), remote };
}
const never = (): AbortSignal => new AbortController().signal;

describe('a reply from elsewhere', () => {
  it('is text, counts and an end', async () => {
    const { model, remote } = await opened('vllm');
    const reply = await whole(model.generate(asks('Hi'), never()));
    expect(reply.content).toBe('Hello there.');
    expect(reply.result).toMatchObject({
      ...{
        promptTokens: 7,
        generatedTokens: 3,
        reusedTokens: 0,
        contextSize: 40_960,
        endReason: 'end_of_turn',
        seed: 7,
      },
    });
    expect(reply.result).not.toHaveProperty('uncounted');
    expect(remote.bodies(CHAT)).toEqual([
      {
        ...{ model: 'Qwen/Qwen3-8B', stream: true, stream_options: { include_usage: true } },
        ...{
          temperature: 0,
          top_p: 1,
          top_k: 0,
          min_p: 0,
          repetition_penalty: 1,
          min_tokens: 0,
          seed: 7,
          max_tokens: 32,
        },
        messages: [{ role: 'user', content: 'Hi' }],
      },
    ]);
  });

  it('has its reasoning apart, in both spellings, between marks, and as a list of thoughts', async () => {
    const { model, remote } = await opened('vllm');
    const forms = [
      [delta({ reasoning_content: 'So ' }), delta({ reasoning_content: 'it is.' }), delta({ content: 'Yes.' })],
      [delta({ reasoning: 'So it is.', content: null }), delta({ content: 'Yes.' })],
      [delta({ content: '<thi' }), delta({ content: 'nk>So it' }), delta({ content: ' is.</think>\n\nYes.' })],
      // The prompt had begun it: only its end comes.
      [delta({ content: 'So it is.\n' }), delta({ content: '</think>\n\nYes.' })],
      [
        delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'So it is.' }] }] }),
        delta({ content: [{ type: 'text', text: 'Yes.' }] }),
      ],
    ];
    for (const form of forms) {
      remote.next(CHAT, stream([...form, delta({}, 'stop')]));
      const { content, reasoning } = await whole(model.generate(asks('?'), never()));
      expect({ content: content.trim(), reasoning: reasoning.trim() }).toEqual({
        content: 'Yes.',
        reasoning: 'So it is.',
      });
    }
  });

  it('counts what was reused and what was reasoning, and says so where nothing is counted', async () => {
    const { model, remote } = await opened('vllm');
    remote.next(
      CHAT,
      stream([
        delta({ content: 'a' }, 'stop'),
        usage(90, 12, {
          prompt_tokens_details: { cached_tokens: 64 },
          completion_tokens_details: { reasoning_tokens: 5 },
        }),
      ]),
    );
    const counted = await whole(model.generate(asks('?'), never()));
    expect(counted.result).toMatchObject({
      promptTokens: 90,
      reusedTokens: 64,
      generatedTokens: 12,
      reasoningTokens: 5,
    });
    remote.next(CHAT, stream([delta({ content: 'a' }, 'stop')]));
    expect((await whole(model.generate(asks('?'), never()))).result).toMatchObject({
      ...{ uncounted: true, promptTokens: 0, generatedTokens: 0 },
    });
  });

  it('ends for the reason that the server gives', async () => {
    const { model, remote } = await opened('vllm');
    const reasonOf = async (end: unknown, count: unknown, maxTokens: number | null = 32): Promise<string> => {
      remote.next(CHAT, stream([delta({ content: 'a' }), end, count]));
      return (await whole(model.generate(asks('?', { sampling: { ...greedy, maxTokens } }), never()))).result.endReason;
    };
    expect(await reasonOf(delta({}, 'stop'), usage(5, 3))).toBe('end_of_turn');
    expect(await reasonOf(delta({}, 'length'), usage(5, 32))).toBe('max_tokens');
    expect(await reasonOf(delta({}, 'length'), usage(40_940, 20))).toBe('context_full');
    expect(await reasonOf(delta({}, 'length'), usage(5, 3), null)).toBe('context_full');
    const matched = { choices: [{ index: 0, delta: {}, finish_reason: 'stop', stop_reason: 'END' }] };
    expect(await reasonOf(matched, usage(5, 3))).toBe('stop_text');
    const token = { choices: [{ index: 0, delta: {}, finish_reason: 'stop', stop_reason: 151_645 }] };
    expect(await reasonOf(token, usage(5, 3))).toBe('end_of_turn');
  });

  it('is the same from a server that does not stream, that compresses, and that forgets what its answer is', async () => {
    const { model, remote } = await opened('unknown');
    const message = { role: 'assistant', content: 'Hello.', reasoning_content: 'Hm.' };
    const values = [delta({ reasoning_content: 'Hm.' }), delta({ content: 'Hello.' }, 'stop')];
    for (const answer of [
      json({
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage: { prompt_tokens: 3, completion_tokens: 4 },
      }),
      compressed(values),
      raw(
        values.map((value) => `data:${JSON.stringify(value)}\r\n\r\n`),
        'text/plain',
      ),
    ]) {
      remote.next(CHAT, answer);
      expect(await whole(model.generate(asks('?'), never()))).toMatchObject({ content: 'Hello.', reasoning: 'Hm.' });
    }
  });

  it('tells tokens with their alternatives', async () => {
    const { model, remote } = await opened('vllm');
    const logprobs = {
      content: [
        {
          token: 'Yes',
          logprob: -0.1,
          bytes: [89],
          top_logprobs: [
            { token: 'Yes', logprob: -0.1 },
            { token: 'No', logprob: -2.5 },
          ],
        },
      ],
    };
    remote.next(
      CHAT,
      stream([{ choices: [{ index: 0, delta: { content: 'Yes' }, logprobs, finish_reason: 'stop' }] }]),
    );
    const { events } = await whole(model.generate(asks('?', { sampling: { ...greedy, logprobs: 2 } }), never()));
    expect(remote.bodies(CHAT)[0]).toMatchObject({ logprobs: true, top_logprobs: 2 });
    expect(events.find(({ type }) => type === 'text')).toMatchObject({
      logprobs: [
        { id: -1, text: 'Yes', logprob: -0.1, alternatives: [{ text: 'Yes' }, { text: 'No', logprob: -2.5 }] },
      ],
    });
  });
});

describe('calls from elsewhere', () => {
  const tools = [
    {
      name: 'weather',
      description: 'Weather.',
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
    },
  ];
  const withTools = (toolChoice?: 'required' | 'none' | { name: string }) => ({
    input: { messages: [{ role: 'user' as const, content: 'Weather?' }], tools, ...(toolChoice && { toolChoice }) },
    sampling: greedy,
  });
  const call = (fields: Readonly<Record<string, unknown>>): unknown => delta({ tool_calls: [fields] });

  it.each([
    [
      'in pieces by index',
      [
        call({ index: 0, id: 'call_a', type: 'function', function: { name: 'weather', arguments: '' } }),
        call({ index: 0, function: { arguments: '{"city":' } }),
        call({ index: 1, id: 'call_b', function: { name: 'weather', arguments: '{"city":"Rome"}' } }),
        call({ index: 0, function: { arguments: '"Paris"}' } }),
      ],
    ],
    [
      'whole, with the same index and other ids',
      [
        call({ index: 0, id: 'call_a', function: { name: 'weather', arguments: '{"city":"Paris"}' } }),
        call({ index: 0, id: 'call_b', function: { name: 'weather', arguments: '{"city":"Rome"}' } }),
      ],
    ],
    [
      'without an index, with arguments as objects',
      [
        delta({
          tool_calls: [
            { id: 'call_a', function: { name: 'weather', arguments: { city: 'Paris' } } },
            { id: 'call_b', function: { name: 'weather', arguments: { city: 'Rome' } } },
          ],
        }),
      ],
    ],
  ])('are read %s', async (_how, chunks) => {
    const { model, remote } = await opened('vllm');
    remote.next(CHAT, stream([...chunks, delta({}, 'tool_calls')]));
    const { events, result } = await whole(model.generate(withTools(), never()));
    const calls = [
      { id: 'call_a', name: 'weather', arguments: '{"city":"Paris"}' },
      { id: 'call_b', name: 'weather', arguments: '{"city":"Rome"}' },
    ];
    expect(events.filter(({ type }) => type === 'tool_call')).toEqual(
      calls.map((one) => ({ type: 'tool_call', call: one })),
    );
    expect(result).toMatchObject({ endReason: 'tool_calls', toolCalls: calls });
  });

  it('get an id where they have none, and are told as malformed where they are', async () => {
    const { model, remote } = await opened('vllm');
    remote.next(
      CHAT,
      stream([
        call({ index: 0, function: { name: 'weather', arguments: '' } }),
        call({ index: 1, function: { name: 'weather', arguments: '{"city":' } }),
        delta({}, 'stop'),
      ]),
    );
    const { events, result } = await whole(model.generate(withTools(), never()));
    expect(result.toolCalls).toEqual([
      { id: expect.stringMatching(/^[A-Za-z0-9]{9}$/) as string, name: 'weather', arguments: '{}' },
    ]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'malformed_tool_call', text: 'weather{"city":' }));
  });

  it('are offered, required, and given back with their results', async () => {
    const { model, remote } = await opened('vllm');
    await whole(model.generate(withTools(), never()));
    await whole(model.generate(withTools('required'), never()));
    await whole(model.generate(withTools({ name: 'weather' }), never()));
    await whole(model.generate(withTools('none'), never()));
    const [free, required, named, none] = remote.bodies(CHAT);
    expect(free).toMatchObject({ tool_choice: 'auto', tools: [{ type: 'function', function: { name: 'weather' } }] });
    expect([required?.['tool_choice'], named?.['tool_choice']]).toEqual(['required', 'required']);
    expect(none).not.toHaveProperty('tools');
    await whole(
      model.generate(
        {
          input: {
            messages: [
              { role: 'user', content: 'Weather?' },
              {
                role: 'assistant',
                content: [{ type: 'tool_call', call: { id: 'a1', name: 'weather', arguments: '{"n":1.0}' } }],
              },
              {
                role: 'tool',
                content: [
                  { type: 'tool_result', callId: 'a1', name: 'weather', parts: [{ type: 'text', text: 'Sun' }] },
                ],
              },
            ],
          },
          sampling: greedy,
        },
        never(),
      ),
    );
    expect(remote.bodies(CHAT).at(-1)?.['messages']).toEqual([
      { role: 'user', content: 'Weather?' },
      {
        ...{ role: 'assistant', content: null },
        tool_calls: [{ id: 'a1', type: 'function', function: { name: 'weather', arguments: '{"n":1.0}' } }],
      },
      { role: 'tool', tool_call_id: 'a1', name: 'weather', content: 'Sun' },
    ]);
  });

  it('cannot be forced at Ollama, which does not heed that', async () => {
    const { model, remote } = await opened('ollama');
    await expect(whole(model.generate(withTools('required'), never()))).rejects.toMatchObject({
      ...{ code: 'unsupported', data: { reason: 'remote_tool_choice' } },
    });
    expect(remote.bodies(CHAT)).toEqual([]);
  });
});

describe('what each kind of server is sent', () => {
  const grammar = { kind: 'gbnf', text: 'root ::= "yes"' } as const;
  const schema = { kind: 'json_schema', text: '{"type":"object","properties":{"b":{"const":1.0},"a":{}}}' } as const;

  it.each([
    ['llama-server', { grammar: grammar.text }],
    ['vllm', { structured_outputs: { grammar: grammar.text } }],
    ['sglang', { ebnf: grammar.text }],
    ['hearth', { grammar: grammar.text }],
  ] as const)('holds %s to a grammar in its own words', async (variant, fields) => {
    const { model, remote } = await opened(variant);
    await whole(model.generate(asks('?', { sampling: { ...greedy, grammar } }), never()));
    expect(remote.bodies(CHAT)[0]).toMatchObject(fields);
    await whole(model.generate(asks('?', { sampling: { ...greedy, grammar: schema } }), never()));
    const sent = remote.bodies(CHAT)[1]?.['response_format'] as { json_schema: { schema: { properties: object } } };
    expect(sent).toMatchObject({
      type: 'json_schema',
      json_schema: { strict: true, schema: JSON.parse(schema.text) as object },
    });
    expect(Object.keys(sent.json_schema.schema.properties)).toEqual(['b', 'a']);
  });

  it.each(['ollama', 'lm-studio', 'tgi', 'unknown'] as const)(
    'refuses a grammar for %s before anything is sent',
    async (variant) => {
      const { model, remote } = await opened(variant);
      await expect(
        whole(model.generate(asks('?', { sampling: { ...greedy, grammar } }), never())),
      ).rejects.toMatchObject({
        ...{ code: 'unsupported', data: { reason: 'remote_grammar' } },
      });
      expect(remote.bodies(CHAT)).toEqual([]);
    },
  );

  const begun = {
    input: { messages: [{ role: 'user' as const, content: 'Hi' }], begun: { reasoning: 'Hm.', text: 'Well' } },
    sampling: greedy,
  };

  it('goes on with a begun reply, or says that it cannot', async () => {
    const last = { role: 'assistant', content: 'Well', reasoning_content: 'Hm.' };
    for (const variant of ['vllm', 'sglang', 'hearth'] as const) {
      const { model, remote } = await opened(variant);
      await whole(model.generate(begun, never()));
      const [body] = remote.bodies(CHAT);
      expect(body).toMatchObject({ continue_final_message: true, add_generation_prompt: false });
      expect((body?.['messages'] as unknown[]).at(-1)).toEqual(last);
    }
    for (const variant of ['llama-server', 'ollama'] as const) {
      const { model, remote } = await opened(variant);
      await whole(model.generate(begun, never()));
      expect((remote.bodies(CHAT)[0]?.['messages'] as unknown[]).at(-1)).toEqual(last);
      expect(remote.bodies(CHAT)[0]).not.toHaveProperty('continue_final_message');
    }
    for (const variant of ['unknown', 'lm-studio', 'tgi'] as const) {
      const { model, remote } = await opened(variant);
      await expect(whole(model.generate(begun, never()))).rejects.toMatchObject({
        data: { reason: 'remote_continue' },
      });
      expect(remote.bodies(CHAT)).toEqual([]);
    }
  });

  it('leaves out samplers that a server does not have, and says which were wanted', async () => {
    const { model, remote } = await opened('ollama');
    const sampling = { ...greedy, topK: 40, minP: 0.05, repeatPenalty: 1, xtc: { probability: 0.5, threshold: 0.1 } };
    const { result } = await whole(model.generate(asks('?', { sampling }), never()));
    expect(result.samplersNotTaken).toEqual(['topK', 'minP', 'xtc']);
    expect(Object.keys(remote.bodies(CHAT)[0] ?? {}).sort()).toEqual([
      'max_tokens',
      'messages',
      'model',
      'seed',
      'stream',
      'stream_options',
      'temperature',
      'top_p',
    ]);
  });

  it('asks again without a field that a strict server refuses, and remembers it', async () => {
    const { model, remote } = await opened('unknown');
    const refusing = (message: string) => json({ error: { message, type: 'invalid_request_error' } }, 400);
    remote.next(CHAT, refusing('Unrecognized request argument supplied: top_k'));
    remote.next(CHAT, refusing("Unknown parameter: 'min_p'."));
    remote.next(
      CHAT,
      refusing(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      ),
    );
    const sampling = { ...greedy, topK: 40 };
    const { content, result } = await whole(model.generate(asks('?', { sampling }), never()));
    expect(content).toBe('Hello there.');
    expect(result.samplersNotTaken).toEqual(['topK']);
    const second = await whole(model.generate(asks('?', { sampling }), never()));
    expect(second.result.samplersNotTaken).toEqual(['topK']);
    expect(remote.bodies(CHAT)).toHaveLength(5);
    expect(remote.bodies(CHAT).at(-1)).toMatchObject({ max_completion_tokens: 32, temperature: 0 });
    for (const field of ['top_k', 'min_p', 'max_tokens']) expect(remote.bodies(CHAT).at(-1)).not.toHaveProperty(field);
  });

  it('leaves out the field that is refused, and none that the server says it knows', async () => {
    const { model, remote } = await opened('unknown');
    const message = 'unknown field `top_k`, expected one of `messages`, `seed`, `temperature`, `top_p`, `min_p`';
    remote.next(CHAT, json({ error: { message } }, 422));
    const { result } = await whole(model.generate(asks('?', { sampling: { ...greedy, topK: 40 } }), never()));
    expect(result.samplersNotTaken).toEqual(['topK']);
    expect(remote.bodies(CHAT)).toHaveLength(2);
    expect(remote.bodies(CHAT)[1]).toMatchObject({ temperature: 0, top_p: 1, min_p: 0, seed: 7 });
  });

  it('never leaves out what the reply was to be held to', async () => {
    const { model, remote } = await opened('vllm');
    remote.always(CHAT, json({ error: { message: 'response_format is not supported' } }, 400));
    await expect(
      whole(model.generate(asks('?', { sampling: { ...greedy, grammar: schema } }), never())),
    ).rejects.toMatchObject({
      ...{ code: 'invalid_input', data: { reason: 'remote', detail: 'response_format is not supported' } },
    });
    expect(remote.bodies(CHAT)).toHaveLength(1);
  });

  it('sends pictures as data to a model that sees, and none to one that does not', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-picture-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, 'a.png');
    writeFileSync(file, Buffer.from('89504e470d0a1a0a', 'hex'));
    const picture = {
      input: {
        messages: [
          {
            role: 'user' as const,
            content: [
              { type: 'text' as const, text: 'What is it?' },
              { type: 'image' as const, path: file, name: 'a.png', mediaType: 'image/png' },
            ],
          },
        ],
      },
      sampling: greedy,
    };
    const seeing = await opened('ollama');
    await whole(seeing.model.generate(picture, never()));
    expect(seeing.remote.bodies(CHAT)[0]?.['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
        ],
      },
    ]);
    const blind = await opened('llama-server');
    await expect(whole(blind.model.generate(picture, never()))).rejects.toMatchObject({
      ...{ code: 'unsupported', data: { reason: 'modality', name: 'a.png' } },
    });
    expect(blind.remote.bodies(CHAT)).toEqual([]);
  });

  it('continues a plain text, and fills in between two', async () => {
    const plain = await opened('vllm');
    plain.remote.always('/v1/completions', stream([{ choices: [{ index: 0, text: ' blue', finish_reason: 'stop' }] }]));
    const reply = await whole(plain.model.generate({ input: { rawPrompt: 'The sky is' }, sampling: greedy }, never()));
    expect(reply.content).toBe(' blue');
    expect(plain.remote.bodies('/v1/completions')[0]).toMatchObject({ prompt: 'The sky is', temperature: 0 });
    const between = { input: { prefix: 'def f(', suffix: '):' }, sampling: greedy };
    await expect(whole(plain.model.generate(between, never()))).rejects.toMatchObject({
      data: { reason: 'remote_infill' },
    });
    const llama = await opened('llama-server');
    llama.remote.always(
      '/infill',
      stream([
        { content: 'x', stop: false },
        {
          content: '',
          stop: true,
          stop_type: 'eos',
          tokens_evaluated: 9,
          tokens_predicted: 1,
          timings: { cache_n: 4 },
        },
      ]),
    );
    const filled = await whole(llama.model.generate(between, never()));
    expect(filled).toMatchObject({ content: 'x', result: { promptTokens: 9, reusedTokens: 4, generatedTokens: 1 } });
    expect(llama.remote.bodies('/infill')[0]).toMatchObject({
      input_prefix: 'def f(',
      input_suffix: '):',
      n_predict: 32,
    });
    const ollama = await opened('ollama');
    ollama.remote.always('/v1/completions', stream([{ choices: [{ index: 0, text: 'x', finish_reason: 'stop' }] }]));
    await whole(ollama.model.generate(between, never()));
    expect(ollama.remote.bodies('/v1/completions')[0]).toMatchObject({ prompt: 'def f(', suffix: '):' });
  });
});

describe('a conversation that is too long', () => {
  const long = {
    input: {
      messages: [
        { role: 'system' as const, content: 'Be brief.' },
        ...Array.from({ length: 10 }, (_, index) => [
          { role: 'user' as const, content: `question ${index} ${'x'.repeat(100)}` },
          { role: 'assistant' as const, content: `answer ${index} ${'y'.repeat(100)}` },
        ]).flat(),
        { role: 'user' as const, content: 'last' },
      ],
    },
    sampling: greedy,
  };
  const tooLong = json(
    {
      error: {
        message:
          "This model's maximum context length is 1000 tokens. However, you requested 2000 tokens in the messages.",
      },
    },
    400,
  );
  const sentTo = (remote: OpenAiServer): string[][] =>
    remote
      .bodies(CHAT)
      .map(({ messages }) => (messages as { content: string }[]).map(({ content }) => content.slice(0, 10).trim()));

  it('goes without its oldest exchanges', async () => {
    const { model, remote } = await opened('vllm');
    remote.next(CHAT, tooLong);
    const { result, events } = await whole(model.generate(long, never()));
    const [, second] = sentTo(remote);
    expect(second).toEqual([
      'Be brief.',
      'question 6',
      'answer 6 y',
      'question 7',
      'answer 7 y',
      'question 8',
      'answer 8 y',
      'question 9',
      'answer 9 y',
      'last',
    ]);
    expect(result.omittedMessages).toBe(12);
    expect(events).toContainEqual({ type: 'prompt', promptTokens: 0, omittedMessages: 12 });
  });

  it('keeps its beginning where the middle is to be cut', async () => {
    const { model, remote } = await opened('vllm');
    remote.next(CHAT, tooLong);
    await whole(model.generate({ ...long, policy: 'cut_middle' }, never()));
    const [, second] = sentTo(remote);
    expect(second?.slice(0, 4)).toEqual(['Be brief.', 'question 0', 'answer 0 y', 'question 7']);
    expect(second?.at(-1)).toBe('last');
  });

  it('is refused with its size where nothing is to be left out, or nothing can be', async () => {
    const { model, remote } = await opened('vllm');
    const full = { code: 'engine.context_full', data: { neededTokens: 2000, contextSize: 1000 } };
    remote.always(CHAT, tooLong);
    await expect(whole(model.generate({ ...long, policy: 'stop' }, never()))).rejects.toMatchObject(full);
    expect(remote.bodies(CHAT)).toHaveLength(1);
    await expect(whole(model.generate(asks('short'), never()))).rejects.toMatchObject(full);
    expect(remote.bodies(CHAT)).toHaveLength(2);
    await expect(whole(model.generate(long, never()))).rejects.toMatchObject(full);
  });
});

it('gives the events as they come, and takes no more than is read', async () => {
  const { model, remote } = await opened('vllm');
  let second = (): void => {};
  const mayGoOn = new Promise<void>((resolve) => (second = resolve));
  remote.next(CHAT, async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify(delta({ content: 'one' }))}\n\n`);
    await mayGoOn;
    response.end(`data: ${JSON.stringify(delta({ content: ' two' }, 'stop'))}\n\ndata: [DONE]\n\n`);
  });
  const texts: string[] = [];
  for await (const event of model.generate(asks('?'), never())) {
    if (event.type !== 'text') continue;
    texts.push(event.content);
    // The server sends the second only after the first was read here.
    second();
  }
  expect(texts.join('')).toBe('one two');
});
