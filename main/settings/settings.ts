/** What the user chooses, and where the Hub token comes from. */
import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { samplingSchema, type Sampling } from '../../preload/contract/chat.ts';
import { defaultSampling } from '../../preload/contract/defaults.ts';
import { AppError } from '../../preload/wire/errors.ts';
import {
  downloadSettingsSchema,
  engineSettingsSchema,
  networkSettingsSchema,
  type settingsRoutes,
  themeSchema,
  type CacheFolderChoice,
  type DownloadSettings,
  type EngineSettings,
  type FolderListing,
  type NetworkSettings,
  type Settings,
  type Theme,
} from '../../preload/contract/settings.ts';
import type { InputOf } from '../../preload/wire/rpc.ts';
import { createFeed } from '../base/feed.ts';
import { readSetting, writeSetting } from '../store/settings.ts';
import { transaction, type Store } from '../store/store.ts';
import type { Secrets } from '../store/secrets.ts';
import { createFolders, folderIdOf, unreadableFolder } from './folders.ts';
import { cleanCertificates, joinProxy, shownCertificates, shownProxy, splitProxy, type Network } from './network.ts';

export type { Network } from './network.ts';

/** What changed, for those that live by it. */
export type SettingsPart = 'cacheFolder' | 'modelFolders' | 'network' | 'downloads' | 'engine';
export type SettingsPatch = InputOf<typeof settingsRoutes, 'settings.update'>;

/** A value that a variable fixes, and the variable's name. */
interface Fixed {
  readonly value: string;
  readonly variable: string;
}

export interface SettingsOptions {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly dataFolder: string;
  readonly defaultCacheFolder: string;
  /** The folder that the environment fixes, and by which variable. */
  readonly fixedCacheFolder: { readonly path: string; readonly variable: string } | null;
  readonly defaultHubEndpoint: string;
  /** What the environment decides about the network in place of the settings. */
  readonly fixedNetwork: {
    readonly hubEndpoint: Fixed | null;
    readonly proxy: Fixed | null;
    readonly httpProxy: Fixed | null;
    readonly noProxy: string | null;
    readonly certificatesFile: Fixed | null;
  };
  readonly environmentToken: string | null;
  readonly tokenFile: string;
  readonly freeDiskBytes: (folder: string) => Promise<number | null>;
  /** The shell's folder dialog; null where it has none. Answers null when it was closed. */
  readonly pickFolder: (() => Promise<string | null>) | null;
  /** Where a page without that dialog begins to look for a folder. */
  readonly homeFolder: string;
  /** Called after the new value is in force. */
  readonly onChange: (part: SettingsPart) => void;
}

export interface SettingsModule {
  watch(signal: AbortSignal): AsyncGenerator<Settings>;
  /** @throws AppError `invalid_input` for certificates that are none, `unsupported` for what the environment fixes. */
  update(patch: SettingsPatch): Promise<Settings>;
  setCacheFolder(choiceId: string): Promise<Settings>;
  pickCacheFolder(): Promise<Settings | null>;
  pickModelFolder(): Promise<Settings | null>;
  listFolders(folderId: string | null): Promise<FolderListing>;
  addModelFolder(folderId: string): Promise<Settings>;
  removeModelFolder(folderId: string): Promise<Settings>;
  setHubToken(token: string | null): Promise<Settings>;
  sampling(): Sampling;
  theme(): Theme;
  cacheFolder(): string;
  /** The token for the Hub: the setting, else HF_TOKEN, else the Hugging Face command line's file. */
  hubToken(): string | null;
  /** What is in force: the environment's, else the setting, else the default. Holds the proxy's password. */
  network(): Network;
  downloads(): DownloadSettings;
  engine(): EngineSettings;
  /** Absolute paths of the further folders of models. */
  modelFolders(): readonly string[];
}

/** The name of the Hub token among the secrets. */
export const HUB_TOKEN_SECRET = 'hub-token';

/** The name of the proxy's password among the secrets. */
const PROXY_PASSWORD_SECRET = 'proxy-password';

