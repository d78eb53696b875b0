import { expect, it } from 'vitest';
import { messageSchema, readConversation } from './chat-messages.ts';

const conversation = (...messages: object[]) =>
  readConversation(messages.map((message) => messageSchema.parse(message)));
const read = (...messages: object[]) => conversation(...messages).messages;

it('goes on with a message of the assistant that stands last', () => {
  const question = { role: 'user', content: 'Count.' };
  expect(conversation(question, { role: 'assistant', content: 'One, ', thinking: 'hm' })).toEqual({
    messages: [question],
    begun: { reasoning: 'hm', text: 'One, ' },
  });
  expect(conversation(question, { role: 'assistant', content: '' }).begun).toBeUndefined();
  expect(conversation({ role: 'assistant', content: 'One, ' }).begun).toBeUndefined();
});
const call = (name: string, rest: object = {}) => ({ function: { name, arguments: { a: 1 } }, ...rest });

it('gives results to the calls that they are of: by id, by name, by order, or none', () => {
  const messages = read(
    { role: 'USER', content: 'Hello', images: [] },
    {
      role: 'assistant',
      content: '',
      thinking: 'hm',
      tool_calls: [call('x'), call('y'), call('x', { id: 'abcdefghi' })],
    },
    { role: 'tool', content: 'third', tool_call_id: 'abcdefghi' },
    { role: 'tool', content: 'second', tool_name: 'y' },
    { role: 'tool', content: 'first' },
    { role: 'tool', content: 'nobody asked' },
  );
  const calls = messages[1]?.content as unknown as { call: { id: string; arguments: string } }[];
  expect(calls.map((one) => one.call.arguments)).toEqual(['{"a":1}', '{"a":1}', '{"a":1}']);
  const results = messages.slice(2).map(({ content }) => (content as unknown as { callId: string; name: string }[])[0]);
  expect(results).toMatchObject([
    { callId: 'abcdefghi', name: 'x' },
    { callId: calls[1]?.call.id, name: 'y' },
    { callId: calls[0]?.call.id, name: 'x' },
    { name: 'tool' },
  ]);
  expect(messages[0]).toEqual({ role: 'user', content: 'Hello' });
});

it('takes arguments as text, and refuses what is no object, and images', () => {
  const withArguments = (values: unknown) => ({
    role: 'assistant',
    tool_calls: [{ function: { name: 'x', arguments: values } }],
  });
  expect(read(withArguments('{"n":1.50}'))).toMatchObject([{ content: [{ call: { arguments: '{"n":1.50}' } }] }]);
  expect(read(withArguments(null))).toMatchObject([{ content: [{ call: { arguments: '{}' } }] }]);
  expect(() => read(withArguments('[1]'))).toThrow(/messages\.0\.tool_calls\.0/);
  expect(() => read({ role: 'user', content: 'See', images: ['AAAA'] })).toThrow(
    expect.objectContaining({ code: 'unsupported', data: { reason: 'media', field: 'messages.0.images' } }),
  );
});
