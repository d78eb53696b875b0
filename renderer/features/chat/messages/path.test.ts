import { describe, expect, it } from 'vitest';
import type { Message } from '../../../../preload/contract/chat.ts';
import { lastOf, shownPath } from './path.ts';

function message(id: string, parentId: string | null, role: Message['role'] = 'user'): [string, Message] {
  return [
    id,
    {
      id,
      chatId: 'c',
      parentId,
      role,
      parts: [{ type: 'text', text: id }],
      status: 'complete',
      error: null,
      modelId: null,
      modelName: null,
      sampling: null,
      timing: null,
      createdAt: 0,
    },
  ];
}

const tree = new Map([
  message('q1', null),
  message('a1', 'q1', 'assistant'),
  message('a1b', 'q1', 'assistant'),
  message('q2', 'a1b'),
  message('q1b', null),
  message('a2', 'q2', 'assistant'),
]);

describe('shownPath', () => {
  it('follows parents up from the leaf and knows the siblings of each place', () => {
    const path = shownPath(tree, 'a2');
    expect(path.map((entry) => entry.message.id)).toEqual(['q1', 'a1b', 'q2', 'a2']);
    expect(path.map((entry) => [entry.index, entry.siblingIds.length])).toEqual([
      [0, 2],
      [1, 2],
      [0, 1],
      [0, 1],
    ]);
    expect(path[1]?.siblingIds).toEqual(['a1', 'a1b']);
  });

  it('is empty for an empty chat', () => {
    expect(shownPath(new Map(), null)).toEqual([]);
    expect(shownPath(new Map(), 'not-here-yet')).toEqual([]);
  });

  it('shows the newest message while the leaf has not arrived', () => {
    expect(shownPath(tree, 'not-here-yet').map((entry) => entry.message.id)).toEqual(['q1', 'a1b', 'q2', 'a2']);
  });

  it('ends at a missing parent and at a cycle instead of hanging', () => {
    expect(shownPath(new Map([message('x', 'gone')]), 'x').map((entry) => entry.message.id)).toEqual(['x']);
    const cycle = new Map([message('x', 'y'), message('y', 'x')]);
    expect(shownPath(cycle, 'x').map((entry) => entry.message.id)).toEqual(['y', 'x']);
  });

  it('finds the last message of a role', () => {
    const path = shownPath(tree, 'a2');
    expect(lastOf(path, 'user')?.message.id).toBe('q2');
    expect(lastOf(path, 'assistant')?.message.id).toBe('a2');
    expect(lastOf([], 'user')).toBeUndefined();
  });
});
