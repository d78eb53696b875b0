import { describe, expect, it } from 'vitest';
import type { Message } from '../../preload/contract/chat.ts';
import { hasContent, type MessagePart } from '../../preload/contract/message-parts.ts';
import { promptMessages } from './prompt-messages.ts';

const message = (role: Message['role'], ...parts: readonly MessagePart[]): Message => ({
  id: 'm',
  chatId: 'c',
  parentId: null,
  role,
  parts,
  status: 'complete',
  error: null,
  modelId: null,
  modelName: null,
  sampling: null,
  timing: null,
  createdAt: 0,
});
const text = (words: string): MessagePart => ({ type: 'text', text: words });
const call = (json: string): MessagePart => ({ type: 'tool_call', callId: 'a', name: 'look', arguments: json });
const citation: MessagePart = {
  type: 'citation',
  source: { kind: 'web', url: 'https://example.org', title: 'Example' },
  range: { start: 0, end: 4 },
  quote: 'So it is.',
};
const picture = {
  type: 'image',
  file: { sha256: 'f'.repeat(64), name: 'cat.png', mediaType: 'image/png', sizeBytes: 3 },
  width: 1,
  height: 1,
} as const;
const told = (...history: readonly Message[]) =>
  promptMessages('', history, (sha256) => `/files/${sha256.slice(0, 2)}`);

describe('what a model is told', () => {
  it('is mere text where a message is mere text, as it was before messages had parts', () => {
    const reasoning: MessagePart = { type: 'reasoning', text: 'Hm.', durationMs: 5 };
    const history = [message('user', text(' one\n')), message('assistant', reasoning, text('t'), citation, text('wo'))];
    expect(promptMessages('Be kind.', history, String)).toEqual([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: ' one\n' },
      { role: 'assistant', content: 'two' },
    ]);
    expect(promptMessages(' \n', history, String)).toHaveLength(2);
  });

  it('has calls, their results and files, each in its message', () => {
    const result: MessagePart = {
      type: 'tool_result',
      callId: 'a',
      name: 'look',
      parts: [{ type: 'text', text: 'A cat' }, picture],
      isError: false,
    };
    const media = { type: 'image', path: '/files/ff', name: 'cat.png', mediaType: 'image/png' };
    expect(told(message('assistant', text('I look.'), call('{"at":"cat"}')), message('tool', result))).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'I look.' },
          { type: 'tool_call', call: { id: 'a', name: 'look', arguments: '{"at":"cat"}' } },
        ],
      },
      {
        role: 'tool',
        content: [{ type: 'tool_result', callId: 'a', name: 'look', parts: [{ type: 'text', text: 'A cat' }, media] }],
      },
    ]);
  });

  it.each(['', '[]', 'null', '"x"', '{'])('refuses a call with %j for arguments', (json) => {
    expect(() => told(message('assistant', call(json)))).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });

  it('is nothing of a message that has only thoughts and citations', () => {
    const empty = [message('assistant'), message('assistant', text('')), message('assistant', citation)];
    expect(empty.map(hasContent)).toEqual([false, false, false]);
    expect([message('user', picture), message('assistant', call('{}'))].map(hasContent)).toEqual([true, true]);
  });
});
