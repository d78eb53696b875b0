import { describe, expect, it } from 'vitest';
import type { Chat, ChatEvent, Message } from '../../../../preload/contract/chat.ts';
import { textOf } from '../../../../preload/contract/message-parts.ts';
import { foldChat, type ChatView } from './fold.ts';

const chat: Chat = {
  id: 'c',
  title: '',
  pinned: false,
  modelId: null,
  usesModelId: 'hearth/ember-3M/ember-3M-Q8_0.gguf',
  createdAt: 0,
  updatedAt: 0,
  busy: true,
  folderId: null,
  archived: false,
  tags: [],
  systemPrompt: '',
  sampling: null,
  contextPolicy: 'stop',
  leafId: 'm',
};

const reply: Message = {
  id: 'm',
  chatId: 'c',
  parentId: null,
  role: 'assistant',
  parts: [],
  status: 'pending',
  error: null,
  modelId: null,
  modelName: 'Ember',
  sampling: null,
  timing: null,
  createdAt: 0,
};

const snapshot: ChatEvent = { type: 'snapshot', revision: 1, chat, messages: [reply], queued: [] };

function append(offset: number, text: string, partIndex = 0, partType: 'text' | 'reasoning' = 'text'): ChatEvent {
  return { type: 'append', revision: 2, messageId: 'm', partIndex, partType, offset, text };
}

function viewAfter(...events: ChatEvent[]): ChatView {
  const view = events.reduce<ChatView | null>(foldChat, null);
  if (!view) throw new Error('expected a view');
  return view;
}

function writtenIn(view: ChatView | null): string | undefined {
  const message = view?.messages.get('m');
  return message && textOf(message);
}

describe('foldChat', () => {
  it('starts from a snapshot and appends at the offset without changing earlier views', () => {
    const first = viewAfter(snapshot);
    const view = [append(0, 'Hello'), append(5, ' you'), append(0, 'Hm.', 1, 'reasoning')].reduce<ChatView | null>(
      foldChat,
      first,
    );
    expect(view?.outcome).toBe('ok');
    expect(view?.messages.get('m')).toMatchObject({
      parts: [
        { type: 'text', text: 'Hello you' },
        { type: 'reasoning', text: 'Hm.', durationMs: null },
      ],
      status: 'streaming',
    });
    expect(writtenIn(first)).toBe('');
  });

  it('leaves a reply that has ended as it ended, although text comes after it', () => {
    const done: Message = { ...reply, parts: [{ type: 'text', text: 'Hel' }], status: 'complete' };
    const view = viewAfter(snapshot, { type: 'message', revision: 2, message: done }, append(3, 'lo'));
    expect(view.messages.get('m')).toMatchObject({ status: 'complete', parts: [{ text: 'Hello' }] });
  });

  it('counts offsets in UTF-16 units', () => {
    expect(writtenIn(viewAfter(snapshot, append(0, '🔥'), append(2, '!')))).toBe('🔥!');
  });

  it('appends repeated text once, and only the new part of an overlap', () => {
    const before = viewAfter(snapshot, append(0, 'Hello'));
    expect(foldChat(before, append(0, 'Hello'))).toBe(before);
    expect(writtenIn(foldChat(before, append(3, 'lo you')))).toBe('Hello you');
  });

  it.each([
    ['a hole before the text', append(6, 'x')],
    ['other text at the place', append(0, 'Jello')],
    ['a part that would leave a hole', append(0, 'x', 2)],
    ['a message that is not there', { ...append(0, 'x'), messageId: 'other' } as ChatEvent],
  ])('is a gap until the next snapshot at %s', (_, event) => {
    const gap = viewAfter(snapshot, append(0, 'Hello'), event);
    expect(gap.outcome).toBe('gap');
    expect(writtenIn(gap)).toBe('Hello');
    expect(foldChat(gap, append(5, ' you'))).toBe(gap);
    expect(foldChat(gap, snapshot)?.outcome).toBe('ok');
  });

  it('replaces a message in its place and adds new ones at the end', () => {
    const done: Message = { ...reply, parts: [{ type: 'text', text: 'Done' }], status: 'complete' };
    const next: Message = { ...reply, id: 'n', parentId: 'm', role: 'user', status: 'complete' };
    const view = viewAfter(
      snapshot,
      { type: 'message', revision: 2, message: next },
      { type: 'message', revision: 3, message: done },
      { type: 'chat', revision: 4, chat: { ...chat, title: 'A title', leafId: 'n' } },
    );
    expect([...view.messages.keys()]).toEqual(['m', 'n']);
    expect(view.messages.get('m')).toBe(done);
    expect(view.chat.title).toBe('A title');
  });

  it('replaces everything at a later snapshot and keeps the last view of a removed chat', () => {
    const before = viewAfter(snapshot, append(0, 'Hello'));
    expect(writtenIn(foldChat(before, snapshot))).toBe('');
    expect(foldChat(before, { type: 'removed', revision: 9 })).toEqual({ ...before, outcome: 'removed' });
    expect(foldChat(null, append(0, 'x'))).toBeNull();
  });
});
