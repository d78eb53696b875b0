/** Replies of many families: read back from how their own templates write them, and as model cards and bug reports show them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixtureTime } from '../../../test/support/jinja-programs.ts';
import { parseTemplate } from '../jinja/jinja.ts';
import type { ToolDefinition } from '../messages.ts';
import { templateTool } from '../template/tool-prompt.ts';
import { readReply, type ReadReply } from './read-reply.ts';

const root = path.join(import.meta.dirname, '../../..');
const ownFolder = path.join(root, 'test/fixtures/templates');
/** All 41 templates, where the shared fixtures lie beside the checkout. */
const fullFolder = path.join(root, '../shared/fixtures/templates');
const folder = existsSync(fullFolder) ? fullFolder : ownFolder;
const { tools } = JSON.parse(readFileSync(path.join(folder, 'conversations.json'), 'utf8')) as {
  tools: readonly [ToolDefinition, ToolDefinition];
};
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

const weather = { name: 'get_weather', arguments: { city: 'Köln', days: 2 } };
const sum = { name: 'add', arguments: { a: 1, b: 2.5 } };
const weatherJson = '{"name": "get_weather", "arguments": {"city": "Köln", "days": 2}}';
const sumJson = '{"name": "add", "arguments": {"a": 1, "b": 2.5}}';
const weatherArguments = '{"city": "Köln", "days": 2}';

