import { describe, expect, it } from 'vitest';
import { createToolCallSplitter, type ToolPiece } from './tool-calls.ts';

const tools = [
  { name: 'get_weather', parameters: { properties: { city: { type: 'string' } } } },
  { name: 'add', parameters: { properties: { a: { type: 'integer' }, b: { type: 'array' } } } },
];

/** The pieces of a reply that was pushed in these chunks, with adjacent texts joined. */
function run(...chunks: string[]): ToolPiece[] {
  const splitter = createToolCallSplitter(tools);
  const pieces: ToolPiece[] = [];
  for (const piece of [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()]) {
    const last = pieces.at(-1);
    if (piece.kind === 'text' && last?.kind === 'text')
      pieces[pieces.length - 1] = { kind: 'text', text: last.text + piece.text };
    else pieces.push(piece);
  }
  return pieces;
}
const text = (value: string): ToolPiece => ({ kind: 'text', text: value });
const call = (name: string, values: Record<string, unknown>): ToolPiece => ({
  kind: 'call',
  call: { name, arguments: values },
});
const weather = call('get_weather', { city: 'Köln </tool' });
const sum = call('add', { a: 1, b: [2, { c: null }] });
const weatherJson = '{"name": "get_weather", "arguments": {"city": "Köln </tool"}}';
const sumJson = '{"name": "add", "arguments": {"a": 1, "b": [2, {"c": null}]}}';

/** A call as harmony.ts gives it. */
const harmony = (name: string): string => `<|channel|>commentary to=functions.${name}<|message|>`;

