/** The names that the user gave to models, for commands. The path of a file is none. */
import type { HearthClient } from '../../preload/contract/contract.ts';
import { givenNameOf } from '../../preload/contract/given-names.ts';
import type { ModelName } from '../../preload/contract/server.ts';
import { hasStore } from '../store/store-file.ts';
import { firstEvent } from './first-event.ts';
import { isModelFile } from './is-model-file.ts';

/** The name of the running app. @throws AppError `disconnected`, `cancelled`. */
export async function nameInApp(
  reference: string,
  client: HearthClient,
  signal: AbortSignal,
): Promise<ModelName | null> {
  if (await isModelFile(reference)) return null;
  return givenNameOf((await firstEvent(client, 'server.watch', signal)).names, reference) ?? null;
}

/** The name in the database of the data folder, where that can be read. Never throws. */
export async function nameInFolder(reference: string, dataFolder: string): Promise<ModelName | null> {
  if (await isModelFile(reference)) return null;
  return givenNameOf(await namesInFolder(dataFolder), reference) ?? null;
}

/** All of them. A damaged database has none, so that commands go on working with files. Never throws. */
export async function namesInFolder(dataFolder: string): Promise<readonly ModelName[]> {
  try {
    // SQLite is loaded only where there may be a name to read, and zod where there is one.
    if (!hasStore(dataFolder)) return [];
    const { peekModelNames } = await import('../store/model-name-rows.ts');
    const rows = peekModelNames(dataFolder);
    if (rows.length === 0) return [];
    const { storedNamesOf } = await import('../store/model-names.ts');
    return storedNamesOf(rows).map(({ definition }) => definition);
  } catch {
    return [];
  }
}
