/** The application menu and the context menu, as templates for Electron. */
import type { ContextMenuParams, MenuItemConstructorOptions } from 'electron';

/** The platform's standard menus. None of their shortcuts is one of the page's. */
export function applicationMenu(platform: NodeJS.Platform, isDevelopment: boolean): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { label: '&File', submenu: [isMac ? { role: 'close' } : { role: 'quit' }] },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...(isDevelopment ? ([{ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' }] as const) : []),
      ],
    },
    { role: 'windowMenu' },
  ];
}

/** The commands for the text under the pointer; empty when there are none. */
export function contextMenu(
  params: Pick<ContextMenuParams, 'isEditable' | 'selectionText' | 'editFlags' | 'dictionarySuggestions'>,
  replaceWord: (word: string) => void,
): MenuItemConstructorOptions[] {
  const { editFlags } = params;
  if (!params.isEditable) return params.selectionText.trim() === '' ? [] : [{ role: 'copy' }];
  const suggestions = params.dictionarySuggestions.map((word) => ({ label: word, click: () => replaceWord(word) }));
  return [
    ...suggestions,
    ...(suggestions.length > 0 ? [{ type: 'separator' } as const] : []),
    { role: 'cut', enabled: editFlags.canCut },
    { role: 'copy', enabled: editFlags.canCopy },
    { role: 'paste', enabled: editFlags.canPaste },
    { type: 'separator' },
    { role: 'selectAll', enabled: editFlags.canSelectAll },
  ];
}
