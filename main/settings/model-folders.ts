/** Further folders whose models are used in place. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import type { ModelFolder } from '../../preload/contract/settings.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { folderIdOf, unreadableFolder } from './folders.ts';
import type { StoredSettings } from './stored-settings.ts';

export interface ModelFolders {
  /** Absolute paths. */
  list(): readonly string[];
  /** @throws AppError `invalid_input` for an unreadable folder and for the cache folder, `disk.full`. */
  add(folder: string): void;
  /** @throws AppError `not_found`, `disk.full`. */
  remove(folderId: string): void;
  /** The folders for the page. */
  describe(): Promise<readonly ModelFolder[]>;
}

export interface ModelFoldersOptions {
  readonly stored: StoredSettings;
  readonly cacheFolder: () => string;
  readonly freeDiskBytes: (folder: string) => Promise<number | null>;
}

export function createModelFolders({ stored, cacheFolder, freeDiskBytes }: ModelFoldersOptions): ModelFolders {
  const list = (): readonly string[] => stored.get('modelFolders');
  return {
    list,
    add(folder) {
      try {
        accessSync(folder, constants.R_OK);
      } catch {
        throw unreadableFolder();
      }
      if (folder === cacheFolder())
        throw new AppError('invalid_input', 'That is the folder for models itself; its models are listed already.', {
          reason: 'is_models_folder',
        });
      stored.write({ modelFolders: [...list().filter((one) => one !== folder), folder] });
    },
    remove(folderId) {
      const rest = list().filter((one) => folderIdOf(one) !== folderId);
      if (rest.length === list().length) throw new AppError('not_found', 'There is no such folder in the list.');
      stored.write({ modelFolders: rest });
    },
    describe: () =>
      Promise.all(
        list().map(async (folder) => ({
          id: folderIdOf(folder),
          name: path.basename(folder) || folder,
          path: folder,
          freeBytes: await freeDiskBytes(folder),
        })),
      ),
  };
}
