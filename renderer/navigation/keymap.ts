/** Every key of the window in one table: commands, tooltips and the map of shortcuts take them from here. */
import { words } from '../words/words.ts';
import { keysInForce, useChosenKeys } from './chosen-keys.ts';

/** The desktop window has keys that a browser keeps for itself. */
const isDesktop = typeof window !== 'undefined' && Boolean(window.bridge);

interface Key {
  readonly title: string;
  readonly group: string;
  /** Such as `Mod+N`; Mod is Command on a Mac and Ctrl elsewhere. Undefined: no key in this shell. */
  readonly shortcut: string | undefined;
  /** Other keys for the same. */
  readonly also?: readonly string[];
  /** A field with text in it keeps the key, as undo does. */
  readonly fieldsFirst?: boolean;
  /** A control handles the key itself while it has the focus, so that it is no command. */
  readonly ofControl?: boolean;
}

const { palette, chat, chatList, notebook } = words;
const { groups } = palette;

export const keymap = {
  'frame.newChat': { title: palette.newChat, group: groups.chat, shortcut: isDesktop ? 'Mod+N' : 'Mod+Shift+O' },
  'chat.focus': { title: palette.writeMessage, group: groups.chat, shortcut: '/', also: ['Mod+L'] },
  'chat.stop': { title: palette.stop, group: groups.chat, shortcut: 'Escape' },
  'chat.regenerate': { title: palette.regenerate, group: groups.chat, shortcut: 'Mod+Shift+Enter' },
  'chat.copy': { title: palette.copyReply, group: groups.chat, shortcut: 'Mod+Shift+C' },
  'chat.model': { title: palette.chooseModel, group: groups.chat, shortcut: 'Mod+Shift+M' },
  'chat.inspector': { title: palette.inspector, group: groups.chat, shortcut: 'Mod+I' },
  'chat.rename': { title: palette.renameChat, group: groups.chat, shortcut: 'F2' },
  'chat.delete': {
    title: palette.deleteChat,
    group: groups.chat,
    shortcut: 'Mod+Shift+Backspace',
    fieldsFirst: true,
  },

  'field.send': { title: palette.send, group: groups.field, shortcut: 'Enter', ofControl: true },
  'field.line': { title: palette.newLine, group: groups.field, shortcut: 'Shift+Enter', ofControl: true },
  'field.history': {
    title: palette.sentMessages,
    group: groups.field,
    shortcut: 'ArrowUp',
    also: ['ArrowDown'],
    ofControl: true,
  },
  'field.edit': { title: palette.editLastEmpty, group: groups.field, shortcut: 'Mod+ArrowUp', ofControl: true },

  'list.search': { title: chat.searchChats, group: groups.list, shortcut: 'Mod+Shift+F' },
  'list.previous': { title: palette.previousChat, group: groups.list, shortcut: 'Alt+ArrowUp', fieldsFirst: true },
  'list.next': { title: palette.nextChat, group: groups.list, shortcut: 'Alt+ArrowDown', fieldsFirst: true },
  'list.rows': {
    title: palette.rows,
    group: groups.list,
    shortcut: 'ArrowUp',
    also: ['ArrowDown', 'Home', 'End'],
    ofControl: true,
  },
  'list.rename': { title: palette.renameRow, group: groups.list, shortcut: 'F2', ofControl: true },
  'list.delete': { title: palette.deleteRow, group: groups.list, shortcut: 'Delete', ofControl: true },

  'list.select': { title: chatList.keys.select, group: groups.list, shortcut: 'Space', ofControl: true },
  'list.all': { title: chatList.keys.all, group: groups.list, shortcut: 'Mod+A', ofControl: true },
  'list.move': { title: chatList.keys.move, group: groups.list, shortcut: 'M', ofControl: true },
  'list.tags': { title: chatList.keys.tags, group: groups.list, shortcut: 'T', ofControl: true },
  'list.archive': { title: chatList.keys.archive, group: groups.list, shortcut: 'E', ofControl: true },
  'notebook.generate': { title: notebook.generate, group: groups.notebook, shortcut: 'Mod+Enter', ofControl: true },
  'notebook.retry': { title: notebook.retry, group: groups.notebook, shortcut: 'Mod+Shift+Enter', ofControl: true },
  'notebook.stop': { title: notebook.stop, group: groups.notebook, shortcut: 'Escape', ofControl: true },
  'notebook.alternatives': {
    title: notebook.alternatives.open,
    group: groups.notebook,
    shortcut: 'Alt+Enter',
    ofControl: true,
  },

  'frame.chat': { title: palette.goToChat, group: groups.goTo, shortcut: isDesktop ? 'Mod+1' : undefined },
  'frame.discover': { title: palette.goToDiscover, group: groups.goTo, shortcut: isDesktop ? 'Mod+2' : undefined },
  'frame.local': { title: palette.goToLocal, group: groups.goTo, shortcut: isDesktop ? 'Mod+3' : undefined },
  'frame.notebook': { title: palette.goToNotebook, group: groups.goTo, shortcut: isDesktop ? 'Mod+4' : undefined },
  'frame.server': { title: palette.goToServer, group: groups.goTo, shortcut: isDesktop ? 'Mod+5' : undefined },
  'frame.settings': { title: palette.goToSettings, group: groups.goTo, shortcut: 'Mod+,' },

  'frame.palette': { title: palette.title, group: groups.window, shortcut: 'Mod+K' },
  'frame.undo': { title: palette.undo, group: groups.window, shortcut: 'Mod+Z', fieldsFirst: true },
  'frame.rail': { title: palette.toggleRail, group: groups.window, shortcut: 'Mod+B' },
  'frame.theme': { title: palette.otherTheme, group: groups.window, shortcut: 'Mod+Shift+L' },
  'frame.shortcuts': { title: palette.shortcuts, group: groups.window, shortcut: '?', also: ['Mod+/'] },
} as const satisfies Record<string, Key>;

