/** Shortcuts as text: `Mod+Shift+K`, where Mod is Command on a Mac and Ctrl elsewhere. */

export interface Keystroke {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);

interface Parsed {
  readonly key: string;
  readonly mod: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
}

function parse(shortcut: string): Parsed {
  const parts = shortcut.split('+');
  // 'Mod++' ends in an empty part: the key is the plus sign.
  const last = parts.pop() ?? '';
  const key = last === '' ? '+' : last;
  return {
    key: key.toLowerCase(),
    mod: parts.includes('Mod'),
    shift: parts.includes('Shift'),
    alt: parts.includes('Alt'),
  };
}

/** Whether the shortcut may run while the user types in a field: it must write nothing and move nothing there. */
export function worksWhileTyping(shortcut: string): boolean {
  const { key, mod, alt } = parse(shortcut);
  return mod || alt || key === 'escape' || /^f\d+$/.test(key);
}

/**
 * Whether `stroke` is `shortcut`. Shift counts for letters and named keys; for `?` and the like it is part of the key
 * itself.
 */
export function matchesShortcut(shortcut: string, stroke: Keystroke, mac: boolean = isMac): boolean {
  const wanted = parse(shortcut);
  if (stroke.key.toLowerCase() !== wanted.key) return false;
  if ((mac ? stroke.metaKey : stroke.ctrlKey) !== wanted.mod) return false;
  if ((mac ? stroke.ctrlKey : stroke.metaKey) || stroke.altKey !== wanted.alt) return false;
  const shiftIsPartOfKey = wanted.key.length === 1 && !/[a-z0-9]/.test(wanted.key);
  return shiftIsPartOfKey || stroke.shiftKey === wanted.shift;
}

/**
 * The shortcut of a keystroke, in the form that `matchesShortcut` reads; null where it is none yet, such as Shift alone,
 * or never can be, such as a dead key.
 */
export function shortcutOf(stroke: Keystroke, mac: boolean = isMac): string | null {
  const { key } = stroke;
  if (mac ? stroke.ctrlKey : stroke.metaKey) return null;
  const isLetter = /^[a-z]$/i.test(key);
  const isSign = /^[^\s\p{C}\p{M}]$/u.test(key);
  const isNamed = /^[A-Z][a-zA-Z0-9]{1,19}$/.test(key) && !notKeys.test(key);
  if (!isSign && !isNamed) return null;
  const shiftCounts = isNamed || /^[a-z0-9]$/i.test(key);
  return [
    ...((mac ? stroke.metaKey : stroke.ctrlKey) ? ['Mod'] : []),
    ...(stroke.altKey ? ['Alt'] : []),
    ...(stroke.shiftKey && shiftCounts ? ['Shift'] : []),
    isLetter ? key.toUpperCase() : key,
  ].join('+');
}

/** Keys that only change others, and what a browser says of keys that it cannot name. */
const notKeys =
  /^(Shift|Control|Alt|AltGraph|Meta|OS|Fn|FnLock|CapsLock|NumLock|ScrollLock|Symbol|SymbolLock|Hyper|Super|Dead|Process|Unidentified|Compose)$/;

const macSigns: Readonly<Record<string, string>> = { Mod: '⌘', Shift: '⇧', Alt: '⌥', Enter: '↩', Escape: 'Esc' };
const otherSigns: Readonly<Record<string, string>> = { Mod: 'Ctrl', Escape: 'Esc', Enter: 'Enter' };
const arrows: Readonly<Record<string, string>> = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' };

/** The keys of a shortcut as they are printed on this machine's keyboard. */
export function shortcutKeys(shortcut: string, mac: boolean = isMac): string[] {
  const parts = shortcut.endsWith('++') ? [...shortcut.slice(0, -2).split('+'), '+'] : shortcut.split('+');
  return parts.map((part) => (mac ? macSigns : otherSigns)[part] ?? arrows[part] ?? part);
}

/** The shortcut as one short text, for tooltips and menus. */
export function showShortcut(shortcut: string, mac: boolean = isMac): string {
  return shortcutKeys(shortcut, mac).join(mac ? '' : ' ');
}
