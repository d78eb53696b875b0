import { describe, expect, it } from 'vitest';
import { keyed, keymap } from './keymap.ts';

interface Row {
  readonly group: string;
  readonly shortcut: string | undefined;
  readonly also?: readonly string[];
  readonly ofControl?: boolean;
}
const keys = Object.values<Row>(keymap).filter(({ shortcut }) => shortcut !== undefined);
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

  it('gives commands what the map shows', () => {
    // A tab has no keys for five screens.
    expect(keys.length).toBe(Object.keys(keymap).length - 5);
    expect(keyed('frame.shortcuts')).toMatchObject({ title: 'Keyboard shortcuts', shortcut: '?', also: ['Mod+/'] });
    expect(keyed('frame.chat')).not.toHaveProperty('shortcut');
  });
});
