import type { BaseWindow, Dialog, OpenDialogOptions } from 'electron';

/** Asks for a folder, on the window where there is one. Answers its path, or null when the dialog was closed. */
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

/** Asks for model files, one or several. Answers their paths, or null when the dialog was closed. */
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
