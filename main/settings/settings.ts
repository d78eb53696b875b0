/** The settings, and the source of the Hub token. The entry of this folder. */
import type { Sampling } from '../../preload/contract/chat.ts';
import {
  MAX_CHOSEN_KEYS,
  type ChatTitles,
  type ChosenKeys,
  type DownloadSettings,
  type EngineSettings,
  type FolderListing,
  type Settings,
  type settingsRoutes,
  type Theme,
} from '../../preload/contract/settings.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { InputOf } from '../../preload/wire/rpc.ts';
import { createFeed } from '../base/feed.ts';
import type { Secrets } from '../store/secrets.ts';
import type { Store } from '../store/store.ts';
import { createCacheFolder } from './cache-folder.ts';
import { createFolders, type Folders } from './folders.ts';
import { createModelFolders } from './model-folders.ts';
import { createNetworkSettings, readText, type FixedNetwork } from './network-settings.ts';
import type { Network } from './network.ts';
import { createStoredSettings } from './stored-settings.ts';

export type { FixedNetwork, FixedValue } from './network-settings.ts';
export { cleanCertificates, shownCertificates } from './network.ts';

/** The groups of settings, for listeners to changes. */
export type SettingsPart = 'cacheFolder' | 'modelFolders' | 'network' | 'downloads' | 'engine' | 'sampling';
export type SettingsPatch = InputOf<typeof settingsRoutes, 'settings.update'>;

export interface SettingsOptions {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly dataFolder: string;
  readonly defaultCacheFolder: string;
  /** The folder that the environment fixes, and by which variable. */
  readonly fixedCacheFolder: { readonly path: string; readonly variable: string } | null;
  readonly defaultHubEndpoint: string;
  readonly fixedNetwork: FixedNetwork;
  readonly environmentToken: string | null;
  readonly tokenFile: string | null;
  readonly freeDiskBytes: (folder: string) => Promise<number | null>;
  /** The shell's folder dialog, or null. Resolves with null when the user closed it. */
  readonly pickFolder: (() => Promise<string | null>) | null;
  /** The first folder that a page without that dialog lists. */
  readonly homeFolder: string;
}

export interface SettingsModule {
  watch(signal: AbortSignal): AsyncGenerator<Settings>;
  /** `listener` is called after each change. */
  onChange(listener: (part: SettingsPart) => void): void;
  /** @throws AppError `invalid_input` for invalid certificates and too many keys, `unsupported` for values that the environment fixes, `disk.full`. */
  update(patch: SettingsPatch): Promise<Settings>;
  /** The folder of a choice. @throws AppError `not_found`, `unsupported` where the environment fixes the folder. */
  folderOfChoice(choiceId: string): string;
  setCacheFolder(choiceId: string): Promise<Settings>;
  pickCacheFolder(): Promise<Settings | null>;
  pickModelFolder(): Promise<Settings | null>;
  listFolders(folderId: string | null): Promise<FolderListing>;
  /** Lets the user choose a folder to read from. Null when the dialog was closed. Throws unsupported where the shell has none. */
  pickFolder(): Promise<{ readonly folderId: string; readonly path: string } | null>;
  /** The path of a folder that was listed or chosen. Throws not_found. */
  shownFolder(folderId: string): string;
  addModelFolder(folderId: string): Promise<Settings>;
  removeModelFolder(folderId: string): Promise<Settings>;
  setHubToken(token: string | null): Promise<Settings>;
  sampling(): Sampling;
  chatTitles(): ChatTitles;
  theme(): Theme;
  cacheFolder(): string;
  /** The token for the Hub: the setting, else HF_TOKEN, else the Hugging Face command line's file. */
  hubToken(): string | null;
  /** The network values in force: from the environment, else the settings, else the defaults. Contain the proxy's password. */
  network(): Network;
  downloads(): DownloadSettings;
  engine(): EngineSettings;
  /** Absolute paths of the further folders of models. */
  modelFolders(): readonly string[];
}

/** The name of the Hub token among the secrets. */
export const HUB_TOKEN_SECRET = 'hub-token';

/** The token in the Hugging Face command line's file, or null. A file of null is one that must not be read. */
export function readTokenFile(file: string | null): string | null {
  return (
    (file !== null &&
      readText(file)
        ?.replace(/[\r\n]/g, '')
        .trim()) ||
    null
  );
}

