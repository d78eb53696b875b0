/** Replies of many families: read back from how their own templates write them, and as model cards and bug reports show them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  callReplies,
  sumCall as sum,
  weatherArguments,
  weatherCall as weather,
} from '../../../test/support/call-replies.ts';
import { readConversations } from '../../../test/support/fixture-conversations.ts';
import { fixtureTime } from '../../../test/support/jinja-programs.ts';
import { parseTemplate } from '../jinja/jinja.ts';
import { templateTool } from '../template/tool-prompt.ts';
import { withCallsInReasoning } from './calls-in-reasoning.ts';
import { readReply, type ReadReply } from './read-reply.ts';
import { createReasoningSplitter } from './reasoning.ts';

const root = path.join(import.meta.dirname, '../../..');
const ownFolder = path.join(root, 'test/fixtures/templates');
/** All 41 templates, where the shared fixtures lie beside the checkout. */
const fullFolder = path.join(root, '../shared/fixtures/templates');
const folder = existsSync(fullFolder) ? fullFolder : ownFolder;
const { tools } = readConversations(path.join(folder, 'conversations.json'));
const values = [
  { city: 'Bern <x> & "y"', days: 2, opts: { deep: true }, tags: ['a', 'ß'] },
  { a: 1.5, b: -2 },
] as const;

/** Templates that show no call, refuse two at once or a call in this form. The reason stands beside each. */
const withoutCall = new Set([
  // They know no tools.
  'HuggingFaceTB-SmolLM3-3B.jinja',
  'LFM2-8B-A1B.jinja',
  'deepseek-ai-DeepSeek-R1-Distill-Llama-8B.jinja',
  'google-gemma-2-2b-it.jinja',
  'ibm-granite-granite-3.3-2B-Instruct.jinja',
  'llama-cpp-rwkv-world.jinja',
  'microsoft-Phi-3.5-mini-instruct.jinja',
  // They fail in jinja2 as well with these tools.
  'CohereForAI-c4ai-command-r-plus-tool_use.jinja',
  'Kimi-K2-Instruct.jinja',
  'MiroThinker.jinja',
  'fireworks-ai-llama-3-firefunction-v2.jinja',
  'llama-cpp-deepseek-r1.jinja',
]);
/** Their templates write one call at most. */
const singleCall = /^meta-llama|^GigaChat3/;

/** What a template appends to a prompt for this assistant's message: the reply of the model. */
function replyOf(source: string, calls: readonly object[]): { readonly prompt: string; readonly reply: string } {
  const template = parseTemplate(source);
  const render = (messages: readonly object[], generation: boolean): string =>
    template.render(
      {
        messages,
        tools: tools.map(templateTool),
        add_generation_prompt: generation,
        bos_token: '<BOS>',
        eos_token: '<EOS>',
      },
      { now: () => fixtureTime },
    );
  const user = { role: 'user', content: 'Both?' };
  const prompt = render([user], true);
  const whole = render([user, { role: 'assistant', content: '', tool_calls: calls }], false);
  let at = 0;
  while (at < prompt.length && prompt[at] === whole[at]) at++;
  // Not in the middle of a mark.
  const mark = prompt.lastIndexOf('<', at);
  if (mark > prompt.lastIndexOf('>', at - 1)) at = mark;
  // The end of a turn is a token that ends the reply.
  const reply = whole.slice(at).replace(/(?:<EOS>|<\|(?:eot_id|eom_id|end)\|>)\s*$/, '');
  return { prompt: whole.slice(0, at), reply };
}

describe('a reply with calls, as the templates write it', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.jinja') && !withoutCall.has(name));
  it.for(files)('is read back: %s', (file) => {
    const source = readFileSync(path.join(folder, file), 'utf8');
    const counts = singleCall.test(file) ? [1] : [1, 2];
    for (const count of counts) {
      const expected = values.slice(0, count).map((value, at) => ({ name: tools[at]?.name, arguments: value }));
      const { prompt, reply } = replyOf(
        source,
        expected.map((call, at) => ({ id: ['abcdefghi', 'bbbbbbbbb'][at], type: 'function', function: call })),
      );
      expect(reply).toContain('get_weather');
      expect(readReply(reply, { prompt, source, tools }).calls).toEqual(expected);
      // Without the list of tools types of tagged values are not known; names are.
      expect(readReply(reply, { prompt, source, tools: null }).calls.map(({ name }) => name)).toEqual(
        expected.map(({ name }) => name),
      );
    }
  });
  it('is tried for most templates', () => expect(files.length).toBeGreaterThanOrEqual(folder === fullFolder ? 29 : 8));
});

