import { listConverted } from '../models/converted.ts';
import type { CacheEntry } from '../models/model-files.ts';
import type { Programs } from './placed.ts';
import { listPlaces } from './places.ts';

/**
 * The model files outside the cache that are known without the database: those that Hearth made, and those of other programs. Their ids are
 * those of the app, which knows more places. Never throws.
 */
export async function listPlacedFiles(options: {
  readonly programs: Programs;
  readonly convertedFolder: string;
  readonly except: readonly string[];
}): Promise<CacheEntry[]> {
  const { programs, convertedFolder, except } = options;
  const converted = await listConverted(convertedFolder);
  return await listPlaces({ programs, folders: [], imported: [], converted, except });
}
