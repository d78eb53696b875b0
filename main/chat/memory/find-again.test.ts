import { describe, expect, it } from 'vitest';
import type { Message } from '../../../preload/contract/chat.ts';
import { findAgain, searchWords } from './find-again.ts';

let count = 0;
const message = (role: 'user' | 'assistant', text: string): Message => ({
  ...{ id: `m${++count}`, chatId: 'c', parentId: null, role, parts: [{ type: 'text', text }], status: 'complete' },
  ...{ error: null, modelId: null, modelName: null, sampling: null, timing: null, createdAt: 0 },
});
const talk = [
  message('user', 'What should I cook for Ilona, who is allergic to peanuts?'),
  message('assistant', 'A risotto with mushrooms.'),
  message('user', 'And what do I wear to the opera?'),
  message('assistant', 'A dark suit, and what shines on the shoes.'),
  message('user', 'When does the train to Trieste leave?'),
  message('assistant', 'At 9:40, from track 3.'),
];

describe('findAgain', () => {
  it('finds the message that shares the telling words, best first', () => {
    const found = findAgain('What was the allergy, what is Ilona allergic to?', talk);
    expect(found[0]?.message).toBe(talk[0]);
    expect(findAgain('Which track does the Trieste train leave from?', talk).map(({ message: { id } }) => id)).toEqual([
      talk[4]?.id,
      talk[5]?.id,
    ]);
  });
  it('finds nothing by words that most messages have, or by none', () => {
    const same = ['one', 'two', 'three', 'four'].map((word) => message('user', `Please tell me about ${word}`));
    expect(findAgain('Please tell me about it', same)).toEqual([]);
    expect(findAgain('?!', talk)).toEqual([]);
    expect(findAgain('zebra', talk)).toEqual([]);
  });
  it('reads words without their marks and case, and scripts without spaces in pairs', () => {
    expect(searchWords('Éclair, ÉCLAIR 7 a')).toEqual(['eclair', 'eclair', '7']);
    expect(searchWords('東京都 and タワー')).toEqual(['東京', '京都', 'and', 'タワ', 'ワー']);
    const chinese = [message('user', '我住在东京'), message('user', '他喜欢足球'), message('user', '天气很好')];
    expect(findAgain('谁喜欢足球', chinese)[0]?.message).toBe(chinese[1]);
  });
  it('finds the piece of a long message, with its place', () => {
    const long = message(
      'assistant',
      `${'Filler sentence here. '.repeat(200)}The password is kestrel. ${'More filler. '.repeat(200)}`,
    );
    const [piece] = findAgain('Tell me the password', [long, ...talk]);
    expect(piece?.text).toContain('kestrel');
    expect(piece?.text.length).toBeLessThanOrEqual(1000);
    expect(long.parts[0]?.type === 'text' && long.parts[0].text.slice(piece?.start).trimStart()).toMatch(
      new RegExp(`^${piece?.text.slice(0, 20)}`),
    );
  });
  it('reads two million characters in the time of a blink, the newest first', () => {
    const many = Array.from({ length: 2000 }, (_, index) =>
      message('user', `${'lorem ipsum dolor '.repeat(60)}w${index}`),
    );
    const begun = performance.now();
    expect(findAgain('where is w1999', many)[0]?.message).toBe(many[1999]);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});