describe('a reply with calls, as models write it', () => {
  const read = (reply: string, prompt = ''): ReadReply => readReply(reply, { prompt, source: '', tools });
  it.for(Object.entries(callReplies))('%s', ([, reply]) => {
    expect(read(reply)).toEqual({ reasoning: '', content: '', calls: [weather, sum] });
    expect(read(`<think>\nTwo calls.\n</think>\n\n${reply}`)).toEqual({
      reasoning: 'Two calls.',
      content: '',
      calls: [weather, sum],
    });
  });
  it('Functionary 3.2, whose template has begun the form', () => {
    const prompt = '<|start_header_id|>assistant<|end_header_id|>\n\n>>>';
    expect(read(`get_weather\n${weatherArguments}>>>add\n{"a": 1, "b": 2.5}`, prompt).calls).toEqual([weather, sum]);
    expect(read('all\nHello.', prompt)).toEqual({ reasoning: '', content: 'Hello.', calls: [] });
    expect(read(`all\nI look.>>>get_weather\n${weatherArguments}`, prompt)).toEqual({
      reasoning: '',
      content: 'I look.',
      calls: [weather],
    });
  });
  it('a built-in tool of Llama 3.1', () => {
    const search = [{ name: 'brave_search' }];
    expect(
      readReply('<|python_tag|>brave_search.call(query="x y")', { prompt: '', source: '', tools: search }).calls,
    ).toEqual([{ name: 'brave_search', arguments: { query: 'x y' } }]);
  });
  it.for([
    ['JSON', '<tool_call>{"name": "add", "arguments": {"a": 1234567890123456789, "b": [2.0, 1e3]}}</tool_call>'],
    [
      'JSON in a text',
      '<tool_call>{"name": "add", "arguments": "{\\"a\\": 1234567890123456789, \\"b\\": [2.0, 1e3]}"}</tool_call>',
    ],
    ['Python', '[add(a=1234567890123456789, b=[2.0, 1e3])]'],
    ['Python with signs', '[add(a=+1_234567890_123456789, b=[2., 1e3])]'],
    [
      'a dictionary of Python',
      "<tool_call>{'name': 'add', 'arguments': {'a': 1234567890123456789, 'b': [2.0, 1e3]}}</tool_call>",
    ],
    ['Gemma 4', '<|tool_call>call:add{a:1234567890123456789,b:[2.0,1e3]}<tool_call|>'],
    [
      'tags',
      '<tool_call>\n<function=add>\n<parameter=a>\n1234567890123456789\n</parameter>\n<parameter=b>\n[2.0, 1e3]\n</parameter>\n</function>\n</tool_call>',
    ],
    [
      'MiniMax M3',
      ']<]minimax[>[<tool_call>\n]<]minimax[>[<invoke name="add">]<]minimax[>[<a>1234567890123456789]<]minimax[>[</a>]<]minimax[>[<b>]<]minimax[>[<item>2.0]<]minimax[>[</item>]<]minimax[>[<item>1e3]<]minimax[>[</item>]<]minimax[>[</b>]<]minimax[>[</invoke>\n]<]minimax[>[</tool_call>',
    ],
  ] as const)('keeps numbers as the model wrote them: %s', ([, reply]) => {
    const properties = { a: { type: 'integer' }, b: { type: 'array', items: { type: 'number' } } };
    const { calls } = readReply(reply, {
      ...{ prompt: '', source: '' },
      tools: [{ name: 'add', parameters: { type: 'object', properties } }],
    });
    // The text that an agent gets from llama-server and from Python's servers.
    expect(calls.map((call) => JSON.stringify(call.arguments))).toEqual(['{"a":1234567890123456789,"b":[2.0,1e3]}']);
  });
  it('marks within the texts of a call are text', () => {
    const text = 'use <tool_call>x</tool_call> and ``` and [TOOL_CALLS] "so" {';
    const json = JSON.stringify({ name: 'get_weather', arguments: { city: text } });
    for (const reply of [
      `<tool_call>\n${json}\n</tool_call>`,
      `[TOOL_CALLS][${json}]`,
      `\`\`\`json\n${json}\n\`\`\``,
      json,
    ])
      expect([reply, read(reply).calls]).toEqual([reply, [{ name: 'get_weather', arguments: { city: text } }]]);
    expect(
      read(
        '<tool_call>\n<function=get_weather>\n<parameter=city>\na </tool_call> b\n</parameter>\n</function>\n</tool_call>',
      ).calls,
    ).toEqual([{ name: 'get_weather', arguments: { city: 'a </tool_call> b' } }]);
  });
  it('code and lists that are no calls stay content', () => {
    for (const text of [
      '```json\n{"answer": 42}\n```',
      '```json\n{"name": "Bob", "arguments": {}}\n```\nMore.',
      '[1, 2, 3]',
      '[print(1)]',
      '[link](https://example.org) and more',
      'Use `<function=` in Qwen.',
      '[{"name": "Bob"}]',
      'functools[0] is the first',
      'Action: ```json\n{"x": 1}\n``` was it.',
    ])
      expect(read(text)).toEqual({ reasoning: '', content: text, calls: [] });
  });
});

