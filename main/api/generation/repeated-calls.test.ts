import { expect, it } from 'vitest';
import type { PromptMessage } from '../../chat-format/messages.ts';
import { watchRepeatedCalls } from './repeated-calls.ts';

const made = (name: string, args: string): PromptMessage => ({
  role: 'assistant',
  content: [{ type: 'tool_call', call: { id: 'abcdefghi', name, arguments: args } }],
});
const user: PromptMessage = { role: 'user', content: 'Go on.' };
const call = (args: string) => ({ name: 'read', arguments: args });

it('stops the third call with the same arguments, however they are written', () => {
  const watch = watchRepeatedCalls({
    messages: [user, made('read', '{"a":1,"b":[2]}'), made('read', '{"b": [2], "a": 1}')],
  });
  expect(watch.sentenceFor(call('{"a":2}'))).toBeNull();
  expect(watch.sentenceFor(call('{ "a":1, "b":[2] }'))).toMatch(/read with the same arguments 3 times/);
});

it('counts within one reply, and apart by name', () => {
  const watch = watchRepeatedCalls({ messages: [user] });
  expect([1, 2, 3].map(() => watch.sentenceFor(call('{}')) !== null)).toEqual([false, false, true]);
  expect(watch.sentenceFor({ name: 'write', arguments: '{}' })).toBeNull();
});

it('begins anew with each message of the user', () => {
  const watch = watchRepeatedCalls({ messages: [user, made('read', '{}'), made('read', '{}'), user] });
  expect(watch.sentenceFor(call('{}'))).toBeNull();
});

it('takes arguments that are no JSON as they are', () => {
  const watch = watchRepeatedCalls({ messages: [user, made('read', '{'), made('read', '{')] });
  expect(watch.sentenceFor(call('{'))).not.toBeNull();
});
