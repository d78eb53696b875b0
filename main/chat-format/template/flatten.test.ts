import { describe, expect, it } from 'vitest';
import type { PromptMessage } from '../messages.ts';
import { flatten } from './flatten.ts';

const picture = { type: 'image', path: '/files/cat', name: 'cat.png', mediaType: 'image/png' } as const;
const call = { id: 'abcdefghi', name: 'look', arguments: '{"at":"cat"}' };

describe('messages of parts, for a model of text', () => {
  it('give the very messages that plain text gives', () => {
    const texts = ['Be kind. ', '\n Who are you?\u00a0', 'Me.'];
    const roles = ['system', 'user', 'assistant'] as const;
    const plain = roles.map((role, index) => ({ role, content: texts[index] ?? '' }));
    const inParts = plain.map(({ role, content }): PromptMessage => ({
      role,
      content: [
        { type: 'text', text: content.slice(0, 3) },
        { type: 'text', text: content.slice(3) },
      ],
    }));
    expect(flatten(plain)).toEqual(plain);
    expect(flatten(inParts)).toEqual(plain);
  });

  it('keep calls with their message, and give each result a message of its own', () => {
    const result = (text: string, callId: string) =>
      ({ type: 'tool_result', callId, name: 'look', parts: [{ type: 'text', text }] }) as const;
    expect(
      flatten([
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'I look.' },
            { type: 'tool_call', call },
          ],
        },
        { role: 'tool', content: [result('A cat.', 'abcdefghi'), result('', 'b')] },
      ]),
    ).toEqual([
      { role: 'assistant', content: 'I look.', toolCalls: [call] },
      { role: 'tool', content: 'A cat.', toolCallId: 'abcdefghi', toolName: 'look' },
      { role: 'tool', content: '', toolCallId: 'b', toolName: 'look' },
    ]);
  });

  it.each([
    ['an image', [picture], 'image'],
    ['audio', [{ ...picture, type: 'audio' }], 'audio'],
    ['an image that a tool gave', [{ type: 'tool_result', callId: 'b', name: 'look', parts: [picture] }], 'image'],
  ] as const)('refuse %s by name, and leave nothing out', (_, content, what) => {
    expect(() => flatten([{ role: 'user', content }])).toThrow(
      expect.objectContaining({ code: 'unsupported', data: { reason: 'modality', what, name: 'cat.png' } }),
    );
  });
});
