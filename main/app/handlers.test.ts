import { expect, it } from 'vitest';
import { createHandlers, type Modules } from './handlers.ts';

it('hands the signal of a caller on to the work for the prompt of a chat', async () => {
  const given: unknown[] = [];
  const rendered = { pieces: [], contextSize: 512 };
  const handlers = createHandlers({
    chats: {
      prompt(chatId: string, signal: AbortSignal) {
        given.push(chatId, signal);
        return Promise.resolve(rendered);
      },
    },
  } as unknown as Modules);
  const { signal } = new AbortController();
  expect(await handlers['engine.prompt']({ chatId: 'c' }, { signal })).toEqual(rendered);
  expect(given).toEqual(['c', signal]);
});
