import { describe, expect, it } from 'vitest';
import { matchesShortcut, shortcutOf, showShortcut, worksWhileTyping, type Keystroke } from './shortcut.ts';

const stroke = (key: string, held: Partial<Keystroke> = {}): Keystroke => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

describe('matchesShortcut', () => {
  it('takes Mod as Command on a Mac and Ctrl elsewhere', () => {
    expect(matchesShortcut('Mod+K', stroke('k', { ctrlKey: true }), false)).toBe(true);
    expect(matchesShortcut('Mod+K', stroke('k', { metaKey: true }), false)).toBe(false);
    expect(matchesShortcut('Mod+K', stroke('k', { metaKey: true }), true)).toBe(true);
    expect(matchesShortcut('Mod+K', stroke('k', { ctrlKey: true, metaKey: true }), true)).toBe(false);
  });

  it('requires Shift for letters only when it is named', () => {
    expect(matchesShortcut('Mod+K', stroke('K', { ctrlKey: true, shiftKey: true }), false)).toBe(false);
    expect(matchesShortcut('Mod+Shift+O', stroke('O', { ctrlKey: true, shiftKey: true }), false)).toBe(true);
  });

  it('accepts a character whatever keys produce it', () => {
    expect(matchesShortcut('?', stroke('?', { shiftKey: true }), false)).toBe(true);
    expect(matchesShortcut('?', stroke('?'), false)).toBe(true);
    expect(matchesShortcut('Mod++', stroke('+', { ctrlKey: true }), false)).toBe(true);
  });

  it('knows which shortcuts may run while typing', () => {
    expect(['?', '/', 'Enter', 'ArrowUp'].filter(worksWhileTyping)).toEqual([]);
    expect(['Mod+,', 'Escape', 'F2'].every(worksWhileTyping)).toBe(true);
  });
});

describe('showShortcut', () => {
  it('shows the keys as they are printed', () => {
    expect(showShortcut('Mod+Shift+K', true)).toBe('⌘⇧K');
    expect(showShortcut('Mod+Shift+K', false)).toBe('Ctrl Shift K');
    expect(showShortcut('Mod++', false)).toBe('Ctrl +');
  });
});

describe('shortcutOf', () => {
  it.each([
    ['k', { ctrlKey: true }, 'Mod+K'],
    ['K', { ctrlKey: true, shiftKey: true }, 'Mod+Shift+K'],
    ['ArrowUp', { altKey: true }, 'Alt+ArrowUp'],
    ['?', { shiftKey: true }, '?'],
    ['+', { ctrlKey: true, altKey: true }, 'Mod+Alt++'],
    ['F2', {}, 'F2'],
    ['7', { ctrlKey: true }, 'Mod+7'],
    ['ö', { ctrlKey: true }, 'Mod+ö'],
  ] as const)('of %s with %j matches the stroke again', (key, held, shortcut) => {
    expect(shortcutOf(stroke(key, held), false)).toBe(shortcut);
    expect(matchesShortcut(shortcut, stroke(key, held), false)).toBe(true);
  });

  it('is none for keys that only change others, spaces, dead keys and the system’s own key', () => {
    for (const key of ['Shift', 'Control', 'AltGraph', 'Dead', 'Process', ' ', '\u0301', ''])
      expect(shortcutOf(stroke(key), false)).toBeNull();
    expect(shortcutOf(stroke('k', { metaKey: true }), false)).toBeNull();
    expect(shortcutOf(stroke('k', { metaKey: true }), true)).toBe('Mod+K');
  });
});
