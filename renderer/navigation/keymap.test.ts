import { describe, expect, it } from 'vitest';
import { keyed, keyGroups, keymap } from './keymap.ts';

const keys = keyGroups().flatMap((group) => group.keys);
const shortcutsOf = (list: typeof keys) => list.flatMap(({ shortcut, also = [] }) => [shortcut ?? '', ...also]);

describe('keymap', () => {
  it('gives no two commands the same key', () => {
    const all = shortcutsOf(keys.filter(({ ofControl }) => !ofControl));
    expect(all.toSorted()).toEqual([...new Set(all)].toSorted());
    expect(all.length).toBeGreaterThan(15);
  });

  it('has no key in a tab that Chromium never gives to a page', () => {
    // chrome/browser/ui/browser_command_controller.cc, IsReservedCommandOrKey.
    const reserved = ['Mod+N', 'Mod+Shift+N', 'Mod+T', 'Mod+Shift+T', 'Mod+W', 'Mod+Shift+W', 'Mod+Tab'];
    expect(shortcutsOf(keys).filter((key) => reserved.includes(key))).toEqual([]);
  });

  it('lists every row once, in groups without repetition, and gives commands what the map shows', () => {
    const groups = keyGroups().map(({ group }) => group);
    expect(new Set(groups).size).toBe(groups.length);
    // A tab has no keys for five screens.
    expect(keys.length).toBe(Object.keys(keymap).length - 5);
    expect(keyed('frame.shortcuts')).toMatchObject({ title: 'Keyboard shortcuts', shortcut: '?', also: ['Mod+/'] });
    expect(keyed('frame.chat')).not.toHaveProperty('shortcut');
  });
});
