/** Choosing a folder with a checkpoint. The desktop has a dialog; a browser tab shows a list of folders, which the frame holds. */
import { attempt } from '../../connection/attempt.ts';
import { openConvert } from '../../navigation/convert-sheet.ts';
import { createLayerState } from '../../navigation/layer-state.ts';

const list = createLayerState(false);

/** The desktop window has a dialog of its own. */
export const hasFolderDialog = typeof window !== 'undefined' && window.bridge !== undefined;

/** Asks for a folder and opens the conversion of what is in it. */
export async function convertFolder(): Promise<void> {
  if (!hasFolderDialog) return list.set(true);
  const picked = await attempt('convert.pickFolder', {});
  if (picked) convertIn(picked.folderId, picked.path);
}

/** Opens the conversion of a folder that was shown. */
export function openFolder(folderId: string, path: string): void {
  list.set(false);
  convertIn(folderId, path);
}

function convertIn(folderId: string, path: string): void {
  const name = path.split(/[\\/]/).findLast((part) => part !== '') ?? path;
  openConvert({ kind: 'checkpoint', source: { kind: 'folder', folderId }, name, type: null });
}

export function closeFolderList(): void {
  list.set(false);
}

/** Whether the list of folders is to be shown. */
export function useFolderList(): boolean {
  return list.useValue();
}
