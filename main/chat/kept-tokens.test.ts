import { expect, it } from 'vitest';
import type { TokenLogprob } from '../../preload/contract/chat.ts';
import { createKeptTokens } from './kept-tokens.ts';

const tokens: readonly TokenLogprob[] = [{ id: 1, text: 'a', logprob: 0, alternatives: [] }];

it('keeps the tokens of the newest replies, and of none that has no tokens', () => {
  const kept = createKeptTokens(2);
  for (const id of ['a', 'b', 'c']) kept.keep({ id, chatId: 'one' }, tokens);
  kept.keep({ id: 'd', chatId: 'one' }, []);
  expect(['a', 'b', 'c', 'd'].map((id) => kept.find(id) !== null)).toEqual([false, true, true, false]);
});

it('forgets those of a chat that is deleted, and no others', () => {
  const kept = createKeptTokens();
  kept.keep({ id: 'a', chatId: 'one' }, tokens);
  kept.keep({ id: 'b', chatId: 'two' }, tokens);
  kept.forgetChat('one');
  expect(kept.find('a')).toBeNull();
  expect(kept.find('b')).toBe(tokens);
});
