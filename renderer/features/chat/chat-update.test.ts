import { expect, it } from 'vitest';
import { chatUpdate } from './chat-update.ts';

it('a change of a chat names what is changed, and nothing that stays', () => {
  expect(chatUpdate('c', { modelId: 'm' })).toEqual({ chatId: 'c', modelId: 'm' });
  expect(chatUpdate('c', { contextPolicy: 'stop', systemPrompt: '' })).toEqual({
    chatId: 'c',
    contextPolicy: 'stop',
    systemPrompt: '',
  });
  // The default sampling is a choice; a chat always has a model and a policy.
  const update = chatUpdate('c', { sampling: null, modelId: null, contextPolicy: null });
  expect(update).toStrictEqual({ chatId: 'c', sampling: null });
});