/** Of test-chat.cpp in llama.cpp, which says the same of each. */
describe('a call in reasoning that never ends', () => {
  const known = [
    { name: 'get_time', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
    { name: 'special_function', parameters: { type: 'object', properties: { arg1: { type: 'integer' } } } },
    { name: 'python', parameters: { type: 'object', properties: { code: { type: 'string' } } } },
  ];
  const read = (reply: string, prompt = ''): ReadReply => readReply(reply, { prompt, source: '', tools: known });
  const begun = '<|im_start|>assistant\n<think>\n';
  const qwen = (city: string): string =>
    `<tool_call>\n<function=get_time>\n<parameter=city>\n${city}\n</parameter>\n</function>\n</tool_call>`;
  const time = (city: string): object => ({ name: 'get_time', arguments: { city } });
  const two = [
    { name: 'special_function', arguments: { arg1: 1 } },
    { name: 'python', arguments: { code: "print('hey')" } },
  ];
  const kimi = (end: string): string =>
    `<|tool_call_begin|>functions.special_function:0<|tool_call_argument_begin|>{"arg1": 1}${end}` +
    `<|tool_call_begin|>functions.python:1<|tool_call_argument_begin|>{"code": "print('hey')"}${end}`;

  it.for([
    ['Qwen3.5', begun, `I look.\n${qwen('Tokyo')}`, 'I look.', [time('Tokyo')]],
    ['Qwen3.5, at once', begun, qwen('Tokyo'), '', [time('Tokyo')]],
    ['Qwen3.5, two', begun, `I look.\n${qwen('Tokyo')}\n${qwen('Oslo')}\n`, 'I look.', [time('Tokyo'), time('Oslo')]],
    [
      'Kimi K2 Thinking',
      '',
      `<think>Two.<|tool_calls_section_begin|>${kimi('<|tool_call_end|>')}<|tool_calls_section_end|>`,
      'Two.',
      two,
    ],
    ['Kimi K2 Thinking without its ends', '', `<think>Two.${kimi('')}`, 'Two.', two],
    [
      'DeepSeek V4',
      '<｜Assistant｜><think>',
      'I look.\n\n<｜DSML｜tool_calls>\n<｜DSML｜invoke name="get_time">\n<｜DSML｜parameter name="city" string="true">Tokyo</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>',
      'I look.',
      [time('Tokyo')],
    ],
  ] as const)('is a call: %s', ([, prompt, reply, reasoning, calls]) =>
    expect(read(reply, prompt)).toEqual({ reasoning, content: '', calls }),
  );

  it('is found behind a mark that begins none', () => {
    const thoughts = `I write <tool_call> first, and ${'that is a long story. '.repeat(30)}Now get_time:`;
    expect(read(`${thoughts}\n${qwen('Oslo')}`, begun)).toEqual({
      reasoning: thoughts,
      content: '',
      calls: [time('Oslo')],
    });
  });

  it('stays reasoning where other text follows, reasoning ends, or there is no such tool', () => {
    for (const thoughts of [
      `I could write ${qwen('Oslo')} but I will not.`,
      '<tool_call>\n{"name": "fly", "arguments": {}}\n</tool_call>',
      'The mark is <tool_call>',
      '<tool_call>\n{"name": "get_time", "argum',
    ])
      expect(read(thoughts, begun)).toEqual({ reasoning: thoughts, content: '', calls: [] });
    expect(read(`Maybe ${qwen('Oslo')}\n</think>\n\nNo.`, begun)).toEqual({
      reasoning: `Maybe ${qwen('Oslo')}`,
      content: 'No.',
      calls: [],
    });
  });

  it('is told while it streams: other thoughts are not held back, and a call is never shown', () => {
    const splitter = withCallsInReasoning(createReasoningSplitter(begun), known);
    const shown: string[] = [];
    const whole = `A mark <tool_call> and ${'more words. '.repeat(50)}Now.\n${qwen('Oslo')}`;
    for (const letter of whole) {
      const { reasoning, content } = splitter.push(letter);
      expect(content).toBe('');
      shown.push(reasoning);
      const sent = shown.join('');
      // What is held back is no longer than a mark without a name.
      expect(whole.indexOf(sent)).toBe(0);
    }
    expect(shown.join('')).toBe(whole.slice(0, whole.indexOf('\n<tool_call>')));
    expect(splitter.end()).toEqual({ reasoning: '', content: qwen('Oslo') });
  });
});

describe('Kimi K3', () => {
  const prompt = '<|open|>message role="assistant"<|sep|><|open|>think<|sep|>';
  const source = "{{- '<|open|>' + tag + '<|sep|>' -}}{{- '<|close|>' + tag + '<|sep|>' -}}";
  const read = (reply: string, before = prompt): ReadReply => readReply(reply, { prompt: before, source, tools });
  const end = '<|close|>message<|sep|>';
  const answer = '<|open|>response<|sep|>Four.<|close|>response<|sep|>';

  it.for([
    ['thoughts and answer', prompt, `Two and two.<|close|>think<|sep|>${answer}${end}`, 'Two and two.'],
    ['thoughts without an end', prompt, `Two and two.${answer}${end}`, 'Two and two.'],
    ['an answer at once', prompt, `${answer}${end}`, ''],
    [
      'an answer that the prompt has begun',
      prompt.replace('think', 'response'),
      `Four.<|close|>response<|sep|>${end}`,
      '',
    ],
  ] as const)('reads %s', ([, before, reply, reasoning]) =>
    expect(read(reply, before)).toEqual({ reasoning, content: 'Four.', calls: [] }),
  );
  it('reads calls, with a tag for each argument or as JSON', () => {
    const reply = `Two calls.<|close|>think<|sep|><|open|>response<|sep|>I look.<|close|>response<|sep|><|open|>tools<|sep|><|open|>call tool="get_weather" index="1"<|sep|><|open|>argument key="city" type="string"<|sep|>Köln<|close|>argument<|sep|><|open|>argument key="days" type="number"<|sep|>2<|close|>argument<|sep|><|close|>call<|sep|><|open|>call tool="add" index="2"<|sep|><|open|>json type="object"<|sep|>{"a": 1, "b": 2.5}<|close|>json<|sep|><|close|>call<|sep|><|close|>tools<|sep|>${end}`;
    expect(read(reply)).toEqual({ reasoning: 'Two calls.', content: 'I look.', calls: [weather, sum] });
    const odd =
      '<|open|>tools<|sep|><|open|>call tool="get_weather" index="1"<|sep|><|open|>argument key="a &amp;quot; &quot;b&quot;" type="string"<|sep|>\n2\n<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|>';
    expect(read(`<|close|>think<|sep|>${odd}`).calls).toEqual([
      { name: 'get_weather', arguments: { 'a &quot; "b"': '\n2\n' } },
    ]);
  });
});

it('Gemma’s end of a channel is no part of an answer, where its template knows it', () => {
  const source = "{{ '<|channel>thought\n<channel|>' }}";
  const answer = 'Hello, world!';
  // Of test-chat.cpp in llama.cpp.
  for (const reply of [
    `<|channel>thought\n<channel|>${answer}<channel|>`,
    `<|channel>thought\n<channel|>${answer}<|channel>thought\n<channel|>`,
    `<|channel>thought\n<channel|>${answer}<|channel>thought\n<channel|><channel|>`,
    `${answer}<channel|>`,
    `<|channel><|channel>thought\n<channel|>${answer}`,
  ])
    expect(readReply(reply, { prompt: '', source, tools: null })).toEqual({
      reasoning: '',
      content: answer,
      calls: [],
    });
  const about = 'Gemma ends its thoughts with <channel|>.';
  expect(readReply(about, { prompt: '', source: '', tools: null }).content).toBe(about);
});

describe('reasoning', () => {
  const read = (reply: string, prompt = '', source = ''): ReadReply =>
    readReply(reply, { prompt, source, tools: null });
  const both = { reasoning: 'Two and two.', content: 'Four.', calls: [] };
  it.for([
    ['Gemma 4', '<|channel>thought\nTwo and two.\n<channel|>Four.'],
    ['Command R7B', '<|START_THINKING|>Two and two.<|END_THINKING|><|START_RESPONSE|>Four.<|END_RESPONSE|>'],
    ['Command A', '<|START_THINKING|>Two and two.<|END_THINKING|><|START_TEXT|>Four.<|END_TEXT|>'],
    ['Apertus', '<|inner_prefix|>Two and two.<|inner_suffix|>Four.'],
    ['Apriel', 'Here are my reasoning steps:\nTwo and two.\n[BEGIN FINAL RESPONSE]\nFour.\n[END FINAL RESPONSE]'],
    ['MiniMax M3', '<mm:think>Two and two.</mm:think>Four.'],
    ['Hunyuan', '<think>\nTwo and two.\n</think>\n<answer>\nFour.\n</answer>'],
    ['Solar Open', '<|think|>Two and two.<|end|><|begin|>assistant<|content|>Four.<|end|>'],
    [
      'OpenThinker',
      '<|begin_of_thought|>\n\nTwo and two.\n\n<|end_of_thought|>\n\n<|begin_of_solution|>\n\nFour.\n\n<|end_of_solution|>',
    ],
    ['Reflection', '<thinking>Two and two.</thinking>\n<output>Four.</output>'],
  ] as const)('of %s', ([, reply]) => expect(read(reply)).toEqual(both));

  it.for([
    ['<|turn>model\n<|channel>thought\n', 'Two and two.<channel|>Four.'],
    ['<|CHATBOT_TOKEN|><|START_THINKING|>', 'Two and two.<|END_THINKING|><|START_TEXT|>Four.<|END_TEXT|>'],
    ['<|begin_assistant|>\nHere are my reasoning steps:\n', 'Two and two.\n[BEGIN FINAL RESPONSE]\nFour.'],
    ['<｜Assistant｜><think>\n', 'Two and two.\n</think>\n\nFour.'],
    ['<｜Assistant｜><think>\n', '<think>\nTwo and two.\n</think>\n\nFour.'],
  ] as const)('that the prompt has opened: %s', ([prompt, reply]) => expect(read(reply, prompt)).toEqual(both));

  it('that is empty', () => {
    for (const reply of [
      '<think>\n\n</think>\n\nFour.',
      '<|channel>thought\n<channel|>Four.',
      '<|START_THINKING|><|END_THINKING|><|START_RESPONSE|>Four.<|END_RESPONSE|>',
      '<|START_RESPONSE|>Four.<|END_RESPONSE|>',
      '[BEGIN FINAL RESPONSE]\nFour.\n[END FINAL RESPONSE]',
    ])
      expect(read(reply)).toEqual({ reasoning: '', content: 'Four.', calls: [] });
  });
  it('whose beginning is missing, where the template knows its end', () => {
    const source = "{% set content = content.split('</think>')[-1] %}";
    expect(read('Two and two.\n</think>\n\nFour.', '', source)).toEqual(both);
    expect(read('The mark is </think>.', '', '')).toEqual({
      reasoning: '',
      content: 'The mark is </think>.',
      calls: [],
    });
    // A prompt that has closed the reasoning leaves nothing to end.
    expect(read('It is </think>.', '<think>\n\n</think>\n\n', source).content).toBe('It is </think>.');
    // A model that thinks although its template has closed that, as in test-chat.cpp of llama.cpp.
    const closed = '<|im_start|>assistant\n<think>\n\n</think>\n\n';
    expect(read('Two and two.\n</think>\n\nFour.', closed, source)).toEqual(both);
    expect(read('</think>\n\nFour.', closed, source)).toEqual({ ...both, reasoning: '' });
    for (const about of ['It is\n<think>\nHm\n</think>\n', 'First `</think>`, and\n</think>'])
      expect(read(about, closed, source).content).toBe(about);
  });
  // The answers of lmstudio-bug-tracker#1592: models were asked for the tags of reasoning.
  it.for([
    'The tags are:\n1. `<think>`\n2. `</think>`\nDone.',
    'The end tag of reasoning is `</think>`, which Qwen writes.',
    'It is ``</think>`` here.',
    'The end tag is\n```\n</think>\n```\nand nothing else.',
    'Thoughts stand between <think> and </think>.',
  ])('is not ended by an answer about its marks: %s', (about) => {
    const source = "{% set content = content.split('</think>')[-1] %}";
    for (const prompt of ['<|im_start|>assistant\n', '<|im_start|>assistant\n<think>\n\n</think>\n\n'])
      expect(read(about, prompt, source)).toEqual({ reasoning: '', content: about, calls: [] });
    const thoughts = 'I call `add`.\n```\nadd(2, 2)\n```';
    for (const end of ['</think>', '\n</think>\n\n'])
      expect(read(`${thoughts}${end}Four.`, '<|im_start|>assistant\n', source)).toEqual({
        ...both,
        reasoning: thoughts,
      });
  });
  it('is followed by an answer whose end has more text behind it: the same in pieces', () => {
    const reply = '<|START_THINKING|>Two and two.<|END_THINKING|><|START_TEXT|>Four.<|END_TEXT|>\n\nDone';
    for (const pieces of [[reply], [...reply]]) {
      const splitter = createReasoningSplitter('');
      const splits = [...pieces.map((piece) => splitter.push(piece)), splitter.end()];
      expect(splits.map(({ content }) => content).join('')).toBe('Four.Done');
    }
  });
  it('behind first words, though the template knows the end of reasoning as well: whole as in pieces', () => {
    const source = '<|START_THINKING|>{{ thinking }}<|END_THINKING|>';
    const reply = 'I look.<|START_THINKING|>Two and two.<|END_THINKING|><|START_RESPONSE|>Four.<|END_RESPONSE|>';
    expect(read(reply, '', source)).toEqual({ ...both, content: 'I look.Four.' });
    const closed = '<|im_start|>assistant\n<think>\n\n</think>\n\n';
    for (const pieces of [['\n\n</think>\n\nFour.'], [...'\n\n</think>\n\nFour.']]) {
      const splitter = createReasoningSplitter(closed, '</think>');
      const splits = [...pieces.map((piece) => splitter.push(piece)), splitter.end()];
      expect(splits.map(({ content }) => content).join('')).toBe('Four.');
    }
  });
  it('in several blocks, where the marks are tokens', () => {
    expect(
      read('<|inner_prefix|>One.<|tools_prefix|>[{"add": {"a": 1}}]<|tools_suffix|>Two.<|inner_suffix|>Four.'),
    ).toEqual({
      reasoning: 'One.Two.',
      content: 'Four.',
      calls: [{ name: 'add', arguments: { a: 1 } }],
    });
    expect(read('<|channel>thought\nOne.<channel|>So.<|channel>thought\nTwo.<channel|>Four.')).toEqual({
      reasoning: 'One.Two.',
      content: 'So.Four.',
      calls: [],
    });
  });
  it('of gpt-oss, whose header names two channels: the last counts', () => {
    const prompt = '<|start|>user<|message|>?<|end|><|start|>assistant';
    const header = '<|channel|>commentary to=assistant';
    const thoughts = '<|channel|>analysis<|message|>Two and two.<|end|><|start|>assistant';
    const answer = '<|channel|>final<|message|>Four.';
    expect(read(`${header}${thoughts}${answer}`, prompt)).toEqual(both);
    expect(read(`${thoughts}${header}${answer}`, prompt)).toEqual(both);
  });
  it('of gpt-oss, with a preamble for the user and a call', () => {
    const prompt = '<|start|>user<|message|>?<|end|><|start|>assistant';
    expect(
      read(
        '<|channel|>analysis<|message|>Look.<|end|><|start|>assistant<|channel|>commentary<|message|>I look.<|end|>' +
          '<|start|>assistant to=functions.add<|channel|>commentary json<|message|>{"a": 1}<|call|>',
        prompt,
      ),
    ).toEqual({ reasoning: 'Look.', content: 'I look.', calls: [{ name: 'add', arguments: { a: 1 } }] });
  });
});

it('reads an answer of gpt-oss without a channel as one, and a call behind a broken one', () => {
  const tools = [{ name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } }];
  const answer = readReply('Just an answer.', { prompt: '<|start|>assistant', source: '', tools });
  expect(answer.content).toBe('Just an answer.');
  const broken = '<tool_call>{"name":"weather","arguments":{"city":"Rome</tool_call>';
  const sound = '<tool_call>{"name":"weather","arguments":{"city":"Oslo"}}</tool_call>';
  const { calls } = readReply(`${broken}\n${sound}`, { prompt: '', source: '', tools });
  expect(calls.map((call) => call.arguments)).toEqual([{ city: 'Oslo' }]);
});
