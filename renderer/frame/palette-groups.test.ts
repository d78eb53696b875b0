import { describe, expect, it } from 'vitest';
import type { Command } from '../navigation/commands.ts';
import { paletteGroups } from './palette-groups.ts';

const command = (id: string, group: string, enabled = true): Command => ({
  id,
  title: id,
  group,
  enabled,
  run: () => {},
});

describe('paletteGroups', () => {
  it('lists what cannot run now behind everything else', () => {
    const list = [
      command('undo', 'Window', false),
      command('rail', 'Window'),
      command('stop', 'Chat', false),
      command('rewrite', 'Chat'),
      command('chat.focus', 'Chat'),
      command('frame.newChat', 'Chat'),
      command('Tea', 'Recent chats'),
    ];
    expect(paletteGroups(list).map(({ group, commands }) => [group, ...commands.map(({ id }) => id)])).toEqual([
      ['Recent chats', 'Tea'],
      ['Chat', 'frame.newChat', 'chat.focus', 'rewrite'],
      ['Window', 'rail'],
      ['Not available now', 'undo', 'stop'],
    ]);
  });
});
