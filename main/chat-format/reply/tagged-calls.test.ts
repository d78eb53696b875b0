/** Calls in tags: the types of their values, bodies that are no arguments, and how long reading takes. */
import { describe, expect, it } from 'vitest';
import { callReplies } from '../../../test/support/call-replies.ts';
import { callForms } from './call-forms.ts';
import { readReply } from './read-reply.ts';
import type { KnownTool } from './tagged-calls.ts';
import { createToolCallSplitter } from './tool-calls.ts';

/** What a reply of Qwen3-Coder gives for its one argument, with this schema of it. */
function valueOf(schema: unknown, value: string): unknown {
  const parameters = { properties: { x: schema }, $defs: { Level: { type: 'integer', enum: [1, 2] } } };
  const reply = `<tool_call>\n<function=f>\n<parameter=x>\n${value}\n</parameter>\n</function>\n</tool_call>`;
  const { calls } = readReply(reply, { prompt: '', source: '', tools: [{ name: 'f', parameters }] });
  return calls[0]?.arguments['x'];
}
const callsOf = (reply: string, tools: readonly KnownTool[]): readonly unknown[] =>
  readReply(reply, { prompt: '', source: '', tools }).calls;

const optional = (type: string): unknown => ({ anyOf: [{ type }, { type: 'null' }], default: null });

