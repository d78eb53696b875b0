import { describe, expect, it } from 'vitest';
import type { FreshChat } from '../../../../preload/contract/chat.ts';
import { createMessageIds, type MessageIds } from './message-ids.ts';

const fresh: FreshChat = { modelId: 'a', systemPrompt: '', sampling: null, contextPolicy: null };
const chat = { chatId: 'c', fresh };
const newChat = { chatId: null, fresh };

function make(): MessageIds {
  let count = 0;
  return createMessageIds(() => String(++count));
}

describe('the id of a message', () => {
  it('is the same when it is sent again after a lost answer, and new for another text or chat', () => {
    const ids = make();
    expect(ids.idOf(chat, 'hello')).toBe('1');
    ids.lost();
    ids.edited('c', 'hello');
    ids.edited('other', 'x');
    ids.seen(new Map([['9', null]]));
    expect(ids.idOf({ ...chat, fresh: { ...fresh, modelId: 'b' } }, 'hello')).toBe('1');
    expect(ids.idOf(chat, 'hello!')).toBe('2');
    expect(ids.idOf({ ...chat, chatId: 'd' }, 'hello!')).toBe('3');
  });

  it('is new once the message is seen, answered, or edited after its answer was lost', () => {
    const ids = make();
    expect(ids.idOf(chat, 'hello')).toBe('1');
    ids.seen(new Map([['1', null]]));
    expect(ids.idOf(chat, 'hello')).toBe('2');
    ids.forget();
    expect(ids.idOf(chat, 'hello')).toBe('3');
    ids.lost();
    ids.edited('c', 'hell');
    expect(ids.idOf(chat, 'hello')).toBe('4');
  });

  it('stays while the next message is typed before the answer', () => {
    const ids = make();
    expect(ids.idOf(chat, 'hello')).toBe('1');
    ids.edited('c', 'and');
    ids.lost();
    expect(ids.idOf(chat, 'hello')).toBe('1');
  });

  it('is new for a new chat with other settings', () => {
    const ids = make();
    expect(ids.idOf(newChat, 'hello')).toBe('1');
    ids.lost();
    expect(ids.idOf(newChat, 'hello')).toBe('1');
    expect(ids.idOf({ ...newChat, fresh: { ...fresh, modelId: 'b' } }, 'hello')).toBe('2');
  });
});
