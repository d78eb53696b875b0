import { expect, it } from 'vitest';
import { givenCallId, messageSchema, readMessages, readSystem } from './content.ts';

const read = (...messages: object[]) => readMessages(messages.map((message) => messageSchema.parse(message)));
const call = { type: 'tool_use', id: givenCallId('abcdefghi'), name: 'clock', input: { zone: 'UTC' } };
const result = { type: 'tool_result', tool_use_id: call.id, content: 'Noon.' };
const asked = { role: 'user', content: 'What time is it?' };

it('makes turns of calls, results and what is said beside them', () => {
  const { messages, begun } = read(
    asked,
    { role: 'assistant', content: [{ type: 'text', text: 'I look.' }, call] },
    { role: 'user', content: [result, { type: 'text', text: 'And now?' }] },
  );
  expect(begun).toBeUndefined();
  expect(messages).toEqual([
    asked,
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'I look.' },
        // The id is the one that the model wrote.
        { type: 'tool_call', call: { id: 'abcdefghi', name: 'clock', arguments: '{"zone":"UTC"}' } },
      ],
    },
    {
      role: 'tool',
      content: [{ type: 'tool_result', callId: 'abcdefghi', name: 'clock', parts: [{ type: 'text', text: 'Noon.' }] }],
    },
    { role: 'user', content: 'And now?' },
  ]);
});

it('says that a tool failed, once', () => {
  const textOf = (content: string): unknown =>
    read(
      asked,
      { role: 'assistant', content: [call] },
      { role: 'user', content: [{ ...result, content, is_error: true }] },
    ).messages.at(-1)?.content;
  for (const [content, text] of [
    ['No clock.', 'Error: No clock.'],
    ['Error: no clock.', 'Error: no clock.'],
    ['<tool_use_error>no clock</tool_use_error>', '<tool_use_error>no clock</tool_use_error>'],
  ] as const)
    expect(textOf(content)).toMatchObject([{ parts: [{ text }] }]);
});

it('goes on from the last message of the assistant, with its thinking', () => {
  const last = {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'Hm.', signature: '' },
      { type: 'text', text: 'It' },
    ],
  };
  expect(read(asked, last)).toEqual({ messages: [asked], begun: { reasoning: 'Hm.', text: 'It' } });
  expect(read(asked, { role: 'assistant', content: '' })).toEqual({ messages: [asked] });
});

it('tells a system text behind the beginning as a part of the turn of the user', () => {
  expect(read({ role: 'system', content: 'S.' }, asked, { role: 'system', content: 'Also.' }).messages).toEqual([
    { role: 'system', content: 'S.' },
    { role: 'user', content: 'What time is it?\nAlso.' },
  ]);
});

it.each([
  ['a call without its result', [asked, { role: 'assistant', content: [call] }], 'messages.1.content.0'],
  ['a result without its call', [asked, { role: 'user', content: [result] }], 'toolu_abcdefghi'],
  ['a call of the user', [{ role: 'user', content: [call] }, asked], 'assistant'],
  ['a result of the assistant', [asked, { role: 'assistant', content: [result] }, asked], 'user'],
  ['a picture', [{ role: 'user', content: [{ type: 'image' }] }], '"image"'],
  [
    'a document of another kind',
    [{ role: 'user', content: [{ type: 'document', source: { type: 'base64' } }] }],
    'base64',
  ],
  [
    'a picture in a result',
    [
      asked,
      { role: 'assistant', content: [call] },
      { role: 'user', content: [{ ...result, content: [{ type: 'image' }] }] },
    ],
    'messages.2.content.0.content.0',
  ],
])('refuses %s', (_what, messages, named) => {
  expect(() => read(...messages)).toThrow(named);
});

it('leaves the line for accounts out of the system text', () => {
  expect(readSystem('x-anthropic-billing-header: cc_version=1;')).toEqual([]);
  expect(readSystem([])).toEqual([]);
  expect(readSystem('Be kind.')).toEqual([{ role: 'system', content: 'Be kind.' }]);
});
