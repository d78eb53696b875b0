/** The names that the user gave to models, for commands. The path of a file is none. */
import type { HearthClient } from '../../preload/contract/contract.ts';
import { givenNameOf } from '../../preload/contract/given-names.ts';
import { isRemoteModelId } from '../../preload/contract/remote-model-id.ts';
import type { ModelName } from '../../preload/contract/server.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { hasStore } from '../store/store-file.ts';
import { firstEvent } from './first-event.ts';

/** The name of the running app. @throws AppError `unsupported` for that of a model elsewhere, `disconnected`, `cancelled`. */
export async function nameInApp(
  reference: string,
  client: HearthClient,
  signal: AbortSignal,
): Promise<ModelName | null> {
  return here(givenNameOf((await firstEvent(client, 'server.watch', signal)).names, reference));
}

/** The name in the database of the data folder, where that can be read. @throws AppError `unsupported` as `nameInApp`. */
export async function nameInFolder(reference: string, dataFolder: string): Promise<ModelName | null> {
  return here(givenNameOf(await namesInFolder(dataFolder), reference));
}

/** All of them. A damaged database has none, so that commands go on working with files. Never throws. */
export async function namesInFolder(dataFolder: string): Promise<readonly ModelName[]> {
  try {
    // SQLite is loaded only where there may be a name to read.
    if (!hasStore(dataFolder)) return [];
    const { peekModelNames } = await import('../store/model-names.ts');
    return peekModelNames(dataFolder);
  } catch {
    return [];
  }
}

function here(named: ModelName | undefined): ModelName | null {
  if (named !== undefined && isRemoteModelId(named.modelId))
    throw new AppError(
      'unsupported',
      `"${named.name}" stands for a model elsewhere. Commands work with the models of this computer.`,
      { reason: 'runs_elsewhere' },
    );
  return named ?? null;
}
