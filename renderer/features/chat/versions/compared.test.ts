import { describe, expect, it } from 'vitest';
import type { Message } from '../../../../preload/contract/chat.ts';
import { shownPath } from '../messages/path.ts';
import { comparedAt } from './compared.ts';

function message(id: string, parentId: string | null, comparison?: string): [string, Message] {
  const role = parentId === null ? 'user' : 'assistant';
  return [
    id,
    {
      ...{ id, chatId: 'c', parentId, role, parts: [], status: 'complete', error: null, modelId: null },
      ...{ modelName: null, sampling: null, timing: null, createdAt: 0 },
      ...(comparison === undefined ? {} : { comparison }),
    },
  ];
}
const compared = (messages: readonly [string, Message][], leafId: string): string[] | undefined => {
  const all = new Map(messages);
  return comparedAt(all, shownPath(all, leafId))?.map(({ id }) => id);
};

describe('comparedAt', () => {
  const pair = [message('q', null), message('old', 'q'), message('a', 'q', 'x'), message('b', 'q', 'x')];

  it('finds both replies, whichever of them is shown', () => {
    expect(compared(pair, 'a')).toEqual(['a', 'b']);
    expect(compared(pair, 'b')).toEqual(['a', 'b']);
  });

  it('shows another version alone', () => {
    expect(compared(pair, 'old')).toBeUndefined();
  });

  it('is over when a message follows, and when one of the two is gone', () => {
    expect(compared([...pair, message('next', 'a')], 'next')).toBeUndefined();
    expect(compared(pair.slice(0, 3), 'a')).toBeUndefined();
  });

  it('keeps two comparisons of one message apart', () => {
    const more = [...pair, message('c', 'q', 'y'), message('d', 'q', 'y')];
    expect(compared(more, 'd')).toEqual(['c', 'd']);
    expect(compared(more, 'a')).toEqual(['a', 'b']);
  });
});
