import { expect, it } from 'vitest';
import type { Chat, ChatEvent } from '../../preload/contract/chat.ts';
import { keepModel } from './keep-model.ts';

it('keeps the model of a chat while it is watched, and lets go of it with the watch or for another model', async () => {
  const kept: string[] = [];
  const keep = (modelId: string): (() => void) => {
    kept.push(modelId);
    return () => void kept.splice(kept.indexOf(modelId), 1);
  };
  const chat = (usesModelId: string): ChatEvent => ({ type: 'chat', revision: 1, chat: { usesModelId } as Chat });
  async function* events(): AsyncGenerator<ChatEvent> {
    yield chat('built-in');
    yield { type: 'append', revision: 2 } as ChatEvent;
    yield chat('other');
    yield chat('other');
  }
  const seen: string[][] = [];
  for await (const _ of keepModel(events(), keep)) {
    seen.push([...kept]);
    if (seen.length === 4) break;
  }
  expect(seen).toEqual([['built-in'], ['built-in'], ['other'], ['other']]);
  expect(kept).toEqual([]);
});