describe('a value between tags', () => {
  it.for<[unknown, string, unknown]>([
    // As Pydantic writes an optional value.
    [optional('integer'), '5', 5],
    [optional('integer'), 'null', null],
    [optional('array'), '["a"]', ['a']],
    [optional('string'), '5', '5'],
    [optional('string'), 'null', null],
    [{ oneOf: [{ type: 'object' }, { type: 'null' }] }, '{"a": 1}', { a: 1 }],
    [{ allOf: [{ type: 'integer' }, { description: 'A count.' }] }, '4', 4],
    [{ $ref: '#/$defs/Level' }, '2', 2],
    [{ anyOf: [{ $ref: '#/$defs/Level' }, { type: 'null' }] }, '2', 2],
    [{ enum: [1, 2] }, '2', 2],
    [{ enum: [1, '2'] }, '2', '2'],
    [{ enum: [1, '2'] }, '1', 1],
    [{ const: 3 }, '3', 3],
    [{ properties: { a: { type: 'integer' } } }, '{"a": 1}', { a: 1 }],
    [{ items: { type: 'integer' } }, '[1]', [1]],
    // A text is asked for.
    [{ type: ['string', 'null'] }, '5', '5'],
    [{ type: ['string', 'null'] }, 'null', null],
    [{ type: ['string', 'boolean'] }, 'true', 'true'],
    [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, '007', '007'],
    [{ type: 'string' }, '"quoted"', '"quoted"'],
    [{}, '4', '4'],
    // As Python writes them.
    [{ type: 'boolean' }, 'True', true],
    [{ type: 'integer', nullable: true }, 'None', null],
    [{ type: 'array' }, "['a', None]", ['a', null]],
    [{ type: 'object' }, "{'a': True}", { a: true }],
    // Neither.
    [{ type: 'integer' }, 'five', 'five'],
    [{ type: ['integer', 'null'] }, '5', 5],
  ])('%j: %s', ([schema, text, value]) => expect(valueOf(schema, text)).toEqual(value));

  it('of a schema that refers to itself has an end', () => {
    const parameters = {
      properties: { x: { $ref: '#/$defs/A' } },
      $defs: { A: { anyOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/B' }] }, B: { allOf: [{ $ref: '#/$defs/A' }] } },
    };
    const reply = '<function=f><parameter=x>5</parameter></function>';
    expect(callsOf(reply, [{ name: 'f', parameters }])).toEqual([{ name: 'f', arguments: { x: '5' } }]);
  });

  it('keeps its last line break where the tags have none', () => {
    const edit = [{ name: 'edit', parameters: { properties: { s: { type: 'string' } } } }];
    const withText = (s: string): unknown => [{ name: 'edit', arguments: { s } }];
    const seed = (text: string): string =>
      `<seed:tool_call>\n<function=edit>\n<parameter=s>${text}</parameter>\n</function>`;
    expect(callsOf(`${seed('a\nb\n')}\n</seed:tool_call>`, edit)).toEqual(withText('a\nb\n'));
    expect(callsOf(`${seed('\na\nb\n\n')}\n</seed:tool_call>`, edit)).toEqual(withText('a\nb\n'));
    const invoke = '<invoke name="edit"><parameter name="s">a\n</parameter></invoke>';
    expect(callsOf(`<minimax:tool_call>${invoke}</minimax:tool_call>`, edit)).toEqual(withText('a\n'));
  });

  it('of MiniMax M3 has lists and objects as tags', () => {
    const item = { type: 'object', properties: { id: { type: 'integer' }, label: { type: 'string' } } };
    const properties = {
      tags: { type: 'array', items: { type: 'string' } },
      entries: { type: 'array', items: item },
      filter: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
      none: { type: 'array' },
    };
    const tags =
      '<invoke name="nested"> <tags> <item>7 </item> <item>beta </item> </tags> <entries> <item> <id>1 </id> <label>1 </label> </item> </entries> <filter> <item>a </item> </filter> <none> </none> </invoke>';
    const reply = `<tool_call> ${tags} </tool_call>`
      .replace(/ ?(<(?!tool_call>))/g, '\u0000$1')
      .replaceAll('\u0000', ']<]minimax[>[');
    expect(
      callsOf(`]<]minimax[>[${reply}`.replaceAll('> ]', '>]'), [{ name: 'nested', parameters: { properties } }]),
    ).toEqual([
      {
        name: 'nested',
        arguments: { tags: ['7', 'beta'], entries: [{ id: 1, label: '1' }], filter: ['a'], none: [] },
      },
    ]);
  });

  it('of MiniCPM5 may hold the tags themselves', () => {
    const html = [{ name: 'html', parameters: { properties: { markup: { type: 'string' } } } }, { name: 'empty' }];
    const markup = '<a href="/x">hi</a> </param></function>';
    const reply = `<function name="html"><param name="markup"><![CDATA[${markup}]]></param></function>`;
    expect(callsOf(`${reply}\n<function name="empty"></function>`, html)).toEqual([
      { name: 'html', arguments: { markup } },
      { name: 'empty', arguments: {} },
    ]);
  });
});

const tools = [
  { name: 'get_weather', parameters: { properties: { city: { type: 'string' }, days: { type: 'integer' } } } },
  { name: 'add', parameters: { properties: { a: { type: 'integer' }, b: { type: 'number' } } } },
];

describe('a value that holds tags of its own form', () => {
  const edit = [{ name: 'edit', parameters: { properties: { path: { type: 'string' }, s: { type: 'string' } } } }];
  // What ends a value in llama.cpp: a line with the tag alone, or the tag and then the next.
  const qwen = (s: string): string =>
    `<tool_call>\n<function=edit>\n<parameter=s>\n${s}\n</parameter>\n<parameter=path>\nx\n</parameter>\n</function>\n</tool_call>`;
  const seed = (s: string): string =>
    `<seed:tool_call>\n<function=edit>\n<parameter=s>${s}</parameter>\n<parameter=path>x</parameter>\n</function>\n</seed:tool_call>`;
  const minimax = (s: string): string =>
    `<minimax:tool_call>\n<invoke name="edit">\n<parameter name="s">${s}</parameter>\n<parameter name="path">x</parameter>\n</invoke>\n</minimax:tool_call>`;
  const deepSeek = (s: string): string =>
    `<｜DSML｜function_calls>\n<｜DSML｜invoke name="edit">\n<｜DSML｜parameter name="s" string="true">${s}</｜DSML｜parameter>\n<｜DSML｜parameter name="path" string="true">x</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>`;
  it.for([
    [qwen, 'a </parameter> b'],
    [qwen, 'a </function> b'],
    [qwen, '<form><parameter=x>1</parameter></form>'],
    [qwen, 'see <parameter=path> there'],
    [qwen, 'a\n<parameter=other>\nb'],
    [seed, 'a </parameter> b'],
    [minimax, 'a </parameter> b'],
    [minimax, 'a </invoke> b'],
    [deepSeek, 'a </｜DSML｜parameter> b'],
    [deepSeek, '<parameter name="x">1</parameter> b'],
  ] as const)('is read whole', ([form, s]) => {
    expect(callsOf(form(s), edit)).toEqual([{ name: 'edit', arguments: { s, path: 'x' } }]);
  });
  it('is malformed where something stands between the parameters, and never cut', () => {
    const reply = qwen('a').replace('<parameter=path>', 'and b\n<parameter=path>');
    const splitter = createToolCallSplitter(edit);
    expect([...splitter.push(reply), ...splitter.end()]).toMatchObject([{ kind: 'malformed', text: reply }]);
  });
  it('loses the line breaks of its tags, also those of Windows', () => {
    const reply = qwen('a\r\nb').replaceAll(/\r?\n/g, '\r\n');
    expect(callsOf(reply, edit)).toEqual([{ name: 'edit', arguments: { s: 'a\r\nb', path: 'x' } }]);
  });
});

describe('a body without arguments that is not empty', () => {
  it.for([
    '<tool_call><function=add>two and two</function></tool_call>',
    '<tool_call><function=add><arg>1</arg></function></tool_call>',
    '<minimax:tool_call><invoke name="add"><a>1</a></invoke></minimax:tool_call>',
    '<minimax:tool_call><invoke name="add"><parameter name="a">1</invoke></minimax:tool_call>',
    '<tool_call>add\n<arg_key>a</arg_key>\n</tool_call>',
    '<tool_call>add\n<arg_key>a</arg_key>\n<arg_value>1</tool_call>',
    ']<]minimax[>[<tool_call>]<]minimax[>[<invoke name="add">one]<]minimax[>[</invoke>]<]minimax[>[</tool_call>',
    '<tool_call>{"name": "add", "a": 1, "b": 2}</tool_call>',
  ])('is malformed: %s', (reply) => {
    const splitter = createToolCallSplitter(tools);
    expect([...splitter.push(reply), ...splitter.end()]).toMatchObject([{ kind: 'malformed', text: reply }]);
  });
  it.for([
    '<tool_call><function=add>\n</function></tool_call>',
    '<minimax:tool_call><invoke name="add">\n</invoke></minimax:tool_call>',
    '<tool_call>add\n</tool_call>',
    ']<]minimax[>[<tool_call>\n]<]minimax[>[<invoke name="add">]<]minimax[>[</invoke>\n]<]minimax[>[</tool_call>',
    '<tool_call>{"name": "add"}</tool_call>',
  ])('an empty one has none: %s', (reply) => expect(callsOf(reply, tools)).toEqual([{ name: 'add', arguments: {} }]));
});

/** Milliseconds of the processor that reading takes, which another process does not change. */
function readingMs(reply: string): number {
  const before = process.threadCpuUsage();
  readReply(reply, { prompt: '', source: '', tools });
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

describe('white space that goes on', () => {
  // Reading took 11 s for a fifth of this, and four times as long for twice of it.
  const limitMs = 1000;
  const spaces = [' ', '\n'].map((letter) => letter.repeat(200_000));
  it.for(callForms.map((form) => [form.open, form] as const))('after %s', ([, { open, closes }]) => {
    for (const space of spaces)
      for (const body of [
        `${space}x`,
        `get_weather${space}x`,
        `{"name": "get_weather", "arguments": {}}${space}x`,
        `get_weather[CALL_ID]${space}x`,
        `get_weather\n\`\`\`json${space}x`,
      ])
        expect(readingMs(`${open}${body}${closes[0] ?? ''}`)).toBeLessThan(limitMs);
  });
  it.for(Object.entries(callReplies))('within a call of %s', ([, reply]) => {
    const space = '\n'.repeat(100_000);
    for (const { index } of reply.matchAll(/(?<=[>}])/g))
      expect(readingMs(`${reply.slice(0, index)}${space}x${reply.slice(index)}`)).toBeLessThan(limitMs);
  });
});

describe('a mark that goes on', () => {
  it.for([
    '<function=',
    '<tool_call>{}</tool_call>',
    '<function=add>',
    '<parameter=a>',
    '<invoke name="add">',
    '<arg_key>',
    '</tool_call>',
  ])('%s', (mark) => {
    const marks = mark.repeat(Math.ceil(100_000 / mark.length));
    for (const reply of [marks, `<tool_call>{"name": "add", "arguments": {"a": "${marks}`, `<tool_call>add${marks}`])
      expect(readingMs(reply)).toBeLessThan(2000);
  });
});
