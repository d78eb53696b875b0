/** What the app keeps: the data folder with its store, its secrets and the settings, and the temporary cache where one is wanted. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { encodeError } from '../../preload/wire/errors.ts';
import { freeDiskBytes } from '../base/disk.ts';
import type { Log } from '../base/log.ts';
import { createSettings, type SettingsModule } from '../settings/settings.ts';
import { createSecrets, type Seal, type Secrets } from '../store/secrets.ts';
import type { SalvageAccount, SavedCount } from '../store/salvage/account.ts';
import { openStore, type Store } from '../store/store.ts';
import { withOwner } from './control.ts';
import type { Environment } from './environment.ts';

export interface DataOptions {
  readonly environment: Environment;
  /** Folder of the numbered SQL files. */
  readonly migrationsFolder: string;
  /** The system's keychain, where the shell has one. */
  readonly seal: Seal | null;
  readonly pickFolder: (() => Promise<string | null>) | null;
  readonly log: Pick<Log, 'error' | 'warn'>;
  /** The database was damaged, and what could be read of it is in a new one. */
  readonly onSalvaged: (account: SalvageAccount) => void;
}

export interface Data {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly settings: SettingsModule;
  /** The cache is a new folder that `close` deletes. */
  readonly isCacheTemporary: boolean;
  /** Closes the store. Nothing may use the cache any more. */
  close(): void;
}

/** Opens the data folder. @throws AppError `store.*`, `disk.*`; what stops the start is said in the log before. */
export function openData(options: DataOptions): Data {
  const { environment, seal, pickFolder } = options;
  const { dataFolder } = environment;
  const store = openLogged(options);
  const temporary = environment.temporaryCache ? mkdtempSync(path.join(os.tmpdir(), 'hearth-cache-')) : null;
  const secrets = createSecrets(dataFolder, seal);
  // Earlier versions kept the token of the http shell.
  try {
    if (secrets.read('http-token') !== null) secrets.write('http-token', null);
  } catch {
    // The next start tries again; it opens nothing any more.
  }
  const settings = createSettings({
    store,
    secrets,
    dataFolder,
    defaultCacheFolder: environment.defaultCacheFolder,
    fixedCacheFolder: temporary === null ? environment.cacheFolder : { path: temporary, variable: 'HEARTH_NO_CACHE' },
    environmentToken: environment.hubToken,
    tokenFile: environment.hubTokenFile,
    freeDiskBytes,
    pickFolder,
    homeFolder: environment.programs.home,
    defaultHubEndpoint: environment.hubEndpoint,
    fixedNetwork: environment.network,
  });
  return {
    store,
    secrets,
    settings,
    isCacheTemporary: temporary !== null,
    close() {
      store.close();
      if (temporary !== null) rmSync(temporary, { recursive: true, force: true });
    },
  };
}

function openLogged({ environment, migrationsFolder, log, onSalvaged }: DataOptions): Store {
  try {
    return openStore(environment.dataFolder, migrationsFolder, (account) => {
      const { chats, messages, parts, keptAs } = account;
      log.warn(
        `The file with the chats was damaged. Saved: ${ofAll(chats)} chats, ${ofAll(messages)} messages and ${ofAll(parts)} of their texts and files. ` +
          `The damaged file is ${keptAs} in the data folder, for 30 days.`,
      );
      onSalvaged(account);
    });
  } catch (thrown) {
    const error = withOwner(thrown, environment.dataFolder);
    const { code, message } = encodeError(error);
    log.error(`The start: ${code}: ${message}`);
    throw error;
  }
}

/** `29 of 30`, or `29` where the damaged file does not tell how many there were. */
const ofAll = ({ saved, lost }: SavedCount): string => (lost === null ? String(saved) : `${saved} of ${saved + lost}`);
