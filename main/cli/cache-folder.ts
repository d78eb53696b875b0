import type { Environment } from '../app/environment.ts';
import { hasStore } from '../store/store-file.ts';

/** The cache that the app uses: the environment's, else the one chosen in the settings, else the Hugging Face tools' own. */
export async function cacheFolderOf({ cacheFolder, dataFolder, defaultCacheFolder }: Environment): Promise<string> {
  if (cacheFolder !== null) return cacheFolder.path;
  if (!hasStore(dataFolder)) return defaultCacheFolder;
  // SQLite is loaded only where there is a setting to read.
  const { peekSetting } = await import('../store/store.ts');
  const chosen = peekSetting(dataFolder, 'cacheFolder');
  return typeof chosen === 'string' ? chosen : defaultCacheFolder;
}
