/** Choosing a folder with a checkpoint. The desktop has a dialog; a browser tab shows a list of folders, which the frame holds. */
import { useSyncExternalStore } from 'react';
import { attempt } from '../../connection/attempt.ts';
import { openConvert } from '../../navigation/convert-sheet.ts';

let isOpen = false;
const listeners = new Set<() => void>();

function set(next: boolean): void {
  isOpen = next;
  for (const listener of [...listeners]) listener();
}

/** The desktop window has a dialog of its own. */
const hasFolderDialog = typeof window !== 'undefined' && window.bridge !== undefined;

/** Asks for a folder and opens the conversion of what is in it. */
export async function convertFolder(): Promise<void> {
  if (!hasFolderDialog) return set(true);
  const picked = await attempt('convert.pickFolder', {});
  if (picked) convertIn(picked.folderId, picked.path);
}

/** Opens the conversion of a folder that was shown. */
export function openFolder(folderId: string, path: string): void {
  set(false);
  convertIn(folderId, path);
}

function convertIn(folderId: string, path: string): void {
  const name = path.split(/[\\/]/).findLast((part) => part !== '') ?? path;
  openConvert({ kind: 'checkpoint', source: { kind: 'folder', folderId }, name, type: null });
}

export function closeFolderList(): void {
  set(false);
}

/** Whether the list of folders is to be shown. */
export function useFolderList(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isOpen,
  );
}
