/** What Hearth keeps in its data folder: where each kind lies, and how large it is. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { StoredPlace, StoredPlaceName } from '../../preload/contract/system.ts';

/** Entries of one place that are measured; a folder with more is larger than what is said. */
const MAX_ENTRIES = 100_000;

const placeNames: readonly StoredPlaceName[] = ['data', 'database', 'files', 'states', 'backups', 'logs'];

/** The folder of a place, or the database's file. */
export function storedPath(dataFolder: string, name: StoredPlaceName): string {
  switch (name) {
    case 'data':
      return dataFolder;
    case 'database':
      return path.join(dataFolder, 'hearth.db');
    case 'files':
    case 'states':
    case 'backups':
    case 'logs':
      return path.join(dataFolder, name);
    default:
      return name satisfies never;
  }
}

/** The places that exist, with their sizes. The data folder itself is not measured: models may lie in it. */
export async function storedPlaces(dataFolder: string): Promise<StoredPlace[]> {
  const places = await Promise.all(
    placeNames.map(async (name): Promise<StoredPlace | null> => {
      const place = storedPath(dataFolder, name);
      const bytes = name === 'data' ? null : await measured(name, place);
      return bytes === 'missing' ? null : { name, path: place, bytes };
    }),
  );
  return places.filter((place) => place !== null);
}

async function measured(name: StoredPlaceName, place: string): Promise<number | 'missing'> {
  if (name !== 'database') return await folderBytes(place);
  // SQLite keeps the newest changes in files beside it.
  const sizes = await Promise.all([place, `${place}-wal`, `${place}-shm`].map(fileBytes));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

async function folderBytes(folder: string): Promise<number | 'missing'> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.slice(0, MAX_ENTRIES).filter((entry) => entry.isFile());
    let sum = 0;
    for (const file of files) sum += await fileBytes(path.join(file.parentPath, file.name));
    return sum;
  } catch {
    return 'missing';
  }
}

/** A file that is gone, or that nobody may look at, takes nothing that could be freed here. */
const fileBytes = async (file: string): Promise<number> =>
  await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
