import { describe, expect, it } from 'vitest';
import type { ChatSummary } from '../../../../preload/contract/chat.ts';
import { groupChats } from './chat-groups.ts';

describe('groupChats', () => {
  it('groups by the local calendar, newest first, pinned apart', () => {
    const now = new Date(2026, 4, 20, 0, 30).getTime();
    const at = (id: string, day: number, hour: number, pinned = false): ChatSummary => ({
      id,
      title: id,
      pinned,
      modelId: null,
      usesModelId: 'hearth/ember-3M/ember-3M-Q8_0.gguf',
      createdAt: 0,
      updatedAt: new Date(2026, 4, day, hour).getTime(),
      busy: false,
      folderId: null,
      archived: false,
      tags: [],
    });
    const groups = groupChats(
      [
        at('old', 1, 9),
        at('week', 14, 9),
        at('late', 19, 23),
        at('early', 19, 1),
        at('today', 20, 0),
        at('pin', 1, 1, true),
      ],
      now,
    );
    expect(groups.map((group) => [group.key, group.chats.map((chat) => chat.id)])).toEqual([
      ['pinned', ['pin']],
      ['today', ['today']],
      ['yesterday', ['late', 'early']],
      ['week', ['week']],
      ['older', ['old']],
    ]);
  });
});
