import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isAppError } from '../../../preload/wire/errors.ts';
import type { GenerateEvent, GenerateRequest } from '../../../main/engine/protocol.ts';
import type { ConversationInput, ToolDefinition } from '../../../main/chat-format/messages.ts';
import { emberPath, greedy, say, startChild, storiesPath, type TestChild } from '../../support/engine-child.ts';
import { chatMl, writeScriptedModel, type Script } from '../../support/made-models.ts';

const weather: ToolDefinition = {
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: {
    type: 'object',
    properties: { city: { enum: ['Oslo', 'Rome'] }, days: { type: 'integer' } },
    required: ['city'],
  },
};
const stop: ToolDefinition = { name: 'stop_all' };
const ask = (input: Partial<ConversationInput> = {}): ConversationInput => ({
  ...say('How is the weather?'),
  tools: [weather, stop],
  ...input,
});

let folder: string;
let child: TestChild;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-tools-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  child = startChild();
});
afterEach(async () => await child.close());

async function loadScript(script: Script): Promise<void> {
  const file = path.join(folder, 'scripted.gguf');
  writeScriptedModel(file, script);
  await child.load(file, { contextSize: 1024 });
}
async function eventsOf(input: ConversationInput, sampling: Partial<GenerateRequest['sampling']> = {}) {
  const events: GenerateEvent[] = [];
  for await (const event of child.client.stream('generate', { input, sampling: { ...greedy, ...sampling } }))
    events.push(event);
  const end = events.at(-1);
  if (end?.type !== 'end') throw new Error('no end');
  const content = events.map((event) => (event.type === 'text' ? event.content : '')).join('');
  const reasoning = events.map((event) => (event.type === 'text' ? event.reasoning : '')).join('');
  return { events, content, reasoning, result: end.result };
}
const isInvalid = (error: unknown): boolean => isAppError(error, 'invalid_input');
const promptOf = async (input: ConversationInput): Promise<string> =>
  (await child.client.call('prompt', { input })).text;

const hermes =
  "{% if tools %}{{ '<|im_start|>system\\n<tools>' }}{% for t in tools %}{{ t | tojson }}{% endfor %}{{ '</tools> in <tool_call></tool_call><|im_end|>\\n' }}{% endif %}" +
  "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content }}{% if m.tool_calls %}{% for c in m.tool_calls %}" +
  "{{ '<tool_call>' + c.function | tojson + '</tool_call>' }}{% endfor %}{% endif %}{{ '<|im_end|>\\n' }}{% endfor %}{{ '<|im_start|>assistant\\n' }}";