/** Settings over the store. A stored value that no longer fits its schema counts as not set. */
export function createSettings(options: SettingsOptions): SettingsModule {
  const { store, secrets, freeDiskBytes, pickFolder, environmentToken, tokenFile } = options;
  const feed = createFeed<Settings>((_waiting, next) => next);
  const listeners: ((part: SettingsPart) => void)[] = [];
  let revision = 0;
  const stored = createStoredSettings(store);
  const { fixedNetwork: fixed, defaultHubEndpoint } = options;
  const network = createNetworkSettings({ stored, secrets, fixed, defaultHubEndpoint });
  const cacheFolder = createCacheFolder({
    stored,
    dataFolder: options.dataFolder,
    defaultFolder: options.defaultCacheFolder,
    fixed: options.fixedCacheFolder,
    freeDiskBytes,
  });
  const modelFolders = createModelFolders({ stored, cacheFolder: cacheFolder.current, freeDiskBytes });
  const folders = createFolders(options.homeFolder);
  /** The folders for a page without a dialog. A page with one must not list folders. */
  function foldersToShow(): Folders {
    if (pickFolder)
      throw new AppError('unsupported', 'The desktop window has a folder dialog for this.', { reason: 'has_dialog' });
    return folders;
  }

  function tokenSource(): Settings['hubToken']['source'] {
    if (secrets.read(HUB_TOKEN_SECRET) !== null) return 'settings';
    if (environmentToken !== null) return 'environment';
    return readTokenFile(tokenFile) !== null ? 'file' : 'none';
  }

  async function current(): Promise<Settings> {
    return {
      revision,
      theme: stored.get('theme'),
      appearance: stored.get('appearance'),
      developerMode: stored.get('developerMode'),
      chosenKeys: stored.get('chosenKeys'),
      sampling: stored.get('sampling'),
      chatTitles: stored.get('chatTitles'),
      cacheFolder: await cacheFolder.describe(pickFolder !== null),
      modelFolders: await modelFolders.describe(),
      network: network.shown(),
      downloads: stored.get('downloads'),
      engine: stored.get('engine'),
      hubToken: { source: tokenSource() },
    };
  }

  /** Reports changes of these groups to the listeners. */
  async function changed(...parts: readonly SettingsPart[]): Promise<Settings> {
    for (const part of parts) for (const listener of listeners) listener(part);
    revision++;
    const settings = await current();
    feed.publish(settings);
    return settings;
  }

  /** The folder chosen in the shell's dialog; null when it was closed. */
  async function pick(refusal: string): Promise<string | null> {
    if (!pickFolder) throw new AppError('unsupported', refusal, { reason: 'desktop_only' });
    return await pickFolder();
  }

  return {
    async *watch(signal) {
      const reader = feed.open(signal);
      yield await current();
      yield* reader;
    },
    onChange: (listener) => void listeners.push(listener),
    async update(patch) {
      const { theme, appearance, developerMode, chosenKeys, sampling, chatTitles, downloads, engine } = patch;
      stored.write({
        ...(patch.network && { network: network.patched(patch.network) }),
        ...(theme && { theme }),
        ...(appearance && { appearance: patched(stored.get('appearance'), appearance) }),
        ...(developerMode !== undefined && { developerMode }),
        ...(chosenKeys && { chosenKeys: patchedKeys(stored.get('chosenKeys'), chosenKeys) }),
        ...(sampling && { sampling }),
        ...(chatTitles && { chatTitles }),
        ...(downloads && { downloads: patched(stored.get('downloads'), downloads) }),
        ...(engine && { engine: patched(stored.get('engine'), engine) }),
      });
      return await changed(...(['network', 'downloads', 'engine', 'sampling'] as const).filter((part) => patch[part]));
    },
    folderOfChoice: cacheFolder.folderOfChoice,
    async setCacheFolder(choiceId) {
      cacheFolder.use(cacheFolder.folderOfChoice(choiceId));
      return await changed('cacheFolder');
    },
    async pickCacheFolder() {
      const folder = await pick('Only the desktop window has a folder dialog. Set HEARTH_CACHE_DIR instead.');
      if (folder === null) return null;
      cacheFolder.use(folder);
      return await changed('cacheFolder');
    },
    async pickModelFolder() {
      const folder = await pick('Only the desktop window has a folder dialog.');
      if (folder === null) return null;
      modelFolders.add(folder);
      return await changed('modelFolders');
    },
    listFolders: async (folderId) => await foldersToShow().list(folderId),
    async pickFolder() {
      const folder = await pick('Only the desktop window has a folder dialog.');
      return folder === null ? null : { folderId: folders.show(folder), path: folder };
    },
    shownFolder: folders.pathOf,
    async addModelFolder(folderId) {
      modelFolders.add(foldersToShow().pathOf(folderId));
      return await changed('modelFolders');
    },
    async removeModelFolder(folderId) {
      modelFolders.remove(folderId);
      return await changed('modelFolders');
    },
    async setHubToken(token) {
      secrets.write(HUB_TOKEN_SECRET, token);
      return await changed();
    },
    sampling: () => stored.get('sampling'),
    chatTitles: () => stored.get('chatTitles'),
    theme: () => stored.get('theme'),
    cacheFolder: cacheFolder.current,
    network: network.current,
    downloads: () => stored.get('downloads'),
    engine: () => stored.get('engine'),
    modelFolders: modelFolders.list,
    hubToken: () => secrets.read(HUB_TOKEN_SECRET) ?? environmentToken ?? readTokenFile(tokenFile),
  };
}

/** `kept` with the values of the patch. */
function patched<T extends object>(kept: T, patch: { readonly [Key in keyof T]?: T[Key] | undefined }): T {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  return { ...kept, ...Object.fromEntries(given) };
}

/** The chosen keys with those of the patch. @throws AppError `invalid_input` for more than a window has commands. */
function patchedKeys(kept: ChosenKeys, patch: Readonly<Record<string, string[] | null>>): ChosenKeys {
  const keys = Object.entries({ ...kept, ...patch }).filter((one): one is [string, string[]] => one[1] !== null);
  if (keys.length > MAX_CHOSEN_KEYS)
    throw new AppError('invalid_input', `Keys can be chosen for ${MAX_CHOSEN_KEYS} commands.`, {
      reason: 'too_many_keys',
    });
  return Object.fromEntries(keys);
}
