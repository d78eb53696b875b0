/** The cache folder: the one in use, and the choices. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { CacheFolderChoice, CacheFolderKind, Settings } from '../../preload/contract/settings.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { diskErrorCode } from '../../preload/wire/disk-error.ts';
import type { StoredSettings } from './stored-settings.ts';

export interface CacheFolderOptions {
  readonly stored: StoredSettings;
  readonly dataFolder: string;
  readonly defaultFolder: string;
  /** The folder that the environment fixes, and by which variable. */
  readonly fixed: { readonly path: string; readonly variable: string } | null;
  readonly freeDiskBytes: (folder: string) => Promise<number | null>;
}

export interface CacheFolder {
  current(): string;
  /** The folder of a choice. @throws AppError `not_found`, `unsupported` where the environment fixes the folder. */
  folderOfChoice(choiceId: string): string;
  /** Sets the cache folder. @throws AppError `disk.denied`, `disk.full`, `unsupported` where the environment fixes the folder. */
  use(folder: string): void;
  /** The folder and its choices for the page. */
  describe(canPick: boolean): Promise<Settings['cacheFolder']>;
}

type Place = { readonly id: string; readonly path: string } & CacheFolderKind;

export function createCacheFolder(options: CacheFolderOptions): CacheFolder {
  const { stored, fixed, defaultFolder } = options;
  const current = (): string => fixed?.path ?? stored.get('cacheFolder') ?? defaultFolder;

  /** The web shell must not name a path, so the choices are the usual folders and the one that a dialog chose. */
  function choices(): Place[] {
    const own = path.join(options.dataFolder, 'models');
    const list: Place[] = [
      { id: 'hugging-face', kind: 'hugging_face', path: defaultFolder },
      { id: 'hearth', kind: 'hearth', path: own },
    ];
    const chosen = stored.get('cacheFolder');
    if (chosen !== null && list.every((choice) => choice.path !== chosen))
      list.push({ id: 'picked', kind: 'picked', path: chosen });
    if (fixed) list.push({ id: 'environment', kind: 'environment', variable: fixed.variable, path: fixed.path });
    return list;
  }

  function assertFree(): void {
    if (fixed)
      throw new AppError('unsupported', `The folder is set by ${fixed.variable}. Unset it to choose another one.`, {
        reason: 'fixed_by',
        variable: fixed.variable,
      });
  }

  return {
    current,
    folderOfChoice(choiceId) {
      assertFree();
      const choice = choices().find(({ id }) => id === choiceId);
      if (!choice) throw new AppError('not_found', 'There is no such choice.');
      return choice.path;
    },
    use(folder) {
      assertFree();
      try {
        mkdirSync(folder, { recursive: true });
        accessSync(folder, constants.W_OK);
      } catch (error) {
        if (diskErrorCode(error) === 'disk.full') throw new AppError('disk.full', 'There is no space for that folder.');
        throw new AppError('disk.denied', 'Hearth cannot write in that folder.');
      }
      stored.write({ cacheFolder: folder });
    },
    async describe(canPick) {
      const all: CacheFolderChoice[] = await Promise.all(
        choices().map(async (choice) => ({ ...choice, freeBytes: await options.freeDiskBytes(choice.path) })),
      );
      const folder = current();
      const inUse = all.findLast((choice) => choice.path === folder) ?? {
        id: 'picked',
        kind: 'picked',
        path: folder,
        freeBytes: null,
      };
      return {
        current: inUse,
        choices: fixed ? [inUse] : all,
        fixedBy: fixed?.variable ?? null,
        canPick: canPick && fixed === null,
      };
    },
  };
}
