import { describe, expect, it } from 'vitest';
import { createCommandRegistry, matchScore } from './commands.ts';

const ctrl = (key: string) => ({ key, ctrlKey: true, metaKey: false, shiftKey: false, altKey: false });
const plain = (key: string) => ({ ...ctrl(key), ctrlKey: false });

describe('command registry', () => {
  it('gives a shortcut to the command that was added last, and back when that one is removed', () => {
    const registry = createCommandRegistry(false);
    const ran: string[] = [];
    registry.add({ id: 'outer', title: 'Outer', shortcut: 'Mod+E', run: () => ran.push('outer') });
    const remove = registry.add({ id: 'inner', title: 'Inner', shortcut: 'Mod+E', run: () => ran.push('inner') });
    registry.dispatch(ctrl('e'), false);
    remove();
    registry.dispatch(ctrl('e'), false);
    expect(ran).toEqual(['inner', 'outer']);
  });

  it('leaves plain keys to the field that has the focus', () => {
    const registry = createCommandRegistry(false);
    registry.add({ id: 'map', title: 'Map', shortcut: '?', run: () => {} });
    expect(registry.dispatch(plain('?'), true)).toBe(false);
    expect(registry.dispatch(plain('?'), false)).toBe(true);
  });

  it('runs a command by each of its keys', () => {
    const registry = createCommandRegistry(false);
    const ran: string[] = [];
    registry.add({ id: 'map', title: 'Map', shortcut: '?', also: ['Mod+/'], run: () => ran.push('map') });
    // In a field only the one with Ctrl is no text.
    expect([registry.dispatch(plain('?'), true), registry.dispatch(ctrl('/'), true)]).toEqual([false, true]);
    expect(registry.dispatch(plain('?'), false)).toBe(true);
    expect(ran).toEqual(['map', 'map']);
  });

  it('skips commands that cannot run now', () => {
    const registry = createCommandRegistry(false);
    const ran: string[] = [];
    registry.add({ id: 'a', title: 'A', shortcut: 'Mod+E', run: () => ran.push('a') });
    registry.add({ id: 'b', title: 'B', shortcut: 'Mod+E', enabled: false, run: () => ran.push('b') });
    registry.dispatch(ctrl('e'), false);
    expect(ran).toEqual(['a']);
  });
});

describe('matchScore', () => {
  it('finds by the beginnings of words, with titles first', () => {
    const theme = matchScore('the', ['Dark theme', 'Window']);
    expect(matchScore('the', ['Go to Chat', 'Go to'])).toBe(0);
    expect(theme).toBeGreaterThan(matchScore('the', ['Look', 'Window', 'theme']));
    expect(matchScore('th da', ['Dark theme'])).toBe(1);
    expect(matchScore('dark xyz', ['Dark theme'])).toBe(0);
  });

  it('scores the middle of a title lower', () => {
    expect(matchScore('hem', ['Dark theme'])).toBeGreaterThan(0);
    expect(matchScore('hem', ['Dark', 'theme'])).toBe(0);
  });
});