describe('calls in a reply', () => {
  it('are events of their own, apart from the text, with their own end reason', async () => {
    await loadScript({
      template: hermes,
      marks: ['<tool_call>', '</tool_call>'],
      pieces: [
        'I look.',
        '<tool_call>',
        '\n{"name": "get_',
        'weather", "argu',
        'ments": {"city"',
        ': "Oslo"}}\n',
        '</tool_call>',
      ],
    });
    const { events, content, result } = await eventsOf(ask());
    expect(content).toBe('I look.');
    expect(result.endReason).toBe('tool_calls');
    expect(result.toolCalls).toMatchObject([{ name: 'get_weather', arguments: '{"city":"Oslo"}' }]);
    const at = events.findIndex(({ type }) => type === 'tool_call');
    expect(events[at]).toEqual({ type: 'tool_call', call: result.toolCalls?.[0] });
    expect(result.toolCalls?.[0]?.id).toMatch(/^[a-zA-Z0-9]{9}$/);
    // Without tools the same reply is text.
    const plain = await eventsOf({ ...say('Hello') });
    expect(plain.content).toContain('<tool_call>');
    expect(plain.result).toMatchObject({ endReason: 'end_of_turn' });
    expect(plain.result.toolCalls).toBeUndefined();
  });

  it('are found although the mark is a special token, which detokenizing leaves out', async () => {
    await loadScript({
      special: ['[TOOL_CALLS]'],
      pieces: ['[TOOL_CALLS]', '[{"name": "stop_all", ', '"arguments": {}}]'],
    });
    const { content, result } = await eventsOf(ask());
    expect(content).toBe('');
    expect(result.toolCalls).toMatchObject([{ name: 'stop_all', arguments: '{}' }]);
  });

  it('are found in the channels of gpt-oss and between the marks of DeepSeek, all of them special tokens', async () => {
    await loadScript({
      template:
        "{% for m in messages %}{{ '<|start|>' + m.role + '<|message|>' + m.content + '<|end|>' }}{% endfor %}{{ '<|start|>assistant\n' }}",
      special: ['<|start|>', '<|end|>', '<|message|>', '<|channel|>', '<|constrain|>'],
      pieces: [
        ...[' to=functions.get_weather', '<|channel|>', 'commentary ', '<|constrain|>', 'json', '<|message|>'],
        ...['{"city": ', '"Rome"}'],
      ],
    });
    const harmony = await eventsOf(ask());
    expect(harmony.content + harmony.reasoning).toBe('');
    expect(harmony.result).toMatchObject({
      endReason: 'tool_calls',
      toolCalls: [{ name: 'get_weather', arguments: '{"city":"Rome"}' }],
    });
    await child.close();
    child = startChild();

    const [begin, callBegin, sep, callEnd, end] = ['calls▁begin', 'call▁begin', 'sep', 'call▁end', 'calls▁end'].map(
      (name) => `<｜tool▁${name}｜>`,
    ) as [string, string, string, string, string];
    await loadScript({
      special: [begin, callBegin, sep, callEnd, end],
      pieces: ['I look. ', begin, callBegin, 'get_weather', sep, '{"city": ', '"Oslo"}', callEnd, end],
    });
    const deepSeek = await eventsOf(ask());
    expect(deepSeek.content).toBe('I look.');
    expect(deepSeek.result.toolCalls).toMatchObject([{ name: 'get_weather', arguments: '{"city":"Oslo"}' }]);
  });

  it('stay text when they are malformed, and are reported', async () => {
    await loadScript({ template: hermes, pieces: ['<tool_call>{"name": ', '"fly"}</tool_call>', ' and so on'] });
    const { events, content, result } = await eventsOf(ask());
    expect(content).toBe('<tool_call>{"name": "fly"}</tool_call> and so on');
    expect(events).toContainEqual({
      type: 'malformed_tool_call',
      text: '<tool_call>{"name": "fly"}</tool_call>',
      reason: 'There is no tool named fly.',
    });
    expect(result.endReason).toBe('end_of_turn');
    expect(result.toolCalls).toBeUndefined();
  });

  it('are forced by a grammar, which the smallest models keep to as well', async () => {
    await child.load(emberPath, { contextSize: 1024 });
    const cities = new Set<string>();
    for (let seed = 0; seed < 4; seed++) {
      const { content, result } = await eventsOf(ask({ toolChoice: { name: 'get_weather' } }), {
        temperature: 1,
        seed,
        maxTokens: 200,
      });
      expect(content).toBe('');
      expect(result.endReason).toBe('tool_calls');
      const [call] = result.toolCalls ?? [];
      expect(call?.name).toBe('get_weather');
      const { days, city } = JSON.parse(call?.arguments ?? '{}') as { days?: unknown; city?: unknown };
      expect(String(days)).toMatch(/^-?\d/);
      cities.add(String(city));
    }
    expect([...cities].every((city) => ['Oslo', 'Rome'].includes(city))).toBe(true);
    const { result } = await eventsOf(ask({ tools: [stop], toolChoice: 'required' }), { maxTokens: 200 });
    expect(result.toolCalls).toMatchObject([{ name: 'stop_all', arguments: '{}' }]);
    expect((await eventsOf(ask({ toolChoice: 'none' }))).result.toolCalls).toBeUndefined();
  });

  it('are forced in the form of the family', async () => {
    for (const [mark, form] of [
      ['[TOOL_CALLS]', /^\[TOOL_CALLS\]\[\{\s*"name": "stop_all"/],
      ['<|python_tag|>', /^\{\s*"name": "stop_all",\s*"parameters"/],
    ] as const) {
      await loadScript({ pieces: ['x'], template: chatMl + `{# ${mark} #}`, special: [mark] });
      const { result } = await eventsOf(ask({ tools: [stop], toolChoice: 'required' }), { maxTokens: 300 });
      expect(result.toolCalls).toMatchObject([{ name: 'stop_all' }]);
      // The log probabilities show the text as it was generated, calls included.
      const written = await child.reply(ask({ tools: [stop], toolChoice: 'required' }), {
        maxTokens: 300,
        logprobs: 0,
      });
      expect(written.logprobs.map(({ text }) => text).join('')).toMatch(form);
      await child.close();
      child = startChild();
    }
  });

  describe('that the model makes by itself', () => {
    const mark = (name: string): string => `<｜tool▁${name}｜>`;
    const kimi = ['section_begin', 'section_end'].map((name) => `<|tool_calls_${name}|>`);
    const kimiCall = ['begin', 'argument_begin', 'end'].map((name) => `<|tool_call_${name}|>`);
    const families: Readonly<Record<string, Script>> = {
      hermes: {
        template: hermes,
        marks: ['<tool_call>', '</tool_call>'],
        pieces: ['<tool_call>', '\n{"name": "get_weather", "arguments": {"city": ', '"Paris"', '}}\n', '</tool_call>'],
      },
      'hermes with its mark in letters': {
        template: hermes,
        pieces: [
          '<tool_',
          'call>\n{"name"',
          ': "get_weather", "arguments": ',
          '{"city": ',
          '"Paris"',
          '}}\n</tool',
          '_call>',
        ],
      },
      'mistral with a list': {
        special: ['[TOOL_CALLS]'],
        pieces: ['[TOOL_CALLS]', '[{"name": "get_weather", "arguments": ', '{"city": ', '"Paris"', '}', ' }', ']'],
      },
      'mistral with names': {
        special: ['[TOOL_CALLS]', '[ARGS]'],
        pieces: ['[TOOL_CALLS]', 'get_weather', '[ARGS]', '{"city": ', '"Paris"', '}'],
      },
      'llama without a mark': {
        pieces: ['{"name": "get_weather", "parameters": ', '{"city": ', '"Paris"', '}', ' }'],
      },
      'llama with its mark': {
        special: ['<|python_tag|>'],
        pieces: ['<|python_tag|>', '{"name": "get_weather", "parameters": ', '{"city": ', '"Paris"', '}', ' }'],
      },
      functionary: { pieces: ['<function=get_weather>', '{"city": ', '"Paris"', '}', '</function>'] },
      'gpt-oss': {
        template:
          "{% for m in messages %}{{ '<|start|>' + m.role + '<|message|>' + m.content + '<|end|>' }}{% endfor %}{{ '<|start|>assistant\n' }}",
        special: ['<|start|>', '<|end|>', '<|message|>', '<|channel|>', '<|constrain|>'],
        pieces: [
          ...[' to=functions.get_weather', '<|channel|>', 'commentary ', '<|constrain|>', 'json', '<|message|>'],
          ...['{"city": ', '"Paris"', '}'],
        ],
      },
      'deepseek 3': {
        special: ['calls▁begin', 'call▁begin', 'sep', 'call▁end', 'calls▁end'].map(mark),
        pieces: [
          ...['I look. ', mark('calls▁begin'), mark('call▁begin'), 'function', mark('sep'), 'get_weather\n```json\n'],
          ...['{"city": ', '"Paris"', '}', '\n```', mark('call▁end'), mark('calls▁end')],
        ],
      },
      'deepseek 3.1': {
        special: ['calls▁begin', 'call▁begin', 'sep', 'call▁end', 'calls▁end'].map(mark),
        pieces: [
          ...['I look. ', mark('calls▁begin'), mark('call▁begin'), 'get_weather', mark('sep')],
          ...['{"city": ', '"Paris"', '}', mark('call▁end'), mark('calls▁end')],
        ],
      },
      'kimi k2': {
        special: [...kimi, ...kimiCall],
        pieces: [
          ...[kimi[0] ?? '', kimiCall[0] ?? '', 'functions.get_weather:0', kimiCall[1] ?? ''],
          ...['{"city": ', '"Paris"', '}', kimiCall[2] ?? '', kimi[1] ?? ''],
        ],
      },
      apertus: {
        special: ['<|tools_prefix|>', '<|tools_suffix|>'],
        pieces: ['<|tools_prefix|>', '[{"get_weather": ', '{"city": ', '"Paris"', '}', ' }', ']', '<|tools_suffix|>'],
      },
      cohere: {
        special: ['<|START_ACTION|>', '<|END_ACTION|>'],
        pieces: [
          ...['<|START_ACTION|>', '[\n    {"tool_call_id": "0", "tool_name": "get_weather", "parameters": '],
          ...['{"city": ', '"Paris"', '}', ' }', '\n]', '<|END_ACTION|>'],
        ],
      },
      granite: {
        special: ['<|tool_call|>'],
        pieces: ['<|tool_call|>', '[{"name": "get_weather", "arguments": ', '{"city": ', '"Paris"', '}', ' }', ']'],
      },
    };
    it.each(Object.keys(families))('have arguments that match the schema: %s', async (family) => {
      await loadScript({ ...(families[family] as Script), instead: { '"Paris"': '"Oslo"' } });
      const { content, result } = await eventsOf(ask(), { maxTokens: 100 });
      expect(result.toolCalls?.[0]).toMatchObject({ name: 'get_weather', arguments: '{"city":"Oslo"}' });
      expect(['', 'I look.']).toContain(content);
      // Where nothing is called, nothing is held.
      const { content: free } = await eventsOf({ ...say('Hello') }, { maxTokens: 100 });
      expect(free).toContain('"Paris"');
    });

    it('are held one after the other, with free text behind them', async () => {
      await loadScript({
        template: hermes,
        pieces: [
          ...['<tool_call>{"name": "get_weather", "arguments": ', '{"city": ', '"Paris"', '}', '}</tool_call>'],
          ...[
            '\n<tool_call>{"name": "get_weather", "arguments": {"days": ',
            '1.5',
            ', "city": "Rome"}}',
            '</tool_call>',
          ],
          ...[' See ', '{"city": "Bonn"}', '!'],
        ],
        instead: { '"Paris"': '"Oslo"', '1.5': '2' },
      });
      const { content, result } = await eventsOf(
        ask({
          tools: [
            {
              ...weather,
              parameters: {
                ...weather.parameters,
                properties: { days: { type: 'integer' }, city: { enum: ['Oslo', 'Rome'] } },
              },
            },
          ],
        }),
        { maxTokens: 100 },
      );
      expect(result.toolCalls?.map((call) => call.arguments)).toEqual(['{"city":"Oslo"}', '{"days":2,"city":"Rome"}']);
      expect(content).toBe('See {"city": "Bonn"}!');
    });

    it('are any object where no grammar can hold the schema', async () => {
      await loadScript({
        template: hermes,
        pieces: ['<tool_call>{"name": "get_weather", "arguments": ', '{"city": ', 'Paris', '}', '}</tool_call>'],
        instead: { Paris: '1' },
      });
      const { result } = await eventsOf(
        ask({
          tools: [
            {
              name: 'get_weather',
              parameters: { type: 'object', properties: { city: { $ref: 'https://example.org/city' } } },
            },
          ],
        }),
        { maxTokens: 100 },
      );
      expect(result.toolCalls).toMatchObject([{ arguments: '{"city":1}' }]);
    });
  });

  it('need valid tools, and exclude a grammar', async () => {
    await child.load(storiesPath);
    for (const input of [
      ask({ tools: [{ name: 'a b' }] }),
      ask({ tools: [stop, stop] }),
      ask({ tools: [], toolChoice: 'required' }),
      ask({ toolChoice: { name: 'other' } }),
    ])
      await expect(eventsOf(input)).rejects.toSatisfy(isInvalid);
    await expect(
      eventsOf(ask({ toolChoice: 'required' }), { grammar: { kind: 'gbnf', text: 'root ::= "a"' } }),
    ).rejects.toSatisfy(isInvalid);
  });
});

describe('tools in the prompt', () => {
  const talk: ConversationInput = ask({
    messages: [
      { role: 'user', content: 'How is the weather?' },
      {
        role: 'assistant',
        content: [
          {
            type: 'tool_call',
            call: { id: 'abcdefghi', name: 'get_weather', arguments: '{"city": "Oslo \\u003c|im_end|>"}' },
          },
        ],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool_result', callId: 'abcdefghi', name: 'get_weather', parts: [{ type: 'text', text: 'Rain.' }] },
        ],
      },
    ],
  });

  it('are rendered by the model’s template, and special texts in them stay text', async () => {
    await loadScript({ pieces: ['x'], template: hermes });
    const { text, pieces } = await child.client.call('prompt', { input: talk });
    expect(text).toContain('<tools>{"type": "function", "function": {"name": "get_weather"');
    expect(text).toContain('<tool_call>{"name": "get_weather", "arguments": {"city": "Oslo <|im_end|>"}}</tool_call>');
    expect(text).toContain('<|im_start|>tool\nRain.<|im_end|>');
    const tokens = pieces.flatMap((piece) => piece.tokens.map((token) => token.text));
    // Four turns end with the token; the one in the argument is plain text.
    expect(tokens.filter((token) => token === '<|im_end|>')).toHaveLength(4);
    expect(await promptOf({ ...talk, ...say('Hello'), toolChoice: 'none' })).not.toContain('get_weather');
  });

  it('are text where the template refuses them in this chat, and the reply tells its words', async () => {
    const picky = hermes.replace(
      '{% if m.tool_calls %}',
      "{% if m.tool_calls %}{{ raise_exception('No calls: ' + messages[0].content) }}",
    );
    await loadScript({ pieces: ['x'], template: picky });
    const [, ...rest] = talk.messages;
    const { result } = await eventsOf({ ...talk, messages: [{ role: 'user', content: 'Rain <|im_end|>?' }, ...rest] });
    expect(result.toolsRefused).toBe('No calls: Rain <|im_end|>?');
    // Without a call the template's own form works.
    expect((await eventsOf(ask())).result.toolsRefused).toBeUndefined();
  });

  it('are text for a model whose template does not know tools', async () => {
    await child.load(emberPath, { contextSize: 1024 });
    const text = await promptOf(talk);
    expect(text).toMatch(/system\n[^]*"name":"get_weather"[^]*"name":"stop_all"/);
    expect(text).toContain('<tool_call>\n{"name":"get_weather","arguments":{"city":"Oslo <|im_end|>"}}\n</tool_call>');
    expect(text).toContain('user\n<tool_response>\nRain.\n</tool_response>');
    expect((await eventsOf({ ...talk }, { maxTokens: 3 })).result.generatedTokens).toBeGreaterThan(0);
  });
});

describe('a grammar for a model that reasons', () => {
  const grammar = { kind: 'gbnf', text: 'root ::= "yes" | "no"' } as const;

  it('applies only after the reasoning that the template began', async () => {
    await loadScript({
      template: chatMl + "{{ '<think>\\n' }}",
      marks: ['</think>'],
      pieces: ['Hmm, let me', ' see', '</think>', 'Well'],
    });
    const { reasoning, content, result } = await eventsOf(say('Is it?'), { grammar });
    expect(reasoning).toBe('Hmm, let me see');
    expect(content).toMatch(/^(yes|no)$/);
    expect(result.endReason).toBe('end_of_turn');
    const schema = { type: 'object', properties: { ok: { const: true } }, required: ['ok'] };
    const json = await eventsOf(say('Is it?'), { grammar: { kind: 'json_schema', text: JSON.stringify(schema) } });
    expect(json.reasoning).toBe(reasoning);
    expect(JSON.parse(json.content)).toEqual({ ok: true });
    const forced = await eventsOf(ask({ tools: [stop], toolChoice: 'required' }), { maxTokens: 300 });
    expect(forced.reasoning).toBe(reasoning);
    expect(forced.result.toolCalls).toMatchObject([{ name: 'stop_all' }]);
  });

  it('lets a model begin its reasoning by itself, and applies from the first token on where it does not', async () => {
    await loadScript({ marks: ['<think>', '</think>'], pieces: ['<think>', 'Hmm', '</think>', 'Well'] });
    const { reasoning, content } = await eventsOf(say('Is it?'), { grammar });
    expect(reasoning).toBe('Hmm');
    expect(content).toMatch(/^(yes|no)$/);
    await child.close();
    child = startChild();
    await loadScript({ marks: ['<think>', '</think>'], pieces: ['no', ' way'] });
    expect(await eventsOf(say('Is it?'), { grammar })).toMatchObject({ reasoning: '', content: 'no' });
  });

  it('lets a model begin its reasoning with a special token and a name', async () => {
    await loadScript({
      special: ['<|channel>', '<channel|>'],
      pieces: ['<|channel>', 'thought', ' Hmm', '<channel|>', 'Well'],
    });
    const { reasoning, content } = await eventsOf(say('Is it?'), { grammar });
    expect(reasoning).toBe('Hmm');
    expect(content).toMatch(/^(yes|no)$/);
  });
});
