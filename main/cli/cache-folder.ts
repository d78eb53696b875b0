import type { Environment } from '../app/environment.ts';
import { hasStore } from '../store/store-file.ts';

/** The app's cache folder: from the environment, else from the settings, else the default of the Hugging Face tools. */
export async function cacheFolderOf({ cacheFolder, dataFolder, defaultCacheFolder }: Environment): Promise<string> {
  if (cacheFolder !== null) return cacheFolder.path;
  if (!hasStore(dataFolder)) return defaultCacheFolder;
  // SQLite is loaded only when there may be a setting to read.
  const { peekSetting } = await import('../store/store.ts');
  const chosen = peekSetting(dataFolder, 'cacheFolder');
  return typeof chosen === 'string' ? chosen : defaultCacheFolder;
}
