import type { BaseWindow, Dialog, OpenDialogOptions, SaveDialogOptions } from 'electron';

/** Shows a dialog for choosing a folder, attached to the window if there is one. Returns the path; null when it was cancelled. */
export async function pickFolder(
  dialog: Pick<Dialog, 'showOpenDialog'>,
  window: BaseWindow | null,
): Promise<string | null> {
  const options: OpenDialogOptions = {
    title: 'Choose a folder for models',
    buttonLabel: 'Use this folder',
    properties: ['openDirectory', 'createDirectory'],
  };
  const chosen = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options));
  return chosen.canceled ? null : (chosen.filePaths[0] ?? null);
}

/** Shows a dialog for choosing model files. Returns their paths; null when it was cancelled. */
export async function pickFiles(
  dialog: Pick<Dialog, 'showOpenDialog'>,
  window: BaseWindow | null,
): Promise<readonly string[] | null> {
  const options: OpenDialogOptions = {
    title: 'Choose model files',
    buttonLabel: 'Add',
    properties: ['openFile', 'multiSelections'],
    filters: [{ name: 'GGUF models', extensions: ['gguf'] }],
  };
  const chosen = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options));
  return chosen.canceled || chosen.filePaths.length === 0 ? null : chosen.filePaths;
}

/** Shows a dialog for the name of a new file, which begins with `fileName`. Returns the path; null when it was cancelled. */
export async function pickTarget(
  dialog: Pick<Dialog, 'showSaveDialog'>,
  window: BaseWindow | null,
  fileName: string,
): Promise<string | null> {
  const options: SaveDialogOptions = { title: 'Export chats', buttonLabel: 'Export', defaultPath: fileName };
  const chosen = await (window ? dialog.showSaveDialog(window, options) : dialog.showSaveDialog(options));
  return chosen.canceled || chosen.filePath === '' ? null : chosen.filePath;
}
