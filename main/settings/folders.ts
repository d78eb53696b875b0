/** This computer's folders for a page that must not name paths. It gets folders with ids, and sends an id back. */
import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../preload/wire/errors.ts';
import type { FolderListing } from '../../preload/contract/settings.ts';

export interface Folders {
  /** Lists a folder that was shown before; null: the home folder. Throws not_found, invalid_input for an unreadable folder. */
  list(folderId: string | null): Promise<FolderListing>;
  /** Remembers a folder that the user chose in a dialog, and returns its id. */
  show(folder: string): string;
  /** Throws not_found for the id of a folder that was not shown. */
  pathOf(folderId: string): string;
}

/** Limit for the listed folders, because a hundred thousand would be too many for the page. */
const MAX_SHOWN = 2000;

/** A folder's id on the wire. */
export function folderIdOf(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 16);
}

/** The error for an unreadable folder. It is not `disk.denied`, whose sentences on the page are about writing. */
export function unreadableFolder(): AppError {
  return new AppError('invalid_input', 'Hearth cannot read that folder. Choose another, or change who may read it.', {
    reason: 'folder_denied',
  });
}

/** Lists folders and remembers their ids until the process ends. Hidden folders are left out. */
export function createFolders(homeFolder: string): Folders {
  const shown = new Map<string, string>();
  const show = (folder: string): string => {
    const id = folderIdOf(folder);
    shown.set(id, folder);
    return id;
  };
  const pathOf = (folderId: string): string => {
    const folder = shown.get(folderId);
    if (folder === undefined) throw new AppError('not_found', 'That folder is not in the list.');
    return folder;
  };
  return {
    show,
    pathOf,
    async list(folderId) {
      const folder = folderId === null ? path.resolve(homeFolder) : pathOf(folderId);
      const entries = (await entriesOf(folder)).filter(({ name }) => !name.startsWith('.'));
      const isFolder = await Promise.all(entries.map((entry) => leadsToFolder(folder, entry)));
      const names = entries.filter((_, index) => isFolder[index]).map(({ name }) => name);
      names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
      const above = path.dirname(folder);
      return {
        id: show(folder),
        path: folder,
        parentId: above === folder ? null : show(above),
        folders: names.slice(0, MAX_SHOWN).map((name) => ({ id: show(path.join(folder, name)), name })),
        modelFileCount: entries.filter((entry, index) => !isFolder[index] && /\.gguf$/i.test(entry.name)).length,
      };
    },
  };
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new AppError('not_found', 'That folder is not there any more.');
    throw unreadableFolder();
  }
}

async function leadsToFolder(folder: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  // A broken link is not a folder.
  return await stat(path.join(folder, entry.name)).then(
    (info) => info.isDirectory(),
    () => false,
  );
}
