import { describe, expect, it } from 'vitest';
import { createChatTemplate, plainForm } from './chat-template.ts';
import type { TemplateMessage } from './flatten.ts';
import type { LocalTime } from '../jinja/format/strftime.ts';
import type { ToolDefinition } from '../messages.ts';
import { toolFormOf } from './tool-prompt.ts';

const special = { bos: '<s>', eos: '</s>' };
const now = (): LocalTime => ({ year: 2026, month: 1, day: 2, hour: 15, minute: 4, second: 5, microsecond: 678_000 });
const tools: ToolDefinition[] = [{ name: 'add', parameters: { type: 'object', properties: {} } }];
const talk: TemplateMessage[] = [
  { role: 'system', content: 'Be kind.' },
  { role: 'user', content: 'Sum?' },
  {
    role: 'assistant',
    content: 'Let me see.',
    toolCalls: [
      { id: 'call_one', name: 'add', arguments: '{"a":1}' },
      { id: 'call_two', name: 'add', arguments: '{"a":2}' },
    ],
  },
  { role: 'tool', content: '3', toolCallId: 'call_one', toolName: 'add' },
  { role: 'tool', content: '4', toolCallId: 'call_two', toolName: 'add' },
  { role: 'user', content: 'Thanks.' },
];
const listTools = "{% if tools %}{{ '[' + tools[0].function.name + ']' }}{% endif %}";
const calls = (body: string): string =>
  `${listTools}{% for m in messages %}{{ '|' + m.role + ':' + m.content }}{% for c in m.tool_calls or [] %}${body}{% endfor %}{% endfor %}`;

describe('a template that knows tools', () => {
  it('gets arguments as an object, or as text where it concatenates them', () => {
    const asObject = createChatTemplate(calls("{{ '<' + c.function.arguments | tojson + '>' }}"), special, now);
    expect(asObject.render(talk, tools).text).toContain(
      '[add]|system:Be kind.|user:Sum?|assistant:Let me see.<{"a": 1}><{"a": 2}>|tool:3',
    );
    const asText = createChatTemplate(calls("{{ '<' + c.function.arguments + '>' }}"), special, now);
    expect(asText.render(talk, tools).text).toContain('<{"a":1}><{"a":2}>|tool:3');
  });

  it('gets ids of nine letters where it refuses others, the same for a call and its result', () => {
    const picky = createChatTemplate(
      `${listTools}{% for m in messages %}{% for c in m.tool_calls or [] %}{% if c.id | length != 9 %}{{ raise_exception('nine') }}{% endif %}{{ '<' + c.id + '>' }}{% endfor %}{% if m.tool_call_id %}{{ '(' + m.tool_call_id + ')' }}{% endif %}{% endfor %}`,
      special,
      now,
    );
    const found = /^\[add\]<(\w{9})><(\w{9})>\((\w{9})\)\((\w{9})\)$/.exec(picky.render(talk, tools).text);
    expect(found?.slice(1, 3)).toEqual(found?.slice(3, 5));
    expect(found?.[1]).not.toBe(found?.[2]);
    expect(createChatTemplate(calls("{{ '<' + c.id + '>' }}"), special, now).render(talk, tools).text).toContain(
      '<call_one>',
    );
  });
});

it('gets all system texts before the first message where a template has no system role', () => {
  const picky = createChatTemplate(
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}{{ '|' + m.content }}{% endfor %}",
    special,
    now,
  );
  const system = [
    { role: 'system', content: 'A' },
    { role: 'system', content: 'B' },
  ] as const;
  expect(picky.render([...system, { role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Yes' }]).text).toBe(
    '|A\n\nB\n\nHi|Yes',
  );
});

it('tells its own words where it refuses the tools of one conversation, which it gets in words', () => {
  const single = calls(
    "{% if m.tool_calls | length > 1 %}{{ raise_exception('one call at a time') }}{% endif %}{{ '<' + c.id + '>' }}",
  );
  const template = createChatTemplate(single, special, now);
  expect(template.toolProblem()).toBeNull();
  const refused = template.render(talk, tools);
  expect(refused.toolsRefused).toBe('one call at a time');
  expect(refused.text).toContain('{"name":"add","arguments":{"a":2}}');
  const hello = template.render([{ role: 'user', content: 'Hi' }], tools);
  expect(hello).toEqual({ text: '[add]|user:Hi', toolsRefused: null });
  // Words that no template has are no refusal.
  const plain = createChatTemplate("{% for m in messages %}{{ '|' + m.content }}{% endfor %}", special, now);
  expect(plain.render(talk, tools).toolsRefused).toBeNull();
});

it('gets the numbers of arguments as the model wrote them', () => {
  const values = '{"id":1234567890123456789,"rate":2.0,"most":1e3}';
  const messages: TemplateMessage[] = [
    { role: 'assistant', content: '', toolCalls: [{ id: 'abcdefghi', name: 'add', arguments: values }] },
  ];
  const render = (source: string): string => createChatTemplate(source, special, now).render(messages, tools).text;
  // As json.loads and json.dumps make of it.
  expect(render(calls('{{ c.function.arguments | tojson }}'))).toContain(
    '{"id": 1234567890123456789, "rate": 2.0, "most": 1000.0}',
  );
  // As text, or within words, they are not read at all.
  expect(render(calls("{{ '<' + c.function.arguments + '>' }}"))).toContain(`<${values}>`);
  expect(plainForm(true).render(messages, tools)).toContain(`"arguments":${values}`);
});

describe('a template that knows no tools', () => {
  const plain = "{% for m in messages %}{{ '|' + m.role + ':' + m.content }}{% endfor %}";

  it('gets them as text: the tools in the system text, results in a row as one turn', () => {
    const text = createChatTemplate(plain, special, now).render(talk, tools).text;
    expect(text).toMatch(
      /^\|system:Be kind\.\n\n[^|]*"name":"add"[^|]*\|user:Sum\?\|assistant:Let me see\.\n<tool_call>/,
    );
    expect(text).toContain('{"name":"add","arguments":{"a":2}}');
    expect(text).toContain(
      '|user:<tool_response>\n3\n</tool_response>\n<tool_response>\n4\n</tool_response>|user:Thanks.',
    );
    for (const form of [plainForm(true), plainForm(false)]) {
      expect(form.render(talk, tools)).toContain('"name":"add"');
      expect(form.render([{ role: 'user', content: 'Hi' }])).not.toContain('tool');
    }
  });

  it('gets the conversation unchanged when there are none', () => {
    const template = createChatTemplate(plain, special, now);
    expect(template.render([{ role: 'user', content: 'Hi' }], []).text).toBe('|user:Hi');
  });
});

describe('toolFormOf', () => {
  it('is recognized by the marks in the template', () => {
    expect(toolFormOf(null)).toBe('hermes');
    expect(toolFormOf('x <tool_call> y')).toBe('hermes');
    expect(toolFormOf("{{ '[TOOL_CALLS] [' }}")).toBe('mistral');
    expect(toolFormOf(`{{- '"parameters": ' }}`)).toBe('llama');
    expect(toolFormOf('{{ messages }}')).toBe('hermes');
  });
});
