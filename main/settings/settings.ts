/** What the user chooses, and where the Hub token comes from. */
import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { samplingSchema, type Sampling } from '../../preload/contract/chat.ts';
import { defaultSampling } from '../../preload/contract/defaults.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { themeSchema, type CacheFolderChoice, type Settings, type Theme } from '../../preload/contract/settings.ts';
import { createFeed } from '../core/feed.ts';
import { readSetting, writeSetting } from '../store/settings.ts';
import { transaction, type Store } from '../store/store.ts';
import type { Secrets } from '../store/secrets.ts';

export interface SettingsOptions {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly dataFolder: string;
  readonly defaultCacheFolder: string;
  /** The folder that the environment fixes, and by which variable. */
  readonly fixedCacheFolder: { readonly path: string; readonly variable: string } | null;
  readonly environmentToken: string | null;
  readonly tokenFile: string;
  readonly freeDiskBytes: (folder: string) => Promise<number | null>;
  /** The shell's folder dialog; null where it has none. Answers null when it was closed. */
  readonly pickFolder: (() => Promise<string | null>) | null;
  readonly onCacheFolderChange: () => void;
}

export interface SettingsModule {
  watch(signal: AbortSignal): AsyncGenerator<Settings>;
  update(patch: { theme?: Theme | undefined; sampling?: Sampling | undefined }): Promise<Settings>;
  setCacheFolder(choiceId: string): Promise<Settings>;
  pickCacheFolder(): Promise<Settings | null>;
  setHubToken(token: string | null): Promise<Settings>;
  sampling(): Sampling;
  theme(): Theme;
  cacheFolder(): string;
  /** The token for the Hub: the setting, else HF_TOKEN, else the Hugging Face command line's file. */
  hubToken(): string | null;
}

/** The name of the Hub token among the secrets. */
export const HUB_TOKEN_SECRET = 'hub-token';

/** The token in the Hugging Face command line's file, or null. */
export function readTokenFile(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim() || null;
  } catch {
    return null;
  }
}

/** Settings over the store. A stored value that no longer fits its schema counts as not set. */
export function createSettings(options: SettingsOptions): SettingsModule {
  const { store, secrets } = options;
  const feed = createFeed<Settings>((_waiting, next) => next);
  let revision = 0;

  const sampling = (): Sampling => samplingSchema.safeParse(readSetting(store, 'sampling')).data ?? defaultSampling;
  const theme = (): Theme => themeSchema.safeParse(readSetting(store, 'theme')).data ?? 'system';
  const picked = (): string | null => {
    const value = readSetting(store, 'cacheFolder');
    return typeof value === 'string' && path.isAbsolute(value) ? value : null;
  };
  const cacheFolder = (): string => options.fixedCacheFolder?.path ?? picked() ?? options.defaultCacheFolder;

  const tokenFromFile = (): string | null => readTokenFile(options.tokenFile);
  const tokenSource = (): Settings['hubToken']['source'] => {
    if (secrets.read(HUB_TOKEN_SECRET) !== null) return 'settings';
    if (options.environmentToken !== null) return 'environment';
    return tokenFromFile() !== null ? 'file' : 'none';
  };

  /** Folders to choose from. The web shell names none itself, so the usual ones are offered, and the one that a dialog chose. */
  function choices(): Omit<CacheFolderChoice, 'freeBytes'>[] {
    const own = path.join(options.dataFolder, 'models');
    const list = [
      { id: 'hugging-face', label: 'Shared with the Hugging Face tools', path: options.defaultCacheFolder },
      { id: 'hearth', label: 'In Hearth’s own data folder', path: own },
    ];
    const chosen = picked();
    if (chosen !== null && list.every((choice) => choice.path !== chosen))
      list.push({ id: 'picked', label: 'Chosen folder', path: chosen });
    if (options.fixedCacheFolder)
      list.push({
        id: 'environment',
        label: `Set by ${options.fixedCacheFolder.variable}`,
        path: options.fixedCacheFolder.path,
      });
    return list;
  }

  async function current(): Promise<Settings> {
    const all = await Promise.all(
      choices().map(async (choice) => ({ ...choice, freeBytes: await options.freeDiskBytes(choice.path) })),
    );
    const folder = cacheFolder();
    const inUse = all.findLast((choice) => choice.path === folder) ?? {
      id: 'picked',
      label: 'Chosen folder',
      path: folder,
      freeBytes: null,
    };
    return {
      revision,
      theme: theme(),
      sampling: sampling(),
      cacheFolder: {
        current: inUse,
        choices: options.fixedCacheFolder ? [inUse] : all,
        fixedBy: options.fixedCacheFolder?.variable ?? null,
        canPick: options.pickFolder !== null && options.fixedCacheFolder === null,
      },
      hubToken: { source: tokenSource() },
    };
  }

  async function changed(): Promise<Settings> {
    revision++;
    const settings = await current();
    feed.publish(settings);
    return settings;
  }

  async function useFolder(folder: string): Promise<Settings> {
    if (options.fixedCacheFolder)
      throw new AppError(
        'unsupported',
        `The folder is set by ${options.fixedCacheFolder.variable}. Unset it to choose here.`,
      );
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
    } catch {
      throw new AppError('disk.denied', 'Hearth may not write in that folder.');
    }
    transaction(store, () => writeSetting(store, 'cacheFolder', folder));
    options.onCacheFolderChange();
    return await changed();
  }

  return {
    async *watch(signal) {
      const reader = feed.open(signal);
      yield await current();
      yield* reader;
    },
    async update(patch) {
      transaction(store, () => {
        if (patch.theme) writeSetting(store, 'theme', patch.theme);
        if (patch.sampling) writeSetting(store, 'sampling', patch.sampling);
      });
      return await changed();
    },
    async setCacheFolder(choiceId) {
      const choice = choices().find((one) => one.id === choiceId);
      if (!choice) throw new AppError('not_found', 'There is no such choice.');
      return await useFolder(choice.path);
    },
    async pickCacheFolder() {
      if (!options.pickFolder)
        throw new AppError('unsupported', 'Only the desktop window has a folder dialog. Set HEARTH_CACHE_DIR instead.');
      const folder = await options.pickFolder();
      return folder === null ? null : await useFolder(folder);
    },
    async setHubToken(token) {
      secrets.write(HUB_TOKEN_SECRET, token);
      return await changed();
    },
    sampling,
    theme,
    cacheFolder,
    hubToken: () => secrets.read(HUB_TOKEN_SECRET) ?? options.environmentToken ?? tokenFromFile(),
  };
}