describe('createToolCallSplitter', () => {
  const families: Record<string, [string, ToolPiece[]]> = {
    'Hermes and Qwen': [
      `Let me look.\n<tool_call>\n${weatherJson}\n</tool_call>\n<tool_call>\n${sumJson}\n</tool_call>\n`,
      [text('Let me look.'), weather, sum],
    ],
    'a reply that ends before the closing mark': [`<tool_call>\n${weatherJson}\n`, [weather]],
    'Mistral with a list': [`[TOOL_CALLS] [${weatherJson}, ${sumJson}]`, [weather, sum]],
    'Mistral with names': [
      `[TOOL_CALLS]get_weather[CALL_ID]abc123XYZ[ARGS]{"city": "Köln </tool"}[TOOL_CALLS]add[ARGS]{"a": 1, "b": [2, {"c": null}]}`,
      [weather, sum],
    ],
    Nemotron: [`<TOOLCALL>[${sumJson}, ${weatherJson}]</TOOLCALL>`, [sum, weather]],
    Granite: [`<|tool_call|>[${sumJson}]`, [sum]],
    'Llama 3.1 with its mark': [`<|python_tag|>${weatherJson.replace('arguments', 'parameters')}`, [weather]],
    'Llama 3 as JSON without a mark': [
      `\n{"name": "get_weather", "parameters": {"city": "Köln </tool"}}; ${sumJson}`,
      [weather, sum],
    ],
    'Qwen3-Coder': [
      '<tool_call>\n<function=get_weather>\n<parameter=city>\nKöln </tool\n</parameter>\n</function>\n</tool_call>\n' +
        '<tool_call>\n<function=add>\n<parameter=a>\n1\n</parameter>\n<parameter=b>\n[2, {"c": null}]\n</parameter>\n</function>\n</tool_call>',
      [weather, sum],
    ],
    'GLM 4': [
      '\n<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Köln </tool</arg_value>\n</tool_call>',
      [weather],
    ],
    'DeepSeek V3': [
      `I look.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n\`\`\`json\n{"city": "Köln </tool"}\n\`\`\`<｜tool▁call▁end｜>\n` +
        `<｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n\`\`\`json\n{"a": 1, "b": [2, {"c": null}]}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
      [text('I look.'), weather, sum],
    ],
    'DeepSeek V3.1': [
      `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": "Köln </tool"}<｜tool▁call▁end｜>` +
        `<｜tool▁call▁begin｜>add<｜tool▁sep｜>{"a": 1, "b": [2, {"c": null}]}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
      [weather, sum],
    ],
    'Kimi K2': [
      `<|tool_calls_section_begin|><|tool_call_begin|>functions.add:0<|tool_call_argument_begin|>{"a": 1, "b": [2, {"c": null}]}<|tool_call_end|><|tool_calls_section_end|>`,
      [sum],
    ],
    'gpt-oss': [
      `${harmony('get_weather')}{"city": "Köln </tool"}<|call|>${harmony('add')}{"a": 1, "b": [2, {"c": null}]}`,
      [weather, sum],
    ],
    'the shape of the API': [
      `<tool_call>{"type": "function", "function": {"name": "add", "arguments": "{\\"a\\": 1, \\"b\\": [2, {\\"c\\": null}]}"}}</tool_call>`,
      [sum],
    ],
    'a mark within a text, behind a quote of it': [
      `<tool_call>${JSON.stringify({ name: 'get_weather', arguments: { city: 'a 5" </tool_call> \\\\" pipe' } })}</tool_call>Done.`,
      [call('get_weather', { city: 'a 5" </tool_call> \\\\" pipe' }), text('Done.')],
    ],
    'Qwen3-Coder without an end tag': [
      '<tool_call>\n<function=add>\n<parameter=a>\n1\n<parameter=b>\n[2, {"c": null}]\n</parameter>\n</function>\n</tool_call>',
      [sum],
    ],
    'text after a call': [`<tool_call>${sumJson}</tool_call>\n\nDone. `, [sum, text('Done. ')]],
  };
  for (const [name, [reply, expected]] of Object.entries(families))
    it(`reads ${name}, at every cut`, () => {
      expect(run(reply)).toEqual(expected);
      expect(run(...reply)).toEqual(expected);
      for (let cut = 1; cut < reply.length; cut++) expect(run(reply.slice(0, cut), reply.slice(cut))).toEqual(expected);
    });

  it('leaves text unchanged, even if it begins like a call', () => {
    for (const reply of [
      'Just text. ',
      ' \n',
      '{"answer": 42}',
      '{ "na": 1 }',
      'a <tool is b',
      '[TOOL',
      '{"name": "Bob"}',
    ])
      for (const chunks of [[reply], [...reply]]) expect(run(...chunks)).toEqual([text(reply)]);
  });

  it('reads every character of Unicode from a list as Python writes it, and no number beyond', () => {
    const last = String.fromCodePoint(0x10ffff);
    expect(run('[get_weather(city="\\U0010FFFF \\u00f6")]')).toEqual([call('get_weather', { city: `${last} ö` })]);
    const beyond = '[get_weather(city="\\U00110000")]';
    for (const chunks of [[beyond], [...beyond]]) expect(run(...chunks)).toEqual([text(beyond)]);
  });

  it.each([
    ['JSON', '<tool_call>{"name": "rate", "arguments": {"why": "w", "2": 5, "1": 4.0}}</tool_call>'],
    ['Python', '<tool_call>{"name": "rate", "arguments": {\'why\': "w", \'2\': 5, \'1\': 4.0}}</tool_call>'],
    ['Gemma’s form', '<|tool_call>call:rate{why:<|"|>w<|"|>,2:5,1:4.0}<tool_call|>'],
    [
      'tags',
      '<tool_call><function=rate><parameter=why>w</parameter><parameter=2>5</parameter><parameter=1>4.0</parameter></function></tool_call>',
    ],
    [
      'MiniMax’s tags',
      '<tool_call><invoke name="rate"><why>w</why><2>5</2><1>4.0</1></invoke></tool_call>'.replaceAll(
        /<(?!\/?tool_call)/g,
        ']<]minimax[>[<',
      ),
    ],
  ])('keeps arguments with digits as their names in their order: %s', (_, reply) => {
    const number = { type: 'number' };
    const rate = [{ name: 'rate', parameters: { properties: { why: { type: 'string' }, 1: number, 2: number } } }];
    const splitter = createToolCallSplitter(rate);
    const pieces = [...splitter.push(reply), ...splitter.end()];
    const written = pieces.flatMap((piece) => (piece.kind === 'call' ? JSON.stringify(piece.call.arguments) : []));
    expect(written).toEqual(['{"why":"w","2":5,"1":4.0}']);
  });

  it('is not ended by a model that repeats a bracket', () => {
    const deep = '['.repeat(200_000);
    for (const reply of [
      `[get_weather(city=${deep}`,
      `<|tool_call>call:get_weather{city:${deep}<tool_call|>`,
      `<tool_call>{"name": "add", "arguments": {"a": ${deep}</tool_call>`,
    ])
      expect(run(reply).map((piece) => (piece.kind === 'call' ? '' : piece.text))).toEqual([reply]);
  });

  it('reads a long call that streams as it reads it whole, wherever marks stand in its texts', () => {
    const mark = 'a </tool_call> b ';
    const city = `${mark.repeat(20)}${'x'.repeat(6000)}${mark.repeat(300)}${'y'.repeat(300)}`;
    const reply = `<tool_call>${JSON.stringify({ name: 'get_weather', arguments: { city } })}</tool_call>`;
    const expected = [call('get_weather', { city }), text('Done.')];
    for (const chunks of [[`${reply}Done.`], [...`${reply}Done.`]]) expect(run(...chunks)).toEqual(expected);
    // A short call is given with its last letter.
    const splitter = createToolCallSplitter(tools);
    expect([...`<tool_call>${weatherJson}</tool_call>`].flatMap((letter) => splitter.push(letter))).toEqual([weather]);
  });

  it('reads a body without an end in time in proportion to it while it streams', () => {
    const body = '<｜DSML｜tool_calls>'.repeat(8000);
    const before = process.cpuUsage();
    const pieces = run(...(body.match(/.{1,3}/g) ?? []));
    const { user } = process.cpuUsage(before);
    expect(pieces).toMatchObject([{ kind: 'malformed', text: body }]);
    // 0.3 s where it was 20 s.
    expect(user).toBeLessThan(4_000_000);
  });

  it('shows text at once, and JSON as soon as it cannot be a call', () => {
    const splitter = createToolCallSplitter(tools);
    expect(splitter.push('Hello')).toEqual([text('Hello')]);
    expect(createToolCallSplitter(tools).push('{"answer')).toEqual([text('{"answer')]);
    expect(createToolCallSplitter(tools).push('{"nam')).toEqual([]);
  });

  it('keeps a malformed call as text and tells why', () => {
    const reasons = {
      '<tool_call>{"name": "add", </tool_call>': 'not JSON',
      '<tool_call>{"name": "rm", "arguments": {}}</tool_call>': 'no tool named rm',
      '<tool_call>{"arguments": {}}</tool_call>': 'no name',
      '<tool_call>{"name": "add", "arguments": [1]}</tool_call>': 'not an object',
      '<tool_call>[]</tool_call>': 'empty',
      '<tool_call>{"name": "add", "arguments": {"a": 1e999}}</tool_call>': 'not JSON',
      '<tool_call>{"name": "add", "arg': 'not JSON',
      '<|python_tag|>add(1, 2)': 'not JSON',
      '<tool_call>hello</tool_call>': 'not JSON',
      '<tool_call><function=fly></function></tool_call>': 'no tool named fly',
      '{"name": "add", "arguments": {"a"': 'not JSON',
      [`${harmony('fly')}{}<|call|>`]: 'no tool named fly',
      [`${harmony('add')}{"a": `]: 'not an object',
    };
    for (const [reply, reason] of Object.entries(reasons))
      for (const chunks of [[reply], [...reply]]) {
        const [piece, ...rest] = run(...chunks);
        expect(rest).toEqual([]);
        expect(piece).toMatchObject({ kind: 'malformed', text: reply });
        expect(piece?.kind === 'malformed' && piece.reason).toContain(reason);
      }
    expect(run('So: <tool_call>x</tool_call> and')).toEqual([
      text('So:'),
      { kind: 'malformed', text: ' <tool_call>x</tool_call>', reason: 'It is not JSON.' },
      text(' and'),
    ]);
  });
});
