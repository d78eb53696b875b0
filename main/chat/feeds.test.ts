import { describe, expect, it } from 'vitest';
import type { Chat, ChatEvent } from '../../preload/contract/chat.ts';
import { createChatFeeds } from './feeds.ts';

const chat = { id: 'c' } as Chat;
type AppendEvent = Omit<Extract<ChatEvent, { readonly type: 'append' }>, 'revision'>;
const append = (partIndex: number, offset: number, text: string, messageId = 'm'): AppendEvent => ({
  ...{ type: 'append', messageId, partIndex, partType: 'text', offset, text },
});

/** What a window that took only the snapshot finds waiting. */
async function waiting(...events: readonly AppendEvent[]): Promise<readonly ChatEvent[]> {
  const feeds = createChatFeeds();
  const window = feeds.watch('c', new AbortController().signal, () => ({ chat, messages: [], queued: [] }));
  await window.next();
  for (const event of events) feeds.publish('c', event);
  feeds.publish('c', { type: 'removed' });
  const told: ChatEvent[] = [];
  for await (const event of window) told.push(event);
  return told;
}

describe('a window that is slow', () => {
  it('gets the text of one part in one event, and the next part in another', async () => {
    expect(await waiting(append(0, 0, 'a'), append(0, 1, 'b'), append(1, 0, 'c'), append(1, 1, 'd'))).toEqual([
      { ...append(0, 0, 'ab'), revision: 1 },
      { ...append(1, 0, 'cd'), revision: 2 },
      { type: 'removed', revision: 3 },
    ]);
  });

  it('gets text with a hole, and of two messages, as it came', async () => {
    expect(await waiting(append(0, 0, 'a'), append(0, 2, 'c'))).toHaveLength(3);
    expect(await waiting(append(0, 0, 'a'), append(0, 1, 'b', 'n'))).toHaveLength(3);
    // Reasoning in the place of text, and the same text once more, which is no more text.
    expect(await waiting(append(0, 0, 'a'), { ...append(0, 1, 'b'), partType: 'reasoning' })).toHaveLength(3);
    expect(await waiting(append(0, 0, 'ab'), append(0, 1, 'b'))).toHaveLength(3);
  });
});

it('a window goes on when another one of the same chat is left', async () => {
  const feeds = createChatFeeds();
  const read = () => ({ chat, messages: [], queued: [] });
  const [stays, leaves] = [new AbortController(), new AbortController()];
  const left = feeds.watch('c', leaves.signal, read);
  const window = feeds.watch('c', stays.signal, read);
  for (const each of [left, window]) await each.next();
  await left.return(undefined);
  feeds.publish('c', append(0, 0, 'a'));
  expect((await window.next()).value).toMatchObject({ type: 'append', text: 'a', revision: 1 });
  stays.abort();
  expect((await window.next()).done).toBe(true);
});

it('a window ends by itself after its chat was removed, and another chat hears nothing of it', async () => {
  const feeds = createChatFeeds();
  const other = feeds.watch('d', new AbortController().signal, () => ({ chat, messages: [], queued: [] }));
  await other.next();
  expect(await waiting()).toEqual([{ type: 'removed', revision: 1 }]);
  const next = other.next();
  feeds.publish('c', { type: 'removed' });
  feeds.publish('d', append(0, 0, 'a'));
  expect((await next).value).toMatchObject({ type: 'append' });
  await other.return(undefined);
});

it('a window that cannot be given a snapshot ends with the reason, and leaves nothing behind', async () => {
  const feeds = createChatFeeds();
  const window = feeds.watch('c', new AbortController().signal, () => {
    throw new Error('gone');
  });
  await expect(window.next()).rejects.toThrow('gone');
  expect((await window.next()).done).toBe(true);
});
