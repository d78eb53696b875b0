/** The Hub as a command asks it: through the app that runs, which knows this computer's GPU and keeps answers, else directly. */
import type { InputOf, OutputOf } from '../../preload/wire/rpc.ts';
import type { HearthContract } from '../../preload/contract/contract.ts';
import type { Fit } from '../../preload/contract/model.ts';
import { fitIn } from '../model-file/fit-of.ts';
import { cacheFolderOf } from './cache-folder.ts';
import { connectHub, hubTokenOf } from './connect-hub.ts';
import { memoryWithGpu } from './gpu-libraries.ts';
import type { Invocation } from './invocation.ts';
import { measureMemorySpeed } from './memory-speed.ts';
import { connectApp } from './running-app.ts';

/** The Hub's routes of the app, with their errors. */
export interface Catalogue {
  search(input: InputOf<HearthContract, 'hub.search'>): Promise<OutputOf<HearthContract, 'hub.search'>>;
  model(repoId: string, revision: string): Promise<OutputOf<HearthContract, 'hub.model'>>;
  /** The fit of a file by its header, which is read by range requests. */
  fit(repoId: string, path: string): Promise<Fit>;
  close(): void;
}

/** As the app's own load settings are by default. */
const ownLoad = { revision: 'main', contextSize: null, kvCacheType: null, gpuLayers: null };

/** @throws AppError `unsupported` for an app of another version. */
export async function openCatalogue(invocation: Invocation): Promise<Catalogue> {
  const { environment, signal, version } = invocation;
  const app = await connectApp(environment, version, signal);
  if (app !== null)
    return {
      search: (input) => app.client.call('hub.search', input, { signal }),
      model: (repoId, revision) => app.client.call('hub.model', { repoId, revision }, { signal }),
      fit: async (repoId, path) => (await app.client.call('hub.fit', { repoId, path, ...ownLoad }, { signal })).fit,
      close: app.close,
    };
  const [memory, speed] = [await memoryWithGpu(invocation), await measureMemorySpeed()];
  const hub = connectHub(
    environment,
    await cacheFolderOf(environment),
    hubTokenOf(environment),
    fitIn(() => ({ ...memory, ...speed })),
  );
  return {
    search: (input) => hub.search(input, signal),
    model: (repoId, revision) => hub.model(repoId, revision, signal),
    fit: async (repoId, path) => (await hub.fit({ repoId, path, ...ownLoad }, signal)).fit,
    close() {},
  };
}