const noNetworkSettings: NetworkSettings = { hubEndpoint: null, proxy: null, certificates: null };
export const defaultDownloads: DownloadSettings = { maxRunning: 2, bytesPerSecond: null, cacheLimitBytes: null };
export const defaultEngine: EngineSettings = {
  memoryBudgetBytes: null,
  idleUnloadMinutes: null,
  preload: [],
  stateDiskBytes: 2_000_000_000,
};

/** The token in the Hugging Face command line's file, or null. */
export function readTokenFile(file: string): string | null {
  return readText(file)?.trim() || null;
}

/** A small file as text; null when it cannot be read. */
function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
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

  /** Kept values over the defaults, field by field: a field that no longer fits costs the others nothing. */
  function stored<T extends object>(key: string, shape: Readonly<Record<string, z.ZodType>>, defaults: T): T {
    const value = readSetting(store, key);
    if (typeof value !== 'object' || value === null) return defaults;
    const good = Object.entries(value).filter(([name, field]) => shape[name]?.safeParse(field).success === true);
    return { ...defaults, ...Object.fromEntries(good) };
  }
  const keptNetwork = (): NetworkSettings => stored('network', networkSettingsSchema.shape, noNetworkSettings);
  const downloads = (): DownloadSettings => stored('downloads', downloadSettingsSchema.shape, defaultDownloads);
  const engine = (): EngineSettings => stored('engine', engineSettingsSchema.shape, defaultEngine);

  const fixed = options.fixedNetwork;
  // Read once: the environment is the start's, and so is what it points to.
  const fixedCertificates = fixed.certificatesFile === null ? null : readText(fixed.certificatesFile.value);
  function network(): Network {
    const kept = keptNetwork();
    const chosen = kept.proxy === null ? null : joinProxy(kept.proxy, secrets.read(PROXY_PASSWORD_SECRET));
    return {
      hubEndpoint: (fixed.hubEndpoint?.value ?? kept.hubEndpoint ?? options.defaultHubEndpoint).replace(/\/+$/, ''),
      proxy: fixed.proxy?.value ?? chosen,
      httpProxy: fixed.httpProxy?.value ?? chosen,
      noProxy: fixed.noProxy,
      certificates: fixedCertificates ?? kept.certificates,
    };
  }
  /** As the page may see it: the endpoint only where somebody chose one, the proxy without its password, certificates by number. */
  function shownNetwork(): Settings['network'] {
    const { proxy, certificates } = network();
    const fixedBy: Partial<Record<keyof NetworkSettings, string>> = {};
    if (fixed.hubEndpoint) fixedBy.hubEndpoint = fixed.hubEndpoint.variable;
    if (fixed.proxy) fixedBy.proxy = fixed.proxy.variable;
    if (fixed.certificatesFile) fixedBy.certificates = fixed.certificatesFile.variable;
    return {
      hubEndpoint: fixed.hubEndpoint?.value ?? keptNetwork().hubEndpoint,
      proxy: proxy === null ? null : shownProxy(proxy),
      certificates: certificates === null ? null : shownCertificates(certificates),
      fixedBy,
    };
  }
  /** What is kept after the patch, and the proxy's password apart from it. */
  function patchNetwork(patch: NonNullable<SettingsPatch['network']>): {
    network: NetworkSettings;
    password: string | null;
  } {
    const { fixedBy } = shownNetwork();
    for (const name of ['hubEndpoint', 'proxy', 'certificates'] as const)
      if (patch[name] !== undefined && fixedBy[name] !== undefined)
        throw new AppError('unsupported', `This is set by ${fixedBy[name]}. Unset it to choose here.`);
    const kept = keptNetwork();
    const password = secrets.read(PROXY_PASSWORD_SECRET);
    const proxy =
      patch.proxy === undefined
        ? { address: kept.proxy, password }
        : patch.proxy === null
          ? { address: null, password: null }
          : splitProxy(patch.proxy, { address: kept.proxy, password });
    return {
      network: {
        hubEndpoint: patch.hubEndpoint === undefined ? kept.hubEndpoint : patch.hubEndpoint,
        proxy: proxy.address,
        certificates:
          patch.certificates === undefined
            ? kept.certificates
            : patch.certificates === null
              ? null
              : cleanCertificates(patch.certificates),
      },
      password: proxy.password,
    };
  }

  const modelFolders = (): readonly string[] =>
    z.array(z.string().refine(path.isAbsolute)).safeParse(readSetting(store, 'modelFolders')).data ?? [];
  const folders = createFolders(options.homeFolder);
  /** The page with a dialog has no need to look around. */
  const foldersToShow = (): typeof folders => {
    if (options.pickFolder) throw new AppError('unsupported', 'The desktop window has a folder dialog for this.');
    return folders;
  };

  async function keepModelFolders(folders: readonly string[]): Promise<Settings> {
    transaction(store, () => writeSetting(store, 'modelFolders', folders));
    options.onChange('modelFolders');
    return await changed();
  }

  async function useModelFolder(folder: string): Promise<Settings> {
    try {
      accessSync(folder, constants.R_OK);
    } catch {
      throw unreadableFolder();
    }
    if (folder === cacheFolder())
      throw new AppError('invalid_input', 'That is the models folder itself; what is in it is listed already.');
    return await keepModelFolders([...modelFolders().filter((one) => one !== folder), folder]);
  }

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
      modelFolders: await Promise.all(
        modelFolders().map(async (one) => ({
          id: folderIdOf(one),
          label: path.basename(one) || one,
          path: one,
          freeBytes: await options.freeDiskBytes(one),
        })),
      ),
      network: shownNetwork(),
      downloads: downloads(),
      engine: engine(),
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
    options.onChange('cacheFolder');
    return await changed();
  }

  return {
    async *watch(signal) {
      const reader = feed.open(signal);
      yield await current();
      yield* reader;
    },
    async update(patch) {
      const nextNetwork = patch.network && patchNetwork(patch.network);
      // The secret first: an address without its password is worse than a password without its address.
      if (nextNetwork) secrets.write(PROXY_PASSWORD_SECRET, nextNetwork.password);
      transaction(store, () => {
        if (patch.theme) writeSetting(store, 'theme', patch.theme);
        if (patch.sampling) writeSetting(store, 'sampling', patch.sampling);
        if (nextNetwork) writeSetting(store, 'network', nextNetwork.network);
        if (patch.downloads) writeSetting(store, 'downloads', { ...downloads(), ...given(patch.downloads) });
        if (patch.engine) writeSetting(store, 'engine', { ...engine(), ...given(patch.engine) });
      });
      for (const part of ['network', 'downloads', 'engine'] as const) if (patch[part]) options.onChange(part);
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
    async pickModelFolder() {
      if (!options.pickFolder) throw new AppError('unsupported', 'Only the desktop window has a folder dialog.');
      const folder = await options.pickFolder();
      return folder === null ? null : await useModelFolder(folder);
    },
    listFolders: async (folderId) => await foldersToShow().list(folderId),
    addModelFolder: async (folderId) => await useModelFolder(foldersToShow().pathOf(folderId)),
    async removeModelFolder(id) {
      const known = modelFolders();
      const rest = known.filter((one) => folderIdOf(one) !== id);
      if (rest.length === known.length) throw new AppError('not_found', 'There is no such folder in the list.');
      return await keepModelFolders(rest);
    },
    async setHubToken(token) {
      secrets.write(HUB_TOKEN_SECRET, token);
      return await changed();
    },
    sampling,
    theme,
    cacheFolder,
    network,
    downloads,
    engine,
    modelFolders,
    hubToken: () => secrets.read(HUB_TOKEN_SECRET) ?? options.environmentToken ?? tokenFromFile(),
  };
}

/** A patch without the fields that it leaves alone. */
function given<T extends object>(patch: T): Partial<T> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as Partial<T>;
}