const forms: Readonly<Record<string, string>> = {
  'Llama 4, in Python': '[get_weather(city="Köln", days=2), add(a=1, b=2.5)]',
  'Llama 4, with its marks': '<|python_start|>[get_weather(city="Köln", days=2), add(a=1, b=2.5)]<|python_end|>',
  LFM2: "<|tool_call_start|>[get_weather(city='Köln', days=2), add(a=1, b=2.5)]<|tool_call_end|>",
  'Olmo 3': '<function_calls>\nget_weather(city="Köln", days=2)\nadd(a=1, b=2.5)\n</function_calls>',
  'Gemma 3': '```tool_code\nget_weather(city="Köln", days=2)\nadd(a=1, b=2.5)\n```',
  'Gemma 4':
    '<|tool_call>call:get_weather{city:<|"|>Köln<|"|>,days:2}<tool_call|><|tool_call>call:add{a:1,b:2.5}<tool_call|>',
  FunctionGemma:
    '<start_function_call>call:get_weather{city:<escape>Köln<escape>,days:2}<end_function_call><start_function_call>call:add{a:1,b:2.5}<end_function_call>',
  'Command R7B':
    '<|START_ACTION|>[\n{"tool_call_id": "0", "tool_name": "get_weather", "parameters": {"city": "Köln", "days": 2}},\n{"tool_call_id": "1", "tool_name": "add", "parameters": {"a": 1, "b": 2.5}}\n]<|END_ACTION|>',
  'Command R+':
    'Action:\n```json\n[\n{"tool_name": "get_weather", "parameters": {"city": "Köln", "days": 2}},\n{"tool_name": "add", "parameters": {"a": 1, "b": 2.5}}\n]\n```',
  Apertus:
    '<|tools_prefix|>[{"get_weather": {"city": "Köln", "days": 2}}, {"add": {"a": 1, "b": 2.5}}]<|tools_suffix|>',
  MiniMax:
    '<minimax:tool_call>\n<invoke name="get_weather">\n<parameter name="city">Köln</parameter>\n<parameter name="days">2</parameter>\n</invoke>\n<invoke name="add">\n<parameter name="a">1</parameter>\n<parameter name="b">2.5</parameter>\n</invoke>\n</minimax:tool_call>',
  'MiniMax M1': `<tool_calls>\n${weatherJson}\n${sumJson}\n</tool_calls>`,
  Hunyuan: `<tool_calls>\n<tool_call>get_weather\n\`\`\`json\n${weatherArguments}\n\`\`\`\n</tool_call>\n<tool_call>add\n\`\`\`json\n{"a": 1, "b": 2.5}\n\`\`\`\n</tool_call>\n</tool_calls>`,
  'Seed-OSS':
    '<seed:tool_call>\n<function=get_weather>\n<parameter=city>Köln</parameter>\n<parameter=days>2</parameter>\n</function>\n</seed:tool_call>\n<seed:tool_call>\n<function=add>\n<parameter=a>1</parameter>\n<parameter=b>2.5</parameter>\n</function>\n</seed:tool_call>',
  'Qwen3-Coder without its first mark':
    '<function=get_weather>\n<parameter=city>\nKöln\n</parameter>\n<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n<function=add>\n<parameter=a>\n1\n</parameter>\n<parameter=b>\n2.5\n</parameter>\n</function>\n</tool_call>',
  'Functionary 3.1': `<function=get_weather>${weatherArguments}</function><function=add>{"a": 1, "b": 2.5}</function>`,
  Firefunction: ` functools[${weatherJson}, ${sumJson}]`,
  'Phi-4-mini': `<|tool_call|>[${weatherJson}, ${sumJson}]<|/tool_call|>`,
  xLAM: `[${weatherJson}, ${sumJson}]`,
  'JSON in a fence': `\`\`\`json\n[${weatherJson}, ${sumJson}]\n\`\`\``,
  'JSON with a stray end': `${weatherJson}\n</tool_call>\n<tool_call>\n${sumJson}\n</tool_call>`,
  'a dictionary of Python':
    "<tool_call>{'name': 'get_weather', 'arguments': {'city': 'Köln', 'days': 2}}</tool_call><tool_call>{'name': 'add', 'arguments': {'a': 1, 'b': 2.5}}</tool_call>",
  InternLM: `<|action_start|><|plugin|>\n{"name": "get_weather", "parameters": ${weatherArguments}}<|action_end|><|action_start|><|plugin|>\n{"name": "add", "parameters": {"a": 1, "b": 2.5}}<|action_end|>`,
  Glaive: `<functioncall> ${weatherJson}<functioncall> ${sumJson}`,
  'Mistral without [ARGS]': `[TOOL_CALLS]get_weather${weatherArguments}[TOOL_CALLS]add{"a": 1, "b": 2.5}`,
  'Kimi K2 without its section': `<|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>${weatherArguments}<|tool_call_end|><|tool_call_begin|>functions.add:1<|tool_call_argument_begin|>{"a": 1, "b": 2.5}<|tool_call_end|>`,
  'DeepSeek V3.1 without its section': `<｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>${weatherArguments}<｜tool▁call▁end｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{"a": 1, "b": 2.5}<｜tool▁call▁end｜>`,
  'DeepSeek V3.2':
    '<｜DSML｜function_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">Köln</｜DSML｜parameter>\n<｜DSML｜parameter name="days" string="false">2</｜DSML｜parameter>\n</｜DSML｜invoke>\n<｜DSML｜invoke name="add">\n<｜DSML｜parameter name="a" string="false">1</｜DSML｜parameter>\n<｜DSML｜parameter name="b" string="false">2.5</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>',
  'Step 3':
    '<｜tool_calls_begin｜><｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name="get_weather"><steptml:parameter name="city">Köln</steptml:parameter><steptml:parameter name="days">2</steptml:parameter></steptml:invoke><｜tool_call_end｜><｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name="add"><steptml:parameter name="a">1</steptml:parameter><steptml:parameter name="b">2.5</steptml:parameter></steptml:invoke><｜tool_call_end｜><｜tool_calls_end｜>',
  'Solar Open': `<|tool_calls|><|tool_call:begin|>abc123<|tool_call:name|>get_weather<|tool_call:args|>${weatherArguments}<|tool_call:end|><|tool_call:begin|>def456<|tool_call:name|>add<|tool_call:args|>{"a": 1, "b": 2.5}<|tool_call:end|>`,
  LongCat:
    '<longcat_tool_call>get_weather\n<longcat_arg_key>city</longcat_arg_key>\n<longcat_arg_value>Köln</longcat_arg_value>\n<longcat_arg_key>days</longcat_arg_key>\n<longcat_arg_value>2</longcat_arg_value>\n</longcat_tool_call>\n<longcat_tool_call>add\n<longcat_arg_key>a</longcat_arg_key>\n<longcat_arg_value>1</longcat_arg_value>\n<longcat_arg_key>b</longcat_arg_key>\n<longcat_arg_value>2.5</longcat_arg_value>\n</longcat_tool_call>',
  'GigaChat 3': `<|message_sep|>\n\nfunction call<|role_sep|>\n${weatherJson}<|message_sep|>\n\nfunction call<|role_sep|>\n${sumJson}`,
  MiroThinker: `<use_mcp_tool>\n<server_name>s</server_name>\n<tool_name>get_weather</tool_name>\n<arguments>\n${weatherArguments}\n</arguments>\n</use_mcp_tool>\n<use_mcp_tool>\n<server_name>s</server_name>\n<tool_name>add</tool_name>\n<arguments>\n{"a": 1, "b": 2.5}\n</arguments>\n</use_mcp_tool>`,
  'arguments as text': `<tool_call>{"name": "get_weather", "arguments": "{\\"city\\": \\"Köln\\", \\"days\\": 2}"}</tool_call><tool_call>${sumJson}</tool_call>`,
};

describe('a reply with calls, as models write it', () => {
  const read = (reply: string, prompt = ''): ReadReply => readReply(reply, { prompt, source: '', tools });
  it.for(Object.entries(forms))('%s', ([, reply]) => {
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