type KeyId = keyof typeof keymap;

/** A row of the table with the keys that are in force. */
interface KeyRow {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly keys: readonly string[];
  /** Its own keys, before any choice. */
  readonly own: readonly string[];
  /** False for keys that a control handles itself. */
  readonly isChangeable: boolean;
}

const rows = Object.entries<Key>(keymap).map(([id, { title, group, shortcut, also = [], ofControl }]) => ({
  ...{ id, title, group, isChangeable: ofControl !== true },
  own: shortcut === undefined ? also : [shortcut, ...also],
}));

/** All rows by group, in the order of the table, with the keys that are in force. */
export function useKeyGroups(): { readonly group: string; readonly rows: readonly KeyRow[] }[] {
  const chosen = useChosenKeys();
  const inForce = rows.map((row) => ({
    ...row,
    keys: row.isChangeable ? keysInForce(row.id, row.own, chosen) : row.own,
  }));
  return [...Map.groupBy(inForce, ({ group }) => group)].map(([group, list]) => ({ group, rows: list }));
}

/** The first key of a command that is in force, for tooltips; undefined where it has none. */
export function useKeyOf(id: KeyId): string | undefined {
  const { shortcut }: Key = keymap[id];
  return keysInForce(id, shortcut === undefined ? [] : [shortcut], useChosenKeys())[0];
}

/** The part of a command that its row in the table gives. */
export function keyed(id: KeyId): Omit<Key, 'shortcut' | 'ofControl'> & { readonly id: string; shortcut?: string } {
  const { title, group, shortcut, also, fieldsFirst }: Key = keymap[id];
  return {
    ...{ id, title, group },
    ...(shortcut === undefined ? {} : { shortcut }),
    ...(also === undefined ? {} : { also }),
    ...(fieldsFirst === undefined ? {} : { fieldsFirst }),
  };
}
